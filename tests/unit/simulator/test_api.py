# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The surface under default switches: endpoints, roles, bodies, projection (notifications-api, sections 2 to 12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import Simulator
from tests.simulator.store import fold
from tests.unit.simulator.api import BASE, INVOICES, LEGACY, MISSING, ORDERS, SECURITY, TECHNICAL, Api


def test_life_of_a_contact() -> None:
    api = Api()
    body = api.post("/contacts", {"email": "Jane@b.example", "name": "Jane", "optOuts": [{"id": ORDERS}]})
    contact_id = body["id"]
    assert (api.status, body["status"], body["email"], body["optOuts"][0]["name"]) == (
        201,
        "Active",
        "Jane@b.example",
        "Orders",
    )
    assert body["$meta"] == {"omitted": ["audit"]}
    assert api.put(f"/contacts/{contact_id}", {"name": "J"})["name"] == "J"
    assert api.opt_outs(contact_id) == [ORDERS]
    assert api.post(f"/contacts/{contact_id}/block")["status"] == "Blocked"
    assert api.post(f"/contacts/{contact_id}/unblock")["status"] == "Active"
    audit = api.get(f"/contacts/{contact_id}")["audit"]
    assert sorted(audit) == ["activated", "blocked", "created", "updated"]
    assert audit["created"]["by"]["id"].startswith("TKN-")
    assert audit["created"]["at"] == "2025-01-06T08:00:00.000Z"
    assert api.delete(f"/contacts/{contact_id}") is None
    assert (api.status, api.reply.body) == (204, b"")
    assert api.get(f"/contacts/{contact_id}")["status"] == 404
    assert [entry.committed for entry in api.sim.journal.writes()] == [True] * 5


def test_opt_outs_replace_the_set_and_empty_clears() -> None:
    api = Api()
    contact_id = api.create(optOuts=[{"id": ORDERS}, {"id": ORDERS}])
    assert api.opt_outs(contact_id) == [ORDERS]
    api.put(f"/contacts/{contact_id}", {"optOuts": [{"id": INVOICES}, {"id": TECHNICAL}]})
    assert api.opt_outs(contact_id) == [INVOICES, TECHNICAL]
    api.put(f"/contacts/{contact_id}", {"optOuts": []})
    assert api.opt_outs(contact_id) == []


def test_opt_outs_already_held_are_kept_whatever_became_of_the_category() -> None:
    api = Api()
    contact_id = api.create(optOuts=[{"id": ORDERS}])
    api.post(f"/categories/{ORDERS}/unpublish")
    api.put(f"/contacts/{contact_id}", {"optOuts": [{"id": ORDERS}]})
    assert (api.status, api.opt_outs(contact_id)) == (200, [ORDERS])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "no-at-sign"}, "email"),
        ({"email": " a@b.example"}, "email"),
        ({"email": "a@" + "b" * 320}, "email"),
        ({"email": 1}, "$.email"),
        ({"email": "a@b.example", "name": 7}, "$.name"),
        ({"email": "a@b.example", "optOuts": "x"}, "$.optOuts"),
        ({"email": "a@b.example", "optOuts": [ORDERS]}, "optOuts[0].id"),
        ({"email": "a@b.example", "optOuts": [{"id": ORDERS}, {"id": "NTC-1"}]}, "optOuts[1].id"),
        ([], "$"),
        (b"{", "$"),
        (b"[" * 100_000, "$"),
        (b" ", ""),
    ],
)
def test_wrong_body_is_refused_by_path(body: Any, path: str) -> None:
    api = Api()
    answer = api.call("POST", "/contacts", body)
    assert (api.status, list(answer["errors"])) == (400, [path])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("text/json; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_content_types(content_type: str, status: int) -> None:
    api = Api()
    api.call("POST", "/contacts", {"email": "a@b.example"}, {"Content-Type": content_type})
    assert api.status == status


def test_missing_contact() -> None:
    api = Api()
    for method, path, status in (
        ("GET", f"/contacts/{MISSING}", 404),
        ("PUT", f"/contacts/{MISSING}", 400),
        ("POST", f"/contacts/{MISSING}/block", 400),
        ("DELETE", f"/contacts/{MISSING}", 404),
    ):
        body = api.call(method, path, {} if method == "PUT" else None)
        assert (api.status, body["detail"]) == (status, f"Contact with id '{MISSING}' not found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nope"),
        ("PATCH", "/contacts/CTT-0001-0001"),
        ("GET", "/contacts/"),
        ("GET", "/contacts//"),
        ("DELETE", "/contacts/../../accounts/ACC-1"),
        ("DELETE", "/contacts/.."),
        ("GET", "/public/public/v1/notifications/contacts"),
        ("GET", "/public/v1/commerce/orders"),
        ("HEAD", "/contacts"),
    ],
)
def test_unknown_route_is_answered_by_the_gateway(method: str, path: str) -> None:
    api = Api()
    assert api.call(method, path) == {"statusCode": 404, "message": "Resource not found"}
    assert (api.status, api.reply.reason) == (404, "Resource Not Found")


