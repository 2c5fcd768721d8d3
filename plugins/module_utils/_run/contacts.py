# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""``swo_contacts``: from checked options to what was done, in the account and in files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

from .._api.account import known_account, prove_account
from .._api.bulk import Workers
from .._api.connection import Connection, connection_from, expected_account
from .._api.live import read_audit
from .._api.snapshot import SnapshotTransport, read_snapshot
from .._apply.leeway import Leeway
from .._contacts.applied import History
from .._contacts.audit import LastWritten, last_written
from .._contacts.desired import DesiredEntry, only_entries
from .._contacts.scope import DRIFT, Scope, scope_from
from .._contacts.set_plan import SetPlan, limit_from
from .._errors import InputError, SwoError, option_named
from .._files.adopt import write_adoption
from .._files.agreements import Agreements, contract_problems
from .._files.applied_file import AppliedFile
from .._files.documents import contact_files
from .._files.layers import desired_contacts, refuse_entries
from .._files.undo import UndoFile
from .._report.effects import PLAN
from .._text import Redactor
from .collector import collecting_rarely
from .outputs import OutputError, check_outputs, refuse_in_source
from .reconcile import Reconciliation
from .refusal import refuse_empty_guards, reviewed_plan
from .set_result import SetResult
from .signals import stopping_on_signals
from .specs import MAX_REMOVALS
from .task import Task, TaskResult

MAX_CONCURRENCY = 64


def _refuse_to_apply_snapshot() -> None:
    raise InputError(
        "snapshot: what was planned from a snapshot cannot be applied.",
        "Run the task in check mode, or leave out snapshot; expect_plan makes sure that it is the same plan.",
    )


def _refuse_to_adopt() -> None:
    raise InputError(
        f"{option_named('adopt_file')}: what somebody changed is adopted in check mode only; nothing was written.",
        "Run the task in check mode or the playbook drift, or leave out adopt_file.",
    )


@collecting_rarely()
def run_contacts(task: Task) -> TaskResult:
    """Bring a whole set of contacts to its desired state."""
    run = _SetRun(task)
    try:
        run.prepare()
        run.carry_out()
    except SwoError as error:
        run.result.failure = error
    return run.result.task_result()


