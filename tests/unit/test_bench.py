# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark measures what it says, on sets so small that it takes seconds. No time is judged here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.__main__ import measure, write
from tests.bench.goals import MET, goals
from tests.bench.plan import (
    ACCOUNTS,
    APART,
    BARE,
    CONTACT_LOOP,
    DRIFT,
    EMPTY,
    IMPORT,
    METHODS,
    NO_CHANGE,
    PLAIN,
    RUNNERS,
    SCENARIOS,
    SET_CONTACTS,
    SET_SRC,
    THREADED,
    URI_LOOP,
    Case,
    Plan,
)
from tests.bench.results import Results, Run
from tests.bench.scale import Costs, Setup, costs, estimate, page

PLAN = Plan(
    sizes=(20,),
    latencies=(0,),
    repeat=1,
    loop=3,
    samples=(2, 3),
    tasks=1,
    creates=21,
    memory=22,
    large=120,
    changes=(2,),
    waits=(0,),
    accounts=(1, 2),
    each=3,
    runners=4,
    small=2,
)
COUNTED = 2  # of the rows: those that no clock takes part in


@pytest.fixture(scope="module")
def results() -> Results:
    return measure(PLAN)


def requests(results: Results, *case: object) -> dict[str, int]:
    (run,) = results.runs[Case(*case)]  # type: ignore[arg-type]
    return run.requests


@pytest.mark.parametrize("method", [SET_SRC, SET_CONTACTS])
def test_requests_of_a_set(results: Results, method: str) -> None:
    assert requests(results, method, NO_CHANGE, 20) == {"GET": 2}
    assert requests(results, method, IMPORT, 20)["POST"] == 20
    drift = requests(results, method, DRIFT, 20)
    assert drift["PUT"] == 1
    assert set(drift) == {"GET", "PUT"}


def test_requests_of_the_others(results: Results) -> None:
    assert requests(results, EMPTY, NO_CHANGE, 20) == {}
    assert requests(results, BARE, NO_CHANGE, 20) == {"GET": 1}
    # The uri loop reads the categories and each contact, and writes what differs.
    assert requests(results, URI_LOOP, NO_CHANGE, 3) == {"GET": 4}
    assert requests(results, URI_LOOP, IMPORT, 2) == {"GET": 3, "POST": 2}
    assert requests(results, URI_LOOP, DRIFT, 3) == {"GET": 4, "PUT": 1}
    assert requests(results, CONTACT_LOOP, IMPORT, 3)["POST"] == 3
    assert requests(results, CONTACT_LOOP, DRIFT, 3)["PUT"] == 1


def test_numbers_that_need_no_clock_are_met(results: Results) -> None:
    rows = goals(PLAN, results)
    assert [row.verdict for row in rows[:COUNTED]] == [MET] * COUNTED
    assert "2 of 3 at 20" in rows[0].measured
    assert rows[0].measured.endswith("no write")


def test_numbers_are_not_judged_on_smaller_sets(results: Results) -> None:
    others = goals(PLAN, results)[COUNTED:]
    unjudged = {row.verdict for row in others if "one no-change task" not in row.what}
    assert unjudged == {"not judged at this size", ""}
    # At 50 ms nothing was run, and one size tells no growth.
    missing = [row.what for row in others if row.measured == "not measured"]
    assert len(missing) == 4


def test_accounts(results: Results) -> None:
    assert requests(results, ACCOUNTS, NO_CHANGE, 3, 0, 8, False, False, False, PLAIN, 0, 2) == {"GET": 4}
    assert requests(results, APART, NO_CHANGE, 3, 0, 8, False, False, False, PLAIN, 0, 2) == {"GET": 2}
    assert requests(results, RUNNERS, IMPORT, 2, 0, 8, False, False, False, PLAIN, 0, 4)["POST"] == 8


def test_peers_send_the_same_writes(results: Results) -> None:
    assert requests(results, THREADED, NO_CHANGE, 20) == {"GET": 2}
    assert requests(results, THREADED, IMPORT, 20)["POST"] == 20
    assert requests(results, THREADED, DRIFT, 20)["PUT"] == 1


def test_a_run_can_be_resumed(results: Results) -> None:
    saved: list[int] = []
    again = measure(PLAN, ["single", "creates"], results, lambda found: saved.append(len(found.runs)), is_resumed=True)
    assert (again, saved) == (results, [])


