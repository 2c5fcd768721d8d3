# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""``swo_contacts``: from checked options to the values of the task, the reports and the undo file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from .._api import rql
from .._api.bulk import Workers, last_written, read_live, read_scope
from .._api.client import METHODS, Client
from .._api.connection import connection_from
from .._apply.apply_set import ItemState, SetApplier, StopCondition
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact, DesiredEntry
from .._contacts.plan import ContactPlan, plan_contact
from .._contacts.set_plan import Scope, SetPlan, limit_from, plan_set, scope_from
from .._errors import InputError, SwoError
from .._files.layers import desired_contacts
from .._files.write import write_undo_file
from .._report.report_files import check_paths, write_reports
from .._report.result import (
    UNCHANGED,
    counts,
    diff_text,
    failed_result,
    failure_message,
    first_failure,
    result_rows,
    totals,
    unmanaged_rows,
    warnings,
)
from .._text import Redactor
from .._version import VERSION
from .signals import stopping_on_signals
from .task import READING, WRITING, Task, TaskResult

MAX_CONCURRENCY = 64


def run_contacts(task: Task) -> TaskResult:
    """Bring a whole set of contacts to its desired state."""
    run = _Run(task)
    try:
        run.prepare()
        run.carry_out()
    except SwoError as error:
        run.failure = error
    return run.result()


