# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Carry out the plan of a set in phases, and stop early where going on would do harm.

An update or a deletion is preceded by a fresh read of that contact. What was written is read back for all contacts at
once at the end, not one by one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable, Collection, Sequence

from .._api.bulk import Reader, Workers
from .._api.contacts_api import ContactsApi
from .._contacts.contact import Contact
from .._contacts.contact_index import ContactIndex
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UPDATE
from .._contacts.set_plan import DELETES_WAIT, SetPlan
from .._errors import ApiError, NotStoredError, SwoError
from .apply import VERIFY_DELAYS, Applier
from .identity import AddressTakenError, Creations
from .leeway import Leeway
from .state import ContactState, Planner, as_verified, difference

if TYPE_CHECKING:
    from .._files.undo import UndoFile

# So many refused writes, and none that was not, tell that the token may not write at all.
FIRST_REFUSALS = 5

# Called with how many of how many actions are done.
OnProgress = Callable[[int, int], None]

_PHASES = (frozenset((CREATE,)), frozenset((UPDATE,)), frozenset((BLOCK, UNBLOCK)))
# A single contact waits for nobody between its writes, so one fresh read does for both.
_PHASES_OF_ONE = (frozenset((CREATE,)), frozenset((UPDATE, BLOCK, UNBLOCK)))
_LAST_PHASE = frozenset((DELETE,))


class StopCondition:
    """Watches what becomes of the contacts of a run; all workers tell it theirs.

    :param stop_on_error: stop at the first contact that fails
    """

    def __init__(self, stop_on_error: bool = False) -> None:
        self._stop_on_error = stop_on_error
        self._lock = threading.Lock()
        self._refused = 0
        self._is_refused_only = True
        self.reason: str | None = None
        self.cannot_read = False

    def is_stopped(self) -> bool:
        return self.reason is not None

    def stop(self, reason: str) -> None:
        """Stop for ``reason``; the first one counts."""
        self.reason = self.reason or reason

    def note(self, state: ContactState) -> None:
        """Take note of what became of one contact in one phase."""
        with self._lock:
            self._note(state)

    def _note(self, state: ContactState) -> None:
        failure = state.failure
        status = failure.status if isinstance(failure, ApiError) else None
        if status == 403:
            self._refused += 1
        else:
            self._is_refused_only = False
        if failure is None:
            return
        if failure.stops_run:
            self.cannot_read = True
            self.stop("the run was stopped: " + failure.message)
        elif self._is_refused_only and self._refused >= FIRST_REFUSALS:
            self.stop(
                f"the run was stopped: the first {FIRST_REFUSALS} writes were all refused. {failure.hint}".strip()
            )
        elif self._stop_on_error:
            self.stop("the run was stopped at the first failure, as on_error=stop asks")


