# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Carry out the plan of one contact: on a fresh read, one write after the other, each of them proven.

A write whose answer was lost is read back before anything is sent again; a create is looked up by its address, never
repeated blindly (notifications-api section 15, traps 1, 15 and 16). What is finally planned, and what was done, is kept
in a :class:`ContactState`; everything that is reported is a view of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable

from .._api.contacts_api import ContactsApi
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact
from .._contacts.email_address import canonical_email
from .._contacts.plan import (
    BLOCK,
    CREATE,
    DELETE,
    UNBLOCK,
    UPDATE,
    ContactPlan,
    FieldChange,
    merged_changes,
)
from .._contacts.set_plan import PlannedContact
from .._errors import AnswerLostError, ApiError, MisroutedError, NotStoredError, OutcomeUnknownError, SwoError
from .._files.undo import UndoFile

# Seconds before each look at something that should have changed: a read may lag behind a write.
VERIFY_DELAYS = (0.0, 0.5, 2.5)
ONE_LOOK = VERIFY_DELAYS[:1]
MAX_SENDS = 3
_MOVED_HINT = "Run again: the next plan is made of what is there now."

# Plans a desired contact against another live one than at first.
Planner = Callable[[DesiredContact, "Contact | None"], ContactPlan]
Read = Callable[[], "Contact | None"]
Check = Callable[["Contact | None"], bool]


@dataclass(frozen=True)
class Write:
    """One write that was carried out, and the values that it changed.

    ``is_certain`` is false if the write was refused and what it should do was there right afterwards nevertheless:
    a gateway may have sent it twice, or somebody else may have done the same in this moment.
    """

    action: str
    changes: tuple[FieldChange, ...]
    is_certain: bool = True


