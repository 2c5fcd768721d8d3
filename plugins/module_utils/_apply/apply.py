# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Carry out the plan of one contact and prove that it stuck.

A write whose answer was lost is read back before anything is sent again; a create is looked up by its address, never
repeated blindly (notifications-api section 15, traps 1, 15 and 16).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable

from .._api.contacts_api import ContactsApi
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UPDATE, ContactPlan
from .._errors import AnswerLostError, ApiError, NotStoredError, OutcomeUnknownError, SwoError

# Plans a desired contact against another live one than at first.
Planner = Callable[[DesiredContact, "Contact | None"], ContactPlan]


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


def shows(action: str, plan: ContactPlan, fresh: Contact | None) -> bool:
    """True if ``fresh`` shows the effect of ``action``."""
    if fresh is None:
        return action == DELETE
    if action == DELETE or plan.after is None:
        return False
    if action == BLOCK:
        return fresh.is_blocked
    if action == UNBLOCK:
        return not fresh.is_blocked
    wanted = plan.after
    return (fresh.key, fresh.name, fresh.opt_outs) == (wanted.key, wanted.name, wanted.opt_outs)


# Seconds before each look at something that should have changed: a read may lag behind a write.
VERIFY_DELAYS = (0.0, 0.5, 2.5)
ONE_LOOK = VERIFY_DELAYS[:1]
MAX_SENDS = 3
# Statuses with which the API also says "it is already so" or "it is gone" (notifications-api section 14).
_REFUSALS = (400, 404, 409)

ALL_ACTIONS = frozenset((CREATE, UPDATE, BLOCK, UNBLOCK, DELETE))

Read = Callable[[], "Contact | None"]
Check = Callable[["Contact | None"], bool]


@dataclass
class Outcome:
    """What became of one plan.

    ``performed`` are the actions that were carried out; ``uncertain`` is true if one more may have been. ``contact`` is
    the contact as last read, None if there is none. ``failure`` is None on success.
    """

    contact: Contact | None = None
    performed: tuple[str, ...] = ()
    uncertain: bool = False
    failure: SwoError | None = None

    @property
    def changed(self) -> bool:
        return bool(self.performed) or self.uncertain


class _Gone(Exception):
    """The contact that was to be written does not exist any more."""


