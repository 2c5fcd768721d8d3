# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what was applied to each contact before, and whose change a difference from it is.

There are three ways to compare: the files, what is live, and the record of what was applied last. The record may be
lost or out of date. So it only ever says what was added by us, never what may be taken away besides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Collection, Mapping

from .contact import Contact
from .email_address import canonical_email

# Whose change a difference is; of several in one contact the last of these counts.
UNCHANGED, PENDING, DRIFT, CONFLICT = "unchanged", "pending", "drift", "conflict"
_WORST_LAST = (None, UNCHANGED, PENDING, DRIFT, CONFLICT)
# Contacts in no file: taken out of the files, or never in them.
REMOVED, NEVER_MANAGED = "removed", "never_managed"


def label(files: Any, live: Any, applied: Any) -> str:
    """Whose change it is that a value differs; ``applied`` is None where nothing was."""
    if live == files:
        return UNCHANGED
    if applied is None or (applied != files and applied == live):
        return PENDING
    return DRIFT if applied == files else CONFLICT


def worst(labels: list[str | None]) -> str | None:
    """The label of a contact by those of its values; None where there is nothing to compare with."""
    return max(labels, key=_WORST_LAST.index, default=None)


@dataclass(frozen=True)
class AppliedContact:
    """One contact as it was after it was last applied; None is what was not managed.

    ``opt_outs`` tells of each category id that was listed whether we added it, or it was there before; with ``exact``
    all others were taken away, and those in ``opt_ins`` anyhow. ``blocked_at`` is when we blocked it, by the server's
    clock. ``revision`` counts the changes of the contact where the server does (notifications-api section 4).
    """

    email: str | None = None
    name: str | None = None
    status: str | None = None
    opt_outs: Mapping[str, bool] | None = None
    opt_ins: frozenset[str] = frozenset()
    exact: bool = False
    blocked_at: str | None = None
    revision: int | None = None

    def was_opted_out(self, category_id: str) -> bool | None:
        """None if that was not managed."""
        if category_id in self.opt_ins:
            return False
        if self.opt_outs is None:
            return None
        return True if category_id in self.opt_outs else False if self.exact else None

    def is_followed_by(self, live: Contact) -> bool:
        """False if the contact may have been changed forth and back since, which takes more than one write."""
        if self.revision is None or live.revision is None:
            return True
        return live.revision - self.revision in (0, 1)

    def added(self, live: Contact) -> frozenset[str]:
        """The opt-outs that we added, and that nobody can have taken away and added again."""
        if self.opt_outs is None or not self.is_followed_by(live):
            return frozenset()
        return frozenset(category_id for category_id, is_ours in self.opt_outs.items() if is_ours)

    def blocked_by_us(self, live: Contact) -> bool:
        """True if the block that is there now is ours, as far as the record tells."""
        is_ours = self.blocked_at is not None and live.is_blocked and live.blocked_reason is None
        return is_ours and self.is_followed_by(live)

    def disowned(self, category_ids: frozenset[str] | None = None) -> AppliedContact:
        """The same without a claim to these opt-outs (to any): what was begun may not have got to its end."""
        if self.opt_outs is None:
            return self
        kept = {
            category_id: is_ours and category_ids is not None and category_id not in category_ids
            for category_id, is_ours in self.opt_outs.items()
        }
        return replace(self, opt_outs=kept)


NOT_APPLIED = AppliedContact()


class Applied:
    """The record of an account: what was applied, by the id of the contact."""

    def __init__(self, contacts: Mapping[str, AppliedContact]) -> None:
        self.contacts = contacts
        self._ids: dict[str, list[str]] = {}
        for contact_id, applied in contacts.items():
            self._ids.setdefault(canonical_email(applied.email or ""), []).append(contact_id)

    def id_of(self, email: str | None) -> str | None:
        """The contact to which this address was applied; None if there is none, or more than one."""
        found = self._ids.get(canonical_email(email), []) if email else []
        return found[0] if len(found) == 1 else None

    def of(self, email: str | None, live: Contact | None) -> AppliedContact:
        """What was applied to ``live``, or to the contact that had the address where there is none any more."""
        contact_id = live.id if live is not None else self.id_of(email)
        return self.contacts.get(contact_id or "", NOT_APPLIED)


@dataclass(frozen=True)
class History:
    """What a run knows besides the files and what is live.

    ``applied`` is None without a record, be it that the task keeps none (``is_kept``) or that it was lost. ``now`` is
    the server's clock, ``token_id`` the public id of our token; where they are unknown nobody is deleted for them.
    With ``files_win`` a conflict ends as the files say, else that contact is left alone. A run that ``is_whole`` is
    about all entries, so that who is not planned is in no file.
    """

    applied: Applied | None = None
    is_kept: bool = False
    now: datetime | None = None
    token_id: str | None = None
    files_win: bool = False
    is_whole: bool = True

    def of(self, email: str | None, live: Contact | None) -> AppliedContact | None:
        """See :class:`Applied`; None without a record."""
        return None if self.applied is None else self.applied.of(email, live)

    def label_of(self, contact: Contact) -> str | None:
        """Whether a contact in no file was in one."""
        if self.applied is None:
            return None
        return REMOVED if contact.id in self.applied.contacts else NEVER_MANAGED

    def lets_go(self, contact: Contact, declared: Collection[str]) -> bool:
        """True if the contact may be removed for being in no file: where a record is kept, if it was in one.

        A contact whose address somebody has changed is still the one of the entry with the address before.
        """
        if not self.is_kept:
            return True
        past = self.of(None, contact)
        return past is not None and past.email is not None and canonical_email(past.email) not in declared


NO_HISTORY = History()
