# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Categories, subscribers, recipients (notifications-api, sections 3 and 6)."""

from __future__ import annotations

from tests.unit.simulator.api import LEGACY, ORDERS, SECURITY, Api


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
