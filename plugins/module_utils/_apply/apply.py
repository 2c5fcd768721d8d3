# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Carry out the plan of one contact: on a fresh read, one write after the other, each of them proven.

A write whose answer was lost is read back before anything is sent again; a create is looked up by its address, never
repeated blindly (notifications-api section 15, traps 1, 15 and 16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api import rql
from .._api.contacts_api import ContactsApi
from .._contacts.audit import is_same_block
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UPDATE, ContactPlan
from .._errors import AnswerLostError, ApiError, MisroutedError, NotStoredError, OutcomeUnknownError, SwoError
from .._text import visible
from .identity import Creations, has_address
from .leeway import Leeway
from .state import ContactState, Planner, Write, as_verified

if TYPE_CHECKING:
    from .._files.undo import UndoFile

# Seconds before each look at something that should have changed: a read may lag behind a write.
VERIFY_DELAYS = (0.0, 0.5, 2.5)
ONE_LOOK = VERIFY_DELAYS[:1]
MAX_SENDS = 3
_MOVED_HINT = "Run again: the next plan is made of what is there now."

Read = Callable[[], "Contact | None"]
Check = Callable[["Contact | None"], bool]


class _Gone(Exception):
    """The contact that was to be written is not there any more, or not as it was."""


class Applier:
    """Applies the plan of one contact at a time through one client.

    :param planner: plans a desired contact against another live one, for when the account moved meanwhile
    :param sleep: the run's own, so that tests have a virtual clock
    :param creations: judges who shows after a creation
    :param leeway: asked before anything else than what was first planned is written
    :param is_stopped: true once the run must not write any more; what is not done then is left
    :param undo_file: told what there was before the first write to a contact
    """

    def __init__(
        self,
        api: ContactsApi,
        planner: Planner,
        sleep: Callable[[float], None],
        creations: Creations,
        leeway: Leeway,
        is_stopped: Callable[[], bool],
        undo_file: UndoFile | None = None,
    ) -> None:
        self._api = api
        self._planner = planner
        self._sleep = sleep
        self._creations = creations
        self._leeway = leeway
        self._is_stopped = is_stopped
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
        for _attempt in range(MAX_SENDS):
            try:
                if self._carry_out(self._plan_on_fresh_read(state), state, actions):
                    return
            except _Gone:
                # Somebody deleted or changed it between reading and writing: look at what is there now.
                continue
        raise NotStoredError(f"Contact {state.plan.desired.label} changes while it is written.", _MOVED_HINT)

    def _carry_out(self, plan: ContactPlan, state: ContactState, actions: frozenset[str]) -> bool:
        """Whether that was all; what follows a creation is planned against what it made."""
        for action in plan.actions:
            if self._is_stopped():
                return True
            # A contact that is gone by now is created again in whichever phase notices.
            if action in state.left and (action in actions or action == CREATE):
                self._perform(action, plan, state)
                if action == CREATE:
                    return not actions.intersection(state.left)
        return True

    def _plan_on_fresh_read(self, state: ContactState) -> ContactPlan:
        """The plan against what is there now; it becomes the final one unless something was written already."""
        if state.contact is None:
            return state.plan
        before, desired = state.contact, as_verified(state.plan) if state.writes else state.plan.desired
        if CREATE in state.actions:
            # What was just created may take a moment to show.
            found = self._settled(lambda: self._fresh(desired, before), _is_there, VERIFY_DELAYS)
            if found is not None:
                self._creations.check(state, found)
            state.contact = found
        else:
            state.contact = self._fresh(desired, before, is_untouched=not state.writes)
        removes = state.item.is_removal
        plan = self._removal(state, before) if removes else self._planner(desired, state.contact)
        is_unlisted = before.is_unlisted and not state.changed
        if (is_unlisted or CREATE in state.actions) and UPDATE in plan.actions and state.contact is not None:
            self._confirm_opt_outs(None, state.contact)
        if not state.changed:
            if state.contact is None and DELETE in state.plan.actions:
                gone = f"Contact {state.label} ({before.id}) was gone already when it was to be deleted."
                state.notes += (visible(gone),)
            self._leeway.check(state, plan)
            state.plan = plan
        return plan

    def _fresh(self, desired: DesiredContact, before: Contact, is_untouched: bool = False) -> Contact | None:
        """The contact as it is now; one that is desired by its address must still have it.

        :param is_untouched: nothing was written to it, so opt-outs that were there should still be
        :raises NotStoredError: it has another address, and nobody has the desired one; or it lacks its opt-outs
        """
        fresh = self._api.get(before.id)
        if is_untouched and fresh is not None:
            self._confirm_opt_outs(before, fresh)
        if desired.id is not None or has_address(fresh, desired):
            return fresh
        found = self._look_up(desired)
        if found is not None:
            listed, found = found, self._api.get(found.id)
            if is_untouched and found is not None:
                self._confirm_opt_outs(listed, found)
            # For an existing contact, nobody would mean a creation beside the one that the list shows.
            if not has_address(found, desired) and (found is not None or is_untouched):
                raise NotStoredError(f"Contact {desired.label} changes while it is read.", _MOVED_HINT)
            return found
        if fresh is not None and desired.state != "absent":
            raise NotStoredError(
                f"Contact {fresh.id} got another e-mail address than {desired.label} during the run, "
                "so it was left alone.",
                _MOVED_HINT,
            )
        return None

    def _confirm_opt_outs(self, before: Contact | None, contact: Contact) -> None:
        """Ask the list as well: an answer may have lost opt-outs, and what is sent back would wipe them.

        :param before: the contact as the list had it; None if it was never listed
        :raises NotStoredError: the list has more, or does not tell of one that had more
        """
        shown = contact.opt_outs
        if shown is None or (shown if before is None else not (before.opt_outs or frozenset()) - shown):
            return
        rows = self._api.search(rql.is_in("id", [contact.id]), what=f"contact {contact.id}").rows
        # Where no list ever tells, an empty field left out is all that an honest API has to say.
        told = [row.opt_outs for row in rows if row.id == contact.id]
        if any(before is not None if found is None else found - shown for found in told):
            raise NotStoredError(
                f"The API sent contact {contact.id} without the opt-outs that its list shows, so it was left alone.",
                _MOVED_HINT,
            )

    def _removal(self, state: ContactState, before: Contact) -> ContactPlan:
        """The plan for a contact in no file, which must still be the one that was chosen for removal."""
        fresh, desired = state.contact, state.plan.desired
        if fresh is None:
            return ContactPlan(desired, None, None)
        is_lifted = desired.state == "absent" and before.is_blocked and not is_same_block(before, fresh)
        if fresh.key != before.key or fresh.linked is not before.linked or is_lifted:
            raise NotStoredError(
                f"Contact {before.id} is not the one any more that was to be removed, so it was left alone.",
                "Run again.",
            )
        return self._planner(desired, fresh)

    def _perform(self, action: str, plan: ContactPlan, state: ContactState) -> None:
        if self._undo_file is not None and state.is_as_found:
            self._undo_file.record(state.key, plan)
        if action == CREATE:
            self._create(plan, state)
        elif state.contact is not None:
            self._write(action, plan, state.contact, state)

    def _create(self, plan: ContactPlan, state: ContactState) -> None:
        """Create the contact, or adopt the one that somebody else created in this moment.

        :raises OutcomeUnknownError: the API confirmed it with another contact, and nobody has the address
        """

        def create(tries: int) -> Contact | None:
            return self._api.create(plan.body, tries)

        def look_up() -> Contact | None:
            return self._look_up(plan.desired)

        found, is_confirmed = self._send(CREATE, plan, create, look_up, _is_there, state)
        if is_confirmed and found is not None:
            if self._creations.is_confirmed(plan, found):
                self._creations.confirm(state, plan, found)
                state.contact, state.uncertain = found, False
                return
            state.uncertain = True
            found = self._settled(look_up, _is_there, VERIFY_DELAYS)
        if found is None:
            raise OutcomeUnknownError(
                f"The API answered the creation of contact {plan.desired.label} with another contact, and nobody has "
                "that address.",
                _MOVED_HINT,
            )
        state.contact, state.uncertain = found, False
        self._creations.find(state, plan, found)
        if CREATE not in state.actions:
            self._leeway.check(state, state.plan)

    def _write(self, action: str, plan: ContactPlan, contact: Contact, state: ContactState) -> None:
        calls: dict[str, Callable[[int], Any]] = {
            UPDATE: lambda tries: self._api.update(contact.id, plan.body, tries),
            BLOCK: lambda tries: self._api.block(contact, tries),
            UNBLOCK: lambda tries: self._api.unblock(contact, tries),
            DELETE: lambda tries: self._api.delete(contact, tries),
        }

        def is_done(fresh: Contact | None) -> bool:
            return _shows(action, plan, fresh)

        _fresh, is_confirmed = self._send(
            action, plan, calls[action], lambda: self._api.get(contact.id), is_done, state
        )
        state.writes += (Write(action, plan.changes_of(action), is_certain=is_confirmed),)
        state.uncertain = False

    def _send(
        self,
        action: str,
        plan: ContactPlan,
        call: Callable[[int], Contact | None],
        read: Read,
        is_done: Check,
        state: ContactState,
    ) -> tuple[Contact | None, bool]:
        """Send one write until its effect shows; what ``call`` or ``read`` returned, and whether the API confirmed it.

        The read before a write showed that it was due, so where its effect shows afterwards it counts as carried out,
        whatever the answer was; ``state`` is uncertain then if an answer was lost.

        :param call: sends it, and is told how often it was sent with this one
        :raises SwoError: refused, or still without effect after three tries
        """
        tries = 0
        while True:
            tries += 1
            try:
                return call(tries), True
            except (AnswerLostError, ApiError, MisroutedError) as error:
                state.uncertain = state.uncertain or not _is_refusal(error)
                contact = self._effect(action, error, state, read, is_done)
                if is_done(contact):
                    if action == DELETE and not state.uncertain and _says_gone(error):
                        raise _Gone from None
                    return contact, False
                if self._is_stopped() or not _may_be_sent_again(error, tries):
                    raise
                if action != CREATE and contact != plan.live:
                    # Somebody else wrote meanwhile, so what was planned is out of date.
                    raise _Gone from None

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


def _says_gone(error: SwoError) -> bool:
    """Whether a refused deletion says that somebody else was faster (notifications-api section 10)."""
    return isinstance(error, ApiError) and (error.means_absent or error.status == 400)


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
