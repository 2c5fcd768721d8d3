# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads below ``/accounts`` (notifications-api, sections 2 and 3, number 8)."""

from __future__ import annotations

import json

from tests.simulator.call import Call
from tests.simulator.errors import ApiError, not_found
from tests.simulator.listing import hidden_in_lists, plain_list
from tests.simulator.model import JsonObject, Reply, json_bytes, json_reply
from tests.simulator.rows import contact_schema, full_contact


def get_token(call: Call, token_id: str) -> Reply:
    """The caller's own token, with the whole secret, as the service does: a client must never log this."""
    token, mode = call.actor, call.switches["token_lookup"]
    if mode == "403":
        raise ApiError(403, "The token has no permission for this operation", kind="forbidden")
    if mode == "404" or token_id != token.id:
        raise not_found("ApiToken", token_id)
    body = {"id": token.id, "name": token.actor["name"], "status": "Active", "token": token.secret}
    return json_reply(200, {**body, "account": token.account})


def list_recipients(call: Call, account_id: str, category_id: str) -> Reply:
    """Contacts that a message of the category would reach in the account."""
    category = call.world.store.categories.get(category_id)
    if category is None or category["status"] == "Deleted":
        raise not_found("Category", category_id, 400)
    rows = _recipients(call, account_id, category_id) if category["status"] == "Published" else []
    reply = plain_list(call, rows, contact_schema(call.world), hidden_in_lists(call))
    form = call.switches["account_category_contacts"]
    if form != "list":
        data = json.loads(reply.body)["data"]
        reply.body = json_bytes(data if form == "array" else (data or [{}])[0])
    return reply


def _recipients(call: Call, account_id: str, category_id: str) -> list[JsonObject]:
    user_ids = {
        user["id"]
        for subscriber in call.world.store.subscribers.values()
        if subscriber["account"]["id"] == account_id
        and subscriber["category"]["id"] == category_id
        and subscriber["status"] == "Active"
        for user in subscriber["recipients"]["users"]
    }
    found = []
    for record in call.world.store.live():
        user = call.world.user_of(record.data)
        if user and user["id"] in user_ids:
            found.append(full_contact(call.world, record))
    return found
