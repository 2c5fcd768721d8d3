# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscribers: who in an account gets the messages of a category (notifications-api, sections 3, 6 and 18)."""

from __future__ import annotations

from tests.simulator import projection as projections
from tests.simulator.call import Call, object_reply
from tests.simulator.dto import known_members, note_of, references, typed
from tests.simulator.errors import ApiError, invalid, not_found
from tests.simulator.listing import plain_list
from tests.simulator.model import JsonObject, Reply
from tests.simulator.rows import full_subscriber, subscriber_schema
from tests.simulator.rql import split_query


def list_subscribers(call: Call) -> Reply:
    rows = [full_subscriber(data) for data in call.world.store.subscribers.values()]
    return plain_list(call, rows, subscriber_schema(), {"audit"})


def get_subscriber(call: Call, subscriber_id: str) -> Reply:
    data = call.world.store.subscribers.get(subscriber_id)
    if data is None:
        raise not_found("Subscriber", subscriber_id)
    return _reply(call, data)


def _reply(call: Call, data: JsonObject) -> Reply:
    select = split_query(call.raw_query).select if call.method == "GET" else None
    return object_reply(200, full_subscriber(data), projections.build(select, subscriber_schema(), call.switches))


def update_subscriber(call: Call, subscriber_id: str) -> Reply:
    body = known_members(call, call.json_body(), ("recipients",))
    given = known_members(call, typed(body, "recipients", dict) if body else {}, ("users", "userGroups"))
    data = _existing(call, subscriber_id)
    recipients = dict(data["recipients"])
    if "users" in given:
        recipients["users"] = _users(call, references(given, "users") or [])
    if "userGroups" in given:
        recipients["userGroups"] = [{"id": group_id} for group_id in references(given, "userGroups") or []]
    return _changed(call, data, {"recipients": recipients})


def _users(call: Call, ids: list[str]) -> list[JsonObject]:
    names = {user["id"]: user["name"] for user in call.world.store.users.values()}
    for position, user_id in enumerate(ids):
        if user_id not in names and call.switches["recipient_unknown"] == "400":
            raise invalid(f"recipients.users[{position}].id", f"User with id '{user_id}' not found")
    return [{"id": user_id, "name": names.get(user_id)} for user_id in ids]


def enable_subscriber(call: Call, subscriber_id: str) -> Reply:
    return _transition(call, subscriber_id, "Active")


def disable_subscriber(call: Call, subscriber_id: str) -> Reply:
    return _transition(call, subscriber_id, "Disabled")


def _transition(call: Call, subscriber_id: str, status: str) -> Reply:
    note = note_of(call)
    data = _existing(call, subscriber_id)
    if data["status"] == status and call.switches["subscriber_again"] == "400":
        raise ApiError(400, f"Subscriber with id '{subscriber_id}' is already {status}")
    return _changed(call, data, {"status": status, **note})


def _existing(call: Call, subscriber_id: str) -> JsonObject:
    data = call.world.store.subscribers.get(subscriber_id)
    if data is None:
        raise not_found("Subscriber", subscriber_id, int(call.switches["missing_id_on_write"]))
    return data


def _changed(call: Call, data: JsonObject, changes: JsonObject) -> Reply:
    new = {**data, **changes, "audit": {**data["audit"], "updated": call.event()}}
    call.world.store.put_other("subscribers", new)
    return _reply(call, new)
