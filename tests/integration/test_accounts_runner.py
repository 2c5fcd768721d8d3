# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty accounts, four ansible-runners at once, each with the slice of the inventory that AWX would give its job."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

from tests.integration.workplace import Workplace
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving

ACCOUNTS = 20
SLICES = 4
PEOPLE = 15
BAD = "account-07"


@dataclass(frozen=True)
class Tenant:
    name: str
    simulator: Simulator
    url: str

    @property
    def wanted(self) -> list[str]:
        return [f"p{number:02d}@{self.name}.example" for number in range(PEOPLE)]

    @property
    def live(self) -> list[str]:
        return sorted(record.data["email"] for record in self.simulator.store.live())


@pytest.fixture
def tenants() -> Iterator[list[Tenant]]:
    with ExitStack() as stack:
        found = []
        for number in range(ACCOUNTS):
            simulator = Simulator(seed=number + 1)
            url = stack.enter_context(serving(simulator)).api_url
            found.append(Tenant(f"account-{number:02d}", simulator, url))
        yield found


class Slices:
    """The jobs: data folders for ansible-runner, with the hosts dealt out one by one, as AWX does."""

    def __init__(self, top: Path, tenants: list[Tenant]) -> None:
        self._environment = Workplace(top).environment({"ANSIBLE_FORKS": str(ACCOUNTS // SLICES)})
        self._folders = [top / f"slice{number}" for number in range(SLICES)]
        for number, folder in enumerate(self._folders):
            mine = tenants[number::SLICES]
            for tenant in mine:
                path = folder / "project" / "contacts" / f"{tenant.name}.yml"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(
                    yaml.safe_dump({"contacts": [{"email": email, "name": tenant.name} for email in tenant.wanted]})
                )
            self._write_inventory(folder, mine, bad=True)

    def mend(self, tenants: list[Tenant]) -> None:
        for number, folder in enumerate(self._folders):
            self._write_inventory(folder, tenants[number::SLICES], bad=False)

    def _write_inventory(self, folder: Path, tenants: list[Tenant], bad: bool) -> None:
        hosts = {
            tenant.name: {
                "swo_api_url": tenant.url,
                "swo_api_token": tenant.simulator.tokens["disabled" if bad and tenant.name == BAD else "ops"],
                "swo_contacts_src": [f"contacts/{tenant.name}.yml"],
            }
            for tenant in tenants
        }
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        (folder / "inventory").mkdir(exist_ok=True)
        (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {"vars": local, "hosts": hosts}}))

    def run(self, playbook: str) -> list[ansible_runner.Runner]:
        """All slices at once."""
        with ThreadPoolExecutor(SLICES) as pool:
            return list(pool.map(lambda folder: self._run(folder, playbook), self._folders))

    def _run(self, folder: Path, playbook: str) -> ansible_runner.Runner:
        binaries = str(Path(sys.executable).parent)
        return ansible_runner.run(
            private_data_dir=str(folder),
            playbook=f"softwareone.marketplace.{playbook}",
            extravars={"target": "all"},
            envvars={**self._environment, "PATH": f"{binaries}:{self._environment['PATH']}"},
            quiet=True,
            suppress_env_files=True,
        )


def statuses(runner: ansible_runner.Runner) -> dict[str, str]:
    """By account: what the summary says, as it is in the events."""
    (summary,) = (
        event["event_data"]["res"]["msg"]
        for event in runner.events
        if event["event"] == "runner_on_ok" and event["event_data"]["task"] == "Show what became of each account"
    )
    return {line.split()[1].rstrip(":"): line.split()[0] for line in summary[:-1] if line[0] != " "}


def together(runners: list[ansible_runner.Runner]) -> dict[str, str]:
    return {name: status for runner in runners for name, status in statuses(runner).items()}


def failures(runner: ansible_runner.Runner) -> dict[str, Any]:
    return dict(runner.stats["failures"])


def test_four_runners_bring_twenty_accounts_to_their_files(tenants: list[Tenant], tmp_path: Path) -> None:
    names = [tenant.name for tenant in tenants]
    slices = Slices(tmp_path, tenants)

    first = slices.run("provision")
    # The slice with the account that fails is red, the others are not, and all else is done.
    assert [runner.rc for runner in first] == [2 if BAD in names[number::SLICES] else 0 for number in range(SLICES)]
    assert together(first) == dict.fromkeys(names, "applied") | {BAD: "error"}
    assert [failures(runner) for runner in first if runner.rc] == [{BAD: 1}]

    slices.mend(tenants)
    again = slices.run("drift")
    assert together(again) == dict.fromkeys(names, "clean") | {BAD: "drift"}

    healed = slices.run("provision")
    assert together(healed) == dict.fromkeys(names, "clean") | {BAD: "applied"}
    assert [(runner.rc, runner.status) for runner in healed] == [(0, "successful")] * SLICES

    for tenant in tenants:
        assert (tenant.name, tenant.live) == (tenant.name, tenant.wanted)
        sent = tenant.simulator.journal.since()
        own = {digest(tenant.simulator.tokens[role]) for role in ("ops", "disabled")}
        assert {entry.auth_sha256 for entry in sent} <= own
        written = [entry for entry in tenant.simulator.journal.writes() if entry.committed]
        assert sorted(entry.body["email"] for entry in written) == tenant.wanted


def digest(token: str) -> str:
    return hashlib.sha256(f"Bearer {token}".encode()).hexdigest()
