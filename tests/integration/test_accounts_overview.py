# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many accounts in one look: no account is missing from the overview, whatever became of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.integration.test_accounts import Msp, msp
from tests.integration.workplace import Ended
from tests.tools.devtree import ROOT

__all__ = ["msp"]

FORMS = "out/overview.json,out/overview.md,out/overview.html"
REPORTS = "reports/{{ inventory_hostname }}.html"
SCHEMA = json.loads((ROOT / "schemas" / "overview.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def far(msp: Msp) -> Msp:
    """The accounts of the example, and one whose host cannot be reached."""
    path = msp.checkout.folder / "inventory.yml"
    inventory = yaml.safe_load(path.read_text(encoding="utf-8"))
    inventory["accounts"]["hosts"]["far"] = {
        "ansible_connection": "ssh",
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
    }
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    msp.urls["far"] = msp.urls["contoso"]
    msp.tokens["MARKETPLACE_TOKEN_FAR"] = "idt:TKN-1111-2222:0123456789abcdef"
    return msp


OWN_PLAY = """
- hosts: accounts
  gather_facts: false
  serial: 1
  max_fail_percentage: 0
  tasks:
    - block:
        - name: Apply the files
          softwareone.marketplace.swo_contacts:
            api_url: "{{ swo_api_url }}"
            api_token: "{{ swo_api_token }}"
            src: "{{ swo_contacts_src }}"
          register: provisioned
      always:
        - name: Write the overview
          softwareone.marketplace.swo_contacts_overview:
            accounts: "{{ dict(ansible_play_hosts_all | zip(outcomes)) }}"
            dest: [out/overview.json]
          vars:
            outcomes: >-
              {{ ansible_play_hosts_all | map('extract', hostvars) | map(attribute='provisioned', default={}) }}
          run_once: true
          delegate_to: localhost
"""


def overview(msp: Msp) -> dict[str, Any]:
    found = msp.checkout.report("out/overview.json")
    assert list(Draft202012Validator(SCHEMA).iter_errors(found)) == []
    return found


def statuses(msp: Msp) -> list[tuple[str, str]]:
    return [(line["status"], line["host"]) for line in overview(msp)["accounts"]]


def look(msp: Msp, playbook: str, *arguments: str, code: int) -> Ended:
    return msp.play(playbook, *arguments, code=code, swo_contacts_overview=FORMS, swo_contacts_reports=REPORTS)


def test_clean_drift_failed_and_unreachable_have_a_line_each(far: Msp) -> None:
    far.play("provision", "--limit", "contoso,northwind")
    far.checkout.write(
        "contacts/contoso/new.yml", {"contacts": [{"email": "new@contoso.example", "opt_outs": ["Orders"]}]}
    )
    far.tokens["MARKETPLACE_TOKEN_FABRIKAM"] = far.simulators["fabrikam"].tokens["disabled"]

    run = look(far, "drift", code=4)

    assert statuses(far) == [("error", "fabrikam"), ("error", "far"), ("drift", "contoso"), ("clean", "northwind")]
    found = overview(far)
    assert (found["status"], found["differences"]) == ("error", 1)
    assert found["counts"] == {"error": 2, "drift": 1, "pending": 0, "applied": 0, "clean": 1}
    assert [line["reports"] for line in found["accounts"]] == [
        ["../reports/fabrikam.html"],
        [],
        ["../reports/contoso.html"],
        ["../reports/northwind.html"],
    ]
    assert "401" in found["accounts"][0]["message"]
    assert found["accounts"][1]["message"].startswith("No report: the host is unreachable.")
    page = (far.checkout.folder / "out" / "overview.html").read_text(encoding="utf-8")
    assert page.count("<tr data-outcome=") == 4
    assert '<a href="../reports/contoso.html">' in page
    comment = (far.checkout.folder / "out" / "overview.md").read_text(encoding="utf-8")
    assert "[html](../reports/contoso.html)" in comment
    assert run.recap["far"]["unreachable"] == 1


def test_a_host_that_nobody_reached_is_no_clean_one_of_yesterday(far: Msp) -> None:
    look(far, "provision", "--limit", "contoso", code=0)
    assert statuses(far) == [("applied", "contoso")]

    look(far, "drift", "--limit", "far", code=4)

    assert statuses(far) == [("error", "far")]
    assert overview(far)["accounts"][0]["message"] == "No report: the run of this account did not get to its end."


@pytest.mark.parametrize("strategy", ["ansible.builtin.free", "ansible.builtin.host_pinned"])
def test_strategies_without_run_once_end_with_the_whole_overview(strategy: str, msp: Msp) -> None:
    msp.tokens["ANSIBLE_STRATEGY"] = strategy
    look(msp, "provision", code=0)
    assert statuses(msp) == [("applied", "contoso"), ("applied", "fabrikam"), ("applied", "northwind")]


def test_batches_come_together_in_one_overview(msp: Msp) -> None:
    """A play of one's own, as the documentation of the module shows it."""
    msp.checkout.write("own.yml", OWN_PLAY)
    msp.tokens["MARKETPLACE_TOKEN_FABRIKAM"] = msp.simulators["fabrikam"].tokens["disabled"]
    msp.play("own.yml", code=2)
    assert statuses(msp) == [("error", "fabrikam"), ("error", "northwind"), ("applied", "contoso")]


def test_a_plan_of_several_accounts_is_summed_up_by_category(msp: Msp) -> None:
    look(msp, "provision", "--check", code=0)
    found = overview(msp)
    assert (found["view"], found["counts"]["drift"]) == ("plan", 3)
    assert found["differences"] == 7
    assert {count["category"]: (count["more"], count["accounts"]) for count in found["categories"]} == {
        "Invoices": (1, 1),
        "Orders": (1, 1),
        "Product news": (3, 3),
        "Technical updates": (1, 1),
    }


def test_a_form_that_there_is_not_is_refused_before_anything_is_done(msp: Msp) -> None:
    run = msp.play("provision", code=2, swo_contacts_overview="overview.xml")
    assert "dest: " in run.printed
    assert "has to end in .json, .md or .html." in run.printed
    assert [msp.writes(name) for name in ("contoso", "fabrikam", "northwind")] == [0, 0, 0]
