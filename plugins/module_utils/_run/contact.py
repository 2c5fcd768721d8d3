# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""``swo_contact``: one contact is a set of one."""

from __future__ import annotations

from .._api.bulk import Workers
from .._apply.leeway import Leeway
from .._contacts.desired import DesiredEntry, desired_contact
from .._contacts.scope import IGNORE, Scope
from .._report.result import contact_result, no_contact_view, warnings
from .reconcile import Reconciliation
from .signals import stopping_on_signals
from .task import Task, TaskResult, run_with_api


def run_contact(task: Task) -> TaskResult:
    """Bring one contact to its desired state."""
    return run_with_api(task, _contact, {"actions": [], "contact": no_contact_view(task.params.get("email"))})


def _contact(task: Task, workers: Workers) -> TaskResult:
    entry = DesiredEntry(desired_contact(task.params), None, None)
    run = Reconciliation(task)
    with stopping_on_signals(run.interrupt):
        (item,) = run.make_plan(workers, [entry], Scope(IGNORE)).items
        if item.failure is not None:
            raise item.failure
        run.apply(workers, Leeway())
    state = run.states[0] if run.states else None
    values = contact_result(item, state, run.catalog, workers.requests, task.diff)
    return TaskResult(values, "msg" in values, warnings(run.plan, run.states))
