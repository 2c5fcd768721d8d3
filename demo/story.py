# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the tour. Each is checked in the simulated service itself, not by what Ansible says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from demo import expect, playbook
from demo.account import Account, States, Write
from demo.playbook import HERE, Field, Run
from demo.screen import Screen

# What the account looks like before: contacts that people made by hand, as the API has them.
BEFORE: list[dict[str, Any]] = [
    {"email": "zoe.mueller@contoso.example", "name": "Zoe Mueller"},
    {"email": "procurement@contoso.example", "name": "Procurement", "optOuts": ["Orders", "Product news"]},
    {"email": "hotline@contoso.example", "name": "Hotline", "status": "Blocked"},
    {"email": "closed.mailbox@contoso.example", "name": "Closed mailbox"},
    {"email": "temp@fabrikam.example", "name": "Temp"},
    {"email": "reception@contoso.example", "name": "Reception", "optOuts": ["Statements"]},
]


@dataclass(frozen=True)
class Drift:
    """A change that somebody makes by hand."""

    text: str
    email: str
    field: str
    members: dict[str, Any]


DRIFTS = [
    Drift("Ann Example is now called Ann Exmaple", "ann@contoso.example", "name", {"name": "Ann Exmaple"}),
    Drift(
        "Accounts payable is no longer opted out of orders",
        "accounts.payable@contoso.example",
        "opt_outs",
        {"optOuts": ["Product news", "Technical updates"]},
    ),
    Drift("The closed mailbox is no longer blocked", "closed.mailbox@contoso.example", "status", {"status": "Active"}),
]


class StepError(Exception):
    """A step did not do what it says."""


class Story:
    """The tour on one account; ``run`` runs the playbook."""

    def __init__(self, account: Account, screen: Screen, run: Callable[..., Run] = playbook.run) -> None:
        self._account = account
        self._screen = screen
        self._run = run
        self._contacts = yaml.safe_load((HERE / "contacts.yml").read_text(encoding="utf-8"))["contacts"]
        self._healthy: States = {}

    def tell(self) -> None:
        """All steps in order.

        :raises StepError: names the first thing that is not as it should be
        """
        self._account.put(BEFORE)
        self._screen.text(f"Account:  simulated, with {len(BEFORE)} contacts that people made by hand")
        self._screen.text(f"Wanted:   the {len(self._contacts)} contacts of demo/contacts.yml")
        steps = [
            ("Apply the file", self.provision),
            ("Apply it again: nothing is left to do", self.repeat),
            ("Somebody changes three contacts by hand", self.drift),
            ("See the drift, change nothing", self.detect),
            ("Heal it", self.heal),
        ]
        for number, (title, step) in enumerate(steps, 1):
            self._screen.step(f"{number}/{len(steps)}", title)
            step()

    def provision(self) -> None:
        before = self._account.states()
        self._playbook()
        after, writes = self._account.states(), self._account.writes()
        self._meets_the_file(after)
        self._wrote(expect.fewest_writes(before, after), writes)
        managed = {contact["email"] for contact in self._contacts}
        for email in before.keys() - managed:
            _need(before[email] == after.get(email), f"{email} is not in the file but was changed.")
            self._screen.proof(f"{email} is not in the file and was left alone")
        self._healthy = after

    def repeat(self) -> None:
        run = self._playbook()
        _need(run.changed == 0, f"The second run says changed={run.changed}.")
        self._screen.proof("changed=0")
        self._wrote([], self._account.writes())

    def drift(self) -> None:
        self._screen.text()
        for drift in DRIFTS:
            self._screen.text(f"  - {drift.text}")
            self._account.put([{"email": drift.email, **drift.members}])
        changed = expect.fewest_writes(self._account.states(), self._healthy)
        _need(len(changed) == len(DRIFTS), f"The drift is {expect.listed(changed)}.")

    def detect(self) -> None:
        drifted = self._account.states()
        run = self._playbook("--check", "--diff", only_changes=True)
        expected: set[Field] = {(drift.email, drift.field) for drift in DRIFTS}
        _need(
            run.fields == expected,
            f"The diff names {expect.listed(run.fields)}; drifted are {expect.listed(expected)}.",
        )
        self._screen.proof(f"exactly the fields that drifted: {', '.join(drift.field for drift in DRIFTS)}")
        self._wrote([], self._account.writes())
        _need(self._account.states() == drifted, "The account changed in check mode.")

    def heal(self) -> None:
        before = self._account.states()
        self._playbook(only_changes=True)
        after, writes = self._account.states(), self._account.writes()
        self._wrote(expect.fewest_writes(before, self._healthy), writes)
        _need(after == self._healthy, f"Not healed: {expect.listed(expect.fewest_writes(after, self._healthy))}.")
        self._meets_the_file(after)

    def _playbook(self, *options: str, only_changes: bool = False) -> Run:
        run = self._run(self._account, self._screen, *options, only_changes=only_changes)
        _need(run.code == 0, f"ansible-playbook ended with code {run.code}.")
        self._screen.text()
        return run

    def _meets_the_file(self, states: States) -> None:
        problems = expect.unmet(self._contacts, states)
        _need(not problems, f"The account is not what the file says: {'; '.join(problems)}.")
        self._screen.proof(f"the service holds what the file says about all {len(self._contacts)} contacts")

    def _wrote(self, expected: list[Write], writes: list[Write]) -> None:
        _need(
            sorted(writes) == sorted(expected),
            f"The service received the writes {expect.listed(writes)}; needed are {expect.listed(expected)}.",
        )
        if writes:
            self._screen.proof(f"{len(writes)} writes, each one needed: {expect.summary(writes)}")
        else:
            self._screen.proof("the service received no write")


def _need(holds: bool, sentence: str) -> None:
    if not holds:
        raise StepError(sentence)