def test_written(results: Results, tmp_path: Path) -> None:
    write(PLAN, results, tmp_path)
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    for scenario in SCENARIOS:
        _head, _mark, table = page.partition(f"## {scenario[:1].upper()}{scenario[1:]}, 0 ms of latency\n")
        rows = re.findall(r"^\| (.*?) \|", table.partition("\n## ")[0], re.MULTILINE)
        expected = [name for key, name in METHODS.items() if scenario == NO_CHANGE or key not in (BARE, EMPTY)]
        assert rows[1:] == expected
    assert re.search(r"^\| loop of `ansible.builtin.uri` \| 3 items \| ≈ [\d,]+ \| ≈ 27 \| ", page, re.MULTILINE)
    assert len(re.findall(r"^## ", page, re.MULTILINE)) == 8
    assert str(Path.home()) not in page

    cases = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["cases"]
    assert all(case["runs"] for case in cases)
    labels = ElementTree.parse(tmp_path / "plot.svg").iterfind(".//{*}text[@class]")
    assert [label.text for label in labels if label.text]


def test_estimates() -> None:
    def run(seconds: float, **requests: int) -> Run:
        return Run(seconds, 0.0, 1, None, requests)

    results = Results()
    results.add(Case(EMPTY, NO_CHANGE, 10), run(1.0))
    for seconds in (3.0, 5.0, 4.0):
        results.add(Case(URI_LOOP, NO_CHANGE, 10), run(seconds, GET=11))
    measured = results.cell(Case(URI_LOOP, NO_CHANGE, 10))
    assert measured is not None
    assert (measured.seconds, measured.spread, measured.runs, measured.sample) == (4.0, 1.0, 3, None)
    computed = results.cell(Case(URI_LOOP, NO_CHANGE, 1000))
    assert computed is not None
    assert computed.seconds == pytest.approx(301.0)
    assert (computed.requests, computed.sample) == (1100, 10)
    assert results.cell(Case(URI_LOOP, NO_CHANGE, 1000, latency=50)) is None
    assert results.cell(Case(SET_SRC, NO_CHANGE, 1000)) is None


COSTS = Costs(start=0.5, account=1.0, contact=50e-6, create=1e-3, requests=1.1, memory=60, memory_each=0.003)


def test_the_model_of_many_accounts() -> None:
    one = Setup("", 1, 2, 8)
    found = estimate(COSTS, one, accounts=16, contacts=10_000)
    # Two cores share what sixteen accounts compute, but one deals them out, and that takes longer.
    assert found.requests == 16 * 102
    assert found.core_seconds == pytest.approx(0.5 + 16 * (1 + 0.5))
    assert found.seconds == pytest.approx(0.5 + 16 * 1)
    assert estimate(COSTS, one, accounts=16, contacts=40_000).seconds == pytest.approx(0.5 + (0.5 + 16 * 3) / 2)
    assert found.memory == 60 + 8 * (60 + 30)
    # As many machines as accounts: as fast as one account alone, with its 102 answers, eight at a time.
    apart = estimate(COSTS, Setup("", 16, 2, 8), accounts=16, contacts=10_000)
    assert apart.seconds == pytest.approx(0.5 + 1 + 0.5 + 102 * 0.05 / 8)
    assert apart.rate > found.rate


def test_the_model_of_an_import_waits_or_computes() -> None:
    found = estimate(COSTS, Setup("", 1, 16, 1), accounts=1, contacts=1_000, is_import=True)
    assert found.requests == 1_100
    assert found.seconds == pytest.approx(0.5 + 1 + 1_100 * 0.05 / 8)


def test_the_model_is_calibrated_by_the_results(results: Results) -> None:
    assert costs(PLAN, Results()) is None
    found = costs(PLAN, results)
    assert found is not None
    assert found.start > 0
    assert found.contact > 0
    assert 1 <= found.requests < 2
    text = page(PLAN, results, {"date": "2026-11-21", "processor": "two cores"})
    assert text is not None
    # One account of a million contacts, and a thousand of 10,000.
    assert "| 10,002 |" in text
    assert "| 102,000 |" in text
    assert "| 4 ansible-runners, no change: 4 x 2 contacts | " in text
    assert "{" not in text
