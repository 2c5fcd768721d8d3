# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscribers can be changed; messages and batches can only be read: notifications-api, section 18."""

from __future__ import annotations

import pytest

from tests.simulator.seed import MESSAGE_STATUSES
from tests.unit.simulator.api import ORDERS, Api

ORDERS_SUBSCRIBER, STATEMENTS = "/subscribers/NTS-0000-0001", "/subscribers/NTS-0000-0007"
RECIPIENTS = f"/accounts/ACC-0003-0003/categories/{ORDERS}/contacts"


def test_recipients_can_be_replaced() -> None:
    api = Api(30, role="client")
    before = api.get(ORDERS_SUBSCRIBER)["recipients"]["users"]
    body = api.put(ORDERS_SUBSCRIBER, {"Recipients": {"users": [{"id": before[0]["id"]}], "userGroups": [{"id": "G"}]}})
    assert body["recipients"] == {"users": before[:1], "userGroups": [{"id": "G"}]}
    assert body["audit"]["updated"]["by"]["name"] == "client token"
    assert api.sim.journal.entries[-1].committed
    api.put(ORDERS_SUBSCRIBER, {"recipients": {"userGroups": []}})
    api.put(ORDERS_SUBSCRIBER, {})
    assert api.get(ORDERS_SUBSCRIBER)["recipients"] == {"users": before[:1]}
    api.role = "ops"
    assert api.total(RECIPIENTS) == 1


def test_only_an_active_subscriber_has_recipients() -> None:
    api = Api(30)
    assert api.total(RECIPIENTS) > 0
    body = api.post(f"{ORDERS_SUBSCRIBER}/disable", {"note": "leave"})
    assert (api.status, body["status"], body["note"], api.total(RECIPIENTS)) == (200, "Disabled", "leave", 0)
    assert api.post(f"{ORDERS_SUBSCRIBER}/enable")["status"] == "Active"
    assert api.post(f"{STATEMENTS}/enable")["status"] == "Active"


@pytest.mark.parametrize(("value", "status"), [("400", 400), ("404", 404)])
def test_missing_subscriber(value: str, status: int) -> None:
    api = Api(missing_id_on_write=value)
    for method, path in (("PUT", ""), ("POST", "/enable"), ("POST", "/disable")):
        body = api.call(method, f"/subscribers/NTS-0000-0000{path}", {})
        assert (api.status, body["detail"]) == (status, "Subscriber with id 'NTS-0000-0000' not found")


def test_messages_tell_what_became_of_them_but_not_what_they_say() -> None:
    api = Api(20)
    body = api.get("/messages?limit=100")
    assert {row["status"] for row in body["data"]} == set(MESSAGE_STATUSES)
    assert body["$meta"]["omitted"] == ["subject", "body", "attachments", "audit"]
    one = api.get(f"/messages/{body['data'][0]['id']}")
    assert one.keys() == {"id", "status", "contact", "category", "account", "batch", "audit"}
    assert one["audit"].keys() == {"queued", one["status"].lower()}
    assert "subject" in api.get("/messages?select=subject")["data"][0]
    blocked = {row["status"] for row in api.get("/messages?limit=100&contact.name=%22Hard%20Bounce%22")["data"]}
    assert blocked == {"Discarded"}
    assert (api.get("/messages/MSG-1")["status"], api.get("/batches/MST-1")["status"]) == (404, 404)


def test_batches() -> None:
    api = Api(5)
    body = api.get("/batches")
    assert [row["category"]["name"] for row in body["data"]] == ["Orders", "Invoices", "Technical updates"]
    batch = api.get(f"/batches/{body['data'][0]['id']}")
    assert len(batch["contacts"]) == 5
    assert api.total(f"/messages?batch.id={batch['id']}") == 5
