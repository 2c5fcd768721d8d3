# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows six accounts at once, one inventory host each: python -m demo.many, or make demo-accounts.

Ends with code 1 and one sentence if a step does not do what it says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from demo import expect, playbook
from demo.account import Account, States, simulated
from demo.playbook import HERE, OUT, Run
from demo.report import Report
from demo.screen import Screen
from demo.steps import conduct, need, need_code, need_report, need_writes, walk

REGIONS = {"europe": ("paris", "berlin", "warsaw"), "america": ("toronto", "austin", "bogota")}
NAMES = [name for names in REGIONS.values() for name in names]
WITHOUT_TOKEN = "bogota"
INVENTORY = OUT / "inventory.yml"
OPTIONS = (
    *("-i", f"demo/out/{INVENTORY.name}", "-e", "target=all", "--forks", "6"),
    *("-e", "swo_contacts_overview=demo/out/overview.html"),
)
# In the order of the overview.
WORST_FIRST = ("error", "drift", "pending", "applied", "clean")

# What people change by hand: an account, a contact and its members as the API names them.
DRIFTS: dict[str, dict[str, Any]] = {
    "berlin": {"email": "billing@contoso.example", "optOuts": []},
    "austin": {"email": "former.partner@fabrikam.example", "status": "Active"},
}

_LINE = re.compile(
    r'<tr data-outcome="(\w+)">.*?<th scope="row"><bdi>(\w+)</bdi>.*?<td><a href="([^"]+)">html</a></td></tr>'
)
_SECRET = re.compile(r"(?<=:)[A-Za-z0-9]{20,}")


@dataclass
class Row:
    """A line of the table at the end."""

    statuses: list[str] = field(default_factory=list)
    writes: int = 0


