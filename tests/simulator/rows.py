# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Full rows, with every member that a query can name, and the schemas of them (notifications-api, section 4)."""

from __future__ import annotations

import hashlib

from tests.simulator.model import JsonObject
from tests.simulator.rql import BOOL, DATETIME, NUMBER, STRING, Property, Schema, collection_of, object_of
from tests.simulator.seed import MESSAGE_STATUSES, OUTCOMES
from tests.simulator.store import Record
from tests.simulator.world import World

_USER_CORE = frozenset({"id", "name", "icon", "phone"})
_REFERENCE = Schema({"id": STRING, "name": STRING, "icon": STRING})
_EVENT = Schema({"at": DATETIME, "by": object_of(_REFERENCE)})
_EVENTS = ("created", "updated", "activated", "blocked", "deleted", "published", "unpublished")
_AUDIT = object_of(Schema({name: object_of(_EVENT) for name in _EVENTS}))
_ACCOUNT = Schema(dict.fromkeys(("id", "icon", "type", "status", "name"), STRING))
_USER = Schema(
    {
        **dict.fromkeys(("id", "name", "icon", "email", "status", "firstName", "lastName"), STRING),
        "phone": object_of(Schema({"prefix": STRING, "number": STRING})),
        "lastLoginAt": DATETIME,
        "settings": object_of(Schema({"cultureCode": STRING, "languageCode": STRING})),
        "accounts": collection_of(_ACCOUNT),
        "currentAccount": object_of(_ACCOUNT),
        "audit": object_of(
            Schema({"created": object_of(_EVENT), "updated": object_of(_EVENT), "invitationAcceptedAt": DATETIME})
        ),
    }
)
# Audit is costly, and so left out of the full form as well (section 9).
_USER_FULL = frozenset(_USER.properties) - {"audit"}
_IDENTITY = Schema({"id": STRING, "name": STRING, "icon": STRING, "revision": NUMBER})
_CATEGORY_BASE: dict[str, Property] = {
    "id": STRING,
    "name": STRING,
    "description": STRING,
    "status": STRING,
    "optOutAllowed": BOOL,
    "icon": STRING,
    "statistics": object_of(
        Schema(dict.fromkeys(("today", "week", "month"), object_of(Schema(dict.fromkeys(OUTCOMES, NUMBER)))))
    ),
}
_CATEGORY_5: dict[str, Property] = {"deleteAllowed": BOOL, "lastUsed": DATETIME, "note": STRING}
_OPT_OUT = Schema(
    {
        **_CATEGORY_BASE,
        "shortDescription": STRING,
        "lastUsed": DATETIME,
        "href": STRING,
        "revision": NUMBER,
        "audit": _AUDIT,
    }
)
# What an item of optOuts shows by itself, per value of switch optouts_item_shape.
_OPT_OUT_SHAPES = {
    "seed": frozenset({"id", "name", "description", "icon", "lastUsed"}),
    "docs": frozenset({"id", "href", "name", "shortDescription"}),
    "id": frozenset({"id"}),
}
_CONTACT_BASE: dict[str, Property] = dict.fromkeys(("id", "name", "email", "status", "blockedReason"), STRING)
_CONTACT_4: dict[str, Property] = {"user": object_of(_USER, core=_USER_CORE, full=_USER_FULL), "userId": STRING}
_CONTACT_5: dict[str, Property] = {
    "identity": object_of(_IDENTITY),
    "chat": BOOL,
    "directories": collection_of(_REFERENCE),
}
_SUBSCRIBER = Schema(
    {
        "id": STRING,
        "name": STRING,
        "status": STRING,
        "recipients": object_of(Schema({"users": collection_of(_REFERENCE), "userGroups": collection_of(_REFERENCE)})),
        "account": object_of(Schema({"id": STRING, "name": STRING, "type": STRING})),
        "category": object_of(_REFERENCE),
        "note": STRING,
        "audit": _AUDIT,
    }
)
_CONTACT_REFERENCE = Schema(dict.fromkeys(("id", "name", "email"), STRING))
BATCH = Schema(
    {
        "id": STRING,
        "category": object_of(_REFERENCE),
        "account": object_of(_ACCOUNT),
        "buyer": object_of(_REFERENCE),
        "contacts": collection_of(_CONTACT_REFERENCE),
        "subject": STRING,
        "body": STRING,
        "audit": _AUDIT,
    }
)
MESSAGE = Schema(
    {
        "id": STRING,
        "status": STRING,
        "contact": object_of(_CONTACT_REFERENCE),
        "category": object_of(_REFERENCE),
        "account": object_of(_ACCOUNT),
        "batch": object_of(Schema({"id": STRING})),
        "subject": STRING,
        "body": STRING,
        "attachments": collection_of(_REFERENCE),
        "audit": object_of(Schema(dict.fromkeys((status.lower() for status in MESSAGE_STATUSES), object_of(_EVENT)))),
    }
)


