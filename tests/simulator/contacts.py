# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on one contact (notifications-api, sections 3 to 8)."""

from __future__ import annotations

from typing import Any

from tests.simulator.call import Call
from tests.simulator.dto import NOT_GIVEN, ContactDto, known_members, read_contact
from tests.simulator.errors import ApiError, invalid, not_found
from tests.simulator.model import JsonObject, Reply
from tests.simulator.optouts import resolve
from tests.simulator.store import Record
from tests.simulator.world import new_contact


def get_contact(call: Call, contact_id: str) -> Reply:
    record = call.world.store.contacts.get(contact_id)
    seen = call.as_read(record) if record else None
    if record is None or seen is None or not (seen.is_live or call.sees_deleted) or reads_nothing(call):
        raise not_found("Contact", contact_id)
    reply = call.read_reply(seen)
    count_read(call, [record])
    return reply


def reads_nothing(call: Call) -> bool:
    """Whether the role finds every list empty and every object missing."""
    return call.switches["forbidden_mode"] == "empty_list" and call.is_restricted


def count_read(call: Call, records: list[Record]) -> None:
    """Switch ``auto_block``: the platform blocks the first contact that has been read so often (section 5)."""
    limit = call.switches.number("auto_block")
    if not limit or call.world.auto_blocked_at == call.switches.generation:
        return
    for record in records:
        record.reads += 1
    ripe = [record for record in records if record.reads >= limit and record.data["status"] == "Active"]
    if ripe:
        call.world.auto_blocked_at = call.switches.generation
        by = {"id": "USR-0000-0001", "name": "Platform"}
        event = {"at": call.world.stamp(), "by": by}
        _change(call, ripe[0], {"status": "Blocked", "blockedReason": "Blocked after repeated bounces"}, blocked=event)


def create_contact(call: Call) -> Reply:
    dto = read_contact(call)
    if dto.email in (NOT_GIVEN, None, ""):
        if call.switches["email_required_on_post"] == "400":
            raise ApiError(
                400, "Email is required.", kind="validation", errors={"email": ["The Email field is required."]}
            )
        email = ""
    else:
        email = _stored(call, dto.email)
    opted_out = resolve(call, _given(dto.opt_outs, []), held=frozenset())
    revived = _claim(call, email)
    if revived is not None and revived.is_live:
        return call.contact_reply(201, revived)
    data = {
        "id": revived.id if revived else call.world.new_contact_id(),
        **new_contact(),
        "name": _given(dto.name, None),
        "email": email,
        "optOuts": opted_out,
        "chat": _given(dto.chat, None),
        "directories": _given(dto.directories, []),
        "audit": {"created": call.event()},
    }
    if revived:
        data["audit"] = {**revived.data["audit"], "activated": call.event()}
        data["revision"] = revived.data["revision"] + 1
    return call.contact_reply(201, call.world.store.put(data))


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is NOT_GIVEN or value is None else value


def _stored(call: Call, email: str) -> str:
    return email.lower() if call.switches["email_case"] == "lower" else email


def _claim(call: Call, email: str) -> Record | None:
    """Whether a POST may use the e-mail. A contact returned is the one to revive (deleted) or to return (live)."""
    if not email:
        return None
    same = call.world.same_email(email)
    unique = call.switches["email_unique"]
    live = [record for record in same if record.is_live]
    if live and unique != "off":
        if unique == "201_existing":
            return live[0]
        raise _taken(call, email)
    deleted = [record for record in same if not record.is_live]
    if deleted and not live:
        if call.switches["deleted_email_reuse"] == "conflict":
            raise _taken(call, email)
        if call.switches["deleted_email_reuse"] == "revive":
            return deleted[-1]
    return None


def _taken(call: Call, email: str) -> ApiError:
    status = 409 if call.switches["email_unique"] == "409" else 400
    message = f"Contact with email '{email}' already exists"
    return ApiError(status, message, errors={"email": [message]})


def update_contact(call: Call, contact_id: str) -> Reply:
    record = _existing(call, contact_id)
    dto = read_contact(call, is_put=True)
    mode = call.switches["put_mode"]
    if mode == "email_required" and dto.email in (NOT_GIVEN, None):
        raise ApiError(400, "Email is required.", kind="validation", errors={"email": ["The Email field is required."]})
    changes = _permitted(call, record, _put_changes(call, record, dto, replaces=mode == "replace"))
    _change(call, record, changes, updated=call.event())
    return call.contact_reply(200, record)


