# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story of the record fails, with one sentence, whatever a run of a playbook does wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo import record
from demo.account import Account, simulated
from demo.record import CHOSEN, FOR_A_WHILE, LISTED, WHO, Record
from tests.unit.demo.fakes import Runs, failed, told, write_below

tell, failure = partial(told, Record), partial(failed, Record)
# The numbers of the runs.
APPLY, PENDING, KEEP, LOSE = range(1, 5)


def entry(*opt_outs: str, mode: str = "at_least") -> list[dict[str, Any]]:
    return [{"email": WHO, "opt_outs": list(opt_outs), "opt_outs_mode": mode}]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    write_below(tmp_path, monkeypatch, record, "REPORT", "RECORD")
    runs = Runs()
    runs.contacts = {**dict.fromkeys((PENDING, KEEP, LOSE), entry(*LISTED)), APPLY: entry(*LISTED, FOR_A_WHILE)}
    return runs


@pytest.fixture
def account() -> Iterator[Account]:
    with simulated() as served:
        served.put([{"email": WHO, "optOuts": list(LISTED)}])
        yield served


def test_all_steps(account: Account, runs: Runs) -> None:
    shown = tell(account, runs)
    assert runs.number == LOSE
    assert "the report says pending" in shown
    assert f"{WHO} is still opted out of {CHOSEN}" in shown
    assert shown.endswith("there is a new record\n")


def test_nothing_is_added(account: Account, runs: Runs) -> None:
    runs.contacts[APPLY] = entry(*LISTED)
    assert failure(account, runs) == f"{WHO} is opted out of Invoices, Statements."


def test_no_record_is_kept(account: Account, runs: Runs) -> None:
    runs.after = lambda _number: record.RECORD.unlink()
    assert failure(account, runs) == f"There is no {record.RECORD}."


def test_what_is_not_applied_yet_is_drift(account: Account, runs: Runs) -> None:
    runs.before = lambda number: record.RECORD.unlink() if number == PENDING else None
    runs.contacts[PENDING] = entry(*LISTED, mode="exact")
    assert failure(account, runs) == "ansible-playbook ended with code 2."


def test_the_report_does_not_say_pending(account: Account, runs: Runs) -> None:
    runs.report = lambda _number, text: text.replace('data-status="pending"', 'data-status="drift"')
    assert failure(account, runs) == f"The report says drift: {WHO}."


def test_looking_writes(account: Account, runs: Runs) -> None:
    runs.check[PENDING], runs.codes[PENDING] = False, 0
    runs.report = lambda _number, text: text.replace('data-status="applied"', 'data-status="pending"')
    assert failure(account, runs) == f"The service received the writes update {WHO}; needed are none."


def test_the_choice_is_taken_away(account: Account, runs: Runs) -> None:
    runs.contacts[KEEP] = entry(*LISTED, mode="exact")
    assert failure(account, runs) == f"{WHO} is opted out of Invoices, Statements."


def test_what_the_files_added_stays(account: Account, runs: Runs) -> None:
    runs.before = lambda number: record.RECORD.unlink() if number == KEEP else None
    assert failure(account, runs) == f"{WHO} is opted out of Invoices, Orders, Renewals, Statements."


def test_something_is_lost_with_the_record(account: Account, runs: Runs) -> None:
    runs.contacts[LOSE] = entry(*LISTED, mode="exact")
    assert failure(account, runs) == "The account changed because the record was lost."


def test_no_new_record(account: Account, runs: Runs) -> None:
    runs.check[LOSE] = True
    assert failure(account, runs) == "There is no new record."