class _Run:
    """What is known of a run so far; a run that fails tells as much of it as there is."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._params = task.params
        self._redactor = Redactor((task.params.get("api_token") or "").strip())
        self._started = task.retry_policy.monotonic()
        self._stop_condition = StopCondition(task.params["on_error"] == "stop")
        self._desired: list[DesiredEntry] = []
        self._plan: SetPlan | None = None
        self._works: list[ItemState] | None = None
        self._written: dict[str, dict[str, str | None]] = {}
        self._requests = dict.fromkeys(METHODS, 0)
        self._api_url: str | None = None
        self._is_applying = False
        self.failure: SwoError | None = None

    def prepare(self) -> None:
        """Check everything that can be checked without a request."""
        paths = self._params.get("reports") or []
        check_paths(paths)
        # Whoever finds this report later must not take a run that was killed for one that found nothing.
        self.failure = InputError("The run did not get to its end.")
        self._write_reports()
        self.failure = None
        self._desired = desired_contacts(self._params.get("contacts"), self._params.get("src"))

    def carry_out(self) -> None:
        """Read, plan, check the limits and, outside check mode, apply.

        :raises SwoError: the run as a whole cannot go on; what becomes of single contacts is kept for the result
        """
        params = self._params
        scope = scope_from(params)
        scope = replace(scope, rql=rql.expression(scope.rql))
        limits = [limit_from(name, params.get(name)) for name in ("max_removals", "max_changes")]
        if not self._desired and scope.removes and not params["allow_empty"]:
            raise InputError(
                f"No contact is declared, and removal={scope.removal} would remove everybody.",
                "If this is meant, set allow_empty: true.",
            )
        workers = self._connect()
        try:
            with stopping_on_signals(self._interrupt):
                self._plan = self._planned(workers, scope)
                if self._params["audit"]:
                    self._written = last_written(workers, self._plan)
                self._refuse(self._plan, self._plan.refusals(*limits))
                if not self._task.check_mode and self._plan.pending:
                    self._apply(workers, self._plan)
        finally:
            self._requests = workers.requests
            workers.close()

    def _interrupt(self, signal_name: str) -> None:
        self._stop_condition.stop(f"the run was interrupted by {signal_name}.")
        if not self._is_applying:
            raise SwoError(f"The run was interrupted by {signal_name} before it changed anything.", "Run it again.")

    def _connect(self) -> Workers:
        task, connection = self._task, connection_from(self._params)
        self._api_url = connection.api_url
        self._redactor = Redactor(connection.token)
        concurrency = self._params["concurrency"]
        if not 1 <= concurrency <= MAX_CONCURRENCY:
            raise InputError(f"concurrency must be between 1 and {MAX_CONCURRENCY}, not {concurrency}.")

        def make_client() -> Client:
            transport = task.make_transport(connection)
            return Client(transport, connection.api_url, self._redactor, task.retry_policy, read_only=task.check_mode)

        return Workers(concurrency, make_client)

    def _planned(self, workers: Workers, scope: Scope) -> SetPlan:
        live = read_live(workers, self._desired, scope, partial(self._task.progress, READING))
        in_scope = read_scope(workers, scope)
        self._catalog = (
            workers.api.catalog() if any(entry.desired.manages_opt_outs for entry in self._desired) else Catalog([])
        )
        return plan_set(self._desired, live, self._catalog, scope, in_scope)

    def _refuse(self, plan: SetPlan, refusals: list[str]) -> None:
        expected = self._params.get("expect_plan")
        # A plan without changes is what is left of any plan once it was applied.
        if expected and expected != plan.hash and plan.pending:
            refusals.append(
                f"This is not the plan that was reviewed: its hash is {plan.hash}, expect_plan is {expected}. "
                "The files or the live contacts have changed since; review the plan again."
            )
        if refusals:
            raise InputError(" ".join(refusals))

    def _apply(self, workers: Workers, plan: SetPlan) -> None:
        if self._params.get("undo_file"):
            write_undo_file(self._params["undo_file"], plan.pending)

        def planner(desired: DesiredContact, live: Contact | None) -> ContactPlan:
            return plan_contact(desired, live, self._catalog)

        progress = partial(self._task.progress, WRITING)
        applier = SetApplier(workers, planner, self._task.retry_policy, self._stop_condition, progress)
        self._is_applying = True
        self._works = applier.apply(plan.pending)

    def result(self) -> TaskResult:
        """The values of the task; the reports are written on the way."""
        is_refused = self._plan is not None and self.failure is not None
        rows = result_rows(self._plan, self._works, is_refused) if self._plan is not None else []
        for row in rows:
            row["last_written"] = self._written.get(row["id"] or "")
        try:
            self._write_reports(rows)
        except SwoError as error:
            self.failure = self.failure or error
        shown = [row for row in rows if row["outcome"] != UNCHANGED or self._params["return_unchanged"]]
        numbers = counts(self._plan, rows, len(self._desired))
        message = self._message(rows)
        values: dict[str, Any] = {
            "changed": self._changed(),
            "status": self._status(message),
            "summary": totals(numbers),
            "counts": numbers,
            "results": shown,
            "unmanaged": unmanaged_rows(self._plan) if self._plan is not None else [],
            "plan_hash": self._plan.hash if self._plan is not None else None,
            "requests": self._requests,
        }
        if self._task.diff:
            values["diff"] = {"prepared": diff_text(rows, numbers)}
        if message is not None:
            values.update(failed_result(self.failure or first_failure(self._works) or InputError(message)))
            values["msg"] = message
        told = self._redactor.value(warnings(self._plan))
        return TaskResult(self._redactor.value(values), message is not None, told)

    def _changed(self) -> bool:
        if self._works is not None:
            return any(work.outcome.changed for work in self._works)
        return self.failure is None and self._plan is not None and bool(self._plan.pending)

    def _message(self, rows: list[dict[str, Any]]) -> str | None:
        if self.failure is not None:
            return str(self.failure)
        message = failure_message(rows)
        if self._stop_condition.reason is None:
            return message
        return f"{self._stop_condition.reason[:1].upper()}{self._stop_condition.reason[1:]} {message or ''}".strip()

    def _write_reports(self, rows: list[dict[str, Any]] | None = None) -> None:
        paths = self._params.get("reports") or []
        if not paths:
            return
        rows = rows or []
        plan = self._plan
        message = self._message(rows)
        report = {
            "schema_version": 1,
            "collection": "softwareone.marketplace",
            "collection_version": VERSION,
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # As checked: an address that was refused may have held a password.
            "api_url": self._api_url,
            "mode": "check" if self._task.check_mode else "apply",
            "status": self._status(message),
            "message": message,
            "problems": (self.failure.extra() if self.failure else {}).get("problems", []),
            "warnings": warnings(self._plan),
            "counts": counts(plan, rows, len(self._desired)),
            "plan_hash": plan.hash if plan is not None else None,
            "results": [row for row in rows if row["outcome"] != UNCHANGED],
            "unmanaged": unmanaged_rows(plan) if plan is not None else [],
            "requests": self._requests,
            "duration_seconds": round(self._task.retry_policy.monotonic() - self._started, 3),
        }
        write_reports(self._redactor.value(report), paths, self._params.get("report_privacy"))

    def _status(self, message: str | None) -> str:
        if message is not None or self._plan is None:
            return "error"
        is_drift = self._params["unmanaged_is_drift"] and bool(self._plan.unmanaged)
        if not self._plan.pending and not is_drift:
            return "clean"
        return "drift" if self._task.check_mode or not self._plan.pending else "applied"
