# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Whose a contact is that shows after a creation: only one that the API confirmed by its id is surely this run's.

An API that answers 201 may have made nothing (notifications-api section 15, trap 1), an answer may be lost or name
somebody else, and whoever has the address a moment later need not be who was created.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Collection

from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact
from .._contacts.plan import CREATE, ContactPlan
from .._errors import NotStoredError
from .._text import visible
from .state import ContactState, Planner, Write, as_verified

if TYPE_CHECKING:
    from .._files.undo import UndoFile


class AddressTakenError(NotStoredError):
    """Somebody else has the address of a contact that was created a moment ago."""


class Creations:
    """Judges what shows after a creation, and says so in the state and in the undo file.

    :param known: the ids of all contacts that were read before the run wrote anything
    """

    def __init__(self, known: Collection[str], planner: Planner, undo_file: UndoFile | None = None) -> None:
        self._known = known
        self._planner = planner
        self._undo_file = undo_file

    def is_confirmed(self, plan: ContactPlan, answer: Contact) -> bool:
        """True if nothing in the answer to a creation speaks against it; opt-outs may be missing there."""
        after = plan.after
        is_alike = after is not None and (answer.key, answer.name) == (after.key, after.name)
        is_opted_alike = after is not None and (not answer.opt_outs or answer.opt_outs == after.opt_outs)
        return answer.id not in self._known and is_alike and is_opted_alike and not answer.is_blocked

    def confirm(self, state: ContactState, plan: ContactPlan, created: Contact) -> None:
        """The API created it."""
        state.created_id = created.id
        state.writes += (Write(CREATE, plan.changes_of(CREATE)),)
        if self._undo_file is not None:
            self._undo_file.created(state.key, created)

    def find(self, state: ContactState, plan: ContactPlan, found: Contact) -> None:
        """It was not confirmed, but somebody has the address right afterwards.

        Who is as sent counts as created, though not for sure; anybody else was there already and is planned again.
        """
        if found.id not in self._known and _is_as_sent(plan, found, "opt_outs" in _managed(plan)):
            state.writes += (Write(CREATE, plan.changes_of(CREATE)),)
            self._doubt(state, found)
            return
        state.plan = self._planner(as_verified(plan), found)
        note = f"Contact {found.email} ({found.id}) was there already when it was to be created."
        state.notes += (visible(note),)
        self._leave_alone(state, f"{note} It is not removed.")

    def check(self, state: ContactState, found: Contact) -> None:
        """Compare who has the address of a created contact with who was created.

        :raises NotStoredError: it is somebody else by now
        """
        created = state.created_id or (state.contact.id if state.contact is not None else found.id)
        is_another = found.id != created
        if is_another and (found.id in self._known or not _is_as_sent(state.plan, found, True)):
            raise AddressTakenError(
                f"Contact {state.plan.desired.label} ({created}) was created, but contact {found.id} has its address "
                "by now, so that one was left alone.",
                "Run again: the next plan is made of what is there now.",
            )
        is_untouched = state.actions == (CREATE,) and state.created_id is not None
        if is_another or (is_untouched and not _is_as_sent(state.plan, found, True)):
            self._doubt(state, found)

    def _doubt(self, state: ContactState, found: Contact) -> None:
        """It may be another's: what is written to it from now on is taken back, and it is never removed."""
        state.created_id = None
        state.writes = tuple(replace(write, is_certain=write.action != CREATE) for write in state.writes)
        self._leave_alone(
            state,
            f"Whether this run or somebody else created contact {found.email} ({found.id}) is not known: the API did "
            "not confirm it as it is. So it is not removed.",
        )

    def _leave_alone(self, state: ContactState, comment: str) -> None:
        if self._undo_file is not None:
            self._undo_file.leave_alone(state.key, comment)


def _managed(plan: ContactPlan) -> set[str]:
    """The fields that a creation sends."""
    return {change.field for change in plan.changes}


def _is_as_sent(plan: ContactPlan, found: Contact, with_opt_outs: bool) -> bool:
    """True if ``found`` is what a creation would have made; opt-outs that the API withholds do not count.

    :param with_opt_outs: false where none were sent, and an API may have its own for new contacts
    """
    after = plan.after
    if after is None or found.is_blocked:
        return False
    is_opted_alike = not with_opt_outs or found.opt_outs in (None, after.opt_outs)
    return (found.key, found.name) == (after.key, after.name) and is_opted_alike


def has_address(contact: Contact | None, desired: DesiredContact) -> bool:
    """True if ``contact`` is still the one that an entry by address means."""
    return contact is not None and contact.key == desired.key
