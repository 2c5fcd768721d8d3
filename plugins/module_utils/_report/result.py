# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What a task returns: values for its caller, rows for the reports."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, Mapping, Sequence

from .._apply.apply import Outcome
from .._apply.apply_set import ItemState
from .._contacts.categories import Catalog, Category
from .._contacts.contact import Contact
from .._contacts.plan import BLOCK, CREATE, DELETE, UNBLOCK, UNKNOWN_ID, UPDATE, ContactPlan, FieldChange
from .._contacts.set_plan import Item, SetPlan
from .._errors import SwoError

_CONTACT_KEYS = (
    "id",
    "email",
    "name",
    "status",
    "blocked_reason",
    "opt_outs",
    "linked",
    "user_id",
    "revision",
)


def contact_view(contact: Contact, catalog: Catalog | None = None) -> dict[str, Any]:
    """A contact as returned to the user: always the same keys, null where a value is not known."""
    view: dict[str, Any] = {key: getattr(contact, key) for key in _CONTACT_KEYS}
    view["id"] = None if contact.id == UNKNOWN_ID else contact.id
    view["opt_outs"] = None if contact.opt_outs is None else _opt_outs_view(contact, catalog)
    return view


def _opt_outs_view(contact: Contact, catalog: Catalog | None) -> list[dict[str, str | None]]:
    def name_of(category_id: str) -> str | None:
        return contact.category_names.get(category_id) or (catalog.name_of(category_id) if catalog else None)

    pairs = ((name_of(category_id), category_id) for category_id in contact.opt_outs or ())
    return [{"id": pair[1], "name": pair[0]} for pair in sorted(pairs, key=lambda pair: (pair[0] or pair[1], pair[1]))]


def no_contact_view(email: str | None) -> dict[str, Any]:
    """The same keys where there is no contact: everything null but the address that was asked for."""
    view: dict[str, Any] = dict.fromkeys(_CONTACT_KEYS)
    view["email"] = email
    return view


def category_view(category: Category) -> dict[str, Any]:
    """A category as returned to the user."""
    return {
        "id": category.id,
        "name": category.name,
        "description": category.description,
        "status": category.status,
        "opt_out_allowed": category.opt_out_allowed,
    }


def single_result(
    plan: ContactPlan, outcome: Outcome | None, catalog: Catalog, requests: Mapping[str, int], with_diff: bool
) -> dict[str, Any]:
    """The result of ``swo_contact``: predicted from the plan alone, or told by the outcome of applying it."""
    result: dict[str, Any] = {
        "changed": bool(plan.actions) if outcome is None else outcome.changed,
        "actions": list(plan.actions if outcome is None else outcome.performed),
        "contact": _contact_after(plan, outcome, catalog),
        "requests": dict(requests),
    }
    if with_diff:
        result["diff"] = contact_diff(plan)
    if outcome is not None and outcome.failure is not None:
        result.update(failed_result(outcome.failure))
    return result


def _contact_after(plan: ContactPlan, outcome: Outcome | None, catalog: Catalog) -> dict[str, Any]:
    contact = plan.after
    if outcome is not None and (outcome.contact is not None or outcome.failure is not None):
        contact = outcome.contact
    return no_contact_view(plan.desired.email) if contact is None else contact_view(contact, catalog)


def contact_diff(plan: ContactPlan) -> dict[str, Any]:
    """What ``--diff`` shows of one contact: the managed fields that change, nothing else."""
    name = plan.live.email if plan.live is not None else plan.desired.label
    return {
        "before": _side(plan.changes, "before"),
        "after": _side(plan.changes, "after"),
        "before_header": f"contact {name} (live)",
        "after_header": f"contact {name} (wanted)",
    }


def _side(changes: Sequence[FieldChange], side: str) -> dict[str, Any]:
    values = {change.field: getattr(change, side) for change in changes}
    return {name: value for name, value in values.items() if value is not None}


def failed_result(error: SwoError) -> dict[str, Any]:
    """The part of a result that tells a failure."""
    return {"msg": str(error), "failure": error.failure(), **error.extra()}


UNCHANGED, FAILED, UNKNOWN, SKIPPED = "unchanged", "failed", "unknown", "skipped"
# The action that names the outcome of a contact with several, strongest first.
_OUTCOMES = {CREATE: "created", DELETE: "deleted", UPDATE: "updated", BLOCK: "blocked", UNBLOCK: "unblocked"}
OUTCOMES = (UNCHANGED, *_OUTCOMES.values(), FAILED, UNKNOWN, SKIPPED)
COUNTS = ("live", "desired", *OUTCOMES, "unmanaged")
_TROUBLE = (FAILED, UNKNOWN, SKIPPED)
# More of the same kind are told in one line.
MAX_REASONS = 3
MAX_WARNINGS = 5


def result_rows(plan: SetPlan, works: Sequence[ItemState] | None, is_refused: bool = False) -> list[dict[str, Any]]:
    """One row per contact, in the order of the addresses.

    :param works: what was applied; None in check mode, where the rows tell what would be done
    :param is_refused: the plan must not be applied, so nothing would be done
    """
    by_item = {id(work.item): work for work in works or ()}
    if is_refused:
        refused = "the plan was refused as a whole"
        by_item = {
            id(item): ItemState(item, item.plan, skipped=refused) for item in plan.pending if item.plan is not None
        }
    return [_row(item, by_item.get(id(item))) for item in plan.items]


def _row(item: Item, work: ItemState | None) -> dict[str, Any]:
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
        "reason": str(failure) if failure is not None else skipped or _warning(item),
        "status": told.get("status"),
        "trace_id": told.get("trace_id"),
        "source": item.source,
        "note": item.note,
        "last_written": None,
    }


def _outcome(actions: Sequence[str], failure: SwoError | None, skipped: str | None, work: ItemState | None) -> str:
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


def _id(item: Item, work: ItemState | None) -> str | None:
    contact = _known(item, work)
    return contact.id if contact is not None else None


def _known(item: Item, work: ItemState | None) -> Contact | None:
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


def first_failure(works: Iterable[ItemState] | None) -> SwoError | None:
    """The first failure of a single contact."""
    return next((work.outcome.failure for work in works or () if work.outcome.failure is not None), None)


def warnings(plan: SetPlan | None) -> list[str]:
    """What the plan leaves alone and somebody should know of."""
    found = [text for item in plan.items if item.plan for text in item.plan.warnings] if plan else []
    if len(found) <= MAX_WARNINGS:
        return found
    return [*found[:MAX_WARNINGS], f"{len(found) - MAX_WARNINGS} more contacts stay blocked by the platform."]
