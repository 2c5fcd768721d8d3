# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contacts under every value of everything that is not known of the API, with one set that does all there is to do.

The prediction must hold, and the second run must change nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import ALWAYS, INVOICES, ORDERS, prediction, reset_journal
from tests.unit.plugins.modules.test_swo_contact_switches import IMPOSSIBLE, MOVING
from tests.unit.unknowns import WORLDS

DOMAIN = "@contoso.example"
LIVE: dict[str, dict[str, Any]] = {
    "rename": {"name": "Ann", "optOuts": [INVOICES]},
    "clear": {"name": "Ann", "optOuts": [INVOICES]},
    "opt-outs": {"optOuts": [INVOICES]},
    "opt-in": {"optOuts": [INVOICES, ORDERS]},
    "same": {"name": "Ann", "optOuts": [INVOICES]},
    "Case": {"name": "Ann"},
    "block": {"name": "Ann"},
    "unblock": {"name": "Ann", "status": "Blocked"},
    "bounced": {"name": "Ann", "status": "Blocked", "blockedReason": "bounces"},
    "gone": {"name": "Ann"},
    "user": {"name": "Ann", "user": True},
    "stray": {"name": "Stray"},
    "stray-user": {"name": "Stray", "user": True},
}
ENTRIES: list[dict[str, Any]] = [
    {"email": f"{name}{DOMAIN}", **fields}
    for name, fields in {
        "new": {"name": "New", "opt_outs": ["Invoices", "Renewals"]},
        "New-Case": {"opt_outs": []},
        "new-once": {"opt_outs": ["Invoices"], "opt_outs_mode": "on_create"},
        "new-blocked": {"state": "blocked", "name": "New"},
        "rename": {"name": "Ann B"},
        "clear": {"name": ""},
        "opt-outs": {"opt_outs": ["Renewals", "Orders"]},
        "opt-in": {"opt_ins": ["Invoices"]},
        "same": {"name": "Ann", "opt_outs": ["Invoices"]},
        "case": {"name": "Ann B"},
        "block": {"state": "blocked", "name": "Ann B"},
        "unblock": {"name": "Ann B"},
        "bounced": {"name": "Ann B"},
        "gone": {"state": "absent"},
        "never-there": {"state": "absent"},
        "user": {"name": "Ann B", "opt_outs": ["Orders"]},
    }.items()
]
OPTIONS: dict[str, Any] = {
    "contacts": ENTRIES,
    "unmanaged": "block",
    "max_removals": ["2"],
    "scope": {"emails": ["stray*"], "exclude": ["*@fabrikam.example"]},
    "return_unchanged": True,
}


def account(switch: str, value: str) -> Marketplace:
    marketplace = Marketplace(**{switch: value})
    for name, members in LIVE.items():
        marketplace.put(f"{name}{DOMAIN}", **members)
    return marketplace


@pytest.mark.parametrize("page", [100, 4], ids=["one page", "many pages"])
@pytest.mark.parametrize(("switch", "value"), WORLDS, ids=str)
def test_prediction_holds_and_second_run_changes_nothing(switch: str, value: str, page: int) -> None:
    marketplace = account(switch, value)
    if page != 100 and (switch, value) != ("page_drift", "on"):
        marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"limit": page}})
    # With one worker no contact can be hit by every third request three times in a row.
    options = {**OPTIONS, "concurrency": 1 if switch == "faults" else 8}

    predicted = marketplace.run("swo_contacts", check=True, **options)
    assert marketplace.writes() == []
    result = marketplace.run("swo_contacts", **options)

    assert result.values.keys() >= ALWAYS
    expected = IMPOSSIBLE.get((switch, value, None))
    if expected is not None:
        assert result.failed
        assert expected in result.values["msg"]
        return
    assert not predicted.failed, predicted.values["msg"]
    assert not result.failed, result.values["msg"]
    if (switch, value) not in MOVING:
        assert prediction(result) == prediction(predicted)
        assert [row["email"] for row in result.values["unmanaged"]] == [f"stray-user{DOMAIN}"] or (
            switch == "link_user_by_email"
        )
    reset_journal(marketplace)
    again = marketplace.run("swo_contacts", **options)
    assert not again.failed, again.values["msg"]
    if (switch, value) not in MOVING:
        assert (again.values["changed"], marketplace.writes()) == (False, [])


@pytest.mark.parametrize("reuse", ["new", "revive", "conflict"])
def test_the_address_of_a_deleted_contact(reuse: str) -> None:
    """Where the API does not give such an address again, only that contact fails."""
    marketplace = Marketplace(deleted_email_reuse=reuse)
    marketplace.put(f"back{DOMAIN}", name="Old", optOuts=[INVOICES], status="Deleted")
    entries = [{"email": f"back{DOMAIN}", "name": "New", "opt_outs": ["Orders"]}, {"email": f"other{DOMAIN}"}]

    result = marketplace.run("swo_contacts", contacts=entries)

    outcomes = [row["outcome"] for row in result.values["results"]]
    assert outcomes == (["failed", "created"] if reuse == "conflict" else ["created", "created"])
    assert result.failed is (reuse == "conflict")
    again = marketplace.run("swo_contacts", contacts=entries)
    assert (again.values["changed"], again.failed) == (False, reuse == "conflict")


@pytest.mark.parametrize("members", [{"name": "Theirs"}, {"status": "Blocked"}, {"optOuts": [ORDERS]}], ids=str)
def test_a_server_that_answers_201_with_a_contact_of_others(members: dict[str, Any]) -> None:
    marketplace = Marketplace(email_unique="201_existing")
    email = f"new{DOMAIN}"
    change = {"contact": {"email": email, "name": "Ann", **members}}
    marketplace.simulator.add_fault(
        {"when": {"method": "POST", "path": "*/contacts"}, "do": {"mutate": [change]}, "times": 1}
    )
    entries = [{"email": email, "name": "Ann", "opt_outs": []}]

    result = marketplace.run("swo_contacts", contacts=entries)

    assert not result.failed, result.values["msg"]
    assert result.values["changed"] is True
    (contact,) = marketplace.live(email)
    assert (contact["name"], contact["status"], contact["optOuts"]) == ("Ann", "Active", [])
    assert marketplace.run("swo_contacts", contacts=entries).values["changed"] is False
