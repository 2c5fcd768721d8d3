# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of every switch shows at the API (notifications-api, section 16)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import SWITCHES, Simulator, SwitchError
from tests.unit.simulator import probes_reads, probes_service, probes_writes
from tests.unit.simulator.api import LEGACY, ORDERS, SECURITY
from tests.unit.simulator.probes import PROBES

FAILED = "Authentication Failed"
NOT_KEPT: tuple[int, list[str]] = (400, [])
RETRY_AT = "Mon, 06 Jan 2025 08:00:01 GMT"
EXPECTED: dict[str, dict[str, Any]] = {
    "id_format": {
        "CTT-dddd-dddd": "CTT-dddd-dddd",
        "CTT-dddd-dddd-dddd": "CTT-dddd-dddd-dddd",
        "CON-dddd-dddd": "CON-dddd-dddd",
    },
    "schema": {
        "4.x": ["user", "userId"],
        "5.x": ["identity", "revision"],
        "both": ["identity", "revision", "user", "userId"],
    },
    "email_unique": {"400": (400, False), "409": (409, False), "off": (201, False), "201_existing": (201, True)},
    "email_case": {"preserve": ("A@B.example", 400), "lower": ("a@b.example", 400), "sensitive": ("A@B.example", 201)},
    "email_change": {
        "allowed": ((200, "new"), (200, "new")),
        "refused": ((400, "jane.doe@contoso.example"), (400, "liam.o'brien@contoso.example")),
        "ignored": ((200, "jane.doe@contoso.example"), (200, "liam.o'brien@contoso.example")),
        "refused_if_linked": ((400, "jane.doe@contoso.example"), (200, "new")),
    },
    "email_required_on_post": {"400": 400, "accepted": 201},
    "link_user_by_email": {"on": True, "off": False},
    "put_mode": {"partial": (200, [ORDERS]), "replace": (200, []), "email_required": (400, [ORDERS])},
    "restricted_put": {
        "all": {"ops": (200, "x", [ORDERS]), "vendor": (200, "x", [ORDERS])},
        "400": {"ops": (200, "x", [ORDERS]), "vendor": (400, "n", [])},
        "dropped": {"ops": (200, "x", [ORDERS]), "vendor": (200, "n", [ORDERS])},
    },
    "put_null_clears": {"yes": (200, None, []), "ignored": (200, "n", [ORDERS]), "400": (400, "n", [ORDERS])},
    "optouts_in_list": {"omitted": (False, True), "present": (True, False)},
    "optouts_in_write_response": {"full": True, "missing": False},
    "optouts_item_shape": {
        "seed": ["description", "id", "name"],
        "docs": ["href", "id", "name", "shortDescription"],
        "id": ["id"],
    },
    "optouts_order": {"shuffled": True, "as_sent": False},
    "optout_not_allowed": {"400": NOT_KEPT, "dropped": (201, []), "accepted": (201, [SECURITY])},
    "optout_unpublished": {"400": NOT_KEPT, "dropped": (201, []), "accepted": (201, [LEGACY])},
    "optout_unknown": {"400": NOT_KEPT, "404": (404, []), "500": (500, [])},
    "category_delete_effect": {"removed": [], "dangling": [ORDERS]},
    "deleted_visibility": {
        "hidden": {"ops": (0, 404), "vendor": (0, 404)},
        "listed": {"ops": (1, 200), "vendor": (1, 200)},
        "ops_only": {"ops": (1, 200), "vendor": (0, 404)},
    },
    "deleted_email_reuse": {"new": (201, False, "new"), "conflict": (400, None, None), "revive": (201, True, "new")},
    "delete_again": {"404": 404, "400": 400, "204": 204},
    "block_when_blocked": {"400": 400, "200": 200},
    "unblock_when_active": {"400": 400, "200": 200},
    "subscriber_again": {"400": (400, 400), "200": (200, 200)},
    "recipient_unknown": {"400": NOT_KEPT, "accepted": (200, ["USR-9999-9999"])},
    "block_body": {"ignored": (200, None), "stored": (200, "x"), "415": (415, None)},
    "unblock_clears_reason": {"yes": False, "no": True},
    "auto_block": {"off": 0, "1": 1, "3": 3},
    "missing_id_on_write": {"400": [400] * 3, "404": [404] * 3},
    "forbidden_mode": {"403": (403, 3), "404": (404, 3), "empty_list": (403, 0)},
    "forbidden_roles": {
        "vendor_client": {"ops": 201, "vendor": 403, "client": 403},
        "client": {"ops": 201, "vendor": 201, "client": 403},
        "vendor": {"ops": 201, "vendor": 403, "client": 201},
        "all": {"ops": 403, "vendor": 403, "client": 403},
    },
    "error_shape": {
        **{shape: [shape] * 3 for shape in ("E1", "E2", "E3", "E4")},
        "mixed": ["E1", "E3", "E4"],
    },
    "error_content_type": {
        "json": "application/json; charset=utf-8",
        "problem+json": "application/problem+json; charset=utf-8",
    },
    "unauthorized_shape": {
        "text": (401, FAILED, FAILED),
        "E1": (401, None, "status,title,traceId,type"),
        "gateway": (401, None, "message,statusCode"),
        "empty": (401, None, ""),
    },
    "null_mode": {"suppressed": False, "explicit": True},
    "audit_in_list": {"omitted": (False, True), "present": (True, False)},
    "audit_filter_without_select": {"works": (200, 0), "ignored": (200, 3), "400": (400, None)},
    "item_meta": {"none": False, "present": True},
    "default_limit": {"10": (200, 10, 10), "1000": (200, 120, 1000)},
    "max_limit": {"100": (200, 100, 100), "100_error": (400, 0, 0), "none": (200, 110, 110)},
    "negative_page": {"empty": (200, 0, -5), "default": (200, 10, 10), "500": (500, 0, None)},
    "limit_echo": {"effective": (200, 100, 100), "requested": (200, 100, 110)},
    "total_null": {"off": 3, "on": None},
    "unordered_lists": {"by_id": (True, True), "shuffled": (False, True)},
    "page_drift": {"off": (False, 40), "on": (True, 40)},
    "string_compare": {"insensitive": 1, "sensitive": 0},
    "null_navigation": {"plain": (3, 3, 1), "safe": (1, 1, 1)},
    "rql_strictness": {"faithful": 400, "lenient": 200},
    "rql_parser_error_status": {"400": 400, "500": 500},
    "select_unknown": {"ignored": 200, "400": 400},
    "omitted_names": {"defaults": ["optOuts", "audit"], "unselected_too": ["name", "optOuts", "audit"]},
    "withheld": {
        "none": ("", ""),
        "optOuts_in_lists": ("optOuts", ""),
        "optOuts": ("optOuts", "optOuts"),
        "audit": ("audit", "audit"),
    },
    "select_minus_star": {"supported": (200, ["id", "name"]), "400": (400, [])},
    "category_put_status": {"201": 201, "200": 200},
    "account_category_contacts": {"list": "list", "object": "object", "array": "array"},
    "streaming": {"off": (None, 1), "on": ("true", 120)},
    "redirect_list": {"off": (200, True), "on": (302, True)},
    "faults": {
        "none": (201, 201, 201, True, None),
        "429_seconds": (201, 201, 429, False, "1"),
        "429_date": (201, 201, 429, False, RETRY_AT),
        "429_bare": (201, 201, 429, False, None),
        "500_problem": (201, 201, 500, False, None),
        "502_html": (201, 201, 502, False, None),
        "503_html": (201, 201, 503, False, None),
        "504_html": (201, 201, 504, False, None),
        "reset_before_commit": (201, 201, "reset", False, None),
        "reset_after_commit": (201, 201, "reset", True, None),
        "slow": (201, 201, "slow", True, None),
        "truncated_json": (201, 201, "fin", True, None),
        "200_html": (201, 201, 200, False, None),
    },
    "commit_then_fail": {"off": (201, 1), "on": (504, 1)},
    "read_after_write_lag": {"0": [200, 1, 200, 1], "200": [404, 0, 200, 1]},
    "token_lookup": {"200": (200, "ACC-0001-0001"), "403": (403, None), "404": (404, None)},
    "token_warmup": {"0": [200, 200], "60": [401, 200]},
    "base_path": {
        "/public/v1": {"/public/v1": 200, "/other/v1": 404, "/public/public/v1": 404},
        "/other/v1": {"/public/v1": 404, "/other/v1": 200, "/public/public/v1": 404},
    },
    "unknown_body_members": {"ignored": 201, "400": 400},
    "revision": {"absent": [None, None], "increments": [1, 2]},
}
# Importing these fills the register.
PROBE_MODULES = (probes_reads, probes_service, probes_writes)
CASES = [(name, value) for name, switch in SWITCHES.items() for value in switch.values]


