# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Bring contacts to their desired state: read, plan, apply; the same way for one contact and for a whole set."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Callable, Sequence

from .._api.bulk import Workers
from .._api.live import read_live
from .._apply.applied import NextRecord, record_before
from .._apply.apply_set import SetApplier, StopCondition
from .._apply.leeway import Leeway
from .._apply.state import ContactState
from .._contacts.applied import NO_HISTORY, Applied, History
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.contact_index import ContactIndex
from .._contacts.dates import is_expired
from .._contacts.desired import DesiredContact, DesiredEntry
from .._contacts.plan import ContactPlan, plan_contact, refuse_conflict
from .._contacts.scope import Scope
from .._contacts.set_plan import SetPlan, plan_set
from .._errors import SwoError
from .task import READING, WRITING, Task

if TYPE_CHECKING:
    from .._files.applied_file import AppliedFile
    from .._files.undo import UndoFile


class Reconciliation:
    """What is known so far of one run: ``plan`` once there is one, ``states`` once something was to be applied."""

    def __init__(self, task: Task, stop_on_error: bool = False) -> None:
        self._task = task
        self.stop_condition = StopCondition(stop_on_error)
        self.catalog = Catalog([])
        self.live = ContactIndex([])
        self.plan: SetPlan | None = None
        self.states: list[ContactState] | None = None
        self._known: frozenset[str] = frozenset()
        self._is_applying = False
        self._history = NO_HISTORY

    def make_plan(
        self,
        workers: Workers,
        entries: Sequence[DesiredEntry],
        scope: Scope,
        need_all: bool = False,
        history: History = NO_HISTORY,
    ) -> SetPlan:
        """Read what is live and plan against it.

        :param need_all: everybody is read, and the categories are, whether or not the plan needs them
        :raises SwoError: nothing can be planned; what is wrong with single contacts is kept in the plan
        """
        live = read_live(workers, entries, scope, partial(self._task.progress, READING), need_all, history)
        now = workers.moments[0] if workers.moments else None
        expired = [entry for entry in entries if is_expired(entry.expires, now)]
        if expired:
            entries = [entry for entry in entries if not is_expired(entry.expires, now)]
            scope.refuse_emptiness(entries)
        self._history = replace(history, now=now)
        if need_all or any(_names_categories(entry.desired, live, history.applied) for entry in entries):
            self.catalog = workers.api.catalog()
        self.live = live
        self._known = frozenset(contact.id for contact in live.contacts)
        plan = plan_set(entries, live, self.catalog, scope, self._history)
        self.plan = replace(plan, expired=tuple(expired))
        workers.announce(self.plan.hash)
        return self.plan

    def apply(
        self,
        workers: Workers,
        leeway: Leeway,
        undo: Callable[[], UndoFile | None] = lambda: None,
        record: AppliedFile | None = None,
    ) -> None:
        """Carry out the plan, unless there is nothing to do or the task only checks.

        :param undo: makes the undo file, which check mode must not
        :param record: gets what was applied, whatever became of it
        """
        if self.plan is not None and (self.plan.pending or record is not None):
            self._task.unless_checking(partial(self._apply, workers, self.plan, leeway, undo, record))

    def _apply(
        self,
        workers: Workers,
        plan: SetPlan,
        leeway: Leeway,
        undo: Callable[[], UndoFile | None],
        record: AppliedFile | None,
    ) -> None:
        before = self._history.applied
        if plan.pending:
            if record is not None and before is not None:
                record.write(record_before(plan, before))
            self._carry_out(workers, plan, leeway, undo())
        if record is not None:
            now = workers.moments[1] if workers.moments else None
            everybody = self.live if self.live.is_whole else None
            following = NextRecord(before, self.catalog, everybody, now)
            record.write(following.after(plan, self.states or (), self._history.is_whole))

    def _carry_out(self, workers: Workers, plan: SetPlan, leeway: Leeway, undo_file: UndoFile | None) -> None:
        progress = partial(self._task.progress, WRITING)
        sleep = self._task.retry_policy.sleep
        self._is_applying = True
        applier = SetApplier(
            workers, self._replan, sleep, self.stop_condition, progress, self._known, leeway, undo_file
        )
        self.states = applier.apply(plan)

    def _replan(self, desired: DesiredContact, live: Contact | None) -> ContactPlan:
        plan = plan_contact(desired, live, self.catalog, self._history.of(desired.email, live))
        refuse_conflict(plan, self._history)
        return plan

    def interrupt(self, signal_name: str) -> None:
        """Begin nothing more; before the first change, end at once.

        :raises SwoError: nothing was changed
        """
        self.stop_condition.stop(f"the run was interrupted by {signal_name}.")
        if not self._is_applying:
            raise SwoError(f"The run was interrupted by {signal_name} before it changed anything.", "Run it again.")


def _names_categories(desired: DesiredContact, live: ContactIndex, applied: Applied | None) -> bool:
    """True if names of categories have to be looked up or shown."""
    if not desired.manages_opt_outs:
        return False
    return bool(desired.opt_outs or desired.opt_ins) or any(
        contact.opt_outs for contact in live.candidates(desired, applied)
    )
