# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token belongs to one account, however few hosts a slice, a limit or a batch leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workplace import Ended, Workplace
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving

NAMES = ("contoso", "fabrikam", "northwind")
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
FROM_ENVIRONMENT = "{{ lookup('ansible.builtin.env', 'SWO_API_TOKEN') }}"


class Accounts:
    """Three accounts behind one address each; the environment has the token of the first one."""

    def __init__(self, checkout: Workplace, simulators: dict[str, Simulator], urls: dict[str, str]) -> None:
        self.checkout = checkout
        self.simulators = simulators
        self.urls = urls
        self.environment: dict[str, str | None] = {"SWO_API_TOKEN": self.token("contoso")}
        for name in (*NAMES, "localhost"):
            checkout.write(f"contacts/{name}.yml", {"contacts": [{"email": f"ann@{name}.example"}]})

    def token(self, name: str) -> str:
        return self.simulators[name].tokens["ops"]

    def inventory(self, tokens: dict[str, str], shared: dict[str, Any] | None = None, **hosts: Any) -> None:
        """Hosts whose requests would all reach the account of the environment's token, as with the real service."""
        names = hosts.pop("only", NAMES)
        url = {"swo_api_url": self.urls["contoso"], "swo_contacts_src": "contacts/{{ inventory_hostname }}.yml"}
        given = {
            name: {"swo_api_token": tokens[name], "swo_api_url": self.urls[name]} if name in tokens else {}
            for name in names
        }
        group = {"hosts": given, "vars": {**LOCAL, **url, **(shared or {})}}
        self.checkout.write("inventory.yml", {"all": {"children": {"accounts": group}}})

    def play(self, *arguments: str, playbook: str = "provision", code: int = 2, **variables: Any) -> Ended:
        return self.checkout.play(
            playbook, "-i", "inventory.yml", *arguments, code=code, env=self.environment, target="accounts", **variables
        )

    def live(self) -> dict[str, list[str]]:
        return {
            name: sorted(record.data["email"] for record in simulator.store.live())
            for name, simulator in self.simulators.items()
        }

    def requests(self) -> int:
        return sum(len(simulator.journal.since()) for simulator in self.simulators.values())


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    simulators = {name: Simulator(seed=number) for number, name in enumerate(NAMES, 1)}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(simulator)).api_url for name, simulator in simulators.items()}
        yield Accounts(Workplace(tmp_path), simulators, urls)


NONE_OF_ITS_OWN = (
    "fabrikam has no swo_api_token of its own, and the token of the environment belongs to localhost. "
    "Set swo_api_token for fabrikam, or SWO_ACCOUNT=fabrikam if the token of the environment is of this account."
)


@pytest.mark.parametrize("playbook", ["provision", "drift", "export"])
def test_a_limit_leaves_one_host(accounts: Accounts, playbook: str) -> None:
    accounts.inventory({})
    run = accounts.play("--limit", "fabrikam", playbook=playbook, swo_contacts_dest="out.yml")
    assert NONE_OF_ITS_OWN in run.printed
    assert accounts.requests() == 0


def test_a_slice_leaves_one_host(accounts: Accounts) -> None:
    """As a controller hands an inventory to each of its jobs."""
    for name in NAMES:
        accounts.inventory({}, only=[name])
        assert f"{name} has no swo_api_token of its own" in accounts.play().printed
    assert accounts.requests() == 0


ROLE = {"name": "softwareone.marketplace.contacts"}


@pytest.mark.parametrize("way", ["serial", "delegation"])
def test_a_batch_or_a_delegation_does_not_change_whose_token_it_is(accounts: Accounts, way: str) -> None:
    accounts.inventory({"northwind": accounts.token("northwind")})
    task = {"name": "Run", "ansible.builtin.include_role": ROLE}
    play: dict[str, Any] = {"name": "Play", "hosts": "accounts", "gather_facts": False, "tasks": [task]}
    if way == "serial":
        # A batch that fails is the last one, so the one with a token comes first.
        play.update(serial=1, order="reverse_inventory")
    else:
        task["ansible.builtin.include_role"] = {**ROLE, "apply": {"delegate_to": "localhost"}}
    accounts.checkout.write("play.yml", [play])

    run = accounts.play(playbook="play.yml")

    assert NONE_OF_ITS_OWN in run.printed
    assert accounts.live() == {"contoso": [], "fabrikam": [], "northwind": ["ann@northwind.example"]}


def test_the_environment_serves_the_host_that_it_names_and_no_other(accounts: Accounts) -> None:
    accounts.environment["SWO_ACCOUNT"] = "contoso"
    accounts.inventory({"northwind": accounts.token("northwind")})

    run = accounts.play()

    assert (
        "fabrikam has no swo_api_token of its own, and the token of the environment belongs to contoso." in run.printed
    )
    done = {"contoso": ["ann@contoso.example"], "fabrikam": [], "northwind": ["ann@northwind.example"]}
    assert accounts.live() == done
    accounts.inventory({}, only=["localhost"])
    here = accounts.play()
    assert "localhost has no swo_api_token of its own" in here.printed
    assert accounts.live() == done


@pytest.mark.parametrize(
    ("shared", "extra", "said"),
    [
        ({"swo_api_token": FROM_ENVIRONMENT}, {}, "that of the environment, which belongs to localhost."),
        ({}, {"swo_api_token": "own"}, "that of every host, as it is an extra variable."),
    ],
)
def test_a_token_of_the_run_is_nobodys_own(
    accounts: Accounts, shared: dict[str, str], extra: dict[str, str], said: str
) -> None:
    for names in (["fabrikam"], NAMES):
        accounts.inventory({}, shared, only=names)
        given = {name: accounts.token("fabrikam") for name in extra}
        run = accounts.play("--limit", "fabrikam", **given)
        assert f"The swo_api_token of fabrikam is also {said}" in run.printed
    assert accounts.requests() == 0


def test_two_hosts_with_one_token_are_refused_wherever_it_comes_from(accounts: Accounts) -> None:
    same = accounts.token("fabrikam")
    accounts.inventory({"contoso": accounts.token("contoso"), "fabrikam": same, "northwind": same})
    accounts.environment["SWO_API_TOKEN"] = None
    for limit in ("accounts", "northwind"):
        run = accounts.play("--limit", limit)
        assert "The swo_api_token of northwind is also that of fabrikam. A token belongs to one account" in run.printed
    assert accounts.live() == {"contoso": ["ann@contoso.example"], "fabrikam": [], "northwind": []}
