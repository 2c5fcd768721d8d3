# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What a run over a set tells: the values of the task, the warnings and the reports."""

from __future__ import annotations

import os
from typing import Any

from .._api.account import known_account
from .._api.client import METHODS
from .._contacts import applied
from .._contacts.audit import LastWritten
from .._contacts.scope import DRIFT
from .._errors import InputError, SwoError
from .._report.diff import diff_text
from .._report.effects import APPLIED, category_counts, totals, verdict
from .._report.effects import DRIFT as DRIFT_VIEW
from .._report.outlook import Outlooks
from .._report.report_files import write_reports
from .._report.result import failed_result, failure_message, sentence, warnings
from .._report.rows import (
    SKIPPED,
    UNCHANGED,
    Report,
    Row,
    SnapshotAge,
    contact_rows,
    counts,
    expired_rows,
    has_only_conflicts,
    is_changed,
    report_head,
    unmanaged_rows,
)
from .._report.wording import broken_contracts
from .._text import Redactor
from .reconcile import Reconciliation
from .task import Task, TaskResult

# What a task returns as its reports have it.
_ALSO_RETURNED = (
    "status",
    "account",
    "counts",
    "categories",
    "coverage",
    "impact",
    "new_categories",
    "snapshot",
    "unmanaged",
    "expired",
    "plan_hash",
    "requests",
)


