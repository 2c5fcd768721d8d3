# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine of swo_contact: every live state, every wanted state, in check mode and for real."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.harness import Marketplace

EMAIL = "ann@contoso.example"


LIVE: dict[str, dict[str, str] | None] = {
    "no_contact": None,
    "active": {"status": "Active"},
    "blocked_by_us": {"status": "Blocked"},
    "blocked_by_platform": {"status": "Blocked", "blockedReason": "550 mailbox not found"},
    "deleted": {"status": "Deleted"},
}


def twice(marketplace: Marketplace) -> None:
    marketplace.put(EMAIL, status="Active", name="Ann")
    marketplace.put(EMAIL.upper(), status="Blocked", name="Ann")


@dataclass(frozen=True)
class Row:
    """A live state, what is wanted, and what has to come of it; ``status`` None means that nobody is left."""

    live: str
    options: dict[str, str]
    actions: tuple[str, ...]
    status: str | None
    warns: bool = False

    def __str__(self) -> str:
        return f"{self.live}-{'-'.join(self.options.values())}"

    def put(self, marketplace: Marketplace, email: str = EMAIL) -> None:
        members = LIVE[self.live]
        if members is not None:
            marketplace.put(email, name="Ann", **members)


PRESENT, BLOCKED, ABSENT = {"state": "present"}, {"state": "blocked"}, {"state": "absent"}
ALWAYS, NEVER = {**PRESENT, "unblock": "always"}, {**PRESENT, "unblock": "never"}

TABLE = [
    Row("no_contact", PRESENT, ("create",), "Active"),
    Row("no_contact", BLOCKED, ("create", "block"), "Blocked"),
    Row("no_contact", ABSENT, (), None),
    Row("active", PRESENT, (), "Active"),
    Row("active", BLOCKED, ("block",), "Blocked"),
    Row("active", ABSENT, ("delete",), None),
    Row("blocked_by_us", PRESENT, ("unblock",), "Active"),
    Row("blocked_by_us", ALWAYS, ("unblock",), "Active"),
    Row("blocked_by_us", NEVER, (), "Blocked"),
    Row("blocked_by_us", BLOCKED, (), "Blocked"),
    Row("blocked_by_us", ABSENT, ("delete",), None),
    Row("blocked_by_platform", PRESENT, (), "Blocked", warns=True),
    Row("blocked_by_platform", ALWAYS, ("unblock",), "Active"),
    Row("blocked_by_platform", NEVER, (), "Blocked"),
    Row("blocked_by_platform", BLOCKED, (), "Blocked"),
    Row("blocked_by_platform", ABSENT, ("delete",), None),
    Row("deleted", PRESENT, ("create",), "Active"),
    Row("deleted", BLOCKED, ("create", "block"), "Blocked"),
    Row("deleted", ABSENT, (), None),
]

WRITES_PER_ACTION = {"create": "POST", "update": "PUT", "block": "POST", "unblock": "POST", "delete": "DELETE"}


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_what_is_predicted_is_done_with_the_fewest_writes_and_only_once(row: Row) -> None:
    marketplace = Marketplace()
    row.put(marketplace)
    before = marketplace.live(EMAIL)

    predicted = marketplace.run("swo_contact", check=True, email=EMAIL, **row.options)

    assert not predicted.failed, predicted.values
    assert (predicted.values["actions"], predicted.values["changed"]) == (list(row.actions), bool(row.actions))
    assert bool(predicted.warnings) is row.warns
    assert marketplace.writes() == []
    assert marketplace.live(EMAIL) == before

    result = marketplace.run("swo_contact", email=EMAIL, **row.options)

    assert not result.failed, result.values
    assert {key: result.values[key] for key in ("changed", "actions", "diff")} == {
        key: predicted.values[key] for key in ("changed", "actions", "diff")
    }
    assert [write.split()[0] for write in marketplace.writes()] == [WRITES_PER_ACTION[a] for a in row.actions]
    assert [contact["status"] for contact in marketplace.live(EMAIL)] == ([row.status] if row.status else [])
    assert result.values["contact"].keys() == predicted.values["contact"].keys()
    marketplace.simulator.journal.clear()

    again = marketplace.run("swo_contact", email=EMAIL, **row.options)

    assert (again.failed, again.values["changed"], again.values["actions"]) == (False, False, [])
    assert again.values["diff"]["before"] == again.values["diff"]["after"]
    assert marketplace.writes() == []


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("state", ["present", "blocked", "absent"])
def test_duplicates_are_named_and_never_guessed(state: str, check: bool) -> None:
    marketplace = Marketplace()
    twice(marketplace)
    ids = [contact["id"] for contact in marketplace.live(EMAIL)]

    result = marketplace.run("swo_contact", check=check, email=EMAIL, state=state)

    assert result.failed
    assert all(contact_id in result.values["msg"] for contact_id in ids)
    assert marketplace.writes() == []


def test_an_id_tells_duplicates_apart() -> None:
    marketplace = Marketplace()
    twice(marketplace)
    first, second = (contact["id"] for contact in marketplace.live(EMAIL))

    result = marketplace.run("swo_contact", id=second, state="absent")

    assert result.values["actions"] == ["delete"]
    assert [contact["id"] for contact in marketplace.live(EMAIL)] == [first]
