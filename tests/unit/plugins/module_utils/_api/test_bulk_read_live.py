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


def test_nobody_of_a_whole_domain_is_proven_by_one_request() -> None:
    marketplace = Marketplace(deleted_visibility="listed")
    people(marketplace, range(3))
    marketplace.put(address(9, "fabrikam.example"), status="Deleted")
    marketplace.put(address(10, "fabrikam.example"))
    emails = [address(number, "fabrikam.example") for number in PEOPLE]

    found = read(marketplace, [DesiredEntry(DesiredContact(email=email), None, None) for email in emails])

    assert found == {*map(address, range(3)), address(10, "fabrikam.example")}
    marketplace.simulator.journal.assert_requests(2)


@pytest.mark.parametrize("lie", [{}, {"total": "rows"}, {"total": 0}, {"total": 7}], ids=str)
@pytest.mark.parametrize("live", [1, 2, 7])
def test_whoever_a_list_leaves_out_is_found_among_many(live: int, lie: dict[str, Any]) -> None:
    marketplace = Marketplace()
    people(marketplace, range(live))
    rule = {"when": {"query": "offset=0"}, "do": {"blank_list": True}, "times": 1}
    marketplace.simulator.add_fault(rule)
    if lie:
        marketplace.simulator.add_fault({"when": {"query": "limit=1&"}, "do": lie})

    assert len(read(marketplace, declared(PEOPLE))) == live


def test_a_domain_proves_nothing_where_it_is_the_whole_list_again() -> None:
    marketplace = Marketplace()
    people(marketplace, range(120))
    asked: list[str] = []
    marketplace.watch(lambda request: asked.append(request.url))

    assert len(read(marketplace, declared(range(180)))) == 120
    # Sixty addresses, 25 at a time.
    assert sum("email" in url for url in asked) == 3
    assert not any("%2A%40" in url for url in asked)


@pytest.mark.parametrize("others", [1, 40])
def test_nobody_is_proven_absent_by_a_wildcard_that_finds_nobody(others: int) -> None:
    """As of a server that takes it for a character, whose list is behind the times."""
    marketplace = Marketplace()
    people(marketplace, range(others))
    marketplace.simulator.add_fault({"when": {"query": "*@"}, "do": {"blank_list": True}})
    emails = [address(number, "fabrikam.example") for number in PEOPLE]

    def create_after_the_list(request: Request) -> None:
        if "%2A%40" in request.url and not marketplace.live(emails[10]):
            marketplace.put(emails[10])

    marketplace.watch(create_after_the_list)
    found = read(marketplace, [DesiredEntry(DesiredContact(email=email), None, None) for email in emails])
    assert emails[10] in found


def test_an_account_that_seems_to_be_empty_is_asked_for_each_address() -> None:
    marketplace = Marketplace()
    people(marketplace, PEOPLE)
    marketplace.simulator.add_fault({"when": {"query": "order=id"}, "do": {"blank_list": True}, "times": 1})
    marketplace.simulator.add_fault({"when": {"query": "*@"}, "do": {"blank_list": True}})
    assert read(marketplace, declared(PEOPLE)) == set(map(address, PEOPLE))
