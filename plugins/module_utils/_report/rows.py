# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What is known of each contact of a run, as the rows that every result and report is a view of.

A row tells what was finally planned and what was done; in check mode, what would be done.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Sequence, TypedDict

from .._api.account import Account
from .._apply.state import ContactState
from .._contacts.applied import CONFLICT, DRIFT, PENDING
from .._contacts.audit import LastWritten
from .._contacts.desired import DesiredEntry
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UPDATE, FieldChange
from .._contacts.set_plan import DELETES_WAIT, PlannedContact, SetPlan
from .._errors import SwoError
from .._version import VERSION
from .effects import CategoryCount

if TYPE_CHECKING:
    from .._contacts.end_state import CategoryImpact, NewCategory
    from .._files.problems import Fault
    from .outlook import CoverageRow

UNCHANGED, FAILED, UNKNOWN, SKIPPED = "unchanged", "failed", "unknown", "skipped"
# The action that names the outcome of a contact with several, strongest first.
_OUTCOME_OF = {CREATE: "created", DELETE: "deleted", UPDATE: "updated", BLOCK: "blocked", UNBLOCK: "unblocked"}
# What the labels of differences count as; all are zero without a record.
LABELS = (PENDING, DRIFT, CONFLICT)
_OUTCOMES = (UNCHANGED, *_OUTCOME_OF.values(), FAILED, UNKNOWN, SKIPPED)
COUNTS = ("live", "desired", *_OUTCOMES, "unmanaged", "kept", *LABELS)


class FieldRow(TypedDict):
    """One value that changes. ``label`` (whose change it was) and ``source`` (its place in a file) may be unknown."""

    field: str
    before: Any
    after: Any
    label: str | None
    source: str | None


class Row(TypedDict):
    """One contact of a run.

    ``index`` is its place among the desired contacts, null for one in no file; ``kept`` are values that are left to the
    contact; ``status`` and ``trace_id`` are the API's where it refused something; ``note`` is the reason of its entry.
    """

    index: int | None
    email: str
    id: str | None
    outcome: str
    label: str | None
    actions: list[str]
    fields: list[FieldRow]
    kept: list[FieldRow] | None
    reason: str | None
    status: int | None
    trace_id: str | None
    source: str | None
    note: str | None
    last_written: LastWritten | None


class UnmanagedRow(TypedDict):
    """One live contact in no file; ``label`` tells whether it was in one, where there is a record."""

    id: str
    email: str
    name: str | None
    status: str
    linked: bool | None
    label: str | None


class ExpiredRow(TypedDict):
    """One entry that counts as in no file, because its last day is over."""

    email: str
    expires: str
    source: str | None


class SnapshotAge(TypedDict):
    """When the snapshot was made that a plan is of, and how old it was then."""

    created_at: str
    age_seconds: int


class ReportHead(TypedDict):
    """What a report says of itself, and of what was wrong with the files or the options."""

    schema_version: int
    collection: str
    collection_version: str
    created_at: str
    problems: list[str]
    faults: list[Fault]


def report_head(failure: SwoError | None) -> ReportHead:
    """The head of a report that is made now."""
    told = failure.extra() if failure is not None else {}
    return {
        "schema_version": 2,
        "collection": "softwareone.marketplace",
        "collection_version": VERSION,
        "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "problems": told.get("problems", []),
        "faults": told.get("faults", []),
    }


class Report(ReportHead):
    """What every form of report is a view of; the JSON form adds ``privacy``.

    ``api_url`` is null where it was refused, ``plan_hash`` where there is no plan; unchanged contacts are among the
    ``results`` only of a form that counts what has passed. ``files`` are the contact files that were read, ``faults``
    what is wrong in them; a report about nothing else has the view ``files``.
    """

    api_url: str | None
    account: Account
    mode: str
    status: str
    message: str | None
    files: list[str]
    warnings: list[str]
    view: str
    counts: dict[str, int]
    categories: list[CategoryCount]
    coverage: list[CoverageRow]
    impact: list[CategoryImpact]
    new_categories: list[NewCategory]
    snapshot: SnapshotAge | None
    plan_hash: str | None
    results: list[Row]
    unmanaged: list[UnmanagedRow]
    expired: list[ExpiredRow]
    requests: dict[str, int]
    duration_seconds: float


def contact_row(item: PlannedContact, state: ContactState | None) -> Row:
    """What would be done (without ``state``) or what was done for one contact."""
    failure = item.failure if state is None else state.failure
    told = failure.failure() if failure is not None else {}
    contact = item.live if state is None else state.contact or state.plan.live or item.live
    outcome = _outcome(item, state)
    return {
        "index": item.index,
        "email": (item if state is None else state).label,
        "id": contact.id if contact is not None else None,
        "outcome": outcome,
        "label": _label(item, state),
        "actions": list(item.actions if state is None else state.actions),
        "fields": [_field(change, item) for change in (item.changes if state is None else state.changes)],
        "kept": _kept(item, state),
        "reason": str(failure) if failure is not None else _reason(item, state),
        "status": told.get("status"),
        "trace_id": told.get("trace_id"),
        # A line is looked up only where something is to be mended.
        "source": item.source if outcome == UNCHANGED else item.place_of("") or item.source,
        "note": item.note,
        "last_written": None,
    }


