# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Bring contacts to their desired state: read, plan, apply; the same way for one contact and for a whole set."""

from __future__ import annotations

from functools import partial
from typing import Callable, Sequence

from .._api.bulk import Workers, read_live
from .._apply.apply_set import SetApplier, StopCondition
from .._apply.leeway import Leeway
from .._apply.state import ContactState
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact, DesiredEntry
from .._contacts.plan import ContactPlan, plan_contact
from .._contacts.set_plan import ContactIndex, Scope, SetPlan, plan_set
from .._errors import SwoError
from .._files.undo import UndoFile
from .task import READING, WRITING, Task


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

    def make_plan(
        self, workers: Workers, entries: Sequence[DesiredEntry], scope: Scope, need_all: bool = False
    ) -> SetPlan:
        """Read what is live and plan against it.

        :param need_all: everybody is read, and the categories are, whether or not the plan needs them
        :raises SwoError: nothing can be planned; what is wrong with single contacts is kept in the plan
        """
        live = read_live(workers, entries, scope, partial(self._task.progress, READING), need_all)
        if need_all or any(_names_categories(entry.desired, live) for entry in entries):
            self.catalog = workers.api.catalog()
        self.live = live
        self._known = frozenset(contact.id for contact in live.contacts)
        self.plan = plan_set(entries, live, self.catalog, scope)
        return self.plan

    def apply(self, workers: Workers, leeway: Leeway, undo: Callable[[], UndoFile | None] = lambda: None) -> None:
        """Carry out the plan, unless there is nothing to do or the task only checks.

        :param undo: makes the undo file, which check mode must not
        """
        if self.plan is not None and self.plan.pending:
            self._task.unless_checking(partial(self._apply, workers, self.plan, leeway, undo))

    def _apply(self, workers: Workers, plan: SetPlan, leeway: Leeway, undo: Callable[[], UndoFile | None]) -> None:
        undo_file = undo()
        progress = partial(self._task.progress, WRITING)
        sleep = self._task.retry_policy.sleep
        self._is_applying = True
        applier = SetApplier(
            workers, self._replan, sleep, self.stop_condition, progress, self._known, leeway, undo_file
        )
        self.states = applier.apply(plan)

    def _replan(self, desired: DesiredContact, live: Contact | None) -> ContactPlan:
        return plan_contact(desired, live, self.catalog)

    def interrupt(self, signal_name: str) -> None:
        """Begin nothing more; before the first change, end at once.

        :raises SwoError: nothing was changed
        """
        self.stop_condition.stop(f"the run was interrupted by {signal_name}.")
        if not self._is_applying:
            raise SwoError(f"The run was interrupted by {signal_name} before it changed anything.", "Run it again.")


def _names_categories(desired: DesiredContact, live: ContactIndex) -> bool:
    """True if names of categories have to be looked up or shown."""
    if not desired.manages_opt_outs:
        return False
    return bool(desired.opt_outs or desired.opt_ins) or any(contact.opt_outs for contact in live.candidates(desired))
