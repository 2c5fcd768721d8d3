# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration of many accounts fails, with one sentence, whatever a run does wrong in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.overview import run_contacts_overview
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import (
    SWO_CONTACTS,
    SWO_CONTACTS_OVERVIEW,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task
from demo import many
from demo.account import Account, simulated
from demo.many import NAMES, Tour
from demo.playbook import FOLDER, Run
from demo.screen import Screen
from tests.unit.demo.fakes import failed, told, validated

tell, failure = partial(told, Tour), partial(failed, Tour)
PROVISION, DRIFT, HEAL, CLEAN = range(1, 5)


class Accounts:
    """Works through the inventory as the playbooks do; each member spoils what one account gets in a run."""

    def __init__(self, out: Path) -> None:
        self.number = 0
        self.out = out
        self.params: dict[tuple[int, str], dict[str, Any]] = {}
        self.status: Callable[[int, str, str], str] = lambda _number, _name, status: status
        self.code: Callable[[int, int], int] = lambda _number, code: code
        self.after: Callable[[int], None] = lambda _number: None
        self.overview: Callable[[int, str], str] = lambda _number, text: text
        self._results: dict[str, dict[str, Any]] = {}

    def __call__(self, _environment: Mapping[str, str], _screen: Screen, name: str, *_options: str) -> Run:
        self.number += 1
        inventory = yaml.safe_load((self.out / "inventory.yml").read_text(encoding="utf-8"))
        lines = []
        for group in inventory["all"]["children"].values():
            for host, values in group["hosts"].items():
                src = [str(FOLDER / path) for path in group["vars"]["swo_contacts_src"]]
                status = self._done(host, {**values, "src": src}, name == "drift")
                lines.append(f'        "{self.status(self.number, host, status):8} {host}: ...",\n')
        self._sum_up()
        self.after(self.number)
        code = 2 if any("drift" in line or "error" in line for line in lines) else 0
        return Run(self.code(self.number, code), "".join(lines))

    def _done(self, host: str, values: Mapping[str, Any], check: bool) -> str:
        params = {
            "api_url": values["swo_api_url"],
            "api_token": values["swo_api_token"],
            "src": values["src"],
            "reports": [str(self.out / f"{host}.html")],
            **self.params.get((self.number, host), {}),
        }
        self._results[host] = run_contacts(Task(validated(SWO_CONTACTS, params), check)).values
        return str(self._results[host]["status"])

    def _sum_up(self) -> None:
        path = self.out / "overview.html"
        params = {"accounts": self._results, "dest": [str(path)]}
        run_contacts_overview(Task(validated(SWO_CONTACTS_OVERVIEW, params)))
        path.write_text(self.overview(self.number, path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Accounts:
    monkeypatch.setattr(many, "OUT", tmp_path)
    monkeypatch.setattr(many, "INVENTORY", tmp_path / "inventory.yml")
    return Accounts(tmp_path)


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Account]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(simulated(seed)) for seed, name in enumerate(NAMES)}


@pytest.fixture
def accounts(served: dict[str, Account]) -> dict[str, Account]:
    for account in served.values():
        account.clear()
    return served


def test_all_steps(accounts: dict[str, Account], runs: Accounts) -> None:
    shown = tell(accounts, runs)
    assert runs.number == CLEAN
    assert "30 writes, each one needed" in shown
    assert "8 writes, each one needed" in shown
    table = [line.split() for line in shown.splitlines()[-7:]]
    assert table[0] == ["account", "provision", "drift", "provision", "drift", "contacts", "writes"]
    assert table[1] == ["paris", "applied", "clean", "clean", "clean", "5", "6"]
    assert table[5] == ["austin", "applied", "drift", "applied", "clean", "5", "7"]
    assert table[6] == ["bogota", "error", "error", "applied", "clean", "5", "6"]
    assert not any(account.token in shown for account in accounts.values())


def test_the_bad_token_is_good(accounts: dict[str, Account], runs: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.params[PROVISION, "bogota"] = {"api_token": accounts["bogota"].token}
    runs.code = lambda number, code: 2
    assert "'bogota': 'applied'" in failure(accounts, runs)


def test_an_account_is_in_the_other_region(accounts: dict[str, Account], runs: Accounts) -> None:
    layers = ["demo/layers/base.yml", "demo/layers/america.yml"]
    runs.params[PROVISION, "paris"] = {"src": [str(FOLDER / path) for path in layers]}
    assert failure(accounts, runs).startswith(
        "paris is not what the files say: service.desk@contoso.example has the name"
    )


def test_two_hosts_are_one_account(accounts: dict[str, Account], runs: Accounts) -> None:
    paris = {"api_url": accounts["paris"].api_url, "api_token": accounts["paris"].token}
    runs.params[PROVISION, "berlin"] = paris
    runs.status = lambda number, name, status: "applied" if (number, name) == (PROVISION, "berlin") else status
    assert failure(accounts, runs).startswith(
        "berlin is not what the files say: service.desk@contoso.example is missing"
    )


def test_drift_is_missed(accounts: dict[str, Account], runs: Accounts) -> None:
    runs.status = lambda number, name, status: "clean" if (number, name) == (DRIFT, "berlin") else status
    assert "'berlin': 'clean'" in failure(accounts, runs)


def test_a_crash_reads_as_clean(accounts: dict[str, Account], runs: Accounts) -> None:
    runs.status = lambda number, name, status: "clean" if (number, name) == (DRIFT, "bogota") else status
    assert "'bogota': 'clean'" in failure(accounts, runs)


def test_a_run_with_an_error_is_green(accounts: dict[str, Account], runs: Accounts) -> None:
    runs.code = lambda number, code: 0
    assert failure(accounts, runs) == "ansible-playbook ended with code 0, not 2."


def test_looking_for_drift_heals(accounts: dict[str, Account], runs: Accounts) -> None:
    def heal(number: int) -> None:
        if number == DRIFT:
            accounts["austin"].put([{"email": "former.partner@fabrikam.example", "status": "Blocked"}])

    runs.after = heal
    assert failure(accounts, runs) == "austin changed."


def test_a_report_of_another_run(accounts: dict[str, Account], runs: Accounts) -> None:
    runs.params[DRIFT, "paris"] = {"reports": []}
    assert failure(accounts, runs).startswith("There is no ")


def test_it_is_not_healed(accounts: dict[str, Account], runs: Accounts) -> None:
    runs.params[HEAL, "berlin"] = {"src": [], "contacts": [{"email": "billing@contoso.example", "name": "Bills"}]}
    assert failure(accounts, runs).startswith("berlin is not what the files say: billing@contoso.example ")


def test_drift_after_healing(accounts: dict[str, Account], runs: Accounts) -> None:
    def change(number: int) -> None:
        if number == HEAL:
            accounts["warsaw"].put([{"email": "billing@contoso.example", "name": "Bills"}])

    runs.after = change
    assert failure(accounts, runs).startswith("warsaw is not what the files say: billing@contoso.example has the name")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('data-outcome="error"><td>', 'data-outcome="clean"><td>', "The overview says something else."),
        ("<bdi>paris</bdi>", "<bdi>rome</bdi>", "The overview says something else."),
        ('href="paris.html"', 'href="berlin.html"', "A link of the overview leads elsewhere."),
    ],
)
def test_the_overview_is_wrong(
    before: str, after: str, said: str, accounts: dict[str, Account], runs: Accounts
) -> None:
    runs.overview = lambda _number, text: text.replace(before, after)
    assert failure(accounts, runs) == said


def test_the_overview_begins_with_the_best(accounts: dict[str, Account], runs: Accounts) -> None:
    def reversed_rows(_number: int, text: str) -> str:
        start, _body, rest = text.partition("<tbody>")
        rows, end, tail = rest.partition("</tbody>")
        return f"{start}<tbody>{''.join(reversed(rows.strip().splitlines(keepends=True)))}{end}{tail}"

    runs.overview = reversed_rows
    assert failure(accounts, runs) == "The overview does not begin with the worst."