def test_every_value_has_an_expectation() -> None:
    assert {name: sorted(values) for name, values in EXPECTED.items()} == {
        name: sorted(switch.values) for name, switch in SWITCHES.items()
    }
    assert PROBES.keys() == SWITCHES.keys()
    assert {probe.__module__ for probe in PROBES.values()} == {module.__name__ for module in PROBE_MODULES}


@pytest.mark.parametrize(("name", "value"), CASES)
def test_value_shows_at_the_api(name: str, value: str) -> None:
    assert PROBES[name](value) == EXPECTED[name][value]


def test_values_of_a_switch_can_be_told_apart() -> None:
    for name, values in EXPECTED.items():
        seen = list(values.values())
        # An answer in HTML is one whatever its status; everything else differs in what the probe sees.
        assert all(seen.count(one) == 1 for one in seen), name


def test_every_switch_says_what_it_is() -> None:
    assert all(switch.description and switch.default == switch.values[0] for switch in SWITCHES.values())


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"email_uniqe": "off"}, "unknown switch 'email_uniqe'; known: id_format, schema,"),
        (
            {"email_unique": "maybe"},
            "email_unique: 'maybe' is not allowed; allowed: 400, 409, off, 201_existing",
        ),
        ({"read_after_write_lag": "-1"}, "or any whole number"),
        ({"total_null": True}, "switch total_null: True is not allowed; allowed: off, on"),
        ({"base_path": "v1"}, "switch base_path"),
    ],
)
def test_wrong_switch_is_refused_naming_what_is_allowed(switches: dict[str, object], message: str) -> None:
    with pytest.raises(SwitchError, match=message.replace("(", r"\(")):
        Simulator(switches=switches)


def test_free_numbers_and_all_or_nothing() -> None:
    sim = Simulator(switches={"read_after_write_lag": 1500})
    assert sim.switches["read_after_write_lag"] == "1500"
    with pytest.raises(SwitchError):
        sim.switches.update({"total_null": "on", "schema": "6.x"})
    assert sim.switches["total_null"] == "off"