class SetResult:
    """What is known of a run so far; a run that fails tells as much of it as there is.

    ``desired``: how many contacts the files and the task declare; ``reports``: the paths that are asked for;
    ``files``: the contact files that were read; ``last_written``: by id; ``adopted``: the path of the file that accepts
    the account's values.
    """

    def __init__(self, task: Task, run: Reconciliation) -> None:
        self._task = task
        self._params = task.params
        self._run = run
        self._started = task.retry_policy.monotonic()
        self.redactor = Redactor((task.params.get("api_token") or "").strip())
        self.account = known_account(task.params.get("account_name"))
        self.api_url: str | None = None
        self.snapshot: SnapshotAge | None = None
        self.desired = 0
        self.files: list[str] = []
        self.has_record = False
        self.outlooks = Outlooks()
        self.last_written: dict[str, LastWritten] = {}
        self.adopted: str | None = None
        self.requests = dict.fromkeys(METHODS, 0)
        self.reports: list[str] = list(task.params.get("reports") or [])
        self.failure: SwoError | None = None

    def task_result(self) -> TaskResult:
        """The values of the task; the reports are written on the way."""
        rows = self._rows()
        written, made = self.reports, self.report(rows)
        try:
            self.write_reports(made)
        except SwoError as error:
            written = []
            self.failure = self.failure or error
            made = self.report(rows)
        report: dict[str, Any] = dict(made)
        message = report["message"]
        values = {
            **{name: report[name] for name in _ALSO_RETURNED},
            # Drift is what has changed, not what would be.
            "changed": is_changed(rows) and self._view != DRIFT_VIEW,
            "summary": self._summary(report["status"], report["counts"]),
            "results": [row for row in rows if row["outcome"] != UNCHANGED or self._params["return_unchanged"]],
            "undo_file": self._way_back(rows),
            "adopt_file": self.adopted,
            "reports": written,
        }
        shown = self._diff_of_refused() if self._is_refused else self._diff(rows, self._view)
        # Nobody can judge a refusal without what was refused, so that is shown unasked.
        if self._task.diff or (self._is_refused and shown):
            values["diff"] = {"prepared": shown}
        if message is not None:
            values.update(failed_result(self.failure or self._first_failure() or InputError(message)))
            values["msg"] = message
        told = self.redactor.value(report["warnings"])
        return TaskResult(self.redactor.value(values), message is not None, told)

    @property
    def _is_refused(self) -> bool:
        return self.failure is not None and self._run.states is None

    def _way_back(self, rows: list[Row]) -> str | None:
        """Where the way back is, if there is one."""
        path: str | None = self._params.get("undo_file")
        return path if path and self._run.states is not None and is_changed(rows) and os.path.isfile(path) else None

    def _rows(self) -> list[Row]:
        plan = self._run.plan
        if plan is None:
            return []
        rows = contact_rows(plan, self._run.states, is_refused=self.failure is not None)
        for row in rows:
            row["last_written"] = self.last_written.get(row["id"] or "")
        return rows

    @property
    def _view(self) -> str:
        """Whether the run speaks of a plan, of drift or of what was done."""
        return self._params["view"] if self._task.mode == "check" else APPLIED

    def _summary(self, status: str, numbers: dict[str, int]) -> str:
        """The verdict of the run in one line: what was found or done, and what is wrong first of all."""
        told = []
        if self.failure is None or self._run.states is not None:
            broken = broken_contracts(self.outlooks.values["coverage"])
            told.append(totals(numbers, self._view) + (f"; coverage: {broken}" if broken else ""))
        fault, reason = self.failure or self._first_failure(), self._run.stop_condition.reason
        told += [fault.fault] if fault else [sentence(reason)] if reason else []
        return f"{verdict(status, self._view)}: {'. '.join(text.rstrip('.') for text in told)}"

    def _diff(self, rows: list[Row], view: str) -> str:
        plan = self._run.plan
        numbers = self._counts(rows)
        # Where they are no difference, their number will do.
        is_told = self._params["unmanaged"] == DRIFT or self._task.verbosity
        strays, impact = unmanaged_rows(plan) if is_told else [], self.outlooks.values["impact"]
        return diff_text(rows, strays, numbers, view, self._task.verbosity, impact)

    def _diff_of_refused(self) -> str:
        """The whole plan, so that whoever reads why it was refused sees what was."""
        plan = self._run.plan
        return self._diff(contact_rows(plan, None), self._params["view"]) if plan is not None else ""

    def _counts(self, rows: list[Row]) -> dict[str, int]:
        return counts(self._run.plan, rows, self.desired)

    def _first_failure(self) -> SwoError | None:
        items = self._run.states or (self._run.plan.items if self._run.plan else ())
        return next((item.failure for item in items if item.failure is not None), None)

    def _message(self, rows: list[Row]) -> str | None:
        if self.failure is not None:
            return str(self.failure)
        message, reason = failure_message(rows), self._run.stop_condition.reason
        return message if reason is None else f"{sentence(reason)} {message or ''}".strip()

    def write_reports(self, report: Report) -> None:
        if self.reports:
            write_reports(self.redactor.value(report), self.reports, self._params.get("report_privacy"))

    def report(self, rows: list[Row]) -> Report:
        """What is known by now, not masked yet."""
        plan = self._run.plan
        message = self._message(rows)
        return {
            **report_head(self.failure),
            # As checked: an address that was refused may have held a password.
            "api_url": self.api_url,
            "account": self.account,
            "mode": self._task.mode,
            "status": self._status(message, rows),
            "message": message,
            "files": self.files,
            "warnings": [*warnings(plan, self._run.states), *self.outlooks.warnings(self._is_refused)],
            "counts": self._counts(rows),
            "categories": category_counts(rows),
            **self.outlooks.values,
            "view": self._view,
            "snapshot": self.snapshot,
            "plan_hash": plan.hash if plan is not None else None,
            "results": rows,
            "unmanaged": unmanaged_rows(plan),
            "expired": expired_rows(plan),
            "requests": self.requests,
            "duration_seconds": round(self._task.retry_policy.monotonic() - self._started, 3),
        }

    def _status(self, message: str | None, rows: list[Row]) -> str:
        """The worst of what was found."""
        plan, is_check = self._run.plan, self._task.mode == "check"
        found = {row["label"] for row in rows if row["actions"] or row["outcome"] not in (UNCHANGED, SKIPPED)}
        is_conflict = is_check and self.failure is None and has_only_conflicts(rows)
        if plan is None or (message is not None and not is_conflict):
            return "error"
        is_drift = bool(found & {applied.DRIFT, applied.CONFLICT}) or self.outlooks.is_broken
        if is_changed(rows) and not is_check:
            return "applied"
        if is_changed(rows) and not is_drift:
            # Without a record the two cannot be told apart.
            return "pending" if self.has_record else "drift"
        is_drift = is_drift or (self._params["unmanaged"] == DRIFT and bool(plan.unmanaged))
        return "drift" if is_drift else "clean"
