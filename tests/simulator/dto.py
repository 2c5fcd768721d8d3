# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and checking the bodies of writes (notifications-api, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.simulator.call import Call
from tests.simulator.errors import invalid

NOT_GIVEN: Any = object()
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")
_MAX_EMAIL = 320
_CONTACT_5 = ("chat", "directories")


@dataclass
class ContactDto:
    """What a POST or PUT gave; ``NOT_GIVEN`` is not the same as ``None``. ``opt_outs``: ids."""

    email: Any = NOT_GIVEN
    name: Any = NOT_GIVEN
    opt_outs: Any = NOT_GIVEN
    chat: Any = NOT_GIVEN
    directories: Any = NOT_GIVEN


def read_contact(call: Call, *, is_put: bool = False) -> ContactDto:
    """The body as a DTO, or 400 naming the member that is wrong."""
    has_five = call.switches["schema"] != "4.x"
    body = known_members(call, call.json_body(), ("email", "name", "optOuts", *(_CONTACT_5 if has_five else ())))
    null_mode = call.switches["put_null_clears"] if is_put else "yes"
    for name in ("name", "optOuts"):
        if name in body and body[name] is None and null_mode != "yes":
            if null_mode == "400":
                raise invalid(name, f"The {name} field must not be null.")
            del body[name]
    dto = ContactDto(email=_email(body), name=typed(body, "name", str))
    dto.opt_outs = references(body, "optOuts")
    if has_five:
        dto.chat = typed(body, "chat", bool)
        directory_ids = references(body, "directories")
        is_list = isinstance(directory_ids, list)
        dto.directories = [{"id": each} for each in directory_ids] if is_list else directory_ids
    return dto


def known_members(call: Call, body: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """The members that the API has, whatever their case; of the same member twice the last one counts.

    Unknown ones are dropped without a word, unless the switch says otherwise.
    """
    spelling = {name.lower(): name for name in known}
    unknown = sorted(name for name in body if name.lower() not in spelling)
    if unknown and call.switches["unknown_body_members"] == "400":
        raise invalid(f"$.{unknown[0]}", "The JSON property could not be mapped to any member.")
    return {spelling[name.lower()]: value for name, value in body.items() if name.lower() in spelling}


def typed(body: dict[str, Any], name: str, kind: type) -> Any:
    """The member, ``None`` or ``NOT_GIVEN``; another type is a 400."""
    value = body.get(name, NOT_GIVEN)
    if value is NOT_GIVEN or value is None or isinstance(value, kind):
        return value
    raise invalid(f"$.{name}", f"The JSON value could not be converted to {kind.__name__}.")


def _email(body: dict[str, Any]) -> Any:
    email = typed(body, "email", str)
    if isinstance(email, str) and email and not (_EMAIL.fullmatch(email) and len(email) <= _MAX_EMAIL):
        raise invalid("email", "The Email field is not a valid e-mail address.")
    return email


def references(body: dict[str, Any], name: str) -> Any:
    """The ids of a list of ``{"id": ...}``, each once, in the order given."""
    items = typed(body, name, list)
    if not isinstance(items, list):
        return items
    ids: dict[str, None] = {}
    for position, item in enumerate(items):
        found = [value for key, value in item.items() if key.lower() == "id"] if isinstance(item, dict) else []
        if not found or not isinstance(found[-1], str):
            raise invalid(f"{name}[{position}].id", "The Id field is required.")
        ids[found[-1]] = None
    return list(ids)


def note_of(call: Call) -> dict[str, Any]:
    """The note of an action, as a change; nothing if none was given."""
    body = known_members(call, call.json_body(required=False), ("note",))
    return {name: typed(body, name, str) for name in body}
