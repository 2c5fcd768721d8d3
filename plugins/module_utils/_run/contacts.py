# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""``swo_contacts``: from checked options to the values of the task, the reports and the undo file."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from .._api.account import known_account, prove_account
from .._api.bulk import Workers, read_audit
from .._api.client import METHODS
from .._api.connection import Connection, connection_from, expected_account
from .._api.snapshot import SnapshotTransport, read_snapshot
from .._apply.leeway import Leeway
from .._contacts import applied
from .._contacts.applied import History
from .._contacts.audit import LastWritten, last_written
from .._contacts.desired import DesiredEntry, only_entries
from .._contacts.scope import DRIFT, scope_from
from .._contacts.set_plan import SetPlan, limit_from
from .._errors import InputError, SwoError, option_named
from .._files.adopt import write_adoption
from .._files.agreements import Agreements, contract_problems
from .._files.applied_file import AppliedFile
from .._files.documents import contact_files
from .._files.layers import desired_contacts, refuse_entries
from .._files.undo import UndoFile
from .._report.diff import diff_text
from .._report.effects import APPLIED, PLAN, category_counts, totals, verdict
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
from .collector import collecting_rarely
from .outputs import OutputError, check_outputs, refuse_in_source
from .reconcile import Reconciliation
from .refusal import refuse_empty_guards
from .signals import stopping_on_signals
from .specs import MAX_REMOVALS
from .task import Task, TaskResult

MAX_CONCURRENCY = 64


def _refuse_to_apply_snapshot() -> None:
    raise InputError(
        "snapshot: what was planned from a snapshot cannot be applied.",
        "Run the task in check mode, or leave out snapshot; expect_plan makes sure that it is the same plan.",
    )


@collecting_rarely()
def run_contacts(task: Task) -> TaskResult:
    """Bring a whole set of contacts to its desired state."""
    run = _SetRun(task)
    try:
        run.prepare()
        run.carry_out()
    except SwoError as error:
        run.failure = error
    return run.result()


