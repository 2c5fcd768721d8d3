# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as users see them: the same keys whatever happens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._apply.state import ContactState, Write
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import plan_contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import PlannedContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    ApiError,
    InputError,
    NotStoredError,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.result import (
    category_view,
    contact_result,
    contact_view,
    failed_result,
    no_contact_view,
)

EMAIL = "ann@x.example"
CATALOG = Catalog([Category("NTC-1", "Orders"), Category("NTC-2", "Advice")])
ANN = Contact(
    "CTT-1",
    EMAIL,
    "Ann",
    opt_outs=frozenset({"NTC-1", "NTC-2", "NTC-9"}),
    user_id="USR-1",
    linked=True,
    revision=3,
    category_names={"NTC-1": "Orders as sent"},
)
REQUESTS = {"GET": 2, "POST": 0, "PUT": 1, "DELETE": 0}
KEYS = {"changed", "actions", "contact", "requests"}

WANTED: dict[str, tuple[Contact | None, dict[str, Any]]] = {
    "nothing to do": (ANN, {}),
    "absent already": (None, {"state": "absent"}),
    "create": (None, {"name": "Ann", "opt_outs": ("Orders",)}),
    "create and block": (None, {"state": "blocked"}),
    "update": (ANN, {"name": "Bea", "opt_outs": ("advice",)}),
    "clear the name": (ANN, {"name": ""}),
    "block": (ANN, {"state": "blocked"}),
    "delete": (ANN, {"state": "absent"}),
}


def item_of(case: str) -> PlannedContact:
    live, wanted = WANTED[case]
    return PlannedContact(EMAIL, 0, plan_contact(DesiredContact(email=EMAIL, **wanted), live, CATALOG), live)


def state_of(case: str, contact: Contact | None, *actions: str, **values: Any) -> ContactState:
    item = item_of(case)
    assert item.plan is not None
    writes = tuple(Write(action, item.plan.changes_of(action)) for action in actions)
    return ContactState(item, item.plan, contact, writes, **values)


def result(case: str, state: ContactState | None = None, *, diff: bool = False) -> dict[str, Any]:
    return contact_result(item_of(case), state, CATALOG, REQUESTS, diff)


PREDICTED: dict[str, tuple[list[str], dict[str, Any]]] = {
    "nothing to do": ([], {"id": "CTT-1", "status": "Active", "name": "Ann", "revision": 3}),
    "absent already": ([], {"id": None, "email": EMAIL, "status": None}),
    "create": (["create"], {"id": None, "email": EMAIL, "status": "Active", "revision": None}),
    "create and block": (["create", "block"], {"id": None, "status": "Blocked", "opt_outs": []}),
    "update": (["update"], {"id": "CTT-1", "name": "Bea", "opt_outs": [{"id": "NTC-2", "name": "Advice"}]}),
    "clear the name": (["update"], {"name": None}),
    "block": (["block"], {"status": "Blocked", "name": "Ann"}),
    "delete": (["delete"], {"id": "CTT-1", "status": "Deleted"}),
}


@pytest.mark.parametrize("case", WANTED)
def test_check_mode_predicts_with_the_keys_of_a_real_run(case: str) -> None:
    predicted = result(case)
    actions, contact = PREDICTED[case]
    assert predicted.keys() == KEYS
    assert predicted["contact"].keys() == no_contact_view(None).keys()
    assert predicted["actions"] == actions
    assert predicted["changed"] is bool(actions)
    assert predicted["contact"].items() >= contact.items()
    json.dumps(predicted)


