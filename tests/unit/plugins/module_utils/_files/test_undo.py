# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back, entry by entry."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import ContactPlan, plan_contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.undo import UndoFile
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor

CATALOG = Catalog([Category("NTC-1", "Orders"), Category("NTC-2", "Invoices")])
EMAIL = "ann@x.example"
ACTIVE = Contact("CTT-1", EMAIL, "Ann", opt_outs=frozenset({"NTC-2", "NTC-1"}))
NOTHING = Redactor("")
BLOCKED = Contact("CTT-1", EMAIL, status="Blocked")
SAME = {"id": "CTT-1"}
ALL_OF_ACTIVE = {
    "email": EMAIL,
    "name": "Ann",
    "opt_outs": ["NTC-1", "NTC-2"],
    "opt_outs_mode": "exact",
    "state": "present",
    "unblock": "always",
    "reason": "was CTT-1",
}


def plan(live: Contact | None, **wanted: Any) -> ContactPlan:
    return plan_contact(DesiredContact(**({"email": EMAIL} | wanted)), live, CATALOG)


@pytest.mark.parametrize(
    ("live", "wanted", "entry"),
    [
        (None, {}, {"email": EMAIL, "state": "absent"}),
        (None, {"state": "blocked"}, {"email": EMAIL, "state": "absent"}),
        (ACTIVE, {"name": "M"}, {**SAME, "name": "Ann", "unblock": "never"}),
        (
            ACTIVE,
            {"opt_outs": ()},
            {**SAME, "opt_outs": ["NTC-1", "NTC-2"], "opt_outs_mode": "exact", "unblock": "never"},
        ),
        (ACTIVE, {"state": "blocked"}, {**SAME, "state": "present", "unblock": "always"}),
        (BLOCKED, {"name": "M"}, {**SAME, "name": "", "state": "blocked"}),
        (BLOCKED, {"name": "M", "unblock": "never"}, {**SAME, "name": "", "unblock": "never"}),
        (ACTIVE, {"id": "CTT-1", "email": "new@x.example"}, {**SAME, "email": EMAIL, "unblock": "never"}),
        (ACTIVE, {"state": "absent"}, ALL_OF_ACTIVE),
    ],
)
def test_only_what_changes_goes_back(
    tmp_path: Path, live: Contact | None, wanted: dict[str, Any], entry: dict[str, Any]
) -> None:
    path = tmp_path / "undo.yml"
    UndoFile(str(path), NOTHING).record(("a", "", 0), plan(live, **wanted))
    assert yaml.safe_load(path.read_text()) == {"contacts": [entry]}


def test_it_ends_in_the_order_of_the_addresses_with_what_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "undo.yml"
    undo = UndoFile(str(path), NOTHING)
    for name in "cab":
        undo.record((name, "", 0), plan(None, email=f"{name}@x.example"))
    undo.record(("a", "", 0), plan(None, email="a2@x.example"))
    assert [entry["email"][0] for entry in yaml.safe_load(path.read_text())["contacts"]] == ["c", "a", "b"]
    for name in "acb":
        undo.created((name, "", 0), Contact(f"CTT-{name}", f"{name}@x.example"))
    undo.keep([("a", "", 0), ("c", "", 0)])
    assert [entry["id"] for entry in yaml.safe_load(path.read_text())["contacts"]] == ["CTT-a", "CTT-c"]


@pytest.mark.parametrize("name", ["undo.yml", "it's the way, back.yml"])
def test_it_shows_the_command_that_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    UndoFile(str(tmp_path / name), NOTHING).record(("a", "", 0), plan(None))
    (line,) = [line for line in (tmp_path / name).read_text().splitlines() if "ansible-playbook" in line]
    *command, variables = shlex.split(line.removeprefix("# "))
    assert command == ["ansible-playbook", "softwareone.marketplace.provision", "-e"]
    assert json.loads(variables) == {"swo_contacts_src": [name]}


def test_without_an_entry_there_is_no_file(tmp_path: Path) -> None:
    undo = UndoFile(str(tmp_path / "undo.yml"), NOTHING)
    undo.record(("a", "", 0), plan(None))
    undo.keep([])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_any_more_ends_the_run(tmp_path: Path) -> None:
    undo = UndoFile(str(tmp_path / "folder" / "undo.yml"), NOTHING)
    (tmp_path / "folder").rmdir()
    (tmp_path / "folder").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written any more") as caught:
        undo.record(("a", "", 0), plan(None))
    assert caught.value.stops_run


@pytest.mark.parametrize(
    "other", ["---\ncontacts: []\n# of another run, and long enough to be written into\n" * 9, None]
)
def test_the_file_of_another_run_is_not_written_into(tmp_path: Path, other: str | None) -> None:
    """Two runs with the same undo_file at once: one gives the file of the other another name."""
    path = tmp_path / "undo.yml"
    undo = UndoFile(str(path), NOTHING)
    for name in "ab":
        undo.record((name, "", 0), plan(None, email=f"{name}@x.example"))
    path.rename(tmp_path / "undo.1.yml")
    if other is not None:
        path.write_text(other)
    for name in "ab":
        undo.created((name, "", 0), Contact(f"CTT-{name}", f"{name}@x.example"))
    assert [entry["id"] for entry in yaml.safe_load(path.read_text())["contacts"]] == ["CTT-a", "CTT-b"]
