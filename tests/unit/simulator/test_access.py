# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes, tokens and roles (notifications-api, sections 2 and 3)."""

from __future__ import annotations

import json

import pytest

from tests.simulator import Simulator
from tests.unit.simulator.api import BASE, ORDERS, Api


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
        ("POST", "/batches"),
        ("POST", "/messages"),
        ("DELETE", "/messages/MSG-0000-0001"),
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
    ("PUT", "/subscribers/NTS-0000-0001"): "ops vendor client",
    ("POST", "/subscribers/NTS-0000-0001/disable"): "ops vendor client",
    ("POST", "/subscribers/NTS-0000-0001/enable"): "ops vendor client",
    ("GET", "/messages"): "ops vendor client",
    ("GET", "/messages/MSG-0000-0001"): "ops vendor client",
    ("GET", "/batches"): "ops vendor",
    ("GET", "/batches/MST-0000-0001"): "ops vendor",
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


def test_preflight_shows_the_own_token_with_its_secret() -> None:
    api = Api(role="vendor")
    token = api.sim.tokens["vendor"]
    body = api.get(f"/public/v1/accounts/api-tokens/{token.split(':')[1]}")
    assert (body["token"], body["status"], body["account"]["type"]) == (token, "Active", "Vendor")
    assert api.get("/public/v1/accounts/api-tokens/TKN-0000-0000")["status"] == 404


def test_specification_names_the_build_and_needs_no_token() -> None:
    sim = Simulator()
    for path in ("/public/v1/openapi.json", f"{BASE}/openapi.json"):
        document = json.loads(sim.handle("GET", path, {}).body)
        assert document["info"]["version"] == "5.0.5243-simulator"
        assert sorted(document["paths"][f"{BASE}/contacts/{{id}}"]) == ["delete", "get", "put"]
        assert f"{BASE}/accounts/{{accountId}}/categories/{{categoryId}}/contacts" in document["paths"]


def test_tokens_have_the_platform_form() -> None:
    for token in Simulator().tokens.values():
        prefix, token_id, opaque = token.split(":")
        assert (prefix, len(token_id), len(opaque)) == ("idt", 13, 40)
