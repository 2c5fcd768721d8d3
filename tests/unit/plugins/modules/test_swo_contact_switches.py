# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contact under every value of everything that is not known of the API.

Each scenario is predicted, applied and applied again: the prediction must hold, and the second run must change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.unknowns import WORLDS

EMAIL = "ann@contoso.example"
INVOICES, RENEWALS, ORDERS = "NTC-0000-0002", "NTC-0000-0004", "NTC-0000-0001"


@dataclass(frozen=True)
class Scenario:
    """A live contact (None: there is none) and the options of a task."""

    name: str
    live: dict[str, Any] | None
    options: dict[str, Any] = field(default_factory=dict)


ANN = {"name": "Ann", "optOuts": [INVOICES]}
SCENARIOS = [
    Scenario("create", None, {"name": "Ann", "opt_outs": ["Invoices", "Renewals"]}),
    Scenario("create opted into everything", None, {"opt_outs": []}),
    Scenario("create with an opt-in", None, {"opt_outs": ["Invoices"], "opt_ins": ["Orders"]}),
    Scenario("create once", None, {"opt_outs": ["Invoices"], "opt_outs_mode": "on_create"}),
    Scenario("create blocked", None, {"state": "blocked", "name": "Ann"}),
    Scenario("create after a deletion", {**ANN, "status": "Deleted"}, {"name": "Ann B", "opt_outs": ["Orders"]}),
    Scenario("nothing to do", ANN, {"name": "Ann", "opt_outs": ["Invoices"]}),
    Scenario("rename", ANN, {"name": "Ann B"}),
    Scenario("clear the name", ANN, {"name": ""}),
    Scenario("opt-outs exactly", ANN, {"opt_outs": ["Renewals", "Orders"]}),
    Scenario("opt-outs cleared", ANN, {"opt_outs": []}),
    Scenario("opt-outs at least", ANN, {"opt_outs": ["Renewals"], "opt_outs_mode": "at_least"}),
    Scenario("opt-outs on creation only", ANN, {"opt_outs": ["Renewals"], "opt_outs_mode": "on_create"}),
    Scenario("opt-in", ANN, {"opt_ins": ["Invoices"]}),
    Scenario("other case", {**ANN, "email": "ANN@Contoso.Example"}, {"name": "Ann B"}),
    Scenario("block", ANN, {"state": "blocked", "name": "Ann B"}),
    Scenario("unblock", {**ANN, "status": "Blocked"}, {"name": "Ann B"}),
    Scenario("stay blocked", {**ANN, "status": "Blocked", "blockedReason": "bounces"}, {"name": "Ann B"}),
    Scenario("unblock always", {**ANN, "status": "Blocked", "blockedReason": "bounces"}, {"unblock": "always"}),
    Scenario("unblock never", {**ANN, "status": "Blocked"}, {"unblock": "never"}),
    Scenario("delete", ANN, {"state": "absent"}),
    Scenario("linked to a user", {**ANN, "user": True}, {"name": "Ann B", "opt_outs": ["Orders"]}),
]

# What no client can bring about, and the sentence that the user gets instead.
IMPOSSIBLE = {
    ("deleted_email_reuse", "conflict", "create after a deletion"): "Could not create contact",
    ("redirect_list", "on", None): "a redirect, which is not followed",
    ("base_path", "/other/v1", None): "Check api_url",
    ("token_warmup", "60", None): "a new one takes a minute to work",
    ("withheld", "optOuts", None): "did not send the opt-outs",
    # Nothing finds a contact by its address but a filter, and this one takes the other case for another address.
    ("string_compare", "sensitive", "other case"): "Could not create contact",
    ("forbidden_roles", "all", None): "need a token of an Operations account",
}

# Only what has to send them back needs to know them.
NEED_NO_OPT_OUTS = ("create blocked", "unblock always", "delete")

# The platform blocks the contact between two runs: no prediction can hold, and unblock=always lifts each new block.
MOVING = {("auto_block", "1"), ("auto_block", "3")}


def refusal(switch: str, value: str, scenario: Scenario) -> str | None:
    return IMPOSSIBLE.get((switch, value, scenario.name), IMPOSSIBLE.get((switch, value, None)))


def run_id(value: object) -> str:
    return value.name if isinstance(value, Scenario) else str(value)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=run_id)
@pytest.mark.parametrize(("switch", "value"), WORLDS, ids=run_id)
def test_prediction_holds_and_second_run_changes_nothing(switch: str, value: str, scenario: Scenario) -> None:
    marketplace = Marketplace(**{switch: value})
    if scenario.live is not None:
        marketplace.put(**{"email": EMAIL, **scenario.live})
    options = {"email": EMAIL, **scenario.options}

    predicted = marketplace.run("swo_contact", check=True, **options)
    assert marketplace.writes() == []
    applied = marketplace.run("swo_contact", **options)
    again = marketplace.run("swo_contact", **options)

    expected = refusal(switch, value, scenario)
    if switch == "forbidden_roles" and set(predicted.values["actions"]) <= {"update"}:
        expected = None  # updating is allowed to every account
    if switch == "withheld" and scenario.name in NEED_NO_OPT_OUTS:
        expected = None
    if expected is not None and (predicted.failed or predicted.values["changed"]):
        assert applied.failed
        assert expected in applied.values["msg"]
        return
    assert not predicted.failed, predicted.values["msg"]
    assert not applied.failed, applied.values["msg"]
    if (switch, value) not in MOVING:
        assert [applied.values[key] for key in ("changed", "actions", "diff")] == [
            predicted.values[key] for key in ("changed", "actions", "diff")
        ]
    assert not again.failed, again.values["msg"]
    expected_again = ["unblock"] if (switch, value) in MOVING and scenario.name == "unblock always" else []
    assert again.values["actions"] == expected_again
    assert again.values["changed"] is bool(expected_again)
