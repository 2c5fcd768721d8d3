# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what a task returns. Only fields named here leave the collection."""

from __future__ import annotations

from collections import Counter
from typing import Any, Mapping, Sequence

from .._apply.state import ContactState
from .._contacts.categories import Catalog, Category
from .._contacts.contact import Contact, contact_from_api
from .._contacts.plan import UNKNOWN_ID
from .._contacts.set_plan import PlannedContact, SetPlan
from .._errors import InputError, InvalidAnswerError, OutcomeUnknownError, SwoError
from .._text import quoted, visible
from .diff import contact_diff
from .rows import FAILED, SKIPPED, UNKNOWN, Row, contact_row, expired_rows, is_changed

_NOT_DONE = (FAILED, UNKNOWN, SKIPPED)
# More of the same kind are told in one line.
MAX_REASONS = 3
MAX_WARNINGS = 5

_OPEN = "The write may still have been carried out; the next run finds what was done, and does not repeat it."
_AS_RETURNED = "It takes what swo_contact_info returns as contacts."

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


def contact_from_view(view: Mapping[str, Any]) -> Contact:
    """The contact of a view, as far as it is compared with files.

    :raises InputError: it is no view of a contact
    """
    opt_outs = view.get("opt_outs")
    row = {
        "id": view.get("id"),
        "email": view.get("email"),
        "name": view.get("name"),
        "status": view.get("status"),
        "blockedReason": view.get("blocked_reason"),
        "optOuts": opt_outs,
    }
    try:
        return contact_from_api(row)
    except InvalidAnswerError:
        raise InputError("live: there is something in the list that is no contact.", _AS_RETURNED) from None


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


def contact_result(
    item: PlannedContact, state: ContactState | None, catalog: Catalog, requests: Mapping[str, int], with_diff: bool
) -> dict[str, Any]:
    """The result of ``swo_contact``, from the row of its one contact: what would be done, or what was done."""
    row = contact_row(item, state)
    result: dict[str, Any] = {
        "changed": is_changed([row]),
        "actions": row["actions"],
        "contact": _contact_after(item, state, catalog),
        "requests": dict(requests),
    }
    if with_diff:
        result["diff"] = contact_diff(row)
    if state is not None and state.failure is not None:
        result.update(failed_result(state.failure))
        if state.uncertain and not isinstance(state.failure, OutcomeUnknownError):
            result["msg"] = f"{state.failure.message} {_OPEN} {state.failure.hint}".strip()
    elif row["outcome"] == SKIPPED:
        result.update(failed_result(SwoError(sentence(row["reason"] or ""), "Run it again.")))
    return result


def failed_result(error: SwoError) -> dict[str, Any]:
    """The part of a result that tells a failure."""
    return {"msg": str(error), "failure": error.failure(), **error.extra()}


def sentence(reason: str) -> str:
    """A reason that begins a text of its own."""
    return reason[:1].upper() + reason[1:]


def failure_message(rows: Sequence[Row]) -> str | None:
    """One sentence about what went wrong with single contacts; None if nothing did."""
    trouble = [row for row in rows if row["outcome"] in _NOT_DONE]
    if not trouble:
        return None
    found = Counter(row["outcome"] for row in trouble)
    kinds = ", ".join(f"{found[kind]} {kind}" for kind in _NOT_DONE if found[kind])
    worst = [row for row in trouble if row["outcome"] != SKIPPED] or trouble
    kinds_of_reason = _by_reason(worst)
    told = [_told(rows) for rows in kinds_of_reason[:MAX_REASONS]]
    more = len(kinds_of_reason) - len(told)
    tail = f" And {more} more reason{'s' if more > 1 else ''}, see results." if more > 0 else ""
    if len(trouble) > 1:
        verdict = f"{len(trouble)} of {len(rows)} contacts are not as they should be"
    else:
        of_all = f"1 of {len(rows)} contacts" if len(rows) > 1 else "The contact"
        verdict = f"{of_all} is not as it should be"
    return f"{verdict} ({kinds}). {' '.join(told)}{tail}"


def warnings(plan: SetPlan | None, states: Sequence[ContactState] | None) -> list[str]:
    """What is left alone and somebody should know of, as it was finally planned."""
    final = {state.key: state.warnings for state in states or ()}
    found = [
        f"{visible(row['email'])} expired on {row['expires']} and counts as in no file." for row in expired_rows(plan)
    ]
    found += [text for item in (plan.items if plan else ()) for text in final.get(item.place, item.warnings)]
    if len(found) <= MAX_WARNINGS:
        return found
    more = len(found) - MAX_WARNINGS
    return [*found[:MAX_WARNINGS], f"{more} more warning{'s' if more > 1 else ''} of this kind, see results."]


def _opt_outs_view(contact: Contact, catalog: Catalog | None) -> list[dict[str, str | None]]:
    def name_of(category_id: str) -> str | None:
        return contact.category_names.get(category_id) or (catalog.name_of(category_id) if catalog else None)

    pairs = ((name_of(category_id), category_id) for category_id in contact.opt_outs or ())
    return [{"id": pair[1], "name": pair[0]} for pair in sorted(pairs, key=lambda pair: (pair[0] or pair[1], pair[1]))]


def _contact_after(item: PlannedContact, state: ContactState | None, catalog: Catalog) -> dict[str, Any]:
    plan = item.plan if state is None else state.plan
    contact = plan.after if plan is not None else None
    if state is not None and (state.contact is not None or state.failure is not None):
        contact = state.contact
    return no_contact_view(item.label) if contact is None else contact_view(contact, catalog)


def _by_reason(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows by their reasons, which are the same if only what tells the contacts apart differs."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        reason = row["reason"] or ""
        values = [quoted(str(field[side] or "")) for field in row["fields"] for side in ("before", "after")]
        for text in (row["trace_id"], row["email"], row["id"], *values):
            reason = reason.replace(text, "") if text else reason
        found.setdefault(reason, []).append(row)
    return list(found.values())


def _told(rows: Sequence[Row]) -> str:
    """The reason of the first row, and how many share it."""
    email, reason = visible(rows[0]["email"]), visible(rows[0]["reason"] or "")
    named = reason if email in reason else f"{email}: {reason}"
    return named + (f" The same with {len(rows) - 1:,} more." if len(rows) > 1 else "")