def _put_changes(call: Call, record: Record, dto: ContactDto, *, replaces: bool) -> JsonObject:
    held = frozenset(item["id"] for item in record.data["optOuts"])
    defaults = new_contact()
    changes: JsonObject = {}
    for name, value in (("name", dto.name), ("chat", dto.chat), ("directories", dto.directories)):
        if value is not NOT_GIVEN:
            changes[name] = defaults[name] if value is None else value
        elif replaces:
            changes[name] = defaults[name]
    if dto.opt_outs is not NOT_GIVEN:
        changes["optOuts"] = resolve(call, dto.opt_outs or [], held=held)
    elif replaces:
        changes["optOuts"] = []
    if dto.email not in (NOT_GIVEN, None):
        changes.update(_email_change(call, record, _stored(call, dto.email)))
    return changes


def _permitted(call: Call, record: Record, changes: JsonObject) -> JsonObject:
    """What the role may write: whether those of ``forbidden_roles`` may change more than opt-outs is unknown."""
    mode = call.switches["restricted_put"]
    beyond = sorted(name for name in changes if name != "optOuts" and changes[name] != record.data[name])
    if mode == "all" or not beyond or not call.is_restricted:
        return changes
    if mode == "400":
        raise invalid(beyond[0], "The field cannot be changed with this token.")
    return {name: value for name, value in changes.items() if name not in beyond}


def _email_change(call: Call, record: Record, email: str) -> JsonObject:
    mode = call.switches["email_change"]
    if email == record.data["email"] or mode == "ignored":
        return {}
    is_linked = call.world.user_of(record.data) is not None
    if mode == "refused" or (mode == "refused_if_linked" and is_linked):
        message = "The email of a contact cannot be changed"
        raise ApiError(400, message, errors={"email": [message]})
    others = [other for other in call.world.same_email(email) if other is not record and other.is_live]
    if others and call.switches["email_unique"] != "off":
        raise _taken(call, email)
    return {"email": email}


def _existing(call: Call, contact_id: str) -> Record:
    """The live contact to write to; missing and deleted ones look the same (section 3)."""
    record = call.world.store.contacts.get(contact_id)
    if record is None or not record.is_live:
        raise not_found("Contact", contact_id, int(call.switches["missing_id_on_write"]))
    return record


def _change(call: Call, record: Record, changes: JsonObject, **events: JsonObject) -> None:
    data = {**record.data, **changes}
    if data != record.data:
        data["revision"] = record.data["revision"] + 1
    data["audit"] = {**record.data["audit"], **events}
    call.world.store.put(data)


def delete_contact(call: Call, contact_id: str) -> Reply:
    record = call.world.store.contacts.get(contact_id)
    if record is None:
        raise not_found("Contact", contact_id)
    if record.is_live:
        _change(call, record, {"status": "Deleted"}, deleted=call.event())
    elif call.switches["delete_again"] != "204":
        raise not_found("Contact", contact_id, int(call.switches["delete_again"]))
    return Reply(204)


def block_contact(call: Call, contact_id: str) -> Reply:
    body = _action_body(call)
    record = _existing(call, contact_id)
    if record.data["status"] == "Blocked":
        return _repeated(call, record, "block_when_blocked")
    changes: JsonObject = {"status": "Blocked"}
    if call.switches["block_body"] == "stored" and isinstance(body.get("blockedReason"), str):
        changes["blockedReason"] = body["blockedReason"]
    _change(call, record, changes, blocked=call.event())
    return call.contact_reply(200, record)


def unblock_contact(call: Call, contact_id: str) -> Reply:
    _action_body(call)
    record = _existing(call, contact_id)
    if record.data["status"] == "Active":
        return _repeated(call, record, "unblock_when_active")
    changes: JsonObject = {"status": "Active"}
    if call.switches["unblock_clears_reason"] == "yes":
        changes["blockedReason"] = None
    _change(call, record, changes, activated=call.event())
    return call.contact_reply(200, record)


def _action_body(call: Call) -> JsonObject:
    mode = call.switches["block_body"]
    if mode == "415" and not call.body and "json" in call.headers.get("content-type", ""):
        raise ApiError(415, "Unsupported Media Type", kind="validation")
    return known_members(call, call.json_body(required=False), ("blockedReason",)) if mode == "stored" else {}


def _repeated(call: Call, record: Record, switch: str) -> Reply:
    """A second block or unblock: refused like its siblings, or nothing to do (section 5)."""
    if call.switches[switch] == "400":
        status = record.data["status"]
        message = f"Contact with id '{record.id}' is already {status}"
        raise ApiError(400, message, errors={"status": [message]})
    return call.contact_reply(200, record)
