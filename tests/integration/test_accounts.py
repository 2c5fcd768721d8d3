# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inventory host is one account: the example inventory, and a run in which one account fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workplace import Ended, Workplace
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving
from tests.tools.devtree import ROOT

NAMES = ("contoso", "fabrikam", "northwind")
SUMMARY = "Show what became of each account"


class Msp:
    """The accounts of the example, each with a server of its own."""

    def __init__(self, checkout: Workplace, simulators: dict[str, Simulator], urls: dict[str, str]) -> None:
        self.checkout = checkout
        self.simulators = simulators
        self.tokens: dict[str, str | None] = {
            f"MARKETPLACE_TOKEN_{name.upper()}": simulator.tokens["ops"] for name, simulator in simulators.items()
        }
        self.urls = urls

    def play(self, playbook: str, *arguments: str, code: int = 0, **variables: Any) -> Ended:
        address = {"swo_api_url": "{{ urls[inventory_hostname] }}", "urls": self.urls}
        given = ["-i", "inventory.yml", "--forks", "3", *arguments]
        return self.checkout.play(
            playbook, *given, code=code, env=self.tokens, target="accounts", **address, **variables
        )

    def live(self, name: str) -> list[str]:
        return sorted(record.data["email"] for record in self.simulators[name].store.live())

    def writes(self, name: str) -> int:
        return len(self.simulators[name].journal.writes())


@pytest.fixture
def msp(tmp_path: Path) -> Iterator[Msp]:
    checkout = Workplace(tmp_path)
    shutil.copytree(ROOT / "docs" / "examples" / "accounts", checkout.folder, dirs_exist_ok=True)
    simulators = {name: Simulator(seed=number) for number, name in enumerate(NAMES, 1)}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(simulator)).api_url for name, simulator in simulators.items()}
        yield Msp(checkout, simulators, urls)


def test_every_account_gets_what_its_own_files_say(msp: Msp) -> None:
    msp.play("validate")
    checked = msp.play("provision", "--check")
    assert [checked.recap[name]["changed"] for name in NAMES] == [1, 1, 1]
    assert [msp.live(name) for name in NAMES] == [[], [], []]

    run = msp.play("provision")

    assert run.shown_by(SUMMARY) == [
        "applied  contoso: 3 created",
        "applied  fabrikam: 2 created",
        "applied  northwind: 2 created",
        "accounts: 3, applied: 3",
    ]
    desk = "service.desk@msp.example"
    assert msp.live("contoso") == ["ann@contoso.example", "closed@contoso.example", desk]
    assert msp.live("fabrikam") == ["bruno@fabrikam.example", desk]
    assert msp.live("northwind") == ["chloe@northwind.example", desk]
    assert msp.play("provision").changed == 0
    assert msp.play("drift").shown_by(SUMMARY)[-1] == "accounts: 3, clean: 3"


def test_an_account_that_fails_hides_no_other_and_the_run_is_red(msp: Msp) -> None:
    msp.tokens["MARKETPLACE_TOKEN_FABRIKAM"] = msp.simulators["fabrikam"].tokens["disabled"]

    run = msp.play("provision", code=2)

    lines = run.shown_by(SUMMARY)
    assert [line.split(":")[0].split() for line in lines[:3]] == [
        ["applied", "contoso"],
        ["error", "fabrikam"],
        ["applied", "northwind"],
    ]
    assert "401" in lines[1]
    assert lines[3] == "accounts: 3, applied: 2, error: 1"
    assert {name: run.recap[name]["failed"] for name in NAMES} == {"contoso": 0, "fabrikam": 1, "northwind": 0}
    assert [len(msp.live(name)) for name in NAMES] == [3, 0, 2]

    msp.checkout.write("contacts/contoso/new.yml", {"contacts": [{"email": "new@contoso.example"}]})
    drift = msp.play("drift", code=2)
    assert drift.shown_by(SUMMARY)[-1] == "accounts: 3, clean: 1, drift: 1, error: 1"
    statuses = {name: msp.checkout.report(f"contacts-drift-{name}.json")["status"] for name in NAMES}
    assert statuses == {"contoso": "drift", "fabrikam": "error", "northwind": "clean"}


def test_a_token_from_the_environment_goes_to_no_account_of_several(msp: Msp) -> None:
    """Otherwise the files of all accounts would go to the one that the token belongs to."""
    msp.tokens["SWO_API_TOKEN"] = msp.simulators["contoso"].tokens["vendor"]
    msp.tokens["MARKETPLACE_TOKEN_FABRIKAM"] = ""
    msp.tokens["MARKETPLACE_TOKEN_NORTHWIND"] = None

    run = msp.play("provision", code=2)

    lines = run.shown_by(SUMMARY)
    assert "fabrikam has no swo_api_token of its own" in lines[1]
    assert lines[2].startswith("error    northwind: ")
    assert lines[3] == "accounts: 3, applied: 1, error: 2"
    assert [len(simulator.journal.since()) > 0 for simulator in msp.simulators.values()] == [True, False, False]


def test_each_account_is_exported_to_files_of_its_own(msp: Msp) -> None:
    msp.play("provision")
    msp.play("export", swo_contacts_dest="live/{{ inventory_hostname }}.yml")
    for name in NAMES:
        assert [entry["email"] for entry in msp.checkout.entries(f"live/{name}.yml")] == msp.live(name)
