# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the tour. Each is checked in the simulated service itself, not by what Ansible says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from demo import expect, playbook, report
from demo.account import Account, States, Write
from demo.playbook import HERE, OUT, Field, Run
from demo.screen import Screen
from demo.steps import need, need_code, need_report, need_writes, walk

SRC = ("-e", "swo_contacts_src=demo/contacts.yml")
REPORT = OUT / "drift.html"
HEALED = OUT / "healed.html"
EXPORT = OUT / "exported.yml"
SNAPSHOT = OUT / "snapshot.json"

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
        "Accounts payable is no longer opted out of Orders",
        "accounts.payable@contoso.example",
        "opt_outs",
        {"optOuts": ["Product news", "Technical updates"]},
    ),
    Drift("The closed mailbox is no longer blocked", "closed.mailbox@contoso.example", "status", {"status": "Active"}),
]


class Story:
    """The tour on one account; ``run`` runs a playbook of the collection."""

    def __init__(self, account: Account, screen: Screen, run: Callable[..., Run] = playbook.run) -> None:
        self._account = account
        self._screen = screen
        self._run = partial(run, playbook.variables(account), screen)
        self._contacts = expect.merged(yaml.safe_load((HERE / "contacts.yml").read_text(encoding="utf-8")))
        self._planned: set[str] = set()
        self._healthy: States = {}

    def tell(self) -> None:
        """All steps in order.

        :raises StepError: names the first thing that is not as it should be
        """
        self._account.put(BEFORE)
        self._screen.text(
            "A file says who is opted out of what and who gets nothing. The account is brought to it, and kept there."
        )
        self._screen.text()
        self._screen.text(f"Account   simulated, with {len(BEFORE)} contacts that people made by hand")
        self._screen.text(f"File      demo/contacts.yml says what {len(self._contacts)} contacts are to be like")
        steps = [
            ("Check the file: no token, no API", self.validate),
            ("See the plan: nothing is written", self.plan),
            ("Provision: bring the account to what the file says", self.provision),
            ("Provision again: nothing is left to do", self.repeat),
            ("Somebody changes three contacts by hand", self.change),
            ("Look for drift: it is found, and named field by field", self.drift),
            ("Provision heals it", self.heal),
            ("Look for drift again: there is none", self.clean),
            ("The other direction: write the live account as a file, and as a snapshot", self.export),
        ]
        walk(self._screen, steps)

    def validate(self) -> None:
        self._playbook("validate", *SRC)
        need(self._account.requests() == 0, "The check of the file sent requests.")
        self._screen.proof("the service received no request")

    def plan(self) -> None:
        before = self._account.states()
        run = self._playbook("provision", *SRC, "--check", "--diff")
        self._wrote()
        need(self._account.states() == before, "The account changed in check mode.")
        self._planned = {email for email, _field in run.fields}

    def provision(self) -> None:
        before = self._account.states()
        self._playbook("provision", *SRC)
        after = self._account.states()
        self._meets_the_file(after)
        writes = expect.fewest_writes(before, after)
        self._wrote(*writes)
        written = {email for _action, email in writes}
        need(
            written == self._planned,
            f"Written were {', '.join(sorted(written))}; planned were {', '.join(sorted(self._planned)) or 'nobody'}.",
        )
        self._screen.proof(f"exactly the {len(written)} contacts that the plan named")
        managed = {contact["email"] for contact in self._contacts}
        for email in before.keys() - managed:
            need(before[email] == after.get(email), f"{email} is not in the file but was changed.")
            self._screen.proof(f"{email} is not in the file and was left alone")
        self._healthy = after

    def repeat(self) -> None:
        run = self._playbook("provision", *SRC)
        need(run.changed == {"localhost": 0}, f"The second run says that {run.changed} tasks changed something.")
        self._screen.proof("changed=0")
        self._wrote()

    def change(self) -> None:
        self._screen.text()
        for drift in DRIFTS:
            self._screen.text(f"  - {drift.text}")
            self._account.put([{"email": drift.email, **drift.members}])
        changed = expect.fewest_writes(self._account.states(), self._healthy)
        need(len(changed) == len(DRIFTS), f"The drift is {expect.listed(changed)}.")

    def drift(self) -> None:
        drifted = self._account.states()
        run = self._drift(REPORT, code=2)
        self._screen.proof("the run failed, so that CI turns red")
        expected: set[Field] = {(drift.email, drift.field) for drift in DRIFTS}
        need(
            run.fields == expected,
            f"The diff names {expect.listed(run.fields)}; drifted are {expect.listed(expected)}.",
        )
        self._screen.proof(f"exactly the fields that drifted: {', '.join(drift.field for drift in DRIFTS)}")
        emails = tuple(sorted(drift.email for drift in DRIFTS))
        self._reported(report.Report("drift", emails), REPORT)
        self._wrote()
        need(self._account.states() == drifted, "The account changed while it was only looked at.")

    def heal(self) -> None:
        before = self._account.states()
        self._playbook("provision", *SRC)
        after = self._account.states()
        self._wrote(*expect.fewest_writes(before, self._healthy))
        need(after == self._healthy, f"Not healed: {expect.listed(expect.fewest_writes(after, self._healthy))}.")
        self._meets_the_file(after)

    def clean(self) -> None:
        run = self._drift(HEALED, code=0)
        need(not run.fields, f"The diff still names {expect.listed(run.fields)}.")
        self._reported(report.Report("clean", ()), HEALED)
        self._wrote()

    def export(self) -> None:
        EXPORT.unlink(missing_ok=True)
        options = (f"swo_contacts_dest=demo/out/{EXPORT.name}", f"swo_contacts_snapshot_dest=demo/out/{SNAPSHOT.name}")
        self._playbook("export", "-e", options[0], "-e", options[1])
        need(EXPORT.is_file(), f"There is no {EXPORT}.")
        exported = expect.told(yaml.safe_load(EXPORT.read_text(encoding="utf-8"))["contacts"])
        states = self._account.states()
        differences = expect.fewest_writes(states, exported)
        need(not differences, f"To get from the account to the export takes {expect.listed(differences)}.")
        self._screen.proof(f"the file holds all {len(states)} live contacts as the service has them")
        self._wrote()

    def _playbook(self, name: str, *options: str, code: int = 0) -> Run:
        return need_code(self._run(name, *options), code)

    def _drift(self, path: Path, *, code: int) -> Run:
        path.unlink(missing_ok=True)
        reports = f"swo_contacts_reports=demo/out/{path.name}"
        return self._playbook("drift", *SRC, "-e", reports, code=code)

    def _reported(self, expected: report.Report, path: Path) -> None:
        need_report(path, expected)
        self._screen.proof(f"the report says {expected.status}")

    def _meets_the_file(self, states: States) -> None:
        problems = expect.unmet(self._contacts, states)
        need(not problems, f"The account is not what the file says: {'; '.join(problems)}.")
        self._screen.proof(f"the service holds what the file says about all {len(self._contacts)} contacts")

    def _wrote(self, *expected: Write) -> None:
        writes = need_writes(self._account, list(expected))
        if writes:
            self._screen.proof(f"{len(writes)} writes, each one needed: {expect.summary(writes)}")
        else:
            self._screen.proof("the service received no write")
