# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading contacts by address and id: each once, and nobody who was not asked for."""

from __future__ import annotations

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.bulk import Reader, is_cheaper_by_key
from tests.harness import Marketplace
from tests.unit.contact_sets import address, people, workers_of


@pytest.mark.parametrize("workers", [1, 8])
def test_reading_by_key_finds_each_once(workers: int) -> None:
    marketplace = Marketplace()
    ids = people(marketplace, range(130))
    reader = Reader(workers_of(marketplace, workers))
    emails = [address(number).upper() for number in range(130)]
    assert sorted(contact.id for contact in reader.by_emails(emails)) == sorted(ids)
    assert sorted(contact.id for contact in reader.by_ids(ids)) == sorted(ids)
    assert reader.by_emails([]) == reader.by_ids([]) == []
    marketplace.simulator.journal.assert_requests(6 + 3)


def test_rows_that_were_not_asked_for_are_dropped() -> None:
    marketplace = Marketplace()
    ids = people(marketplace, range(9))
    marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"ignore_filter": True}})
    reader = Reader(workers_of(marketplace))
    assert [contact.id for contact in reader.by_ids(ids[:1])] == ids[:1]
    assert [contact.email for contact in reader.by_emails([address(4)])] == [address(4)]


@pytest.mark.parametrize(
    ("keys", "total", "cheaper"),
    [(1, 0, False), (25, 100, False), (25, 101, True), (26, 101, False), (2500, 10_000, False), (2475, 10_000, True)],
)
def test_when_asking_for_addresses_is_cheaper(keys: int, total: int, cheaper: bool) -> None:
    assert is_cheaper_by_key(keys, total) is cheaper
    assert is_cheaper_by_key(keys, None) is False
