# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages and batches, to read only: a POST of the real service sends mail, so here it leads nowhere (section 18)."""

from __future__ import annotations

from tests.simulator import projection as projections
from tests.simulator.call import Call, object_reply
from tests.simulator.errors import not_found
from tests.simulator.listing import plain_list
from tests.simulator.model import JsonObject, Reply
from tests.simulator.rows import BATCH, MESSAGE
from tests.simulator.rql import Schema, split_query

# Private, and so never shown unless somebody asks for it by name.
_PRIVATE = {"subject", "body", "attachments"}


def list_messages(call: Call) -> Reply:
    return _list(call, call.world.store.messages, MESSAGE)


def get_message(call: Call, message_id: str) -> Reply:
    return _single(call, call.world.store.messages, "Message", message_id, MESSAGE)


def list_batches(call: Call) -> Reply:
    return _list(call, call.world.store.batches, BATCH)


def get_batch(call: Call, batch_id: str) -> Reply:
    return _single(call, call.world.store.batches, "Batch", batch_id, BATCH)


def _list(call: Call, found: dict[str, JsonObject], schema: Schema) -> Reply:
    return plain_list(call, [_full(row, schema) for row in found.values()], schema, {"audit", *_PRIVATE})


def _single(call: Call, found: dict[str, JsonObject], what: str, object_id: str, schema: Schema) -> Reply:
    if object_id not in found:
        raise not_found(what, object_id)
    select = split_query(call.raw_query).select
    projection = projections.build(select, schema, call.switches, hidden=_PRIVATE)
    return object_reply(200, _full(found[object_id], schema), projection)


def _full(row: JsonObject, schema: Schema) -> JsonObject:
    return {name: row.get(name) for name in schema.properties}
