# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ending of a path chooses the form; files are replaced whole; JSON keeps to the schema that is shipped."""

from __future__ import annotations

import json
import os
import stat
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.account import Account
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.problems import Fault
from ansible_collections.softwareone.marketplace.plugins.module_utils._report import report_files as _reports
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.rows import (
    FieldRow,
    Report,
    Row,
    UnmanagedRow,
)
from tests.tools.devtree import ROOT
from tests.unit.reports import faulty, hostile, many, rendered, report, typical

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
MAKERS = [
    typical,
    hostile,
    faulty,
    report,
    lambda: many(20),
    lambda: report(status="error", api_url=None, plan_hash=None),
]


def nodes(schema: Any) -> list[dict[str, Any]]:
    found = [schema] if isinstance(schema, dict) else []
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return found + [node for item in inner for node in nodes(item)]


def test_the_schema_is_one_and_describes_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for node in nodes(SCHEMA):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            assert node["required"] == sorted(node["properties"])
            assert node["additionalProperties"] is False
            assert all(item.get("description") for item in node["properties"].values())


@pytest.mark.parametrize(
    ("kind", "schema", "besides"),
    [
        (Report, SCHEMA, {"privacy"}),
        (Account, SCHEMA["properties"]["account"], set()),
        (Row, SCHEMA["$defs"]["result"], set()),
        (FieldRow, SCHEMA["$defs"]["field"], set()),
        (UnmanagedRow, SCHEMA["$defs"]["unmanaged"], set()),
        (Fault, SCHEMA["properties"]["faults"]["items"], set()),
    ],
)
def test_the_types_have_the_keys_of_the_schema(kind: Any, schema: dict[str, Any], besides: set[str]) -> None:
    assert set(kind.__annotations__) | besides == set(schema["properties"])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("make", MAKERS)
def test_json_is_valid_sorted_and_the_same_each_time(make: Any, masked: bool) -> None:
    text = rendered(make(), ".json", masked)
    value = json.loads(text)
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    assert value["privacy"] == ("masked" if masked else "full")
    assert text == json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert text == rendered(make(), ".json", masked)


@pytest.mark.parametrize("kind", _reports.FORMATS)
def test_every_form_is_the_same_for_the_same_input_and_can_be_written(kind: str) -> None:
    odd = "half \ud800 of a character \x00\x1b"
    for make in (typical, lambda: hostile(odd), lambda: faulty(odd)):
        text = rendered(make(), kind, masked=False)
        assert text == rendered(make(), kind, masked=False)
        assert "\ud800" not in text
        # Of annotations there may be none.
        assert text.endswith("\n") or not text
        text.encode()


def test_what_many_read_is_masked_unless_told(tmp_path: Path) -> None:
    paths = {kind: tmp_path / f"report{kind}" for kind in _reports.FORMATS}
    public = {".md", ".annotations.txt", ".codequality.json"}
    for privacy, masked in ((None, public), ("full", set()), ("masked", set(_reports.FORMATS))):
        _reports.write_reports(faulty("'ann@contoso.example' is bad"), [str(path) for path in paths.values()], privacy)
        hidden = {kind for kind, path in paths.items() if "ann@contoso" not in path.read_text().replace("<wbr>", "")}
        assert hidden == masked


def test_folders_are_made_and_full_addresses_are_for_the_owner_only(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        _reports.write_reports(typical(), [str(tmp_path / "a" / "b" / "r.JSON"), str(tmp_path / "r.md")], None)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "a" / "b" / "r.JSON").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "r.md").stat().st_mode) == 0o644


def test_a_replaced_file_keeps_its_permissions_and_a_link_its_place(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    _reports.write_reports(typical(), [str(link)], None)
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert json.loads(target.read_text("utf-8"))["schema_version"] == 2


@pytest.mark.parametrize("path", ["report.txt", "report", "", ".json", "report.json/", "report.html.gz"])
def test_an_unknown_ending_is_refused_and_the_others_are_written(path: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has to end in \.json, \.md, \.html, .* or \.codequality\.json") as caught:
        _reports.write_reports(typical(), [str(tmp_path / "fine.json"), path], None)
    assert str(caught.value).count(". ") == 0
    # Otherwise an earlier report there would pass for one of this run.
    assert [found.name for found in tmp_path.iterdir()] == ["fine.json"]


def test_an_unknown_privacy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has to be full or masked"):
        _reports.write_reports(typical(), [str(tmp_path / "r.json")], "secret")


def test_one_report_that_cannot_be_written_does_not_keep_back_the_others(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "folder.md").mkdir()
    paths = [str(tmp_path / "file" / "r.json"), str(tmp_path / "folder.md"), str(tmp_path / "r.xml")]
    with pytest.raises(_reports.ReportError) as caught:
        _reports.write_reports(typical(), paths, None)
    sentence = str(caught.value)
    assert paths[0] in sentence
    assert paths[1] in sentence
    assert "Errno" not in sentence
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.md", "r.xml"]


@pytest.mark.parametrize("kind", [".json", ".html"])
def test_a_large_report_is_never_in_memory_as_a_whole(kind: str, tmp_path: Path) -> None:
    made, path = many(12_000), tmp_path / f"report{kind}"
    tracemalloc.start()
    try:
        _reports.write_reports(made, [str(path)], "full")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 2
