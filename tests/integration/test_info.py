# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The info modules, and where every module takes its connection from, in playbooks that ansible-playbook runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.lab import Account, Player, PlayRun

Contact = dict[str, Any]


def opted_out_of(category_id: str) -> Callable[[Contact], bool]:
    return lambda contact: category_id in [item["id"] for item in contact["optOuts"]]


def is_live(contact: Contact) -> bool:
    return contact["status"] != "Deleted"


# What each task has to find, as a condition on the contacts in the store.
FILTERS: dict[str, Callable[[Contact], bool]] = {
    "Everybody": is_live,
    "Everybody in check mode": is_live,
    "By address": lambda contact: contact["email"] == "liam.o'brien@contoso.example",
    "By name": lambda contact: contact["name"] == 'Ann "The Desk" Example',
    "Blocked": lambda contact: contact["status"] == "Blocked",
    "Deleted": lambda contact: contact["status"] == "Deleted",
    "At Contoso": lambda contact: is_live(contact) and contact["email"].endswith("@contoso.example"),
    "Without invoices": lambda contact: is_live(contact) and opted_out_of("NTC-0000-0002")(contact),
    "By RQL": lambda contact: contact["status"] == "Blocked" or contact["email"].endswith("@fabrikam.example"),
    "With audit": lambda contact: contact["email"] == "jane.doe@contoso.example",
    "Nobody": lambda _contact: False,
}


def ids(contacts: list[Contact]) -> list[str]:
    return [contact["id"] for contact in contacts]


def test_info(account: Account, play: Player) -> None:
    account.reset(contacts=250, deleted_visibility="listed")
    store = account.call("GET", "/store")
    contacts = store["contacts"]

    run = play("info.yml", variables={"some_id": contacts[7]["id"]})

    for name, condition in FILTERS.items():
        expected = [contact for contact in contacts if condition(contact)]
        found = run[name].result
        assert sorted(ids(found["contacts"])) == sorted(ids(expected)), name
        assert found["total"] == len(expected)
    assert ids(run["By id"].result["contacts"]) == [contacts[7]["id"]]
    users = {user["email"].lower() for user in store["users"]}
    linked = [contact for contact in contacts if is_live(contact) and contact["email"].lower() in users]
    assert sorted(ids(run["Linked"].result["contacts"])) == sorted(ids(linked))
    last = sorted((contact["email"] for contact in filter(is_live, contacts)), key=str.lower)[:-4:-1]
    assert [contact["email"] for contact in run["Last three"].result["contacts"]] == last
    assert run["Last three"].result["total"] == 250
    assert run["With audit"].result["contacts"][0]["audit"]["created"]["at"].startswith("20")
    assert len(run["Everybody"].sent) == 3
    categories = {category["name"]: category for category in store["categories"]}
    assert [found["name"] for found in run["All categories"].result["categories"]] == sorted(categories)
    assert [found["name"] for found in run["Choices"].result["categories"]] == sorted(
        name for name, has in categories.items() if has["status"] == "Published" and has["optOutAllowed"]
    )
    for task in run.tasks:
        assert (task.status, task.result["changed"], task.writes) == ("ok", False, [])
        assert task.result["requests"]["GET"] == len(task.sent)


def test_the_environment(account: Account, play: Player) -> None:
    variables = {
        "SWO_API_URL": "",
        "SWO_API_TOKEN": "  ",
        "MPT_API_BASE_URL": account.api_url,
        "MPT_API_TOKEN": account.tokens["ops"],
        "SWO_API_TIMEOUT": "",
        "SWO_VALIDATE_CERTS": "",
        "SWO_CA_PATH": "",
    }

    run = play("environment.yml", env=variables)

    for name in ("Variables of the process", "Empty options", "Variables of the task", "Options before variables"):
        assert run[name].status == "ok"
        assert run[name].result["total"] == 8
        assert len(run[name].sent) == 1
    wrong = {
        "Wrong token": (1, "Check api_token"),
        "Wrong timeout": (0, "api_timeout"),
        "Wrong flag": (0, "validate_certs"),
        "Wrong path": (0, "/nonexistent/ca.pem does not exist"),
        "No token": (0, "api_token"),
    }
    for name, (requests, text) in wrong.items():
        assert run[name].status == "failed"
        assert text in run[name].result["msg"]
        assert len(run[name].sent) == requests


def said(run: PlayRun) -> list[dict[str, Any]]:
    """The results, without what ansible-core words or adds differently in a process of its own."""
    added = {"ansible_facts", "exception", "invocation", "_ansible_no_log", "_ansible_parsed"}
    texts = [task.result.get("msg") for task in run.tasks]
    neutral = [re.sub(r"Valid booleans.*|<class '[^']+'>", "", text) if text else None for text in texts]
    return [
        {**{key: value for key, value in task.result.items() if key not in added}, "msg": text}
        for task, text in zip(run.tasks, neutral, strict=True)
    ]


@pytest.mark.parametrize("playbook", ["info.yml", "bad_input.yml"])
def test_results_do_not_depend_on_where_the_module_runs(playbook: str, account: Account, play: Player) -> None:
    account.reset(contacts=30)
    variables = {"some_id": account.contacts()[7]["id"]}

    here = play(playbook, "--tags=both", variables=variables)
    there = play(playbook, "--tags=both", variables=variables, shipped=True)

    assert len(here.tasks) == 5
    assert said(here) == said(there)
