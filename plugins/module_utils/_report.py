# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: plans and outcomes as the values that a task returns. Only fields named here leave the collection."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._apply import Outcome
from ansible_collections.softwareone.marketplace.plugins.module_utils._catalog import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import SwoError
from ansible_collections.softwareone.marketplace.plugins.module_utils._plan import UNKNOWN_ID, ContactPlan, FieldChange

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
    return {"msg": error.sentence(), "failure": error.failure(), **error.more()}
