# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a contact as the API has it, and the few fields of it that can be managed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Mapping

from .._errors import InvalidAnswerError
from .email_address import canonical_email
from .fields import CONTACT_FIELDS
from .ids import is_safe_id

ACTIVE, BLOCKED, DELETED = "Active", "Blocked", "Deleted"
_STATUSES = {status.lower(): status for status in (ACTIVE, BLOCKED, DELETED, "New")}

_ID, _EMAIL, _NAME, _OPT_OUTS, _STATUS = (
    CONTACT_FIELDS[field].api_name for field in ("id", "email", "name", "opt_outs", "state")
)

# Members of the write body that newer servers know and this collection does not manage: they are sent back as read,
# so that a server that replaces the whole contact does not lose them (notifications-api section 8).
_CARRIED_MEMBERS = ("chat", "directories")


@dataclass(frozen=True)
class Contact:
    """One contact as read from the API.

    ``name`` and ``blocked_reason`` are None when empty. ``opt_outs`` holds category ids; None means that the server
    left them out, which is not the same as none. ``linked`` tells whether the address belongs to a platform user.
    ``category_names`` are the names that came with the opt-outs. ``carried`` is sent back unchanged with every update.
    ``is_unlisted`` is true if it was read by its id alone, so that no list was there to compare it with.
    """

    id: str
    email: str
    name: str | None = None
    status: str = ACTIVE
    blocked_reason: str | None = None
    opt_outs: frozenset[str] | None = frozenset()
    user_id: str | None = None
    linked: bool | None = None
    revision: int | None = None
    audit: Mapping[str, Any] | None = field(default=None, compare=False)
    category_names: Mapping[str, str] = field(default_factory=dict, compare=False)
    carried: Mapping[str, Any] = field(default_factory=dict, compare=False)
    is_unlisted: bool = field(default=False, compare=False)

    @cached_property
    def key(self) -> str:
        """The address in the form in which addresses are compared."""
        return canonical_email(self.email)

    @property
    def known_opt_outs(self) -> frozenset[str]:
        """The opt-outs, for where unknown ones must not pass for none.

        :raises InvalidAnswerError: the server left them out
        """
        if self.opt_outs is None:
            raise InvalidAnswerError(f"The API did not send the opt-outs of contact {self.id}.")
        return self.opt_outs

    @property
    def is_live(self) -> bool:
        return self.status != DELETED

    @property
    def is_blocked(self) -> bool:
        return self.status == BLOCKED


def contact_from_api(data: Any) -> Contact:
    """Read one contact object, whichever version of the schema it follows (notifications-api section 4).

    :raises InvalidAnswerError: there is no usable id or e-mail address
    """
    if not isinstance(data, dict):
        raise InvalidAnswerError("The API sent something that is not a contact.")
    contact_id, email = data.get(_ID), data.get(_EMAIL)
    if not isinstance(contact_id, str) or not is_safe_id(contact_id):
        raise InvalidAnswerError("The API sent a contact without a usable id.")
    if not isinstance(email, str) or not email:
        raise InvalidAnswerError(f"The API sent contact {contact_id} without an e-mail address.")
    omitted = _omitted(data)
    opt_outs, category_names = _opt_outs(data, contact_id, omitted)
    user_id, linked = _user(data, omitted)
    status = data.get(_STATUS)
    return Contact(
        id=contact_id,
        email=email,
        name=_text(data.get(_NAME)),
        status=_STATUSES.get(status.lower(), status) if isinstance(status, str) else ACTIVE,
        blocked_reason=_text(data.get("blockedReason")),
        opt_outs=opt_outs,
        user_id=user_id,
        linked=linked,
        revision=_count(data.get("revision")),
        audit=data.get("audit") if isinstance(data.get("audit"), dict) else None,
        category_names=category_names,
        carried={member: data[member] for member in _CARRIED_MEMBERS if data.get(member) is not None},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _omitted(data: Mapping[str, Any]) -> frozenset[str]:
    """The fields that the server says it left out of this object."""
    meta = data.get("$meta")
    names = meta.get("omitted") if isinstance(meta, dict) else None
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def _opt_outs(
    data: Mapping[str, Any], contact_id: str, omitted: frozenset[str]
) -> tuple[frozenset[str] | None, dict[str, str]]:
    """The opted-out category ids and the names that came with them; None for the ids where they were left out."""
    items = data.get(_OPT_OUTS)
    if items is None:
        return (None if _OPT_OUTS in omitted else frozenset()), {}
    if not isinstance(items, list) or not all(isinstance(item, dict) and _text(item.get("id")) for item in items):
        raise InvalidAnswerError(f"The API sent contact {contact_id} with unreadable opt-outs.")
    names = {item["id"]: item["name"] for item in items if _text(item.get("name"))}
    return frozenset(item["id"] for item in items), names


def _user(data: Mapping[str, Any], omitted: frozenset[str]) -> tuple[str | None, bool | None]:
    """The id of the platform user behind the address, and whether there is one (None: not said)."""
    user_id = _text(data.get("userId"))
    for member in ("user", "identity"):
        person = data.get(member)
        if user_id is None and isinstance(person, dict):
            user_id = _text(person.get("id"))
    if user_id is not None:
        return user_id, True
    return None, (None if omitted & {"user", "userId", "identity"} else False)