def _versioned(base: dict[str, Property], four: dict[str, Property], five: dict[str, Property]) -> dict[str, Schema]:
    """A schema per value of switch ``schema``, with and without (``-``) revision."""
    members = {"4.x": {**base, **four}, "5.x": {**base, **five}, "both": {**base, **four, **five}}
    schemas = {name: Schema({**found, "revision": NUMBER, "audit": _AUDIT}) for name, found in members.items()}
    schemas["4.x-"] = Schema({**members["4.x"], "audit": _AUDIT})
    return schemas


def _contacts_with(shape: frozenset[str]) -> dict[str, Schema]:
    opted_out = collection_of(_OPT_OUT, core=shape, full=shape)
    return _versioned({**_CONTACT_BASE, "optOuts": opted_out}, _CONTACT_4, _CONTACT_5)


_CONTACTS = {name: _contacts_with(shape) for name, shape in _OPT_OUT_SHAPES.items()}
_CATEGORIES = _versioned(_CATEGORY_BASE, {"shortDescription": STRING}, _CATEGORY_5)


def _schema_key(world: World) -> str:
    version = world.switches["schema"]
    return "4.x-" if version == "4.x" and world.switches["revision"] == "absent" else version


def contact_schema(world: World) -> Schema:
    return _CONTACTS[world.switches["optouts_item_shape"]][_schema_key(world)]


def category_schema(world: World) -> Schema:
    return _CATEGORIES[_schema_key(world)]


def subscriber_schema() -> Schema:
    return _SUBSCRIBER


def full_contact(world: World, record: Record) -> JsonObject:
    """Every member of the contact that the current schema has; absent ones are ``None``."""
    environment = (world.store.environment, world.switches.generation)
    if record.row is None or record.cache_env != environment:
        record.forget()
        record.cache_env = environment
        record.row = _contact_row(world, record.data)
    return record.row


def _contact_row(world: World, data: JsonObject) -> JsonObject:
    user = world.user_of(data)
    values = {**data, "user": user, "userId": user and user["id"], "optOuts": _opt_outs(world, data)}
    values["identity"] = user and {key: user[key] for key in ("id", "name", "icon", "revision")}
    return {name: values.get(name) for name in contact_schema(world).properties}


def _opt_outs(world: World, data: JsonObject) -> list[JsonObject]:
    items = [_opt_out(world, item["id"]) for item in data["optOuts"]]
    if len(items) > 1 and world.switches["optouts_order"] == "shuffled":
        contact_id = data["id"]
        items.sort(key=lambda item: hashlib.sha256(f"{contact_id}{item['id']}".encode()).digest())
    return items


def _opt_out(world: World, category_id: str) -> JsonObject:
    """The category itself, so that a query reaches all of it whatever the answer shows; of a dangling one the id."""
    category = world.store.categories.get(category_id)
    if category is None:
        return {"id": category_id}
    return {**category, "href": f"/notifications/categories/{category_id}"}


def full_category(world: World, data: JsonObject) -> JsonObject:
    return {name: data.get(name) for name in category_schema(world).properties}


def full_subscriber(data: JsonObject) -> JsonObject:
    return {name: data.get(name) for name in _SUBSCRIBER.properties}
