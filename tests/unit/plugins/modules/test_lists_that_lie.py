# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is written on the strength of a list that lies about its end, and nobody asks it without end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import CONTACTS, address, entry, people

LISTS = {"method": "GET", "path": CONTACTS}
LIES: dict[str, tuple[dict[str, Any], str]] = {
    "the rows on the page": ({"total": "rows"}, "the API told a total of 100 and sent more rows"),
    "too high": ({"total": 300}, "the API told a total of 300 and sent"),
    "far too high": ({"total": 1_000_000}, "the API told a total of 1000000 and sent"),
    "beyond any list": ({"total": 2**53}, "the API tells a total of 9007199254740992 rows"),
    "one new row on each page": ({"endless": True, "limit": 1, "total": None}, "almost empty pages"),
    "one new row on each page, and a total": ({"endless": True, "limit": 1, "total": 999_999}, "almost empty pages"),
}


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("case", LIES)
def test_a_set_is_not_written_where_the_list_lies(case: str, concurrency: int) -> None:
    do, message = LIES[case]
    marketplace = Marketplace()
    people(marketplace, range(244))
    marketplace.simulator.add_fault({"when": LISTS, "do": do})

    result = marketplace.run(
        "swo_contacts",
        contacts=[entry(number) for number in range(30)],
        unmanaged="delete",
        max_removals=["100%"],
        concurrency=concurrency,
    )

    marketplace.simulator.assert_faults_fired()
    assert (result.failed, result.values["changed"]) == (True, False)
    assert message in result.values["msg"]
    assert marketplace.writes() == []
    # Three readings of at most what the workers have begun when the first page behind the end comes.
    assert result.values["requests"]["GET"] <= (1_010 if do.get("limit") else 3 * (4 + 2 * concurrency))


@pytest.mark.parametrize("case", LIES)
def test_a_search_does_not_end_with_a_part_of_the_list(case: str) -> None:
    do, message = LIES[case]
    marketplace = Marketplace()
    people(marketplace, range(244))
    marketplace.simulator.add_fault({"when": LISTS, "do": do})

    result = marketplace.run("swo_contact_info")

    assert result.failed
    assert message in result.values["msg"]


@pytest.mark.parametrize(("contacts", "requests"), [(0, 1), (1, 1), (99, 1), (100, 2), (101, 2), (200, 3), (250, 3)])
def test_an_honest_list_costs_one_look_more_only_where_it_is_one_full_page(contacts: int, requests: int) -> None:
    marketplace = Marketplace()
    people(marketplace, range(contacts))

    result = marketplace.run("swo_contacts", contacts=[], return_unchanged=True)

    assert not result.failed, result.values["msg"]
    assert result.values["requests"]["GET"] <= requests
    assert [row["email"] for row in result.values["unmanaged"]] == [address(number) for number in range(contacts)]
