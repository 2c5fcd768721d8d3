# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of entries, files, pages and workers makes no difference, and two runs at once do no harm."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.simulator.journal import assert_no_duplicates
from tests.unit.contact_sets import INVOICES, entry, people, prediction, reset_journal, store_of

NUMBERS = 60


def account(**switches: Any) -> Marketplace:
    marketplace = Marketplace(**switches)
    people(marketplace, range(20), optOuts=[INVOICES])
    people(marketplace, range(20, 30), status="Blocked")
    people(marketplace, range(30, 40))
    people(marketplace, [900, 901])
    return marketplace


def entries() -> list[dict[str, Any]]:
    found = []
    for number in range(NUMBERS):
        fields: list[dict[str, Any]] = [
            {"name": "M"},
            {"opt_outs": ["Orders", "Renewals"]},
            {"state": "blocked"},
            {"state": "absent"},
            {"opt_ins": ["Invoices"]},
        ]
        found.append(entry(number, **fields[number % 5]))
    return [*found, {"id": "CTT-9999-9999", "name": "Nobody"}]


def run(marketplace: Marketplace, wanted: list[dict[str, Any]], **options: Any) -> TaskResult:
    return marketplace.run("swo_contacts", contacts=wanted, max_removals=["2"], return_unchanged=True, **options)


def told(result: TaskResult) -> dict[str, Any]:
    """The results without what the order decides: the place in the list, and the ids of new contacts."""
    values = prediction(result)
    values["results"] = [
        {**row, "index": None, "source": None, "fields": [{**field, "source": None} for field in row["fields"]]}
        for row in values["results"]
    ]
    values["msg"] = result.values.get("msg")
    return values


@pytest.fixture(scope="module")
def expected() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    marketplace = account()
    result = run(marketplace, entries(), concurrency=1)
    return store_of(marketplace, ids=False), told(result)


@pytest.mark.parametrize("workers", [1, 2, 8, 16, 64])
@pytest.mark.parametrize("seed", range(4))
def test_order_and_workers_make_no_difference(
    expected: tuple[list[dict[str, Any]], dict[str, Any]], seed: int, workers: int
) -> None:
    marketplace = account(unordered_lists="shuffled", optouts_order="shuffled")
    wanted = random.Random(seed).sample(entries(), NUMBERS + 1)

    result = run(marketplace, wanted, concurrency=workers)

    assert (store_of(marketplace, ids=False), told(result)) == expected
    for row in result.values["results"]:
        assert row["email"] in (wanted[row["index"]].get("email"), wanted[row["index"]].get("id"))


def test_files_in_any_order_within_an_entry(tmp_path: Path, expected: tuple[Any, dict[str, Any]]) -> None:
    wanted = entries()
    for number in range(4):
        (tmp_path / f"{number}.yml").write_text(yaml.safe_dump({"contacts": wanted[number::4]}))
    marketplace = account()

    result = marketplace.run("swo_contacts", src=[str(tmp_path)], max_removals=["2"], return_unchanged=True)

    assert store_of(marketplace, ids=False) == expected[0]
    assert result.values["plan_hash"] == expected[1]["plan_hash"]
    assert {Path(row["source"]).name.partition(":")[0] for row in result.values["results"] if row["source"]} == {
        f"{number}.yml" for number in range(4)
    }


def test_halves_one_after_the_other_are_the_whole() -> None:
    """Without the entry that fails, which keeps contacts from being deleted in its own run only."""
    sound = entries()[:-1]
    whole, halves = account(), account()
    run(whole, sound)
    for half in (sound[::2], sound[1::2]):
        run(halves, half)

    assert store_of(halves, ids=False) == store_of(whole, ids=False)


def test_created_and_taken_back_is_as_before() -> None:
    marketplace = account()
    before = store_of(marketplace)
    new = [entry(number) for number in range(100, 140)]

    assert run(marketplace, new).values["counts"]["created"] == 40
    assert run(marketplace, [{**item, "state": "absent"} for item in new]).values["counts"]["deleted"] == 40

    assert store_of(marketplace) == before


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("unique", ["400", "409"])
@pytest.mark.parametrize("attempt", range(5))
def test_two_runs_at_once_make_no_duplicates(attempt: int, unique: str, workers: int) -> None:
    marketplace = account(email_unique=unique)
    wanted = [item for item in entries()[:-1] if item.get("state") != "absent"]
    results: dict[int, TaskResult] = {}
    start = threading.Barrier(2)

    def one(number: int) -> None:
        start.wait()
        mine = random.Random(f"{attempt}:{number}").sample(wanted, len(wanted))
        results[number] = run(marketplace, mine, concurrency=workers)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert_no_duplicates(marketplace.simulator.store)
    assert [results[number].values.get("msg") for number in range(2)] == [None, None]
    reset_journal(marketplace)
    again = run(marketplace, wanted)
    assert (again.failed, again.values["changed"], marketplace.writes()) == (False, False, [])


def test_two_runs_that_want_different_things_end_with_one_of_them() -> None:
    marketplace = account()
    threads = [
        threading.Thread(target=run, args=(marketplace, [entry(number, name=name) for number in range(50)]))
        for name in ("A", "B")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert_no_duplicates(marketplace.simulator.store)
    names = {row["name"] for row in store_of(marketplace) if row["email"] < "c0050"}
    assert names <= {"A", "B"}