@dataclass
class ContactState:
    """How far one contact of the plan got.

    ``plan`` is what was finally planned, on the fresh read before the first write; ``contact`` is the contact as last
    read, None if there is none. ``uncertain`` is true if one more write than ``writes`` may have been carried out.
    ``failure`` is None on success; ``skipped`` says why a contact was left for another run.
    """

    item: PlannedContact
    plan: ContactPlan
    contact: Contact | None
    writes: tuple[Write, ...] = ()
    uncertain: bool = False
    failure: SwoError | None = None
    skipped: str | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Tells the contacts of a run apart, in the order of their addresses."""
        return self.item.place

    @property
    def actions(self) -> tuple[str, ...]:
        """What was done."""
        return tuple(write.action for write in self.writes)

    @property
    def left(self) -> tuple[str, ...]:
        """What was finally planned and not done."""
        return tuple(action for action in self.plan.actions if action not in self.actions)

    @property
    def label(self) -> str:
        """How the contact is named to the user: as it was right before the first write."""
        return self.plan.live.email if self.plan.live is not None else self.item.label

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.plan.warnings

    @property
    def changed(self) -> bool:
        return bool(self.writes) or self.uncertain

    @property
    def is_over(self) -> bool:
        return self.skipped is not None or self.failure is not None

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """The values that were written; of a contact that is not as it should be, also those that were to be."""
        changes = [change for write in self.writes for change in write.changes]
        if self.is_over or self.uncertain:
            changes += [change for action in self.left for change in self.plan.changes_of(action)]
        return merged_changes(changes)


def difference(desired: DesiredContact, contact: Contact | None, planner: Planner) -> NotStoredError | None:
    """What is wrong with ``contact`` as it was read back after its plan was carried out; None if nothing is."""
    if contact is None:
        if desired.state == "absent":
            return None
        return NotStoredError(f"Contact {desired.label} is gone again after it was written.")
    left = planner(desired, contact)
    if left.is_noop:
        return None
    fields = " and ".join(change.field for change in left.changes)
    return NotStoredError(
        f"The API accepted the change of contact {desired.label} ({contact.id}), but reading it back shows "
        f"another {fields}.",
        "The API may not allow this change, or somebody changed the contact at the same time.",
    )


def as_verified(plan: ContactPlan) -> DesiredContact:
    """What must hold right after the plan: opt-outs that count on creation only count now."""
    if CREATE in plan.actions and plan.desired.opt_outs_mode == "on_create":
        return replace(plan.desired, opt_outs_mode="at_least")
    return plan.desired


class _Gone(Exception):
    """The contact that was to be written is not there any more, or not as it was."""


class Applier:
    """Applies the plan of one contact at a time through one client.

    :param planner: plans a desired contact against another live one, for when the account moved meanwhile
    :param sleep: the run's own, so that tests have a virtual clock
    :param undo_file: told what there was before the first write to a contact
    """

    def __init__(
        self, api: ContactsApi, planner: Planner, sleep: Callable[[float], None], undo_file: UndoFile | None = None
    ) -> None:
        self._api = api
        self._planner = planner
        self._sleep = sleep
        self._undo_file = undo_file

    def advance(self, state: ContactState, actions: frozenset[str]) -> None:
        """Carry out those of the planned actions that are among ``actions``, on a fresh read.

        No error of ours is raised: the state holds it. Reading back is left to the caller.
        """
        try:
            self._advance(state, actions)
        except SwoError as error:
            state.failure = error

    def _advance(self, state: ContactState, actions: frozenset[str]) -> None:
        for _attempt in range(2):
            try:
                plan = self._plan_on_fresh_read(state)
                for action in plan.actions:
                    # A contact that is gone by now is created again in whichever phase notices.
                    if action in state.left and (action in actions or action == CREATE):
                        self._perform(action, plan, state)
                return
            except _Gone:
                # Somebody deleted or changed it between reading and writing: look at what is there now.
                continue
        raise NotStoredError(f"Contact {state.plan.desired.label} changes while it is written.", _MOVED_HINT)

    def _plan_on_fresh_read(self, state: ContactState) -> ContactPlan:
        """The plan against what is there now; it becomes the final one unless something was written already."""
        if state.contact is None:
            return state.plan
        before, desired = state.contact, as_verified(state.plan)
        if CREATE in state.actions:
            # What was just created may take a moment to show.
            state.contact = self._settled(lambda: self._fresh(desired, before), _is_there, VERIFY_DELAYS)
        else:
            state.contact = self._fresh(desired, before)
        removes = state.item.is_removal
        plan = self._removal(state, before) if removes else self._planner(desired, state.contact)
        if not state.changed:
            state.plan = plan
        return plan

    def _fresh(self, desired: DesiredContact, before: Contact) -> Contact | None:
        """The contact as it is now; one that is desired by its address must still have it.

        :raises NotStoredError: it has another address, and nobody has the desired one
        """
        fresh = self._api.get(before.id)
        if desired.id is not None or _has_address(fresh, desired):
            return fresh
        found = self._look_up(desired)
        if found is not None:
            found = self._api.get(found.id)
            if found is not None and not _has_address(found, desired):
                raise NotStoredError(f"Contact {desired.label} changes while it is read.", _MOVED_HINT)
            return found
        if fresh is not None and desired.state != "absent":
            raise NotStoredError(
                f"Contact {fresh.id} got another e-mail address than {desired.label} during the run, "
                "so it was left alone.",
                _MOVED_HINT,
            )
        return None

    def _removal(self, state: ContactState, before: Contact) -> ContactPlan:
        """The plan for a contact in no file, which must still be the one that was chosen for removal."""
        fresh, desired = state.contact, state.plan.desired
        if fresh is None:
            return ContactPlan(desired, None, None)
        if fresh.key != before.key or fresh.linked is not before.linked:
            raise NotStoredError(
                f"Contact {before.id} is not the one any more that was to be removed, so it was left alone.",
                "Run again.",
            )
        return self._planner(desired, fresh)

    def _perform(self, action: str, plan: ContactPlan, state: ContactState) -> None:
        if self._undo_file is not None and not state.changed:
            self._undo_file.record(state.key, state.plan)
        if action == CREATE:
            self._create(plan, state)
        elif state.contact is not None:
            self._write(action, plan, state.contact, state)

    def _create(self, plan: ContactPlan, state: ContactState) -> None:
        """Create the contact, or adopt the one that somebody else created in this moment."""

        def create(tries: int) -> Contact | None:
            return self._api.create(plan.body, tries)

        state.contact = self._send(CREATE, plan, create, lambda: self._look_up(plan.desired), _is_there, state)
        if CREATE not in state.actions:
            if self._undo_file is not None:
                self._undo_file.forget(state.key)
            state.plan = self._planner(plan.desired, state.contact)
        elif self._undo_file is not None and not state.writes[-1].is_certain:
            self._undo_file.leave_alone(state.key, plan)

    def _write(self, action: str, plan: ContactPlan, contact: Contact, state: ContactState) -> None:
        calls: dict[str, Callable[[int], Any]] = {
            UPDATE: lambda tries: self._api.update(contact.id, plan.body, tries),
            BLOCK: lambda tries: self._api.block(contact, tries),
            UNBLOCK: lambda tries: self._api.unblock(contact, tries),
            DELETE: lambda tries: self._api.delete(contact, tries),
        }

        def is_done(fresh: Contact | None) -> bool:
            return _shows(action, plan, fresh)

        self._send(action, plan, calls[action], lambda: self._api.get(contact.id), is_done, state)

    def _send(
        self,
        action: str,
        plan: ContactPlan,
        call: Callable[[int], Contact | None],
        read: Read,
        is_done: Check,
        state: ContactState,
    ) -> Contact | None:
        """Send one write until its effect shows; the contact if ``call`` or ``read`` returned it.

        The read before a write showed that it was due, so where its effect shows afterwards it counts as carried out,
        whatever the answer was; a contact that somebody else created in this moment is told by what it is like.

        :param call: sends it, and is told how often it was sent with this one
        :raises SwoError: refused, or still without effect after three tries
        """
        lost, tries = False, 0
        while True:
            tries += 1
            try:
                contact = call(tries)
                lost = True
                break
            except (AnswerLostError, ApiError, MisroutedError) as error:
                lost = lost or not _is_refusal(error)
                state.uncertain = state.uncertain or lost
                contact = self._effect(action, error, state, read, is_done)
                if is_done(contact):
                    if lost or action != CREATE or _is_as_sent(plan, contact):
                        break
                    return contact
                if not _may_be_sent_again(error, tries):
                    raise
                if action != CREATE and contact != plan.live:
                    # Somebody else wrote meanwhile, so what was planned is out of date.
                    raise _Gone from None
        state.writes += (Write(action, plan.changes_of(action), is_certain=lost),)
        state.uncertain = False
        return contact

    def _effect(self, action: str, error: SwoError, state: ContactState, read: Read, is_done: Check) -> Contact | None:
        """What the server shows after a write that failed with ``error``.

        :raises SwoError: ``error`` itself, where the write was refused and has not been carried out
        """
        status = error.status if isinstance(error, ApiError) else None
        if status == 401:
            # Nothing could be read back, either.
            raise error
        # Only a repeated create can do harm, so only there it is worth waiting for a read that lags.
        patient = action == CREATE and (state.uncertain or status == 409)
        try:
            contact = self._settled(read, is_done, VERIFY_DELAYS if patient else ONE_LOOK)
        except SwoError as unread:
            state.uncertain = True
            raise _unknown(error, unread) from None
        if _is_refusal(error) and not is_done(contact) and not _may_be_sent_again(error, MAX_SENDS):
            if contact is None and action != CREATE:
                raise _Gone
            raise error
        return contact

    def _settled(self, read: Read, is_done: Check, delays: tuple[float, ...]) -> Contact | None:
        """Read until ``is_done``, or until the delays are used up."""
        contact = None
        for seconds in delays:
            if seconds:
                self._sleep(seconds)
            contact = read()
            if is_done(contact):
                break
        return contact

    def _look_up(self, desired: DesiredContact) -> Contact | None:
        return self._api.find(desired.email) if desired.id is None and desired.email is not None else None


def _is_there(contact: Contact | None) -> bool:
    return contact is not None


def _is_refusal(error: SwoError) -> bool:
    """True if the answer says that the write was not carried out."""
    return isinstance(error, ApiError) and not error.leaves_outcome_open


def _may_be_sent_again(error: SwoError, tries: int) -> bool:
    """Whether a write without effect may be repeated, be it that its answer was lost or that it has to wait."""
    if isinstance(error, ApiError) and _is_refusal(error):
        return error.may_be_sent_again
    return tries < MAX_SENDS and not isinstance(error, MisroutedError)


def _is_as_sent(plan: ContactPlan, found: Contact | None) -> bool:
    """True if ``found`` is what a creation would have made; opt-outs that the API withholds do not count."""
    after = plan.after
    if found is None or after is None or found.is_blocked:
        return False
    return (found.key, found.name) == (after.key, after.name) and found.opt_outs in (None, after.opt_outs)


def _has_address(contact: Contact | None, desired: DesiredContact) -> bool:
    return contact is not None and contact.key == canonical_email(desired.email or "")


def _shows(action: str, plan: ContactPlan, fresh: Contact | None) -> bool:
    """True if ``fresh`` shows the effect of ``action``."""
    if fresh is None:
        return action == DELETE
    if action == DELETE or plan.after is None:
        return False
    if action == BLOCK:
        return fresh.is_blocked
    if action == UNBLOCK:
        return not fresh.is_blocked
    after = plan.after
    return (fresh.key, fresh.name, fresh.opt_outs) == (after.key, after.name, after.opt_outs)


def _unknown(error: SwoError, unread: SwoError) -> OutcomeUnknownError:
    unknown = OutcomeUnknownError(
        f"{error.message} Whether it was carried out could not be read back: {unread.message}",
        "Run again: what was done already is found and not repeated.",
    )
    unknown.stops_run = unread.stops_run
    return unknown
