# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a set: which live contact belongs to which entry, and what happens to those that belong to none."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact_index import ContactIndex
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    DesiredEntry,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.scope import Scope
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import (
    Limit,
    SetPlan,
    plan_set,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import AmbiguousError, InputError

CATALOG = Catalog([Category("NTC-1", "Orders")])


def live(number: int, **fields: Any) -> Contact:
    return Contact(f"CTT-{number}", **{"email": f"c{number}@x.example", "linked": False, **fields})


def wanted(number: int, **fields: Any) -> DesiredEntry:
    return DesiredEntry(DesiredContact(**{"email": f"c{number}@x.example", **fields}), None, "file.yml")


def plan(entries: list[DesiredEntry], contacts: list[Contact], unmanaged: str = "report") -> SetPlan:
    return plan_set(entries, ContactIndex(contacts), CATALOG, Scope(unmanaged))


def actions(planned: SetPlan) -> dict[str, tuple[str, ...]]:
    return {item.key.partition("@")[0]: item.actions for item in planned.items}


def test_each_entry_finds_its_contact() -> None:
    planned = plan(
        [
            wanted(1, name="M"),
            wanted(2, state="absent"),
            wanted(9),
            DesiredEntry(DesiredContact(id="CTT-3"), None, None),
        ],
        [live(1), live(2), live(3), live(4)],
    )
    assert actions(planned) == {"c1": ("update",), "c2": ("delete",), "c3": (), "c9": ("create",)}
    assert [contact.id for contact in planned.unmanaged] == ["CTT-4"]
    assert planned.live_count == 4
    assert [item.index for item in planned.items] == [0, 1, 3, 2]
    assert [item.index for item in planned.pending] == [0, 1, 2]


@pytest.mark.parametrize(
    ("unmanaged", "strays", "told"),
    [
        ("report", {}, 2),
        ("drift", {}, 2),
        ("ignore", {}, 0),
        ("block", {"c2": ("block",)}, 1),
        ("delete", {"c2": ("delete",)}, 1),
    ],
)
def test_what_happens_to_strays(unmanaged: str, strays: dict[str, tuple[str, ...]], told: int) -> None:
    planned = plan([wanted(1)], [live(1), live(2), live(3, linked=None)], unmanaged=unmanaged)
    assert actions(planned) == {"c1": (), **strays}
    assert len(planned.unmanaged) == told
    assert [item.key for item in planned.items if item.is_removal] == [f"{name}@x.example" for name in strays]


@pytest.mark.parametrize(
    "bad",
    [
        wanted(1, opt_outs=("Nope",)),
        DesiredEntry(DesiredContact(id="CTT-404"), None, None),
        DesiredEntry(DesiredContact(id="CTT-1", email="c2@x.example"), None, None),
    ],
    ids=["category", "id", "address"],
)
def test_an_entry_that_cannot_be_planned_protects_everybody(bad: DesiredEntry) -> None:
    planned = plan([bad], [live(1), live(2), live(3)], unmanaged="delete")
    assert [isinstance(item.failure, InputError) for item in planned.items] == [True]
    assert planned.pending == ()
    assert "CTT-3" in [contact.id for contact in planned.unmanaged]


def test_duplicates_fail_and_are_nobodys_stray() -> None:
    planned = plan([wanted(1)], [live(1), live(2, email="C1@x.example")], unmanaged="delete")
    (item,) = planned.items
    assert isinstance(item.failure, AmbiguousError)
    assert planned.unmanaged == ()


def test_the_same_contact_twice_fails_once() -> None:
    planned = plan([DesiredEntry(DesiredContact(id="CTT-1", name="A"), None, None), wanted(1, name="B")], [live(1)])
    assert sorted(item.failure is None for item in planned.items) == [False, True]
    assert len(planned.pending) == 1


def test_the_hash_knows_no_order() -> None:
    entries = [wanted(number, name="M") for number in range(8)]
    contacts = [live(number) for number in range(5)]
    hashes = set()
    for seed in range(6):
        mixed = random.Random(seed)
        hashes.add(plan(mixed.sample(entries, 8), mixed.sample(contacts, 5)).hash)
    assert len(hashes) == 1


def test_refusals_count_removals_and_changes() -> None:
    entries = [wanted(1, name="M"), wanted(2, state="absent"), wanted(9)]
    planned = plan(entries, [live(1), live(2), live(3), live(4)], unmanaged="delete")
    assert planned.refusals(None, None) == []
    assert planned.refusals(Limit("r", ("2",)), Limit("c", ("4",))) == []
    (removals,) = planned.refusals(Limit("r", ("1",)), Limit("c", ("4",)))
    assert "removes 2 of 4" in removals
    (changes,) = planned.refusals(Limit("r", ("2",)), Limit("c", ("3",)))
    assert "changes 4 of 4" in changes
