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
from dataclasses import dataclass, field
from typing import Callable, Sequence

from .._api.bulk import Reader, Workers
from .._api.contacts_api import ContactsApi
from .._api.retry import RetryPolicy
from .._contacts.contact import Contact
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UPDATE, ContactPlan
from .._contacts.set_plan import ContactIndex, Item
from .._errors import ApiError, NotStoredError, SwoError
from .apply import VERIFY_DELAYS, Applier, Outcome, Planner, as_verified, difference

# So many refused writes, and none that was not, tell that the token may not write at all.
FIRST_REFUSALS = 5


class StopCondition:
    """Watches the outcomes of a run; all workers tell it theirs.

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

    def note(self, outcome: Outcome) -> None:
        """Take note of what became of one contact in one phase."""
        with self._lock:
            self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        failure = outcome.failure
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


# Called with how many of how many actions are done.
Progress = Callable[[int, int], None]

_PHASES = (frozenset((CREATE,)), frozenset((UPDATE,)), frozenset((BLOCK, UNBLOCK)))
_LAST_PHASE = frozenset((DELETE,))
_REREAD = frozenset((UPDATE, DELETE))


@dataclass
class ItemState:
    """One item with something to do, and how far it got; ``plan`` is the newest one, ``found`` was read back last."""

    item: Item
    plan: ContactPlan
    outcome: Outcome = field(default_factory=Outcome)
    skipped: str | None = None
    found: Contact | None = None

    @property
    def is_over(self) -> bool:
        return self.skipped is not None or self.outcome.failure is not None

    @property
    def is_not_ours(self) -> bool:
        """True if a creation was accepted, but what is there is not what was sent."""
        is_created = CREATE in self.outcome.performed and self.found is not None
        return is_created and isinstance(self.outcome.failure, NotStoredError)


class SetApplier:
    """Applies the pending items of a plan.

    :param guard: decides when to stop early
    """

    def __init__(
        self,
        workers: Workers,
        planner: Planner,
        retry_policy: RetryPolicy,
        stop_condition: StopCondition,
        progress: Progress,
    ) -> None:
        self._workers = workers
        self._planner = planner
        self._retry_policy = retry_policy
        self._stop_condition = stop_condition
        self._progress = progress

    def apply(self, items: Sequence[Item]) -> list[ItemState]:
        """Carry out ``items`` and read back what was written; no error of ours is raised, each work holds its own."""
        works = [ItemState(item, item.plan, Outcome(item.plan.live)) for item in items if item.plan is not None]
        planned = sum(len(work.plan.actions) for work in works)
        done = 0
        for phase in _PHASES:
            done = self._run_phase(works, phase, done, planned)
        if self._stop_condition.reason is None and any(work.is_over for work in works):
            _skip(works, _LAST_PHASE, "contacts are deleted only if everything before went well")
        self._run_phase(works, _LAST_PHASE, done, planned)
        self._skip_rest(works)
        self._verify(works)
        self._finish([work for work in works if work.is_not_ours])
        return works

    def _finish(self, works: Sequence[ItemState]) -> None:
        """Bring to the desired state what the API gave back for a creation: another's contact, or a deleted one."""
        if not works or self._stop_condition.is_stopped():
            return
        for work in works:
            work.outcome.contact, work.outcome.failure = work.found, None
            work.plan = self._planner(as_verified(work.plan), work.found)
        for phase in _PHASES:
            self._run_phase(works, phase, 0, 0)
        self._verify(works)

    def _run_phase(self, works: Sequence[ItemState], phase: frozenset[str], done: int, planned: int) -> int:
        due = [work for work in works if not work.is_over and phase.intersection(work.plan.actions)]

        def job(api: ContactsApi, work: ItemState) -> None:
            self._advance(api, work, phase)
            # Here and not where results are collected: the next item must not be begun before this one has counted.
            self._stop_condition.note(work.outcome)

        for result in self._workers.run(job, due, self._stop_condition.is_stopped):
            if result.error is not None:
                outcome = due[result.position].outcome
                outcome.failure, outcome.uncertain = result.error, True
                self._stop_condition.note(outcome)
            done += 1
            self._progress(done, planned)
        return done

    def _advance(self, api: ContactsApi, work: ItemState, phase: frozenset[str]) -> None:
        applier = Applier(api, self._planner, self._retry_policy.sleep)
        try:
            if work.plan.live is not None and (phase & _REREAD or work.item.is_removal):
                self._replan(api, work, work.plan.live)
            # A contact that is gone by now is created again in whichever phase notices.
            applier.advance(work.plan, work.outcome, phase if phase == _LAST_PHASE else phase | {CREATE})
            if CREATE in work.plan.actions and work.outcome.contact and CREATE not in work.outcome.performed:
                # Somebody else created it in this moment: the later phases bring it to the desired state.
                work.plan = self._planner(work.plan.desired, work.outcome.contact)
        except SwoError as error:
            work.outcome.failure = error

    def _replan(self, api: ContactsApi, work: ItemState, planned: Contact) -> None:
        fresh = api.get(planned.id)
        if work.item.is_removal:
            if fresh is None:
                work.plan, work.outcome.contact = ContactPlan(work.plan.desired, None, None), None
                return
            _refuse_changed_removal(planned, fresh)
        if fresh is None and planned.id != work.plan.desired.id:
            fresh = api.find(planned.email)
        work.outcome.contact = fresh
        work.plan = self._planner(work.plan.desired, fresh)

    def _skip_rest(self, works: Sequence[ItemState]) -> None:
        """Say of what was never begun why it was not."""
        reason = self._stop_condition.reason
        if reason is None:
            return
        for work in works:
            left = set(work.plan.actions) - set(work.outcome.performed)
            if left and not work.is_over:
                work.skipped = reason

    def _verify(self, works: Sequence[ItemState]) -> None:
        """Read back everything that was written to its end."""
        written = [work for work in works if work.outcome.performed and not work.is_over]
        if not written or self._stop_condition.cannot_read:
            return
        left = written
        for seconds in VERIFY_DELAYS:
            if seconds:
                self._retry_policy.sleep(seconds)
            left = self._still_different(left)
            if not left:
                return

    def _still_different(self, works: Sequence[ItemState]) -> list[ItemState]:
        reader = Reader(self._workers)
        emails = [work.plan.desired.email or "" for work in works if CREATE in work.outcome.performed]
        ids = [
            work.outcome.contact.id for work in works if work.outcome.contact and CREATE not in work.outcome.performed
        ]
        try:
            live = ContactIndex(reader.by_emails(emails) + reader.by_ids(ids))
        except SwoError as error:
            for work in works:
                work.outcome.failure = error
            return []
        return [work for work in works if not self._settles(work, live)]

    def _settles(self, work: ItemState, live: ContactIndex) -> bool:
        """True if nothing is left to wait for: the work is stored, or has failed for good."""
        written, desired = work.outcome.contact, work.plan.desired
        try:
            if CREATE in work.outcome.performed or written is None:
                work.found = live.by_email(desired.email or "")
            else:
                work.found = live.by_id(written.id)
            work.outcome.failure = difference(as_verified(work.plan), work.found, self._planner)
        except SwoError as error:
            work.outcome.failure = error
            return True
        return work.outcome.failure is None


def _refuse_changed_removal(planned: Contact, fresh: Contact) -> None:
    if fresh.key != planned.key or (fresh.linked and not planned.linked):
        raise NotStoredError(
            f"Contact {planned.id} is not the one any more that was to be removed, so it was left alone.", "Run again."
        )


def _skip(works: Sequence[ItemState], phase: frozenset[str], reason: str) -> None:
    for work in works:
        if not work.is_over and phase.intersection(work.plan.actions):
            work.skipped = reason
