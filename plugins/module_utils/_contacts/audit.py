# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what the audit of a contact tells, which is the latest occurrence of each event and no more.

So who wrote last need not be who made a difference (notifications-api section 9).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping, TypedDict

from .applied import AppliedContact
from .contact import Contact
from .dates import instant, moment

OUR_TOKEN, ANOTHER_TOKEN, PERSON, PLATFORM, SOMEBODY = "our_token", "another_token", "person", "platform", "somebody"
WRITERS = (OUR_TOKEN, ANOTHER_TOKEN, PERSON, PLATFORM, SOMEBODY)


class LastWritten(TypedDict):
    """Who wrote a contact last, and when; ``writer`` is one of ``WRITERS``."""

    by: str | None
    at: str | None
    writer: str


def last_written(contact: Contact, token_id: str | None) -> LastWritten | None:
    """Who wrote the contact last; None if the audit is not known.

    :param token_id: the public id of our own token
    """
    if contact.audit is None:
        return None
    events = {name: event for name, event in contact.audit.items() if _is_event(event)}
    if not events:
        return {"by": None, "at": None, "writer": SOMEBODY}
    name = max(events, key=lambda name: _later(events[name]["at"]))
    by = events[name].get("by")
    person = by if isinstance(by, dict) else {}
    told = person.get("name") or person.get("id")
    return {
        "by": told if isinstance(told, str) else None,
        "at": events[name]["at"],
        "writer": _writer(contact, name, person.get("id"), token_id),
    }


def _later(at: str) -> tuple[bool, Any]:
    """Sorts moments, whose texts may have any number of digits; one that is none comes first."""
    found = instant(at)
    return found is not None, found or at


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and isinstance(event.get("at"), str)


def _writer(contact: Contact, event: str, writer_id: Any, token_id: str | None) -> str:
    if event == "blocked" and contact.blocked_reason:
        return PLATFORM
    if not isinstance(writer_id, str):
        return SOMEBODY
    if writer_id.startswith("TKN-"):
        return OUR_TOKEN if writer_id == token_id else ANOTHER_TOKEN
    return PERSON if writer_id == contact.user_id else SOMEBODY


def own_block(contact: Contact, applied: AppliedContact | None, token_id: str | None) -> datetime | None:
    """When we blocked the contact; None unless the audit says so, or the record where the audit says nothing."""
    if not contact.is_blocked or contact.blocked_reason:
        return None
    blocked, activated = (_event(contact, name) for name in ("blocked", "activated"))
    if not blocked:
        is_ours = applied is not None and applied.blocked_by_us(contact)
        return moment(applied.blocked_at or "") if applied is not None and is_ours else None
    by = blocked.get("by")
    if token_id is None or not isinstance(by, dict) or by.get("id") != token_id:
        return None
    since = instant(blocked["at"])
    lifted = instant(activated["at"]) if activated else None
    # Who has lifted it since, and set it again, did so without leaving a trace.
    is_over = bool(activated) and (since is None or lifted is None or lifted >= since)
    return None if is_over or since is None else since[0]


def is_same_block(before: Contact, now: Contact) -> bool:
    """True if the contact is still blocked, and nobody is known to have lifted the block and set another since."""
    if not now.is_blocked or now.blocked_reason != before.blocked_reason:
        return False
    times = [moment(_event(contact, "blocked").get("at", "")) for contact in (before, now)]
    revisions = [before.revision, now.revision]
    return all(None in pair or pair[0] == pair[1] for pair in (times, revisions))


def _event(contact: Contact, name: str) -> Mapping[str, Any]:
    event = (contact.audit or {}).get(name)
    return dict(event) if isinstance(event, dict) and _is_event(event) else {}
