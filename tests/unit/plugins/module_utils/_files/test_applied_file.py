# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record as a file: what is written fits the schema that ships, and what does not fit is not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.applied import Applied, AppliedContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.applied_file import AppliedFile
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor
from tests.tools.devtree import ROOT

SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "applied.schema.json").read_text("utf-8")))
OURS = {"id": None, "token": "TKN-1"}
FULL = AppliedContact(
    email="\u00e4nn@contoso.example",
    name="",
    status="Blocked",
    opt_outs={"NTC-1": True, "NTC-2": False},
    opt_ins=frozenset(("NTC-3",)),
    exact=True,
    blocked_at="2026-01-31T10:00:00Z",
    revision=7,
)


def written(path: Path, account: dict[str, Any] | None = None) -> dict[str, Any]:
    AppliedFile(str(path), account or OURS, Redactor("")).write(
        Applied({"CTT-1": FULL, "CTT-2": AppliedContact("bob@contoso.example")})
    )
    data: dict[str, Any] = json.loads(path.read_bytes())
    return data


def test_what_is_written_fits_the_schema_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "applied.json"
    assert list(SCHEMA.iter_errors(written(path))) == []
    found = AppliedFile(str(path), OURS, Redactor("")).read()
    assert found is not None
    assert found.contacts == {"CTT-1": FULL, "CTT-2": AppliedContact("bob@contoso.example")}


def test_there_may_be_none(tmp_path: Path) -> None:
    assert AppliedFile(str(tmp_path / "none.json"), OURS, Redactor("")).read() is None


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema_version",), 2),
        (("schema_version",), True),
        (("collection",), "another"),
        (("account",), None),
        (("account",), {"id": None}),
        (("account", "token"), 1),
        (("contacts",), []),
        (("contacts", "../CTT-1"), {"email": "a@x.example"}),
        (("contacts", "CTT-1"), {}),
        (("contacts", "CTT-1", "email"), ""),
        (("contacts", "CTT-1", "name"), None),
        (("contacts", "CTT-1", "status"), 1),
        (("contacts", "CTT-1", "opt_outs"), ["NTC-1"]),
        (("contacts", "CTT-1", "opt_outs"), {"NTC-1": 1}),
        (("contacts", "CTT-1", "opt_ins"), [1]),
        (("contacts", "CTT-1", "exact"), "yes"),
        (("contacts", "CTT-1", "blocked_at"), "yesterday"),
        (("contacts", "CTT-1", "revision"), True),
        (("contacts", "CTT-1", "revision"), "7"),
        (("contacts", "CTT-1", "more"), 1),
    ],
)
def test_what_does_not_fit_the_schema_is_not_read(tmp_path: Path, place: tuple[str, ...], value: Any) -> None:
    path = tmp_path / "applied.json"
    data = written(path)
    part = data
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    assert list(SCHEMA.iter_errors(data)) or value is True
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match="cannot be read as a record of what was applied; nothing was written"):
        AppliedFile(str(path), OURS, Redactor("")).read()


@pytest.mark.parametrize(
    ("theirs", "ours", "is_ours"),
    [
        ({"id": "ACC-1", "token": "TKN-1"}, {"id": "ACC-1", "token": "TKN-2"}, True),
        ({"id": "ACC-1", "token": "TKN-1"}, {"id": "ACC-2", "token": "TKN-1"}, False),
        ({"id": "ACC-1", "token": "TKN-1"}, {"id": None, "token": "TKN-1"}, True),
        ({"id": None, "token": "TKN-1"}, {"id": "ACC-1", "token": "TKN-2"}, False),
        ({"id": None, "token": None}, {"id": None, "token": None}, True),
    ],
)
def test_whose_record_it_is(tmp_path: Path, theirs: dict[str, Any], ours: dict[str, Any], is_ours: bool) -> None:
    path = tmp_path / "applied.json"
    written(path, theirs)
    if is_ours:
        assert AppliedFile(str(path), ours, Redactor("")).read() is not None
        return
    with pytest.raises(InputError, match="but this run is of"):
        AppliedFile(str(path), ours, Redactor("")).read()