def declared_row(index: int, entry: DesiredEntry) -> Row:
    """One contact that files declare, of which nothing else is known."""
    return {
        "index": index,
        "email": entry.desired.label,
        "id": entry.desired.id,
        "outcome": UNCHANGED,
        "label": None,
        "actions": [],
        "fields": [],
        "kept": None,
        "reason": None,
        "status": None,
        "trace_id": None,
        "source": entry.place_of("") or entry.source,
        "note": entry.reason,
        "last_written": None,
    }


def contact_rows(plan: SetPlan, states: Sequence[ContactState] | None, is_refused: bool = False) -> list[Row]:
    """One row per contact, in the order of the addresses.

    :param states: of what was applied; None in check mode, where the rows tell what would be done
    :param is_refused: the plan must not be applied, so nothing would be done
    """
    if states is None:
        states = _skipped(plan.pending, "the plan was refused as a whole") if is_refused else _waiting(plan)
    known = {state.key: state for state in states}
    return [contact_row(item, known.get(item.place)) for item in plan.items]


def is_told(row: Mapping[str, Any]) -> bool:
    """True if a report shows the row: something differs, or a contact in no file waits for its end."""
    return row["outcome"] != UNCHANGED or waits(row)


def waits(row: Mapping[str, Any]) -> bool:
    """True for a contact in no file that stays as it is for now."""
    return row["outcome"] == UNCHANGED and row["index"] is None and bool(row["note"])


def is_changed(rows: Iterable[Row]) -> bool:
    """True if something was changed, may have been, or would be."""
    return any(row["actions"] or row["outcome"] == UNKNOWN for row in rows)


def has_only_conflicts(rows: Iterable[Row]) -> bool:
    """True if nothing failed but contacts that were changed both in the files and in the account."""
    failed = [row["label"] for row in rows if row["outcome"] in (FAILED, UNKNOWN)]
    return bool(failed) and all(label == CONFLICT for label in failed)


def _label(item: PlannedContact, state: ContactState | None) -> str | None:
    """Whose change it is, as it was finally planned."""
    if state is None or item.is_removal or not state.changed:
        return item.change_label
    return state.plan.label


def counts(plan: SetPlan | None, rows: Iterable[Row], desired: int) -> dict[str, int]:
    """How many contacts there are of each kind; all keys, whatever happened."""
    rows = list(rows)
    found = Counter(row["outcome"] for row in rows)
    numbers = {
        "live": plan.live_count if plan else 0,
        "desired": desired,
        "unmanaged": len(plan.unmanaged) if plan else 0,
        "kept": sum(1 for row in rows if row["kept"]),
        **{label: sum(1 for row in rows if row["label"] == label) for label in LABELS},
    }
    return {name: numbers.get(name, found[name]) for name in COUNTS}


def unmanaged_rows(plan: SetPlan | None) -> list[UnmanagedRow]:
    """One row per live contact in no file."""
    return [
        {
            "id": contact.id,
            "email": contact.email,
            "name": contact.name,
            "status": contact.status,
            "linked": contact.linked,
            "label": plan.labels.get(contact.id) if plan is not None else None,
        }
        for contact in (plan.unmanaged if plan is not None else ())
    ]


def expired_rows(plan: SetPlan | None) -> list[ExpiredRow]:
    """One row per entry that has expired."""
    return [
        {"email": entry.desired.label, "expires": entry.expires or "", "source": entry.place_of("expires")}
        for entry in (plan.expired if plan is not None else ())
    ]


def _kept(item: PlannedContact, state: ContactState | None) -> list[FieldRow] | None:
    """The opt-outs of its own that the contact keeps; no file is the source of them."""
    plan = item.plan if state is None else state.plan
    names = list(plan.kept) if plan is not None else []
    return [{"field": "opt_outs", "before": names, "after": names, "label": "kept", "source": None}] if names else None


def _reason(item: PlannedContact, state: ContactState | None) -> str | None:
    """Why a contact that did not fail is not as its entry says."""
    if state is not None and state.skipped is not None:
        return state.skipped
    return " ".join((item if state is None else state).warnings) or None


def _outcome(item: PlannedContact, state: ContactState | None) -> str:
    if state is not None and state.uncertain:
        return UNKNOWN
    if (item if state is None else state).failure is not None:
        return FAILED
    if state is not None and state.skipped is not None:
        return SKIPPED
    actions = item.actions if state is None else state.actions
    return next((outcome for action, outcome in _OUTCOME_OF.items() if action in actions), UNCHANGED)


# What decides a value that no field of that name gives.
_GIVEN_BY = {"status": "state"}


def _field(change: FieldChange, item: PlannedContact) -> FieldRow:
    return {
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "label": change.label,
        "source": item.place_of(_GIVEN_BY.get(change.field, change.field)),
    }


def _waiting(plan: SetPlan) -> list[ContactState]:
    """Who would not be deleted in this run, as an apply would leave them."""
    deletes = [item for item in plan.pending if DELETE in item.actions] if plan.deletes_wait else []
    return _skipped(deletes, DELETES_WAIT)


def _skipped(items: Iterable[PlannedContact], reason: str) -> list[ContactState]:
    return [ContactState(item, item.plan, item.live, skipped=reason) for item in items if item.plan is not None]