def test_the_gateway_answers_before_authentication() -> None:
    sim = Simulator()
    assert sim.handle("GET", "/nope", {}).status == 404
    for header in ("", "Bearer ", "Bearer idt:TKN-0000-0000:x", f"Basic {sim.tokens['ops']}"):
        reply = sim.handle("GET", f"{BASE}/contacts", {"Authorization": header})
        assert (reply.status, reply.reason) == (401, "Authentication Failed")


OPERATIONS = {
    ("GET", "/contacts"): "ops vendor client",
    ("GET", "/contacts/{id}"): "ops vendor client",
    ("PUT", "/contacts/{id}"): "ops vendor client",
    ("POST", "/contacts"): "ops",
    ("DELETE", "/contacts/{id}"): "ops",
    ("POST", "/contacts/{id}/block"): "ops",
    ("POST", "/contacts/{id}/unblock"): "ops",
    ("GET", "/categories"): "ops vendor client",
    ("GET", f"/categories/{ORDERS}"): "ops vendor client",
    ("POST", "/categories"): "ops",
    ("PUT", f"/categories/{ORDERS}"): "ops",
    ("DELETE", f"/categories/{ORDERS}"): "ops",
    ("POST", f"/categories/{ORDERS}/publish"): "ops",
    ("POST", f"/categories/{ORDERS}/unpublish"): "ops",
    ("GET", "/subscribers"): "ops vendor client",
    ("GET", "/subscribers/NTS-0000-0001"): "ops vendor client",
    ("GET", f"/accounts/ACC-0003-0003/categories/{ORDERS}/contacts"): "ops vendor",
}


@pytest.mark.parametrize("role", ["ops", "vendor", "client", "disabled"])
def test_roles(role: str) -> None:
    api = Api(4, role=role)
    contact_id = api.first_id()
    allowed = set()
    for method, path in OPERATIONS:
        body = {"name": "x", "email": "a@b.example"} if method in ("POST", "PUT") else None
        api.call(method, path.replace("{id}", contact_id), body)
        if api.status not in (401, 403):
            allowed.add((method, path))
    assert allowed == {operation for operation, roles in OPERATIONS.items() if role in roles.split()}


def test_list_leaves_out_what_is_costly_and_select_brings_it_back() -> None:
    api = Api(1)
    body = api.get("/contacts")
    assert body["$meta"] == {"pagination": {"offset": 0, "limit": 10, "total": 1}, "omitted": ["optOuts", "audit"]}
    assert sorted(body["data"][0]) == ["email", "id", "name", "status", "user", "userId"]
    body = api.get("/contacts?select=%2BoptOuts,%2Baudit")
    assert body["$meta"]["omitted"] == []
    assert {"optOuts", "audit"} < body["data"][0].keys()
    body = api.get("/contacts?select=audit.created,-userId,user(email,-id)")
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
        ("limit=-1&offset=-5", 10, 10, 0),
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


