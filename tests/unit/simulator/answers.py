# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One answer of every kind, for tests that hold answers to a schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.simulator.api import LEGACY, MISSING, ORDERS, Api

Send = Callable[[Api], Any]


def _new(api: Api) -> Any:
    return api.post("/contacts", {"email": "nina.new@contoso.example", "name": "N", "optOuts": [{"id": ORDERS}]})


def _blocked_id(api: Api) -> str:
    return next(record.id for record in api.sim.store.live() if record.data["status"] == "Blocked")


# What it is: (path template and method of the specification, status there, how to get it).
ANSWERS: dict[str, tuple[str, str, int, Send]] = {
    "list": ("/contacts", "get", 200, lambda api: api.get("/contacts")),
    "list, all members": ("/contacts", "get", 200, lambda api: api.get("/contacts?select=optOuts,audit&limit=100")),
    "list, empty": ("/contacts", "get", 200, lambda api: api.get("/contacts?limit=0")),
    "create": ("/contacts", "post", 201, _new),
    "create refused": ("/contacts", "post", 400, lambda api: api.post("/contacts", {})),
    "get": ("/contacts/{id}", "get", 200, lambda api: api.get(f"/contacts/{api.first_id()}")),
    "get missing": ("/contacts/{id}", "get", 404, lambda api: api.get(f"/contacts/{MISSING}")),
    "put": ("/contacts/{id}", "put", 200, lambda api: api.put(f"/contacts/{api.first_id()}", {"name": "x"})),
    "put missing": ("/contacts/{id}", "put", 400, lambda api: api.put(f"/contacts/{MISSING}", {"name": "x"})),
    "delete": ("/contacts/{id}", "delete", 204, lambda api: api.delete(f"/contacts/{api.first_id()}")),
    "delete missing": ("/contacts/{id}", "delete", 404, lambda api: api.delete(f"/contacts/{MISSING}")),
    "block": ("/contacts/{id}/block", "post", 200, lambda api: api.post(f"/contacts/{api.first_id()}/block")),
    "block again": ("/contacts/{id}/block", "post", 400, lambda api: api.post(f"/contacts/{_blocked_id(api)}/block")),
    "unblock": ("/contacts/{id}/unblock", "post", 200, lambda api: api.post(f"/contacts/{_blocked_id(api)}/unblock")),
    "unblock again": (
        "/contacts/{id}/unblock",
        "post",
        400,
        lambda api: api.post(f"/contacts/{api.first_id()}/unblock"),
    ),
    "categories": ("/categories", "get", 200, lambda api: api.get("/categories?select=audit")),
    "create category": ("/categories", "post", 201, lambda api: api.post("/categories", {"name": "x"})),
    "create category refused": ("/categories", "post", 400, lambda api: api.post("/categories", {})),
    "category": ("/categories/{id}", "get", 200, lambda api: api.get(f"/categories/{ORDERS}")),
    "category missing": ("/categories/{id}", "get", 404, lambda api: api.get("/categories/NTC-1")),
    "put category": ("/categories/{id}", "put", 201, lambda api: api.put(f"/categories/{ORDERS}", {"name": "x"})),
    "put category missing": ("/categories/{id}", "put", 404, lambda api: api.put("/categories/NTC-1", {"name": "x"})),
    "delete category": ("/categories/{id}", "delete", 204, lambda api: api.delete(f"/categories/{ORDERS}")),
    "publish": ("/categories/{id}/publish", "post", 200, lambda api: api.post(f"/categories/{LEGACY}/publish")),
    "publish again": ("/categories/{id}/publish", "post", 400, lambda api: api.post(f"/categories/{ORDERS}/publish")),
    "unpublish": ("/categories/{id}/unpublish", "post", 200, lambda api: api.post(f"/categories/{ORDERS}/unpublish")),
    "unpublish missing": (
        "/categories/{id}/unpublish",
        "post",
        404,
        lambda api: api.post("/categories/NTC-1/unpublish"),
    ),
    "recipients": (
        "/accounts/{accountId}/categories/{categoryId}/contacts",
        "get",
        200,
        lambda api: api.get(f"/accounts/ACC-0003-0003/categories/{ORDERS}/contacts"),
    ),
    "recipients of nothing": (
        "/accounts/{accountId}/categories/{categoryId}/contacts",
        "get",
        400,
        lambda api: api.get("/accounts/ACC-0003-0003/categories/NTC-1/contacts"),
    ),
}
