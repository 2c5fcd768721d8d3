# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the cases: a simulator per latency, real processes, what they cost and what the simulator saw of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.bench import people
from tests.bench.plan import (
    ACCOUNTS,
    APART,
    BARE,
    DRIFT,
    EMPTY,
    IMPORT,
    RICH,
    RUNNERS,
    SET_NOTHING,
    SET_RECORD,
    THREADED,
    VENDOR,
    Case,
    Group,
)
from tests.bench.results import Results, Run, due_writes
from tests.integration.lab import Account, serving, simulator
from tests.tools.devtree import VENDOR_CLIENT

HERE = Path(__file__).resolve().parent
PLAYBOOK = str(Path(sys.executable).with_name("ansible-playbook"))
FORKS = 8
# Each host of the inventory has a token of its own, so there is none in the environment.
CROWDED = (ACCOUNTS, APART, RUNNERS)
# Slower cases are not repeated, unless a number is held to them.
SLOW = 20.0
POLL = 0.1
_TAIL = 2000
# Of the machine, and meant for other programs.
_FOREIGN = ("_proxy", "_PROXY", "_CA_BUNDLE")


class BenchError(Exception):
    """A case did not do what it is measured for."""


class Bench:
    """Used as a context manager, which ends the simulators.

    :param folder: for contacts files, logs and a home
    :param done: called with each group that was measured, and the seconds that it took
    :param results: earlier ones, to which is added; cases that are measured again are replaced
    """

    def __init__(self, folder: Path, done: Callable[[Group, float], None], results: Results) -> None:
        self._folder = folder
        self._done = done
        self._stack = ExitStack()
        self._alone: dict[int, Account] = {}
        self._crowds: dict[int, list[Account]] = {}
        self._held: dict[str, int] = {}
        self.results = results

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def run(self, groups: Iterable[Group]) -> Results:
        self._execute(Case(EMPTY, "warm-up", 0))
        for group in groups:
            began = time.monotonic()
            for case in group.cases:
                self.results.runs.pop(case, None)
            for turn in range(group.repeat):
                for case in group.cases:
                    if turn == 0 or group.is_held or self._was_quick(case):
                        self.results.add(case, self._execute(case))
            self._done(group, time.monotonic() - began)
        return self.results

    def _was_quick(self, case: Case) -> bool:
        return self.results.runs[case][0].seconds < SLOW

    def _execute(self, case: Case) -> Run:
        accounts = self._accounts(case)
        for account in accounts:
            self._prepare(account, case)
            account.call("DELETE", "/journal")
        cost = self._measured(accounts, case)
        requests = Counter(entry["method"] for account in accounts for entry in account.journal())
        run = Run(cost["seconds"], cost["cpu"], cost["largest_kib"], cost["tree_kib"], dict(requests))
        self._check(accounts, case, run)
        return run

    def _accounts(self, case: Case) -> list[Account]:
        if case.method in CROWDED:
            if case.accounts not in self._crowds:
                self._crowds[case.accounts] = self._stack.enter_context(_crowd(case.accounts, self._folder))
            return self._crowds[case.accounts]
        if case.latency not in self._alone:
            log = self._folder / f"simulator-{case.latency}.log"
            self._alone[case.latency] = self._stack.enter_context(simulator(log, "--latency-ms", str(case.latency)))
        return [self._alone[case.latency]]

    def _prepare(self, account: Account, case: Case) -> None:
        """Let the account hold what the scenario starts from."""
        if case.method in (EMPTY, SET_NOTHING):
            return
        count = 0 if case.scenario == IMPORT else case.contacts
        record = _record(self._contacts_file(case))
        if case.cold or self._held.get(account.api_url) != count:
            people.fill(account, count)
            record.unlink(missing_ok=True)
        self._held[account.api_url] = count
        if case.scenario == DRIFT:
            people.drift(account, count, case.changes or people.drifted(count))
        if case.scenario == IMPORT and not case.check:
            del self._held[account.api_url]
        if case.method == SET_RECORD and not record.exists():
            self._measured([account], case)

    def _measured(self, accounts: list[Account], case: Case) -> dict[str, Any]:
        log = self._folder / "output.log"
        launcher = [sys.executable, "-I", str(HERE / "launch.py"), str(log), str(POLL if case.watch else 0)]
        command = [*launcher, *self._command(accounts, case)]
        environment = self._environment(None if case.method in CROWDED else accounts[0])
        ended = subprocess.run(command, cwd=self._folder, env=environment, stdout=subprocess.PIPE, check=True)
        cost: dict[str, Any] = json.loads(ended.stdout)
        if cost["code"]:
            output = log.read_text(encoding="utf-8", errors="replace")
            raise BenchError(f"{case} ended with code {cost['code']}:\n{output[-_TAIL:]}")
        return cost

    def _command(self, accounts: list[Account], case: Case) -> list[str]:
        file = self._contacts_file(case)
        script = [sys.executable, str(HERE / f"{case.method}.py")]
        if case.method == BARE:
            return script
        if case.method == THREADED:
            return [*script, str(file), str(case.concurrency)]
        if case.method == VENDOR:
            declared = file.with_suffix(".json")
            declared.write_text(json.dumps([people.person(number) for number in range(case.contacts)]))
            return [str(VENDOR_CLIENT / "bin" / "python"), str(HERE / "vendor.py"), str(declared)]
        if case.method == APART:
            return [*script, self._inventory(accounts, file), str(HERE / "playbooks" / f"{EMPTY}.yml")]
        if case.method == RUNNERS:
            return [*script, self._inventory(accounts, file), "provision" if case.scenario == IMPORT else "drift"]
        if case.method == ACCOUNTS:
            options = ["-i", self._inventory(accounts, file), "-e", "target=all", "--forks", str(FORKS)]
            return [sys.executable, PLAYBOOK, "softwareone.marketplace.drift", *options]
        playbook = str(HERE / "playbooks" / f"{case.method}.yml")
        variables = {"contacts_file": str(file), "concurrency": case.concurrency}
        mode = ["--check"] if case.check else []
        return [sys.executable, PLAYBOOK, playbook, *mode, "-e", json.dumps(variables)]

    def _contacts_file(self, case: Case) -> Path:
        path = self._folder / f"contacts-{case.contacts}{'-rich' if case.form == RICH else ''}.yml"
        if not path.exists():
            (people.write_rich_file if case.form == RICH else people.write_file)(path, case.contacts)
        return path

    def _inventory(self, accounts: list[Account], file: Path) -> str:
        hosts = {
            f"account-{number:03d}": {"swo_api_url": account.api_url, "swo_api_token": account.tokens["ops"]}
            for number, account in enumerate(accounts)
        }
        shared = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "swo_contacts_src": [str(file)],
        }
        path = self._folder / "hosts.yml"
        path.write_text(yaml.safe_dump({"all": {"vars": shared, "hosts": hosts}}))
        return str(path)

    def _environment(self, account: Account | None) -> dict[str, str]:
        home = str(self._folder / "home")
        return {
            **{name: value for name, value in os.environ.items() if not name.endswith(_FOREIGN)},
            "LC_ALL": "C.UTF-8",
            "HOME": home,
            "ANSIBLE_HOME": f"{home}/.ansible",
            "ANSIBLE_REMOTE_TEMP": f"{home}/remote",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            **({"SWO_API_URL": account.api_url, "SWO_API_TOKEN": account.tokens["ops"]} if account else {}),
        }

    def _check(self, accounts: list[Account], case: Case, run: Run) -> None:
        """Whoever is measured has to have done the job.

        :raises BenchError: the contacts are not as declared, or something was written where there was nothing to do
        """
        if due_writes(case):
            wrong = any(people.differing(account, case.contacts) for account in accounts)
        else:
            wrong = bool(run.writes)
        if wrong:
            raise BenchError(f"{case} did not bring the contacts to what is declared, or wrote where it should not.")


def _record(contacts_file: Path) -> Path:
    return Path(f"{contacts_file}.applied.json")


@contextmanager
def _crowd(count: int, folder: Path) -> Iterator[list[Account]]:
    """So many accounts, which end with the block."""
    log = folder / f"crowd-{count}.log"
    with serving("tests.bench.crowd", str(count), log=log) as hellos:
        yield [Account(hello, log) for hello in hellos]
