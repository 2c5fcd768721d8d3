# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the plan and the outcome of a run as the values that the task returns and the reports show."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._apply import Outcome
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import SwoError
from ansible_collections.softwareone.marketplace.plugins.module_utils._plan import (
    BLOCK,
    CREATE,
    DELETE,
    UNBLOCK,
    UPDATE,
    FieldChange,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._set_apply import Work
from ansible_collections.softwareone.marketplace.plugins.module_utils._set_plan import Item, SetPlan

UNCHANGED, FAILED, UNKNOWN, SKIPPED = "unchanged", "failed", "unknown", "skipped"
# The action that names the outcome of a contact with several, strongest first.
_OUTCOMES = {CREATE: "created", DELETE: "deleted", UPDATE: "updated", BLOCK: "blocked", UNBLOCK: "unblocked"}
OUTCOMES = (UNCHANGED, *_OUTCOMES.values(), FAILED, UNKNOWN, SKIPPED)
COUNTS = ("live", "desired", *OUTCOMES, "unmanaged")
_TROUBLE = (FAILED, UNKNOWN, SKIPPED)
# More of the same kind are told in one line.
MAX_REASONS = 3
MAX_WARNINGS = 5


def result_rows(plan: SetPlan, works: Sequence[Work] | None, is_refused: bool = False) -> list[dict[str, Any]]:
    """One row per contact, in the order of the addresses.

    :param works: what was applied; None in check mode, where the rows tell what would be done
    :param is_refused: the plan must not be applied, so nothing would be done
    """
    by_item = {id(work.item): work for work in works or ()}
    if is_refused:
        refused = "the plan was refused as a whole"
        by_item = {id(item): Work(item, item.plan, skipped=refused) for item in plan.pending if item.plan is not None}
    return [_row(item, by_item.get(id(item))) for item in plan.items]


def _row(item: Item, work: Work | None) -> dict[str, Any]:
    actions: Sequence[str] = item.actions if work is None else work.outcome.performed
    failure = item.failure if work is None else work.outcome.failure
    skipped = work.skipped if work is not None else None
    told = failure.failure() if failure is not None else {}
    return {
        "index": item.index,
        "email": _email(item),
        "id": _id(item, work),
        "outcome": _outcome(actions, failure, skipped, work),
        "actions": list(actions),
        "fields": [_field(change) for change in item.plan.changes] if item.plan is not None else [],
        "reason": failure.sentence() if failure is not None else skipped or _warning(item),
        "status": told.get("status"),
        "trace_id": told.get("trace_id"),
        "source": item.source,
        "note": item.note,
        "last_written": None,
    }


def _outcome(actions: Sequence[str], failure: SwoError | None, skipped: str | None, work: Work | None) -> str:
    if work is not None and work.outcome.uncertain:
        return UNKNOWN
    if failure is not None:
        return FAILED
    if skipped is not None:
        return SKIPPED
    return next((outcome for action, outcome in _OUTCOMES.items() if action in actions), UNCHANGED)


def _warning(item: Item) -> str | None:
    return " ".join(item.plan.warnings) or None if item.plan is not None else None


def _email(item: Item) -> str:
    """The address as it was before, or as it is declared; a server may store it in another case."""
    if item.live is not None:
        return item.live.email
    return item.plan.desired.label if item.plan is not None else item.key


def _id(item: Item, work: Work | None) -> str | None:
    contact = _known(item, work)
    return contact.id if contact is not None else None


def _known(item: Item, work: Work | None) -> Contact | None:
    outcome: Outcome | None = work.outcome if work is not None else None
    if outcome is not None and outcome.contact is not None:
        return outcome.contact
    return item.live


def _field(change: FieldChange) -> dict[str, Any]:
    return {"field": change.field, "before": change.before, "after": change.after}


def counts(plan: SetPlan | None, rows: Iterable[dict[str, Any]], desired: int) -> dict[str, int]:
    """How many contacts there are of each kind; all keys, whatever happened."""
    found = Counter(row["outcome"] for row in rows)
    numbers = {"live": plan.live if plan else 0, "desired": desired, "unmanaged": len(plan.unmanaged) if plan else 0}
    return {name: numbers.get(name, found[name]) for name in COUNTS}


def unmanaged_rows(plan: SetPlan) -> list[dict[str, Any]]:
    """Live contacts that nobody declares."""
    return [
        {name: getattr(contact, name) for name in ("id", "email", "name", "status", "linked")}
        for contact in plan.unmanaged
    ]


def diff_text(rows: Iterable[dict[str, Any]], numbers: dict[str, int]) -> str:
    """What ``--diff`` shows: each contact that changes, field by field, and a line of totals."""
    lines: list[str] = []
    for row in rows:
        if row["fields"]:
            lines.append("{} {} ({})".format(_SIGNS.get(row["outcome"], "~"), row["email"], row["id"] or "new"))
            lines += ["    " + _from_to(field) for field in row["fields"]]
    if lines:
        lines.append(totals(numbers))
    return "".join(line + "\n" for line in lines)


_SIGNS = {"created": "+", "deleted": "-", FAILED: "!", UNKNOWN: "?"}


def _from_to(field: dict[str, Any]) -> str:
    before, after = field["before"], field["after"]
    if isinstance(before, list) or isinstance(after, list):
        gone = ["-" + name for name in before or () if name not in (after or ())]
        come = ["+" + name for name in after or () if name not in (before or ())]
        return "{}: {}".format(field["field"], ", ".join(gone + come) or "none")
    return f"{field['field']}: {_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    return "(none)" if value is None else str(value)


def totals(numbers: dict[str, int]) -> str:
    """The counts of a run in one line; what is zero is left out."""
    parts = [f"{numbers[name]} {name}" for name in OUTCOMES if numbers[name]]
    tail = f" (live but in no file: {numbers['unmanaged']})" if numbers["unmanaged"] else ""
    return (", ".join(parts) or "no contacts") + tail


def failure_message(rows: Sequence[dict[str, Any]]) -> str | None:
    """One sentence about what went wrong with single contacts; None if nothing did."""
    trouble = [row for row in rows if row["outcome"] in _TROUBLE]
    if not trouble:
        return None
    found = Counter(row["outcome"] for row in trouble)
    kinds = ", ".join(f"{found[kind]} {kind}" for kind in _TROUBLE if found[kind])
    worst = [row for row in trouble if row["outcome"] != SKIPPED] or trouble
    reasons = Counter(row["reason"] for row in worst)
    told = [f"{row['email']}: {row['reason']}" for row in _first_of_each(worst)[:MAX_REASONS]]
    more = len(reasons) - len(told)
    tail = f" And {more} more reasons, see results." if more > 0 else ""
    return f"{len(trouble)} of {len(rows)} contacts are not as they should be ({kinds}). {' '.join(told)}{tail}"


def _first_of_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first row with each reason."""
    return list({row["reason"]: row for row in reversed(rows)}.values())[::-1]


def first_failure(works: Iterable[Work] | None) -> SwoError | None:
    """The first failure of a single contact."""
    return next((work.outcome.failure for work in works or () if work.outcome.failure is not None), None)


def warnings(plan: SetPlan | None) -> list[str]:
    """What the plan leaves alone and somebody should know of."""
    found = [text for item in plan.items if item.plan for text in item.plan.warnings] if plan else []
    if len(found) <= MAX_WARNINGS:
        return found
    return [*found[:MAX_WARNINGS], f"{len(found) - MAX_WARNINGS} more contacts stay blocked by the platform."]
