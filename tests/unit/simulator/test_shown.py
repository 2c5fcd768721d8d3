# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer shows of objects inside objects, and what filters reach there: notifications-api, section 18."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.api import ORDERS, TECHNICAL, Api

USER_CORE = {"id", "name"}
USER_FULL = USER_CORE | {
    "email",
    "status",
    "firstName",
    "lastName",
    "lastLoginAt",
    "settings",
    "accounts",
    "currentAccount",
}


def row(query: str, **switches: str) -> Any:
    """Jane Doe, who is linked to a user and has opted out of technical updates."""
    return Api(1, **switches).get(f"/contacts?{query}")["data"][0]


@pytest.mark.parametrize(
    ("select", "item"),
    [
        ("%2BoptOuts.id", {"id": TECHNICAL}),
        ("OPTOUTS.ID", {"id": TECHNICAL}),
        ("optOuts.name,optOuts.status", {"name": "Technical updates", "status": "Published"}),
        ("-*,optOuts.id", {"id": TECHNICAL}),
        ("optOuts.statistics.today.sent", {"statistics": {"today": {"sent": 2}}}),
        ("optOuts.audit.created.by.name", {"audit": {"created": {"by": {"name": "Platform"}}}}),
    ],
)
def test_path_in_select_brings_that_member_and_no_other(select: str, item: dict[str, Any]) -> None:
    assert row(f"select={select}")["optOuts"] == [item]


@pytest.mark.parametrize("select", ["%2BoptOuts", "*", "optOuts,optOuts.id", "optOuts(id)", "optOuts.nope"])
def test_opt_outs_selected_as_a_whole_show_their_shape(select: str) -> None:
    assert row(f"select={select}")["optOuts"][0].keys() == {"id", "name", "description"}


def test_audit_by_event() -> None:
    assert row("select=audit.created.at")["audit"].keys() == {"created"}
    assert row("select=audit.created.at")["audit"]["created"].keys() == {"at"}


@pytest.mark.parametrize(
    ("select", "members"),
    [
        ("", USER_CORE),
        ("user.email", USER_CORE | {"email"}),
        ("%2Buser", USER_FULL),
        ("*", USER_FULL),
        ("user.nosuch", USER_FULL),
        ("user,user.audit", USER_FULL | {"audit"}),
        ("user(-settings)", USER_FULL - {"settings"}),
        ("-user.name", {"id"}),
        ("-*,user.settings.languageCode", {"settings"}),
    ],
)
def test_reference_is_short_unless_it_is_named(select: str, members: set[str]) -> None:
    assert row(f"select={select}")["user"].keys() == members


def test_segments_that_do_not_exist_are_passed_over() -> None:
    assert "name" not in row("select=-nosuch.name")
    assert "optOuts" in row("select=nosuch.optOuts.nope")
    assert row("select=nosuch") == row("")


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ('any(optOuts,eq(status,"Published"))', 1),
        ('any(optOuts,eq(status,"Unpublished"))', 0),
        ("any(optOuts,eq(optOutAllowed,true))", 1),
        ("any(optOuts,gt(statistics.today.sent,1))", 1),
        ('any(optOuts,eq(audit.created.by.name,"Platform"))', 1),
        ('eq(user.settings.languageCode,"en")', 1),
        ('any(user.accounts,eq(type,"Client"))', 1),
        ('gt(user.lastLoginAt,"2020-01-01T00:00:00.000Z")', 1),
        ('gt(user.audit.created.at,"2030-01-01T00:00:00.000Z")', 0),
        ('eq(user.currentAccount.name,"Contoso")', 1),
    ],
)
@pytest.mark.parametrize("shape", ["seed", "docs", "id"])
def test_filters_reach_all_of_the_object(text: str, total: int, shape: str) -> None:
    assert Api(1, optouts_item_shape=shape).total(f"/contacts?{text}") == total


def test_what_is_filtered_by_is_shown_beside_what_is_selected() -> None:
    text = "any(optOuts,eq(status,%22Published%22))"
    assert row(text)["optOuts"] == [{"status": "Published"}]
    assert row(f"{text}&select=optOuts.id")["optOuts"] == [{"id": TECHNICAL, "status": "Published"}]
    assert row("any(optOuts)", optouts_item_shape="id")["optOuts"] == [{"id": TECHNICAL}]
    assert row("eq(user.email,jane.doe@contoso.example)")["user"].keys() == USER_CORE | {"email"}
    assert row("order=email&select=-email")["email"] == "jane.doe@contoso.example"


def test_opt_out_of_a_category_that_is_gone_has_an_id() -> None:
    api = Api(1, category_delete_effect="dangling")
    api.sim.load_store({"categories": []})
    assert api.get(f"/contacts/{api.first_id()}")["optOuts"] == [{"id": TECHNICAL}]
    assert api.total('/contacts?any(optOuts,eq(status,"Published"))') == 0


def test_statistics_of_a_category() -> None:
    api = Api()
    body = api.get("/categories")
    assert (body["$meta"]["omitted"], "statistics" in body["data"][0]) == (["statistics", "audit"], False)
    assert api.get(f"/categories/{ORDERS}")["statistics"]["week"]["total"] == 1
    assert api.total("/categories?gt(statistics.month.sent,100)") == 4
    found = api.get("/categories?select=statistics.month&limit=1")["data"][0]["statistics"]
    assert found == {"month": {"sent": 0, "bounced": 4, "complained": 0, "discarded": 0, "failed": 0, "total": 4}}
