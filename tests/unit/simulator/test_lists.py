# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: projection, filter, order, pages (notifications-api, sections 4, 11, 12)."""

from __future__ import annotations

import pytest

from tests.unit.simulator.api import TECHNICAL, Api


def test_list_leaves_out_what_is_costly_and_select_brings_it_back() -> None:
    api = Api(1)
    body = api.get("/contacts")
    assert body["$meta"] == {"pagination": {"offset": 0, "limit": 10, "total": 1}, "omitted": ["optOuts", "audit"]}
    assert sorted(body["data"][0]) == ["email", "id", "name", "status", "user", "userId"]
    body = api.get("/contacts?select=%2BoptOuts,%2Baudit")
    assert body["$meta"]["omitted"] == []
    assert {"optOuts", "audit"} < body["data"][0].keys()
    body = api.get("/contacts?select=audit.created,-userId,user.email,-user.id,-user.icon")
    assert (body["$meta"]["omitted"], sorted(body["data"][0]["audit"])) == (["optOuts"], ["created"])
    assert body["data"][0]["user"] == {"name": "Jane Doe", "email": "jane.doe@contoso.example"}
    assert "userId" not in body["data"][0]


def test_get_shows_all_and_select_takes_away() -> None:
    api = Api(1)
    body = api.get(f"/contacts/{api.first_id()}")
    assert sorted(body) == ["audit", "email", "id", "name", "optOuts", "status", "user", "userId"]
    assert sorted(api.get(f"/contacts/{api.first_id()}?select=-*,name")) == ["name"]


def test_what_is_filtered_by_is_shown() -> None:
    api = Api(1)
    body = api.get(f'/contacts?any(optOuts,eq(id,"{TECHNICAL}"))')
    assert (body["$meta"]["omitted"], body["data"][0]["optOuts"]) == (["audit"], [{"id": TECHNICAL}])


def test_order() -> None:
    api = Api(9)
    names = [row.get("name") for row in api.get("/contacts?order=-name&limit=100")["data"]]
    assert names[-1] is None
    assert names[:-1] == sorted(names[:-1], key=str.lower, reverse=True)


@pytest.mark.parametrize(
    ("query", "rows", "limit", "offset"),
    [
        ("limit=0", 0, 0, 0),
        ("limit=7&offset=10", 7, 7, 10),
        ("limit=50&offset=100", 20, 50, 100),
        ("offset=500", 0, 10, 500),
        ("limit=-5", 0, -5, 0),
        ("limit=5&offset=-5", 5, 5, -5),
        ("limit=%2B7&offset=%204", 7, 7, 4),
        ("limit=50&limit=1", 10, 10, 0),
        ("limit=2147483648", 10, 10, 0),
        ("offset=1&OFFSET=2", 10, 10, 0),
        ("limit=ten", 10, 10, 0),
        ("limit=1000", 100, 100, 0),
    ],
)
def test_paging(query: str, rows: int, limit: int, offset: int) -> None:
    body = Api(120).get(f"/contacts?{query}")
    assert len(body["data"]) == rows
    assert body["$meta"]["pagination"] == {"offset": offset, "limit": limit, "total": 120}


def test_pages_put_together_are_all_contacts_once() -> None:
    api = Api(250)
    for query in ("order=id", "order=-name", 'ne(status,"Blocked")&order=email'):
        seen = [
            row["id"]
            for offset in range(0, 300, 100)
            for row in api.get(f"/contacts?{query}&limit=100&offset={offset}")["data"]
        ]
        assert len(seen) == len(set(seen)) == (248 if "ne(" in query else 250)


def test_lists_are_not_served_from_the_past() -> None:
    api = Api(3)
    query = '/contacts?eq(status,"Blocked")&select=optOuts'
    assert api.get(query)["$meta"]["pagination"]["total"] == 0
    api.post(f"/contacts/{api.first_id()}/block")
    assert api.get(query)["data"][0]["optOuts"][0]["name"] == "Technical updates"
    api.put(f"/categories/{TECHNICAL}", {"name": "Tech"})
    assert api.get(query)["data"][0]["optOuts"][0]["name"] == "Tech"


def test_errors_of_the_query_language() -> None:
    api = Api(1)
    assert api.get("/contacts?mistake(a,b)")["errors"] == {"mistake": ["Unknown expression group."]}
    assert api.get('/contacts?eq(nope,"x")')["errors"] == {"nope": ["Invalid property path."]}
    assert api.get("/contacts?order=nope")["errors"] == {"nope": ["Invalid property path."]}
    assert api.status == 400


def test_exact_emails_are_filtered_exactly() -> None:
    api = Api(email_case="sensitive")
    api.create("a@b.example")
    api.create("A@b.example")
    assert api.total('/contacts?eq(email,"A@b.example")') == 1
    assert api.total('/contacts?eq(status,"ACTIVE")') == 2


def test_filter_by_audit_counts_once_audit_is_selected() -> None:
    for mode in ("ignored", "400"):
        api = Api(3, audit_filter_without_select=mode)
        query = 'gt(audit.created.at,"2030-01-01T00:00:00.000Z")'
        assert api.total(f"/contacts?select=%2Baudit&{query}") == 0