class Applier:
    """Applies plans through one client.

    :param planner: plans a desired contact against another live one, for when the world moved meanwhile
    :param sleep: the run's own, so that tests have a virtual clock
    """

    def __init__(self, api: ContactsApi, planner: Planner, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._planner = planner
        self._sleep = sleep

    def apply(self, plan: ContactPlan) -> Outcome:
        """Carry out ``plan`` and read it back; no error of ours is raised, the outcome holds it."""
        outcome = Outcome(contact=plan.live)
        self._guarded(plan, outcome, self._carry_out)
        return outcome

    def advance(self, plan: ContactPlan, outcome: Outcome, actions: frozenset[str]) -> None:
        """Carry out those of the plan's actions that are among ``actions``; reading back is left to the caller."""

        def step(current: ContactPlan, reached: Outcome) -> None:
            self._perform(current, reached, actions)

        self._guarded(plan, outcome, step)

    def _guarded(self, plan: ContactPlan, outcome: Outcome, step: Callable[[ContactPlan, Outcome], None]) -> None:
        try:
            try:
                step(plan, outcome)
            except _Gone:
                # Somebody deleted it between reading and writing: plan once more, against what is there now.
                outcome.contact = self._look_up(plan.desired)
                step(self._planner(plan.desired, outcome.contact), outcome)
        except _Gone:
            outcome.failure = NotStoredError(f"Contact {plan.desired.label} vanishes while it is written.")
        except SwoError as error:
            outcome.failure = error

    def _carry_out(self, plan: ContactPlan, outcome: Outcome) -> None:
        self._perform(plan, outcome)
        desired = as_verified(plan)
        if not self._is_stored(desired, outcome) and CREATE in plan.actions and outcome.contact is not None:
            # What was created is not what was sent: it was adopted or revived, so bring it to the desired state.
            self._perform(self._planner(desired, outcome.contact), outcome)
            self._is_stored(desired, outcome)
        outcome.failure = difference(desired, outcome.contact, self._planner)

    def _perform(self, plan: ContactPlan, outcome: Outcome, actions: frozenset[str] = ALL_ACTIONS) -> None:
        for action in plan.actions:
            if action not in actions:
                continue
            if action != CREATE and outcome.contact is not None:
                self._write(action, plan, outcome.contact, outcome)
            elif action == CREATE and outcome.contact is None:
                outcome.contact = self._create(plan, outcome)

    def _create(self, plan: ContactPlan, outcome: Outcome) -> Contact | None:
        """Create the contact, or adopt the one that somebody else created in this moment."""

        def is_there(contact: Contact | None) -> bool:
            return contact is not None

        def create() -> Contact | None:
            return self._api.create(plan.body)

        return self._send(CREATE, create, lambda: self._look_up(plan.desired), is_there, outcome)

    def _write(self, action: str, plan: ContactPlan, contact: Contact, outcome: Outcome) -> None:
        calls: dict[str, Callable[[], Any]] = {
            UPDATE: lambda: self._api.update(contact.id, plan.body),
            BLOCK: lambda: self._api.block(contact),
            UNBLOCK: lambda: self._api.unblock(contact),
            DELETE: lambda: self._api.delete(contact),
        }

        def is_done(fresh: Contact | None) -> bool:
            return shows(action, plan, fresh)

        self._send(action, calls[action], lambda: self._api.get(contact.id), is_done, outcome)

    def _send(
        self, action: str, call: Callable[[], Contact | None], read: Read, is_done: Check, outcome: Outcome
    ) -> Contact | None:
        """Send one write until its effect shows; the contact if ``call`` or ``read`` returned it.

        :raises SwoError: refused, or still without effect after three tries
        """
        lost, tries = False, 0
        while True:
            tries += 1
            try:
                contact = call()
                break
            except (AnswerLostError, ApiError) as error:
                lost = lost or not isinstance(error, ApiError) or error.leaves_outcome_open
                outcome.uncertain = outcome.uncertain or lost
                contact = self._effect(action, error, lost, read, is_done)
                if is_done(contact):
                    if lost:
                        break
                    return contact
                if tries == MAX_SENDS:
                    raise
        outcome.performed += (action,)
        outcome.uncertain = False
        return contact

    def _effect(self, action: str, error: SwoError, lost: bool, read: Read, is_done: Check) -> Contact | None:
        """What the server shows after a write that failed with ``error``.

        :raises SwoError: ``error`` itself, where the write was refused and has not been carried out
        """
        refused = isinstance(error, ApiError) and not error.leaves_outcome_open
        if isinstance(error, ApiError) and refused and error.status not in _REFUSALS:
            raise error
        # Only a repeated create can do harm, so only there it is worth waiting for a read that lags.
        patient = action == CREATE and (lost or (isinstance(error, ApiError) and error.status == 409))
        try:
            contact = self._settled(read, is_done, VERIFY_DELAYS if patient else ONE_LOOK)
        except SwoError as unread:
            raise _unknown(error, unread) if lost else error from None
        if refused and not is_done(contact):
            if contact is None and action != CREATE:
                raise _Gone
            raise error
        return contact

    def _settled(self, read: Read, is_done: Check, looks: tuple[float, ...]) -> Contact | None:
        """Read until ``is_done``, or until the looks are used up."""
        contact = None
        for seconds in looks:
            if seconds:
                self._sleep(seconds)
            contact = read()
            if is_done(contact):
                break
        return contact

    def _is_stored(self, desired: DesiredContact, outcome: Outcome) -> bool:
        """Read the contact back until nothing is left to do; leaves what was read in the outcome."""
        contact = outcome.contact
        if contact is None:
            return desired.state == "absent"

        def is_done(fresh: Contact | None) -> bool:
            return (fresh is not None or desired.state == "absent") and self._planner(desired, fresh).is_noop

        contact_id = contact.id
        outcome.contact = self._settled(lambda: self._api.get(contact_id), is_done, VERIFY_DELAYS)
        return is_done(outcome.contact)

    def _look_up(self, desired: DesiredContact) -> Contact | None:
        if desired.id is not None or desired.email is None:
            return None
        return self._api.find(desired.email)


def _unknown(error: SwoError, unread: SwoError) -> OutcomeUnknownError:
    unknown = OutcomeUnknownError(
        f"{error.message} Whether it was carried out could not be read back: {unread.message}",
        "Run again: what was done already is found and not repeated.",
    )
    unknown.stops_run = unread.stops_run
    return unknown