def test_categories() -> None:
    api = Api(1)
    names = [row["name"] for row in api.get("/categories?limit=100")["data"]]
    assert len(names) == 8
    assert {"Orders", "Security alerts", "Legacy reports"} < set(names)
    body = api.post("/categories", {"name": "Fresh", "description": "d", "externalId": "x"})
    assert (api.status, body["status"], body["optOutAllowed"]) == (201, "Published", True)
    path = f"/categories/{body['id']}"
    assert api.put(path, {"description": "e"})["description"] == "e"
    assert api.status == 201
    assert api.post(f"{path}/unpublish", {"note": "n"})["status"] == "Unpublished"
    api.post(f"{path}/unpublish")
    assert api.status == 400
    assert api.post(f"{path}/publish")["status"] == "Published"
    api.delete(path)
    assert api.status == 204
    api.put(path, {"name": "x"})
    assert api.status == 404
    assert api.get(path)["status"] == "Deleted"
    api.role = "vendor"
    api.get(path)
    assert api.status == 404
    assert "Legacy reports" not in [row["name"] for row in api.get("/categories?limit=100")["data"]]


def test_category_refusals() -> None:
    api = Api()
    for method, path, body, status in (
        ("POST", "/categories", {"description": "d"}, 400),
        ("POST", "/categories", {"name": ""}, 400),
        ("PUT", "/categories/NTC-9999-9999", {"name": "x"}, 404),
        ("GET", "/categories/NTC-9999-9999", None, 404),
        ("DELETE", f"/categories/{SECURITY}", None, 400),
        ("GET", "/subscribers/NTS-9999-9999", None, 404),
        ("GET", "/accounts/ACC-0003-0003/categories/NTC-9999-9999/contacts", None, 400),
    ):
        api.call(method, path, body)
        assert (method, path, api.status) == (method, path, status)


def test_recipients_of_a_category() -> None:
    api = Api(30)
    path = "/accounts/{}/categories/{}/contacts?limit=100"
    rows = api.get(path.format("ACC-0003-0003", ORDERS))["data"]
    assert rows
    assert all("user" in row for row in rows)
    assert api.get(path.format("ACC-0001-0001", ORDERS))["data"] == []
    # Unpublished category, disabled subscriber.
    assert api.get(path.format("ACC-0003-0003", LEGACY))["data"] == []
    assert api.get(path.format("ACC-0003-0003", "NTC-0000-0007"))["data"] == []
    assert api.get("/subscribers?eq(status,%22Disabled%22)")["data"][0]["name"] == "Statements"


def test_preflight_shows_the_own_token_with_its_secret() -> None:
    api = Api(role="vendor")
    token = api.sim.tokens["vendor"]
    body = api.get(f"/public/v1/accounts/api-tokens/{token.split(':')[1]}")
    assert (body["token"], body["status"], body["account"]["type"]) == (token, "Active", "Vendor")
    assert api.get("/public/v1/accounts/api-tokens/TKN-0000-0000")["status"] == 404


def test_seed_has_what_hurts_naive_clients() -> None:
    api = Api(120)
    contacts = [record.data for record in api.sim.store.ordered()]
    live = [data for data in contacts if data["status"] != "Deleted"]
    assert len(live) == 120
    assert len(contacts) == 121
    blocked = [data for data in live if data["status"] == "Blocked"]
    assert sorted(bool(data["blockedReason"]) for data in blocked) == [False, True]
    names = [data["name"] or "" for data in live]
    assert any("'" in name for name in names)
    assert any('"' in name for name in names)
    assert any(not name.isascii() for name in names)
    assert sum("+" in data["email"] for data in live) > 5
    linked = [data for data in live if api.sim.world.user_of(data)]
    assert 20 < len(linked) < 60
    assert any(data["optOuts"] for data in live)
    assert len({fold(data["email"]) for data in live}) == 120


def test_same_seed_same_answers() -> None:
    def trace(seed: int) -> list[bytes]:
        api = Api(30, seed=seed, unordered_lists="shuffled", page_drift="on")
        answers = []
        for path in ("/contacts?limit=10", "/contacts?limit=10&offset=10", "/categories"):
            api.get(path)
            answers.append(api.reply.body)
        api.create("new@b.example")
        return [*answers, api.reply.body, str(api.sim.tokens).encode()]

    assert trace(3) == trace(3)
    assert trace(3)[0] != trace(4)[0]


def test_tokens_have_the_platform_form() -> None:
    for token in Simulator().tokens.values():
        prefix, token_id, opaque = token.split(":")
        assert (prefix, len(token_id), len(opaque)) == ("idt", 13, 40)
