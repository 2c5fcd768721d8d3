# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Categories and subscribers (notifications-api, sections 3 and 6)."""

from __future__ import annotations

from typing import Any

from tests.simulator import projection as projections
from tests.simulator.call import Call, object_reply
from tests.simulator.dto import NOT_GIVEN, known_members, note_of, typed
from tests.simulator.errors import ApiError, invalid, not_found
from tests.simulator.listing import plain_list
from tests.simulator.model import JsonObject, Reply
from tests.simulator.rows import category_schema, full_category
from tests.simulator.rql import Schema, split_query
from tests.simulator.seed import statistics

_TEXTS = ("name", "description", "shortDescription", "note")
_FLAGS = ("optOutAllowed", "deleteAllowed")
_HIDDEN = {"audit", "statistics"}


def list_categories(call: Call) -> Reply:
    rows = [full_category(call.world, data) for data in call.world.store.categories.values() if _is_listed(call, data)]
    return plain_list(call, sorted(rows, key=_by_id), category_schema(call.world), _HIDDEN)


def _by_id(row: JsonObject) -> str:
    return str(row["id"])


def _is_listed(call: Call, data: JsonObject) -> bool:
    """Clients and vendors see only published ones."""
    return data["status"] == "Published" or (data["status"] != "Deleted" and call.actor.role == "ops")


def get_category(call: Call, category_id: str) -> Reply:
    data = call.world.store.categories.get(category_id)
    # A deleted category seems to stay readable for operations (section 6).
    if data is None or not (data["status"] == "Published" or call.actor.role == "ops"):
        raise not_found("Category", category_id)
    return _single(call, 200, full_category(call.world, data), category_schema(call.world))


def _single(call: Call, status: int, row: JsonObject, schema: Schema) -> Reply:
    select = split_query(call.raw_query).select if call.method == "GET" else None
    return object_reply(status, row, projections.build(select, schema, call.switches))


def _reply(call: Call, status: int, data: JsonObject) -> Reply:
    return _single(call, status, full_category(call.world, data), category_schema(call.world))


def _body(call: Call) -> JsonObject:
    body = known_members(call, call.json_body(), (*_TEXTS, *_FLAGS))
    given: dict[str, Any] = {name: typed(body, name, str) for name in _TEXTS}
    given.update({name: typed(body, name, bool) for name in _FLAGS})
    given = {name: value for name, value in given.items() if value is not NOT_GIVEN}
    if given.get("name", "x") in ("", None):
        raise invalid("name", "The Name field is required.")
    return given


def create_category(call: Call) -> Reply:
    given = _body(call)
    if "name" not in given:
        raise invalid("name", "The Name field is required.")
    event = call.event()
    data = {
        "id": call.world.new_category_id(),
        "status": "Published",
        "shortDescription": "",
        "optOutAllowed": True,
        "deleteAllowed": True,
        "revision": 1,
        "statistics": statistics(0),
        **given,
        "audit": {"created": event, "published": event},
    }
    call.world.store.put_category(data)
    return _reply(call, 201, data)


def update_category(call: Call, category_id: str) -> Reply:
    data = _changed(call, _existing(call, category_id), "updated", _body(call))
    return _reply(call, int(call.switches["category_put_status"]), data)


def delete_category(call: Call, category_id: str) -> Reply:
    data = _existing(call, category_id)
    if data.get("deleteAllowed") is False:
        raise ApiError(400, f"Category with id '{category_id}' cannot be deleted")
    _changed(call, data, "deleted", {"status": "Deleted"})
    if call.switches["category_delete_effect"] == "removed":
        _forget_opt_outs(call, category_id)
    return Reply(204)


def _forget_opt_outs(call: Call, category_id: str) -> None:
    for record in list(call.world.store.contacts.values()):
        kept = [item for item in record.data["optOuts"] if item["id"] != category_id]
        if len(kept) < len(record.data["optOuts"]):
            call.world.store.put({**record.data, "optOuts": kept})


def publish_category(call: Call, category_id: str) -> Reply:
    return _transition(call, category_id, "Published")


def unpublish_category(call: Call, category_id: str) -> Reply:
    return _transition(call, category_id, "Unpublished")


def _transition(call: Call, category_id: str, status: str) -> Reply:
    note = note_of(call)
    data = _existing(call, category_id)
    if data["status"] == status:
        raise ApiError(400, f"Category with id '{category_id}' is already {status}")
    return _reply(call, 200, _changed(call, data, status.lower(), {"status": status, **note}))


def _existing(call: Call, category_id: str) -> JsonObject:
    data = call.world.store.categories.get(category_id)
    if data is None or data["status"] == "Deleted":
        raise not_found("Category", category_id)
    return data


def _changed(call: Call, data: JsonObject, event: str, changes: JsonObject) -> JsonObject:
    audit = {**data["audit"], event: call.event()}
    new = {**data, **changes, "revision": data["revision"] + 1, "audit": audit}
    call.world.store.put_category(new)
    return new
