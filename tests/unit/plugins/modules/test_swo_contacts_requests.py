# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a set costs: pages and nothing else when nothing changed, k writes and k looks when k changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import entry, people, prediction, reset_journal

SERVERS: dict[str, dict[str, Any]] = {
    "default": {},
    "no total": {"total_null": "on"},
    "no cap": {"max_limit": "none"},
    "refuses large limits": {"max_limit": "100_error"},
    "large default": {"default_limit": "1000"},
    "4.x schema": {"schema": "4.x"},
    "both schemas": {"schema": "both"},
    "shuffles": {"unordered_lists": "shuffled"},
}


def account(total: int, **switches: Any) -> tuple[Marketplace, list[dict[str, Any]]]:
    """So many live contacts and the entries that declare them as they are."""
    marketplace = Marketplace(**switches)
    people(marketplace, range(total), optOuts=["NTC-0000-0001"])
    return marketplace, [entry(number, name="N", opt_outs=["Orders"]) for number in range(total)]


def pages(total: int) -> int:
    return -(-total // 100)


def without_total(server: str) -> int:
    """Without a total only an empty page proves the end of a list, of the categories' list too."""
    return 1 if server == "no total" else 0


@pytest.mark.parametrize("total", [0, 1, 99, 100, 101, 199, 200, 1000])
@pytest.mark.parametrize("server", SERVERS)
def test_a_set_without_change_costs_its_pages_and_two_more(server: str, total: int) -> None:
    marketplace, entries = account(total, **SERVERS[server])

    result = marketplace.run("swo_contacts", contacts=entries or [entry(1, state="absent")])

    assert not result.failed, result.values
    assert result.values["changed"] is False
    assert marketplace.writes() == []
    marketplace.simulator.journal.assert_requests(pages(total) + 2 + without_total(server))
    assert sum(result.values["requests"].values()) == len(marketplace.simulator.journal.entries)


def test_ten_thousand_contacts_without_change_cost_102_requests_at_most() -> None:
    marketplace, entries = account(10_000)

    result = marketplace.run("swo_contacts", contacts=entries)

    assert not result.failed, result.values
    assert result.values["counts"]["unchanged"] == 10_000
    assert result.values["results"] == []
    assert marketplace.writes() == []
    marketplace.simulator.journal.assert_requests(102)


@pytest.mark.parametrize("unmanaged", ["report", "ignore"])
@pytest.mark.parametrize("drifted", [1, 7, 60])
def test_each_drifted_contact_costs_one_look_and_one_write(drifted: int, unmanaged: str) -> None:
    marketplace, entries = account(300)
    for number in range(drifted):
        marketplace.simulator.patch_contact({"email": entry(number)["email"], "name": "Drifted"})

    result = marketplace.run("swo_contacts", contacts=entries, unmanaged=unmanaged)

    assert not result.failed, result.values
    assert result.values["counts"]["updated"] == drifted
    assert result.values["requests"]["PUT"] == drifted == len(marketplace.writes())
    looks = [e for e in marketplace.simulator.journal.entries if e.method == "GET" and e.path.count("/CTT-")]
    # A single one is read back in the same way.
    assert len(looks) == drifted + (drifted == 1)
    # Pages, categories, and one look at fifty written contacts at a time; ignore may ask for a total first.
    lists = result.values["requests"]["GET"] - len(looks)
    assert lists <= pages(300) + 2 + -(-drifted // 50) + (unmanaged == "ignore")
    assert {contact["name"] for number in range(300) for contact in marketplace.live(entry(number)["email"])} == {"N"}


# What is there, what is declared, and the writes it takes.
MINIMAL: dict[str, tuple[dict[str, Any] | None, dict[str, Any], list[str]]] = {
    "as declared": ({}, {"name": "N"}, []),
    "new": (None, {"name": "N"}, ["POST"]),
    "new and blocked": (None, {"state": "blocked"}, ["POST", "POST block"]),
    "renamed": ({}, {"name": "M"}, ["PUT"]),
    "opt-outs and name": ({}, {"name": "M", "opt_outs": ["Orders"]}, ["PUT"]),
    "blocked": ({}, {"state": "blocked"}, ["POST block"]),
    "renamed and blocked": ({}, {"state": "blocked", "name": "M"}, ["PUT", "POST block"]),
    "unblocked": ({"status": "Blocked"}, {}, ["POST unblock"]),
    "renamed and unblocked": ({"status": "Blocked"}, {"name": "M"}, ["PUT", "POST unblock"]),
    "gone": ({}, {"state": "absent"}, ["DELETE"]),
    "was never there": (None, {"state": "absent"}, []),
}


def short(write: str) -> str:
    method, path = write.split()
    action = path.rsplit("/", 1)[1]
    return f"{method} {action}" if action in ("block", "unblock") else method


@pytest.mark.parametrize("case", MINIMAL)
def test_a_contact_costs_the_fewest_writes(case: str) -> None:
    live, wanted, writes = MINIMAL[case]
    marketplace = Marketplace()
    people(marketplace, range(1, 4))
    if live is not None:
        people(marketplace, [0], **live)

    result = marketplace.run("swo_contacts", contacts=[entry(0, **wanted)])

    assert not result.failed, result.values
    assert [short(write) for write in marketplace.writes()] == writes


def test_a_mixed_set_costs_the_sum_of_its_contacts() -> None:
    marketplace = Marketplace()
    entries, expected = [], []
    for number, (live, wanted, writes) in enumerate(MINIMAL.values()):
        if live is not None:
            people(marketplace, [number], **live)
        entries.append(entry(number, **wanted))
        expected += writes
    predicted = marketplace.run("swo_contacts", contacts=entries, check=True)
    assert marketplace.writes() == []

    result = marketplace.run("swo_contacts", contacts=entries)

    assert prediction(result) == prediction(predicted)
    assert sorted(short(write) for write in marketplace.writes()) == sorted(expected)
    reset_journal(marketplace)
    assert marketplace.run("swo_contacts", contacts=entries).values["changed"] is False
    assert marketplace.writes() == []


def test_categories_are_read_only_where_opt_outs_are_managed() -> None:
    marketplace, entries = account(10)

    result = marketplace.run("swo_contacts", contacts=[{"email": item["email"]} for item in entries])

    assert result.values["requests"]["GET"] == 1


@pytest.mark.parametrize(("total", "declared", "gets"), [(500, 3, 1), (500, 25, 1), (500, 60, 4), (130, 60, 3)])
def test_keep_asks_for_addresses_where_that_is_cheaper(total: int, declared: int, gets: int) -> None:
    marketplace, entries = account(total)
    wanted = [{"email": item["email"], "name": "N"} for item in entries[:declared]]

    result = marketplace.run("swo_contacts", contacts=wanted, unmanaged="ignore")

    assert (result.failed, result.values["changed"]) == (False, False)
    assert result.values["requests"] == {"GET": gets, "POST": 0, "PUT": 0, "DELETE": 0}
