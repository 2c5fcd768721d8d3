# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of the store that no API call makes: loading it, and changes behind a client's back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tests.simulator.model import JsonObject
from tests.simulator.store import Record
from tests.simulator.world import World, new_contact

_COLLECTIONS = ("contacts", "categories", "users", "subscribers", "batches", "messages")


class AdminError(ValueError):
    """A change that cannot be made; the message says why."""


def dump(world: World) -> JsonObject:
    """The whole state as JSON: lists of camelCase objects, ``optOuts`` as ``[{"id": ...}]``."""
    store = world.store
    return {
        "contacts": [record.data for record in store.ordered()],
        "categories": list(store.categories.values()),
        "users": list(store.users.values()),
        "subscribers": list(store.subscribers.values()),
        "batches": list(store.batches.values()),
        "messages": list(store.messages.values()),
    }


def load(world: World, state: Mapping[str, Any], *, merge: bool = False) -> None:
    """Replaces the collections named in ``state``; with ``merge`` adds to them, object by object, member by member."""
    unknown = sorted(set(state) - set(_COLLECTIONS))
    if unknown:
        raise AdminError(f"unknown {', '.join(unknown)}; allowed: {', '.join(_COLLECTIONS)}")
    for name in state:
        if name == "contacts" and not merge:
            world.store.clear_contacts()
        elif not merge:
            getattr(world.store, name).clear()
        for item in state[name]:
            _load_one(world, name, item)


def _load_one(world: World, name: str, item: Mapping[str, Any]) -> None:
    if name == "contacts":
        patch_contact(world, item, settled=True)
    elif name == "categories":
        patch_category(world, item)
    elif name == "users":
        _need(item, "id", "email")
        world.store.put_user(item)
    else:
        _need(item, "id")
        world.store.put_other(name, item)


def _need(item: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if not item.get(name)]
    if missing:
        raise AdminError(f"{', '.join(missing)} missing in {dict(item)}")


def find(world: World, key: str) -> Record | None:
    """A contact by id, or the first live one by e-mail, else a deleted one."""
    if key in world.store.contacts:
        return world.store.contacts[key]
    found = sorted(world.store.by_email(key), key=lambda record: not record.is_live)
    return found[0] if found else None


def patch_contact(world: World, partial: Mapping[str, Any], *, settled: bool = False) -> Record:
    """Changes the contact named by ``id``, else by ``email``, or creates it. No rule of the API applies.

    ``match`` names a contact that is there by id or e-mail, and so lets the e-mail change. ``optOuts`` may hold ids
    instead of objects. ``user: true`` links the e-mail to a platform user. With ``settled`` the state counts as old, so
    that lagging reads see it.
    """
    changes = dict(partial)
    match = changes.pop("match", None)
    if match is not None:
        found = find(world, str(match))
        if found is None:
            raise AdminError(f"no contact {match}")
        changes["id"] = found.id
    key = changes.get("id") or changes.get("email")
    if not key:
        raise AdminError("a contact needs an id or an email")
    wants_user = changes.pop("user", None)
    if "optOuts" in changes:
        items = changes["optOuts"] or []
        changes["optOuts"] = [item if isinstance(item, dict) else {"id": item} for item in items]
    record = find(world, str(key))
    if record is None:
        audit = {"created": {"at": world.stamp()}}
        data = {
            "id": world.new_contact_id() if "id" not in changes else None,
            **new_contact(),
            "audit": audit,
            **changes,
        }
    else:
        data = {**record.data, "revision": record.data["revision"] + 1, **changes}
    if wants_user:
        world.link(data["name"], data["email"])
    return world.store.put(data, seeded=settled)


def remove_contact(world: World, key: str) -> bool:
    """Takes a contact out without a trace; whether there was one."""
    record = find(world, key)
    if record:
        world.store.remove(record.id)
    return record is not None


def patch_category(world: World, partial: Mapping[str, Any]) -> JsonObject:
    """Changes the category named by ``id``, or adds it."""
    _need(partial, "id")
    fresh: JsonObject = {"name": None, "status": "Published", "optOutAllowed": True, "deleteAllowed": True}
    old = world.store.categories.get(str(partial["id"]), {**fresh, "revision": 1, "audit": {}})
    data = {**old, **partial}
    world.store.put_category(data)
    return data


def mutate(world: World, change: Mapping[str, Any]) -> None:
    """One step of a rule's ``mutate``; what it names may be gone by now, and then nothing happens."""
    with suppress(AdminError):
        for kind, value in change.items():
            if kind == "contact":
                patch_contact(world, value)
            elif kind == "category":
                patch_category(world, value)
            elif kind == "remove":
                remove_contact(world, value)
            else:
                patch_contact(world, {"match": value, "status": "Deleted"})