class _SetRun:
    """What is known of a run so far; a run that fails tells as much of it as there is."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._params = task.params
        self._redactor = Redactor((task.params.get("api_token") or "").strip())
        self._started = task.retry_policy.monotonic()
        self._run = Reconciliation(task, stop_on_error=task.params["on_error"] == "stop")
        self._entries: list[DesiredEntry] = []
        self._snapshot: SnapshotAge | None = None
        self._agreements = Agreements()
        self._outlooks = Outlooks()
        self._reports: list[str] = list(task.params.get("reports") or [])
        self._files: list[str] = []
        self._written: dict[str, LastWritten] = {}
        self._requests = dict.fromkeys(METHODS, 0)
        self._has_record = False
        self._adopted: str | None = None
        self._api_url: str | None = None
        self._account = known_account(task.params.get("account_name"))
        self.failure: SwoError | None = None

    def prepare(self) -> None:
        """Check everything that can be checked without a request."""
        reason = self._task.refusal or self._params.get("error")
        if reason:
            raise InputError(reason)
        refuse_empty_guards(self._params)
        self._refuse_overlap()
        # Whoever finds this report later must not take a run that was killed for one that found nothing.
        self.failure = InputError("The run did not get to its end.")
        self._write_reports([])
        self.failure = None
        entries = desired_contacts(
            self._params.get("contacts"), self._params.get("src"), self._task.decrypt, self._agreements
        )
        self._entries = only_entries(entries, self._params.get("only"))

    def _refuse_overlap(self) -> None:
        undo_path = self._params.get("undo_file")
        outputs = [("undo_file", undo_path)] if undo_path else []
        outputs += [(name, self._params[name]) for name in ("applied_file", "adopt_file") if self._params.get(name)]
        outputs += [("reports", path) for path in self._reports]
        # A run without outputs has no need to walk the source for this.
        sources = contact_files(self._params.get("src") or []) if outputs else []
        try:
            self._files = check_outputs(outputs, sources, self._params.get("snapshot"))
        except OutputError as error:
            # What the other one means to be must not be replaced by the report of this refusal.
            self._reports = [report for report in self._reports if report not in error.paths]
            raise
        if undo_path:
            refuse_in_source(undo_path, self._params.get("src") or [])

    def carry_out(self) -> None:
        """Read, plan, check the limits and apply.

        :raises SwoError: the run as a whole cannot go on; what becomes of single contacts is kept for the result
        """
        params = self._params
        scope = scope_from(params)
        limits = [
            limit_from("max_removals", params.get("max_removals") or MAX_REMOVALS),
            limit_from("max_changes", params.get("max_changes")),
        ]
        scope.refuse_emptiness(self._entries)
        connection = self._connection()
        workers = self._task.make_workers(connection, self._redactor, self._concurrency())
        try:
            with stopping_on_signals(self._run.interrupt):
                prove_account(workers.api, connection, self._account)
                record = self._record()
                history = History(
                    applied=record.read() if record is not None else None,
                    is_kept=record is not None,
                    token_id=self._account["token"],
                    files_win=params["on_conflict"] == "git",
                    is_whole=params.get("only") is None,
                )
                self._has_record = history.applied is not None
                plan = self._run.make_plan(workers, self._entries, scope, self._agreements.need_catalog, history)
                refuse_entries(plan.wrong_entries, contract_problems(self._agreements.contracts, self._run.catalog))
                self._look(plan)
                self._written = self._last_written(workers, plan)
                self._adopt(plan)
                # Under drift nothing is going to be written that could break a contract.
                refusals = self._outlooks.refusals if params["view"] == PLAN else []
                self._refuse(plan, plan.refusals(*limits) + refusals)
                leeway = Leeway(bool(params.get("expect_plan")), plan.changes_left(limits[1]))
                self._run.apply(workers, leeway, self._undo_file, record)
                if self._run.states is not None:
                    self._look(plan)
        finally:
            # What a snapshot answers was never sent.
            self._requests = workers.requests if self._snapshot is None else self._requests
            workers.close()

    def _undo_file(self) -> UndoFile | None:
        path = self._params.get("undo_file")
        return UndoFile(path, self._redactor) if path else None

    def _record(self) -> AppliedFile | None:
        path = self._params.get("applied_file")
        return AppliedFile(path, self._account, self._redactor) if path else None

    def _adopt(self, plan: SetPlan) -> None:
        path = self._params.get("adopt_file")
        if path and self._task.mode == "check":
            write_adoption(path, plan, self._run.catalog, self._params["unmanaged"] == DRIFT, self._redactor)
            self._adopted = path

    def _last_written(self, workers: Workers, plan: SetPlan) -> dict[str, LastWritten]:
        """Who wrote the contacts last that differ or keep something, by id, as far as that is known or asked for."""
        asked = [item.live for item in plan.items if item.live is not None and (item.changes or item.keeps)]
        if self._params["audit"]:
            asked += read_audit(workers, [item.live for item in plan.pending if item.live is not None])
        told = {contact.id: last_written(contact, self._account["token"]) for contact in asked}
        return {contact_id: written for contact_id, written in told.items() if written is not None}

    def _connection(self) -> Connection:
        path = self._params.get("snapshot")
        return self._online() if path is None else self._offline(path)

    def _offline(self, path: str) -> Connection:
        """A connection to a snapshot, which needs neither a token nor a socket."""
        self._task.unless_checking(_refuse_to_apply_snapshot)
        snapshot = read_snapshot(path)
        self._api_url = snapshot.api_url
        self._account = snapshot.account_for(expected_account(self._params), self._account["host"])
        age = snapshot.age(datetime.now(timezone.utc))
        self._snapshot = {"created_at": snapshot.created_at, "age_seconds": age}
        self._task = replace(self._task, make_transport=lambda _connection: SnapshotTransport(snapshot))
        return Connection(snapshot.api_url, "", self._params["api_timeout"], True)

    def _online(self) -> Connection:
        connection = connection_from(self._params)
        self._api_url = connection.api_url
        self._redactor = Redactor(connection.token)
        self._account = known_account(self._account["host"], connection)
        return connection

    def _concurrency(self) -> int:
        concurrency: int = self._params["concurrency"]
        if not 1 <= concurrency <= MAX_CONCURRENCY:
            raise InputError(
                f"{option_named('concurrency')} must be between 1 and {MAX_CONCURRENCY}, not {concurrency}."
            )
        return concurrency

    def _look(self, plan: SetPlan) -> None:
        self._outlooks.look(self._run.live, plan, self._run.states, self._run.catalog, self._agreements)

    def _refuse(self, plan: SetPlan, refusals: list[str]) -> None:
        expected = self._params.get("expect_plan")
        # A plan without changes is what is left of any plan once it was applied.
        if expected and expected != plan.hash and plan.pending:
            refusals.append(
                f"This is not the plan that was reviewed: its hash is {plan.hash}, "
                f"but {option_named('expect_plan')} is {expected}. "
                "The files or the live contacts have changed since; review the plan again."
            )
        if refusals:
            raise InputError(" ".join(refusals))

    def result(self) -> TaskResult:
        """The values of the task; the reports are written on the way."""
        rows = self._rows()
        written = self._reports
        try:
            self._write_reports(rows)
        except SwoError as error:
            written = []
            self.failure = self.failure or error
        message = self._message(rows)
        numbers = self._counts(rows)
        plan = self._run.plan
        values: dict[str, Any] = {
            # Drift is what has changed, not what would be.
            "changed": is_changed(rows) and self._view != DRIFT_VIEW,
            "status": self._status(message, rows),
            "account": self._account,
            "summary": self._summary(self._status(message, rows), numbers),
            "counts": numbers,
            "categories": category_counts(rows),
            **self._outlooks.values,
            "snapshot": self._snapshot,
            "results": [row for row in rows if row["outcome"] != UNCHANGED or self._params["return_unchanged"]],
            "unmanaged": unmanaged_rows(plan),
            "expired": expired_rows(plan),
            "plan_hash": plan.hash if plan is not None else None,
            "undo_file": self._way_back(rows),
            "adopt_file": self._adopted,
            "requests": self._requests,
            "reports": written,
        }
        is_refused = self.failure is not None and self._run.states is None
        shown = self._diff_of_refused() if is_refused else self._diff(rows, self._view)
        # Nobody can judge a refusal without what was refused, so that is shown unasked.
        if self._task.diff or (is_refused and shown):
            values["diff"] = {"prepared": shown}
        if message is not None:
            values.update(failed_result(self.failure or self._first_failure() or InputError(message)))
            values["msg"] = message
        told = self._redactor.value(self._warnings())
        return TaskResult(self._redactor.value(values), message is not None, told)

    def _warnings(self) -> list[str]:
        is_refused = self.failure is not None and self._run.states is None
        return [*warnings(self._run.plan, self._run.states), *self._outlooks.warnings(is_refused)]

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
            row["last_written"] = self._written.get(row["id"] or "")
        return rows

    @property
    def _view(self) -> str:
        """Whether the run speaks of a plan, of drift or of what was done."""
        return self._params["view"] if self._task.mode == "check" else APPLIED

    def _summary(self, status: str, numbers: dict[str, int]) -> str:
        """The verdict of the run in one line: what was found or done, and what is wrong first of all."""
        told = []
        if self.failure is None or self._run.states is not None:
            broken = broken_contracts(self._outlooks.values["coverage"])
            told.append(totals(numbers, self._view) + (f"; coverage: {broken}" if broken else ""))
        fault, reason = self.failure or self._first_failure(), self._run.stop_condition.reason
        told += [fault.fault] if fault else [sentence(reason)] if reason else []
        return f"{verdict(status, self._view)}: {'. '.join(text.rstrip('.') for text in told)}"

    def _diff(self, rows: list[Row], view: str) -> str:
        plan = self._run.plan
        numbers = self._counts(rows)
        # Where they are no difference, their number will do.
        is_told = self._params["unmanaged"] == DRIFT or self._task.verbosity
        strays, impact = unmanaged_rows(plan) if is_told else [], self._outlooks.values["impact"]
        return diff_text(rows, strays, numbers, view, self._task.verbosity, impact)

    def _diff_of_refused(self) -> str:
        """The whole plan, so that whoever reads why it was refused sees what was."""
        plan = self._run.plan
        return self._diff(contact_rows(plan, None), self._params["view"]) if plan is not None else ""

    def _counts(self, rows: list[Row]) -> dict[str, int]:
        return counts(self._run.plan, rows, len(self._entries))

    def _first_failure(self) -> SwoError | None:
        items = self._run.states or (self._run.plan.items if self._run.plan else ())
        return next((item.failure for item in items if item.failure is not None), None)

    def _message(self, rows: list[Row]) -> str | None:
        if self.failure is not None:
            return str(self.failure)
        message, reason = failure_message(rows), self._run.stop_condition.reason
        return message if reason is None else f"{sentence(reason)} {message or ''}".strip()

    def _write_reports(self, rows: list[Row]) -> None:
        if not self._reports:
            return
        plan = self._run.plan
        message = self._message(rows)
        report: Report = {
            **report_head(self.failure),
            # As checked: an address that was refused may have held a password.
            "api_url": self._api_url,
            "account": self._account,
            "mode": self._task.mode,
            "status": self._status(message, rows),
            "message": message,
            "files": self._files,
            "warnings": self._warnings(),
            "counts": self._counts(rows),
            "categories": category_counts(rows),
            **self._outlooks.values,
            "view": self._view,
            "snapshot": self._snapshot,
            "plan_hash": plan.hash if plan is not None else None,
            "results": rows,
            "unmanaged": unmanaged_rows(plan),
            "expired": expired_rows(plan),
            "requests": self._requests,
            "duration_seconds": round(self._task.retry_policy.monotonic() - self._started, 3),
        }
        write_reports(self._redactor.value(report), self._reports, self._params.get("report_privacy"))

    def _status(self, message: str | None, rows: list[Row]) -> str:
        """The worst of what was found."""
        plan, is_check = self._run.plan, self._task.mode == "check"
        found = {row["label"] for row in rows if row["actions"] or row["outcome"] not in (UNCHANGED, SKIPPED)}
        is_conflict = is_check and self.failure is None and has_only_conflicts(rows)
        if plan is None or (message is not None and not is_conflict):
            return "error"
        is_drift = bool(found & {applied.DRIFT, applied.CONFLICT}) or self._outlooks.is_broken
        if is_changed(rows) and not is_check:
            return "applied"
        if is_changed(rows) and not is_drift:
            # Without a record the two cannot be told apart.
            return "pending" if self._has_record else "drift"
        is_drift = is_drift or (self._params["unmanaged"] == DRIFT and bool(plan.unmanaged))
        return "drift" if is_drift else "clean"