class SetApplier:
    """Applies the pending items of a plan.

    :param planner: plans a desired contact against another live one than at first
    :param stop_condition: decides when to stop early
    :param known: the ids of all contacts that were read for the plan
    :param leeway: what may be written where the account moved since
    :param undo_file: gets the way back
    """

    def __init__(
        self,
        workers: Workers,
        planner: Planner,
        sleep: Callable[[float], None],
        stop_condition: StopCondition,
        progress: OnProgress,
        known: Collection[str],
        leeway: Leeway,
        undo_file: UndoFile | None = None,
    ) -> None:
        self._workers = workers
        self._planner = planner
        self._sleep = sleep
        self._stop_condition = stop_condition
        self._progress = progress
        self._known = len(known)
        self._creations = Creations(known, planner, undo_file)
        self._leeway = leeway
        self._undo_file = undo_file

    def apply(self, plan: SetPlan) -> list[ContactState]:
        """Carry out ``plan`` and read back what was written; no error of ours is raised, each state holds its own."""
        states = [ContactState(item, item.plan, item.live) for item in plan.pending if item.plan is not None]
        planned = sum(len(state.plan.actions) for state in states)
        done = 0
        for phase in _PHASES if len(states) > 1 else _PHASES_OF_ONE:
            done = self._run_phase(states, phase, done, planned)
        if self._stop_condition.reason is None and (plan.deletes_wait or any(state.is_over for state in states)):
            _skip(states, _LAST_PHASE, DELETES_WAIT)
        self._run_phase(states, _LAST_PHASE, done, planned)
        self._skip_rest(states)
        self._verify(states)
        self._finish([state for state in states if _is_not_ours(state)])
        if self._undo_file is not None:
            self._undo_file.keep({state.key for state in states if state.changed})
        return states

    def _finish(self, states: Sequence[ContactState]) -> None:
        """Bring to the desired state what the API gave back for a creation: another's contact, or a deleted one."""
        if not states or self._stop_condition.is_stopped():
            return
        for state in states:
            try:
                plan = self._planner(as_verified(state.plan), state.contact)
                self._leeway.check(state, plan)
                state.plan, state.failure = plan, None
            except SwoError as error:
                state.failure = error
        for phase in _PHASES:
            self._run_phase(states, phase, 0, 0)
        self._verify(states)

    def _run_phase(self, states: Sequence[ContactState], phase: frozenset[str], done: int, planned: int) -> int:
        due = [state for state in states if not state.is_over and phase.intersection(state.left)]
        is_stopped = self._stop_condition.is_stopped

        def job(api: ContactsApi, state: ContactState) -> None:
            applier = Applier(
                api, self._planner, self._sleep, self._creations, self._leeway, is_stopped, self._undo_file
            )
            applier.advance(state, phase)
            # Here and not where results are collected: the next item must not be begun before this one has counted.
            self._stop_condition.note(state)

        for result in self._workers.run(job, due, is_stopped):
            if result.error is not None:
                state = due[result.position]
                state.failure, state.uncertain = result.error, True
                self._stop_condition.note(state)
            done += 1
            self._progress(done, planned)
        return done

    def _skip_rest(self, states: Sequence[ContactState]) -> None:
        """Say of what was never begun why it was not."""
        reason = self._stop_condition.reason
        if reason is None:
            return
        for state in states:
            if state.left and not state.is_over:
                state.skipped = reason

    def _verify(self, states: Sequence[ContactState]) -> None:
        """Read back everything that was written to its end."""
        left = [state for state in states if state.writes and not state.is_over]
        if self._stop_condition.cannot_read:
            return
        for seconds in VERIFY_DELAYS:
            if not left:
                return
            if seconds:
                self._sleep(seconds)
            left = self._still_different(left)

    def _still_different(self, states: Sequence[ContactState]) -> list[ContactState]:
        reader = Reader(self._workers)
        emails = [state.plan.desired.email or "" for state in states if CREATE in state.actions]
        ids = [state.contact.id for state in states if state.contact and CREATE not in state.actions]
        try:
            found = reader.by_keys(emails, ids, at_least=self._known + len(emails))
            live = ContactIndex(_with_opt_outs(reader, states, found))
        except SwoError as error:
            for state in states:
                state.failure = error
            return []
        return [state for state in states if not self._settles(state, live)]

    def _settles(self, state: ContactState, live: ContactIndex) -> bool:
        """True if nothing is left to wait for: what was written is stored, or has failed for good."""
        written, desired = state.contact, state.plan.desired
        try:
            if CREATE in state.actions or written is None:
                found = live.by_email(desired.email or "")
                if found is not None and CREATE in state.actions:
                    self._creations.check(state, found)
            else:
                found = live.by_id(written.id)
            state.failure = difference(as_verified(state.plan), found, self._planner)
        except SwoError as error:
            state.failure = error
            return True
        # Whoever is not found may be found in the next look by the id that is known of him.
        if found is not None or state.failure is None:
            state.contact = found
        return state.failure is None


def _with_opt_outs(reader: Reader, states: Sequence[ContactState], found: Sequence[Contact]) -> list[Contact]:
    """The contacts that were found; where a list has no opt-outs of one that had or gets some, he is read by his id.

    A list may leave out what it does not want to tell without saying so (notifications-api section 4).
    """
    known = [contact for state in states for contact in (state.plan.live, state.plan.after)]
    sent = {contact.key for contact in known if contact is not None and contact.opt_outs}
    doubtful = {contact.id for contact in found if contact.key in sent and contact.opt_outs == frozenset()}
    return [contact for contact in found if contact.id not in doubtful] + reader.one_by_one(sorted(doubtful))


def _is_not_ours(state: ContactState) -> bool:
    """True if a creation was accepted, but what is there is not what was sent."""
    if CREATE not in state.actions or state.contact is None:
        return False
    return isinstance(state.failure, NotStoredError) and not isinstance(state.failure, AddressTakenError)


def _skip(states: Sequence[ContactState], phase: frozenset[str], reason: str) -> None:
    for state in states:
        if not state.is_over and phase.intersection(state.left):
            state.skipped = reason