class _SetRun:
    """What a task does, step by step; ``result`` gets what comes to be known by it."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._params = task.params
        self._run = Reconciliation(task, stop_on_error=task.params["on_error"] == "stop")
        self._entries: list[DesiredEntry] = []
        self._agreements = Agreements()
        self.result = SetResult(task, self._run)

    def prepare(self) -> None:
        """Check everything that can be checked without a request."""
        # A report of a refusal must not replace a contact file.
        self._refuse_overlap()
        reason = self._task.refusal or self._params.get("error")
        if reason:
            raise InputError(reason)
        refuse_empty_guards(self._params)
        if self._params.get("adopt_file"):
            self._task.unless_checking(_refuse_to_adopt)
        # Whoever finds this report later must not take a run that was killed for one that found nothing.
        self.result.failure = InputError("The run did not get to its end.")
        self.result.write_reports(self.result.report([]))
        self.result.failure = None
        entries = desired_contacts(
            self._params.get("contacts"), self._params.get("src"), self._task.decrypt, self._agreements
        )
        self._entries = only_entries(entries, self._params.get("only"))
        self.result.desired = len(self._entries)

    def _refuse_overlap(self) -> None:
        undo_path = self._params.get("undo_file")
        outputs = [("undo_file", undo_path)] if undo_path else []
        outputs += [(name, self._params[name]) for name in ("applied_file", "adopt_file") if self._params.get(name)]
        outputs += [("reports", path) for path in self.result.reports]
        # A run without outputs has no need to walk the source for this.
        sources = contact_files(self._params.get("src") or []) if outputs else []
        try:
            self.result.files = check_outputs(outputs, sources, self._params.get("snapshot"))
        except OutputError as error:
            # What the other one means to be must not be replaced by the report of this refusal.
            self.result.reports = [report for report in self.result.reports if report not in error.paths]
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
        workers = self._task.make_workers(connection, self.result.redactor, self._concurrency())
        try:
            with stopping_on_signals(self._run.interrupt):
                prove_account(workers.api, connection, self.result.account)
                record = self._record()
                plan = self._plan(workers, scope, record)
                self._refuse(plan, plan.refusals(*limits))
                leeway = Leeway(bool(reviewed_plan(params)), plan.changes_left(limits[1]))
                self._run.apply(workers, leeway, self._undo_file, record)
                if self._run.states is not None:
                    self._look(plan)
        finally:
            # What a snapshot answers was never sent.
            if self.result.snapshot is None:
                self.result.requests = workers.requests
            workers.close()

    def _plan(self, workers: Workers, scope: Scope, record: AppliedFile | None) -> SetPlan:
        history = self._history(record)
        plan = self._run.make_plan(workers, self._entries, scope, self._agreements.need_catalog, history)
        refuse_entries(plan.wrong_entries, contract_problems(self._agreements.contracts, self._run.catalog))
        self._look(plan)
        self.result.last_written = self._last_written(workers, plan)
        self._adopt(plan)
        return plan

    def _undo_file(self) -> UndoFile | None:
        path = self._params.get("undo_file")
        return UndoFile(path, self.result.redactor) if path else None

    def _record(self) -> AppliedFile | None:
        path = self._params.get("applied_file")
        return AppliedFile(path, self.result.account, self.result.redactor) if path else None

    def _history(self, record: AppliedFile | None) -> History:
        before = record.read() if record is not None else None
        self.result.has_record = before is not None
        return History(
            applied=before,
            is_kept=record is not None,
            token_id=self.result.account["token"],
            files_win=self._params["on_conflict"] == "git",
            is_whole=self._params.get("only") is None,
        )

    def _adopt(self, plan: SetPlan) -> None:
        path = self._params.get("adopt_file")
        if path:
            write_adoption(path, plan, self._run.catalog, self._params["unmanaged"] == DRIFT, self.result.redactor)
            self.result.adopted = path

    def _last_written(self, workers: Workers, plan: SetPlan) -> dict[str, LastWritten]:
        """Who wrote the contacts last that differ or keep something, by id, as far as that is known or asked for."""
        asked = [item.live for item in plan.items if item.live is not None and (item.changes or item.keeps)]
        if self._params["audit"]:
            asked += read_audit(workers, [item.live for item in plan.pending if item.live is not None])
        told = {contact.id: last_written(contact, self.result.account["token"]) for contact in asked}
        return {contact_id: written for contact_id, written in told.items() if written is not None}

    def _connection(self) -> Connection:
        path = self._params.get("snapshot")
        return self._online() if path is None else self._offline(path)

    def _offline(self, path: str) -> Connection:
        """A connection to a snapshot, which needs neither a token nor a socket."""
        self._task.unless_checking(_refuse_to_apply_snapshot)
        snapshot = read_snapshot(path)
        self.result.api_url = snapshot.api_url
        self.result.account = snapshot.account_for(expected_account(self._params), self.result.account["host"])
        age = snapshot.age(datetime.now(timezone.utc))
        self.result.snapshot = {"created_at": snapshot.created_at, "age_seconds": age}
        self._task = replace(self._task, make_transport=lambda _connection: SnapshotTransport(snapshot))
        return Connection(snapshot.api_url, "", self._params["api_timeout"], True)

    def _online(self) -> Connection:
        connection = connection_from(self._params)
        self.result.api_url = connection.api_url
        self.result.redactor = Redactor(connection.token)
        self.result.account = known_account(self.result.account["host"], connection)
        return connection

    def _concurrency(self) -> int:
        concurrency: int = self._params["concurrency"]
        if not 1 <= concurrency <= MAX_CONCURRENCY:
            raise InputError(
                f"{option_named('concurrency')} must be between 1 and {MAX_CONCURRENCY}, not {concurrency}."
            )
        return concurrency

    def _look(self, plan: SetPlan) -> None:
        self.result.outlooks.look(self._run.live, plan, self._run.states, self._run.catalog, self._agreements)

    def _refuse(self, plan: SetPlan, refusals: list[str]) -> None:
        # Under drift nothing is going to be written that could break a contract.
        if self._params["view"] == PLAN:
            refusals += self.result.outlooks.refusals
        expected = reviewed_plan(self._params)
        # A plan without changes is what is left of any plan once it was applied.
        if expected and expected != plan.hash and plan.pending:
            refusals.append(
                f"This is not the plan that was reviewed: its hash is {plan.hash}, "
                f"but {option_named('expect_plan')} is {expected}. "
                "The files or the live contacts have changed since; review the plan again."
            )
        if refusals:
            raise InputError(" ".join(refusals))
