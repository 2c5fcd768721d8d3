# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run reads of the live contacts, and what it refuses to believe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.live import read_live
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    DesiredEntry,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.scope import Scope
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import IncompleteListError
from tests.harness import Marketplace
from tests.unit.contact_sets import address, people, workers_of

# More than are looked up with one request.
PEOPLE = range(60)


def declared(numbers: Sequence[int], **fields: Any) -> list[DesiredEntry]:
    return [DesiredEntry(DesiredContact(email=address(number), **fields), None, None) for number in numbers]


def unwatched(done: int, planned: int) -> None:
    """Nobody is watching."""


def read(marketplace: Marketplace, entries: list[DesiredEntry], unmanaged: str = "report") -> set[str]:
    return {
        contact.email for contact in read_live(workers_of(marketplace), entries, Scope(unmanaged), unwatched).contacts
    }


def test_everybody_is_read_and_deleted_ones_are_not() -> None:
    marketplace = Marketplace(deleted_visibility="listed")
    people(marketplace, range(120))
    people(marketplace, [500], status="Deleted")
    assert read(marketplace, []) == {address(number) for number in range(120)}


def test_ignore_reads_the_declared_ones_only() -> None:
    marketplace = Marketplace()
    people(marketplace, range(120))
    assert read(marketplace, declared([3, 700]), "ignore") == {address(3)}


def test_whoever_is_missing_in_the_list_is_looked_up() -> None:
    marketplace = Marketplace()
    people(marketplace, range(5))
    rule = {"when": {"query": "order=id"}, "do": {"blank_list": True}, "times": 1}
    marketplace.simulator.add_fault(rule)
    assert len(read(marketplace, declared(range(5)))) == 5
    marketplace.simulator.clear_faults()
    marketplace.simulator.add_fault({"when": {"query": "offset=0", "nth": [1, 3, 5]}, "do": {"blank_list": True}})
    with pytest.raises(IncompleteListError, match="leaves out some that exist"):
        read(marketplace, declared(range(5)))


def creating_meanwhile(marketplace: Marketplace, numbers: Iterable[int]) -> Callable[[Request], None]:
    """Somebody else creates the next contact each time when somebody is about to be looked up."""
    waiting = list(numbers)

    def watcher(request: Request) -> None:
        if waiting and "email" in request.url:
            people(marketplace, [waiting.pop(0)])

    return watcher


@pytest.mark.parametrize("created", [1, 2, 3, 9])
def test_whoever_is_created_meanwhile_is_read_and_nobody_is_blamed(created: int) -> None:
    marketplace = Marketplace()
    people(marketplace, range(5))
    marketplace.watch(creating_meanwhile(marketplace, range(5, 5 + created)))

    found = read(marketplace, declared(range(20)))

    assert found >= {address(number) for number in range(5 + min(created, 3))}
    # Three readings of the list and as many looks at those who are not in it.
    marketplace.simulator.journal.assert_requests(2 * min(created + 1, 3))


def test_what_should_be_absent_needs_no_second_look() -> None:
    marketplace = Marketplace()
    read(marketplace, declared(range(60), state="absent"))
    marketplace.simulator.journal.assert_requests(1)


def test_whoever_gets_an_address_behind_the_list_is_found_among_many() -> None:
    """The number of contacts does not tell: as many are of the domain as before."""
    marketplace = Marketplace()
    people(marketplace, [900])
    (old,) = marketplace.live(address(900))

    def rename(request: Request) -> None:
        if "email" in request.url:
            marketplace.simulator.patch_contact({"id": old["id"], "email": address(10)})

    marketplace.watch(rename)
    assert address(10) in read(marketplace, declared(PEOPLE))