@pytest.mark.parametrize(
    ("state", "changed", "actions", "status"),
    [
        (state_of("update", ANN, "update"), True, ["update"], "Active"),
        (state_of("update", ANN), False, [], "Active"),
        (state_of("update", ANN, uncertain=True), True, [], "Active"),
        (state_of("update", ANN, "update", failure=NotStoredError("no")), True, ["update"], "Active"),
        (state_of("update", None, "update", failure=NotStoredError("no")), True, ["update"], None),
        (state_of("update", ANN, skipped="the run was interrupted by SIGTERM."), False, [], "Active"),
    ],
)
def test_a_real_run_tells_what_was_done_and_not_what_was_planned(
    state: ContactState, changed: bool, actions: list[str], status: str | None
) -> None:
    told = result("update", state)
    assert told["changed"] is changed
    assert told["actions"] == actions
    assert told["contact"]["status"] == status
    assert told["contact"]["email"] == EMAIL
    assert told["contact"].keys() == no_contact_view(None).keys()
    assert told.keys() == KEYS | ({"msg", "failure"} if state.is_over else set())


def test_a_deleted_contact_is_told_as_it_was_last() -> None:
    told = result("delete", state_of("delete", None, "delete"))
    assert told["contact"].items() >= {"id": "CTT-1", "name": "Ann", "status": "Deleted"}.items()


def test_the_requests_are_a_copy() -> None:
    told = result("update")
    assert told["requests"] == REQUESTS
    assert told["requests"] is not REQUESTS


DIFFS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing to do": ({}, {}),
    "absent already": ({}, {}),
    "create": ({}, {"email": EMAIL, "name": "Ann", "opt_outs": ["Orders"], "status": "Active"}),
    "create and block": ({}, {"email": EMAIL, "status": "Blocked"}),
    "update": (
        {"name": "Ann", "opt_outs": ["Advice", "NTC-9", "Orders"]},
        {"name": "Bea", "opt_outs": ["Advice"]},
    ),
    "clear the name": ({"name": "Ann"}, {}),
    "block": ({"status": "Active"}, {"status": "Blocked"}),
    "delete": ({"status": "Active"}, {"status": "Deleted"}),
}


@pytest.mark.parametrize("case", WANTED)
def test_a_diff_shows_the_fields_that_change_and_no_others(case: str) -> None:
    before, after = DIFFS[case]
    diff = result(case, diff=True)["diff"]
    assert diff == {
        "before": before,
        "after": after,
        "before_header": f"contact {EMAIL} (live)",
        "after_header": f"contact {EMAIL} (as desired)",
    }


def test_a_diff_names_the_contact_by_its_live_address() -> None:
    plan = plan_contact(DesiredContact(id="CTT-1", email="bea@x.example"), ANN, CATALOG)
    diff = contact_result(PlannedContact(EMAIL, 0, plan, ANN), None, CATALOG, REQUESTS, True)["diff"]
    assert diff["after_header"] == f"contact {EMAIL} (as desired)"
    assert diff["after"] == {"email": "bea@x.example"}


def test_opt_outs_are_shown_with_the_names_that_are_known_and_sorted_by_them() -> None:
    sent = [{"id": "NTC-9", "name": None}, {"id": "NTC-1", "name": "Orders as sent"}]
    assert contact_view(ANN, CATALOG)["opt_outs"] == [{"id": "NTC-2", "name": "Advice"}, *sent]
    assert contact_view(ANN)["opt_outs"] == [{"id": "NTC-2", "name": None}, *sent]
    assert contact_view(Contact("CTT-1", EMAIL, opt_outs=None))["opt_outs"] is None


def test_a_failure_tells_what_the_api_said() -> None:
    error = ApiError("Could not x.", "Do y.", 403, "Forbidden", "No.", "00-1", {"email": ["taken"]})
    assert failed_result(error) == {
        "msg": "Could not x. Do y.",
        "failure": {
            "status": 403,
            "title": "Forbidden",
            "detail": "No.",
            "trace_id": "00-1",
            "errors": {"email": ["taken"]},
        },
    }


def test_a_failure_without_the_api_has_the_same_keys() -> None:
    told = failed_result(InputError("No."))
    assert told == {
        "msg": "No.",
        "failure": {"status": None, "title": None, "detail": None, "trace_id": None, "errors": {}},
    }


def test_a_category() -> None:
    assert category_view(Category("NTC-1", "Orders", "Published", True, "All orders")) == {
        "id": "NTC-1",
        "name": "Orders",
        "description": "All orders",
        "status": "Published",
        "opt_out_allowed": True,
    }