class Tour:
    """The tour of all accounts, by name; ``run`` runs a playbook of the collection."""

    def __init__(self, accounts: Mapping[str, Account], screen: Screen, run: Callable[..., Run] = playbook.run) -> None:
        self._accounts = accounts
        self._screen = screen
        self._run = partial(run, {}, screen)
        self._desired = {name: expect.layered(map(_read, _layers(name))) for name in NAMES}
        self._tokens = {name: account.token for name, account in accounts.items()}
        self._rows = {name: Row() for name in NAMES}

    def tell(self) -> None:
        """All steps in order, and the table.

        :raises StepError: names the first thing that is not as it should be
        """
        self._tokens[WITHOUT_TOKEN] = "idt:TKN-0000-0000:not-a-token-of-this-account"
        self._write_inventory()
        self._screen.text(f"Accounts   {len(NAMES)}, simulated and empty; {WITHOUT_TOKEN} has a wrong token")
        self._screen.text("Files      demo/layers/base.yml, and on top of it europe.yml or america.yml")
        self._screen.text("Inventory  one host for each account:")
        self._screen.text()
        for line in INVENTORY.read_text(encoding="utf-8").splitlines():
            self._screen.output(_SECRET.sub("...", line))
        walk(
            self._screen,
            [
                (f"Provision all; {WITHOUT_TOKEN} fails, and holds up nobody", self.provision),
                (f"Somebody changes contacts in {' and '.join(DRIFTS)}", self.change),
                ("Look for drift: who differs, and who could not be looked at", self.drift),
                (f"{WITHOUT_TOKEN} gets its token: provision heals all", self.heal),
                ("Look for drift again: every account is clean", self.clean),
            ],
        )
        self._table()

    def provision(self) -> None:
        self._all("provision", dict.fromkeys(NAMES, "applied") | {WITHOUT_TOKEN: "error"})

    def change(self) -> None:
        self._screen.text()
        for name, members in DRIFTS.items():
            before = self._accounts[name].states()
            self._accounts[name].put([members])
            changed = expect.fewest_writes(self._accounts[name].states(), before)
            need(len(changed) == 1, f"The drift of {name} is {expect.listed(changed)}.")
            self._screen.text(f"  - {name}: {members['email']}")

    def drift(self) -> None:
        statuses = {name: "drift" if name in DRIFTS else "clean" for name in NAMES}
        self._all("drift", statuses | {WITHOUT_TOKEN: "error"})

    def heal(self) -> None:
        self._tokens[WITHOUT_TOKEN] = self._accounts[WITHOUT_TOKEN].token
        self._write_inventory()
        touched = {*DRIFTS, WITHOUT_TOKEN}
        self._all("provision", {name: "applied" if name in touched else "clean" for name in NAMES})

    def clean(self) -> None:
        self._all("drift", dict.fromkeys(NAMES, "clean"))

    def _all(self, name: str, statuses: Mapping[str, str]) -> None:
        """Runs a playbook on all accounts; ``statuses`` is what has to become of each."""
        for path in (*map(_report, NAMES), _overview()):
            path.unlink(missing_ok=True)
        before = {account: self._accounts[account].states() for account in NAMES}
        run = need_code(self._run(name, *OPTIONS), 2 if set(statuses.values()) - {"clean", "applied"} else 0)
        need(run.verdicts == statuses, f"The summary says {run.verdicts}.")
        written = sum(self._check(account, statuses[account], before[account]) for account in NAMES)
        self._screen.proof(f"{written} writes, each one needed, and each in its account" if written else "no write")
        self._screen.proof(f"the report of each account says the same: {OUT}")
        _check_overview(statuses)
        self._screen.proof(f"one overview of all, the worst first, with links to them: {_overview()}")

    def _check(self, name: str, status: str, before: States) -> int:
        """How many writes the account has received, each of which was needed."""
        account, row = self._accounts[name], self._rows[name]
        after = account.states()
        if status in ("drift", "error"):
            need(after == before, f"{name} changed.")
        else:
            problems = expect.unmet(self._desired[name], after)
            need(not problems, f"{name} is not what the files say: {'; '.join(problems)}.")
        writes = need_writes(account, expect.fewest_writes(before, after))
        emails = (
            (str(DRIFTS[name]["email"]),) if status == "drift" else tuple(sorted(email for _action, email in writes))
        )
        # A contact that is created blocked takes two writes.
        need_report(_report(name), Report(status, tuple(dict.fromkeys(emails))))
        row.statuses.append(status)
        row.writes += len(writes)
        return len(writes)

    def _table(self) -> None:
        heads = ("account", "provision", "drift", "provision", "drift", "contacts", "writes")
        lines = [
            (name, *row.statuses, str(len(self._accounts[name].states())), str(row.writes))
            for name, row in self._rows.items()
        ]
        self._screen.text()
        self._screen.text("  " + "".join(f"{head:<11}" for head in heads).rstrip(), "bold")
        for line in lines:
            self._screen.text("  " + "".join(self._screen.status(f"{cell:<11}") for cell in line).rstrip())

    def _write_inventory(self) -> None:
        lines = [
            "all:",
            "  vars:",
            "    ansible_connection: local",
            '    ansible_python_interpreter: "{{ ansible_playbook_python }}"',
            '    swo_contacts_reports: ["demo/out/{{ inventory_hostname }}.html"]',
            "  children:",
        ]
        for region, names in REGIONS.items():
            lines += [
                f"    {region}:",
                f"      vars: {{swo_contacts_src: [{', '.join(_layers(names[0]))}]}}",
                "      hosts:",
            ]
            for name in names:
                url, token = self._accounts[name].api_url, self._tokens[name]
                lines.append(f"        {name}: {{swo_api_url: '{url}', swo_api_token: '{token}'}}")
        INVENTORY.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _layers(name: str) -> list[str]:
    region = next(region for region, names in REGIONS.items() if name in names)
    return ["demo/layers/base.yml", f"demo/layers/{region}.yml"]


def _read(path: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((HERE.parent / path).read_text(encoding="utf-8"))
    return document


def _report(name: str) -> Path:
    return OUT / f"{name}.html"


def _overview() -> Path:
    return OUT / "overview.html"


def _check_overview(statuses: Mapping[str, str]) -> None:
    need(_overview().exists(), "There is no overview.")
    lines = _LINE.findall(_overview().read_text(encoding="utf-8"))
    need({name: status for status, name, _link in lines} == statuses, "The overview says something else.")
    order = [WORST_FIRST.index(status) for status, _name, _link in lines]
    need(order == sorted(order), "The overview does not begin with the worst.")
    need(all(link == _report(name).name for _status, name, link in lines), "A link of the overview leads elsewhere.")


def tell(screen: Screen) -> None:
    with ExitStack() as stack:
        Tour({name: stack.enter_context(simulated(seed)) for seed, name in enumerate(NAMES)}, screen).tell()


def farewell(screen: Screen) -> None:
    screen.text("In Ansible Automation Platform the same inventory spreads over job slices; nothing else changes.")


if __name__ == "__main__":
    sys.exit(conduct("many accounts, one inventory", tell, farewell))
