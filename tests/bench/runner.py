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
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench import people
from tests.bench.plan import BARE, DRIFT, EMPTY, IMPORT, Case, Group
from tests.bench.results import Results, Run, due_writes
from tests.integration.lab import Account, simulator

HERE = Path(__file__).resolve().parent
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
    :param say: called with a line of text after each group
    :param results: earlier ones, to which is added; cases that are measured again are replaced
    """

    def __init__(self, folder: Path, say: Callable[[str], None], results: Results) -> None:
        self._folder = folder
        self._say = say
        self._stack = ExitStack()
        self._accounts: dict[int, Account] = {}
        self._held: dict[int, int] = {}
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
            self._say(f"{time.monotonic() - began:6.1f} s  {group.name}")
        return self.results

    def _was_quick(self, case: Case) -> bool:
        return self.results.runs[case][0].seconds < SLOW

    def _execute(self, case: Case) -> Run:
        account = self._account(case.latency)
        self._prepare(account, case)
        account.call("DELETE", "/journal")
        cost = self._measured(account, case)
        requests = dict(Counter(entry["method"] for entry in account.journal()))
        run = Run(cost["seconds"], cost["cpu"], cost["largest_kib"], cost["tree_kib"], requests)
        self._check(account, case, run)
        return run

    def _account(self, latency: int) -> Account:
        if latency not in self._accounts:
            log = self._folder / f"simulator-{latency}.log"
            self._accounts[latency] = self._stack.enter_context(simulator(log, "--latency-ms", str(latency)))
        return self._accounts[latency]

    def _prepare(self, account: Account, case: Case) -> None:
        """Let the account hold what the scenario starts from."""
        if case.method == EMPTY:
            return
        count = 0 if case.scenario == IMPORT else case.contacts
        if self._held.get(case.latency) != count:
            people.fill(account, count)
        self._held[case.latency] = count
        if case.scenario == DRIFT:
            people.drift(account, count)
        if case.scenario == IMPORT and not case.check:
            del self._held[case.latency]

    def _measured(self, account: Account, case: Case) -> dict[str, Any]:
        log = self._folder / "output.log"
        launcher = [sys.executable, "-I", str(HERE / "launch.py"), str(log), str(POLL if case.watch else 0)]
        command = [*launcher, *self._command(case)]
        ended = subprocess.run(
            command, cwd=self._folder, env=self._environment(account), stdout=subprocess.PIPE, check=True
        )
        cost: dict[str, Any] = json.loads(ended.stdout)
        if cost["code"]:
            output = log.read_text(encoding="utf-8", errors="replace")
            raise BenchError(f"{case} ended with code {cost['code']}:\n{output[-_TAIL:]}")
        return cost

    def _command(self, case: Case) -> list[str]:
        if case.method == BARE:
            return [sys.executable, str(HERE / "fetch_pages.py")]
        playbook = str(HERE / "playbooks" / f"{case.method}.yml")
        variables = {"contacts_file": str(self._contacts_file(case.contacts)), "concurrency": case.concurrency}
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        mode = ["--check"] if case.check else []
        return [sys.executable, program, playbook, *mode, "-e", json.dumps(variables)]

    def _contacts_file(self, count: int) -> Path:
        path = self._folder / f"contacts-{count}.yml"
        if not path.exists():
            people.write_file(path, count)
        return path

    def _environment(self, account: Account) -> dict[str, str]:
        home = str(self._folder / "home")
        return {
            **{name: value for name, value in os.environ.items() if not name.endswith(_FOREIGN)},
            "LC_ALL": "C.UTF-8",
            "HOME": home,
            "ANSIBLE_HOME": f"{home}/.ansible",
            "ANSIBLE_REMOTE_TEMP": f"{home}/remote",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "SWO_API_URL": account.api_url,
            "SWO_API_TOKEN": account.tokens["ops"],
        }

    def _check(self, account: Account, case: Case, run: Run) -> None:
        """Whoever is measured has to have done the job.

        :raises BenchError: the contacts are not as declared, or something was written where there was nothing to do
        """
        if run.writes if not due_writes(case) else people.differing(account, case.contacts):
            raise BenchError(f"{case} did not bring the contacts to what is declared, or wrote where it should not.")
