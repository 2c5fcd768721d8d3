# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The info modules: their options as a filter for the server and a comparison on this side.

The server narrows the list down; every row it returns is compared again, because a filter may be ignored, misread or
broader than meant (notifications-api section 15, traps 9 and 10).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, Mapping
from urllib.parse import quote

from .._api import rql
from .._api.bulk import Workers
from .._api.contacts_api import ContactsApi
from .._contacts.categories import Catalog, Category
from .._contacts.contact import DELETED, Contact
from .._contacts.email_address import canonical_email
from .._contacts.fields import CONTACT_FIELDS
from .._errors import InputError, InvalidAnswerError
from .._report.result import category_view, contact_view
from .collector import collecting_rarely
from .task import Task, TaskResult, run_with_api

Test = Callable[[Contact], bool]

_EMAIL, _NAME, _OPT_OUTS, _STATUS = (CONTACT_FIELDS[name].api_name for name in ("email", "name", "opt_outs", "state"))
_ORDER = re.compile(r"^[+-]?[A-Za-z][A-Za-z0-9.]*$")


@dataclass(frozen=True)
class ContactQuery:
    """Which contacts to read: ``filter`` and ``order`` are encoded for the URL, ``tests`` are applied to each row."""

    id: str | None
    filter: str
    order: str
    limit: int | None
    audit: bool
    tests: tuple[Test, ...]

    def matches(self, contact: Contact) -> bool:
        return all(test(contact) for test in self.tests)


@collecting_rarely()
def run_contact_info(task: Task) -> TaskResult:
    """``swo_contact_info``: read contacts."""
    return run_with_api(task, _contact_info, {"contacts": [], "total": None})


def run_category_info(task: Task) -> TaskResult:
    """``swo_category_info``: read notification categories."""
    return run_with_api(task, _category_info, {"categories": [], "total": None})


def contact_query(params: Mapping[str, Any], read_catalog: Callable[[], Catalog]) -> ContactQuery:
    """The options of ``swo_contact_info``.

    :param read_catalog: called only where a category has to be looked up
    :raises InputError: an option cannot be used, or the category is unknown
    """
    contact_id, limit = params.get("id"), params.get("limit")
    problem = None if contact_id is None else CONTACT_FIELDS["id"].problem(contact_id)
    if problem is not None:
        raise InputError(f"id {problem}.")
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1, not {limit}.")
    parts = [
        _status(params.get("status")),
        _email(params.get("email")),
        _email_like(params.get("email_like")),
        _name(params.get("name")),
        _opted_out_of(params.get("opted_out_of"), read_catalog),
        _not_opted_out_of(params.get("not_opted_out_of"), read_catalog),
        _linked(params.get("linked")),
    ]
    filters = [part[0] for part in parts if part] + [rql.expression(params.get("rql") or "")]
    order = _order(params.get("order"))
    return ContactQuery(
        id=contact_id,
        filter=rql.both(*filters),
        order=order,
        limit=limit,
        # Some servers drop a filter or an order by a field that is not selected.
        audit=bool(params.get("audit")) or "audit." in f"{order},{params.get('rql')}".lower(),
        tests=tuple(part[1] for part in parts if part),
    )


def category_query(params: Mapping[str, Any]) -> Callable[[Category], bool]:
    """The options of ``swo_category_info`` as a test."""
    asked_for = {
        "id": params.get("id"),
        "name": _folded(params.get("name")),
        "status": _folded(params.get("status")),
        "opt_out_allowed": params.get("opt_out_allowed"),
    }

    def matches(category: Category) -> bool:
        has = {
            "id": category.id,
            "name": _folded(category.name),
            "status": _folded(category.status),
            "opt_out_allowed": category.opt_out_allowed,
        }
        return all(value is None or has[field] == value for field, value in asked_for.items())

    return matches


def _contact_info(task: Task, workers: Workers) -> TaskResult:
    query = contact_query(task.params, workers.api.catalog)
    contacts, total = _found(query, workers.api)
    values = {
        "changed": False,
        "contacts": [
            {**contact_view(contact), "audit": contact.audit if task.params["audit"] else None} for contact in contacts
        ],
        "total": total,
        "requests": workers.requests,
    }
    return TaskResult(values)


def _found(query: ContactQuery, api: ContactsApi) -> tuple[list[Contact], int | None]:
    """The contacts that a query finds, each compared again on this side, and how many there are in all."""
    if query.id is not None:
        contact = api.get(query.id)
        found = [contact] if contact is not None and query.matches(contact) else []
        return found, len(found)
    listing = api.search(query.filter, query.order, query.limit, query.audit)
    matching = [contact for contact in listing.rows if query.matches(contact)]
    total = listing.total
    if len(matching) < len(listing.rows):
        # The server's filter was broader than ours, so its total and its limit do not count.
        if query.limit is not None:
            rows = api.search(query.filter, query.order, None, query.audit).rows
            matching = [contact for contact in rows if query.matches(contact)]
        total = len(matching)
    if any(contact.opt_outs is None for contact in matching):
        raise InvalidAnswerError("The API left out the opt-outs of the listed contacts.")
    return matching[: query.limit], total


def _category_info(task: Task, workers: Workers) -> TaskResult:
    matches = category_query(task.params)
    categories = [category_view(category) for category in workers.api.categories() if matches(category)]
    categories.sort(key=lambda category: (category["name"], category["id"]))
    values = {"changed": False, "categories": categories, "total": len(categories)}
    return TaskResult({**values, "requests": workers.requests})


def _folded(text: str | None) -> str | None:
    return None if text is None else text.strip().casefold()


def _status(status: str | None) -> tuple[str, Test]:
    """Deleted contacts are history: they are returned only to those who ask for them."""
    if status is None:
        return rql.ne(_STATUS, DELETED), lambda contact: contact.is_live
    asked_for = status.capitalize()
    return rql.eq(_STATUS, asked_for), lambda contact: contact.status == asked_for


def _email(email: str | None) -> tuple[str, Test] | None:
    if email is None:
        return None
    key = canonical_email(email)
    return rql.email_is(_EMAIL, email), lambda contact: contact.key == key


def _email_like(pattern: str | None) -> tuple[str, Test] | None:
    if pattern is None:
        return None
    regex = re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE | re.DOTALL)
    return rql.glob(_EMAIL, pattern), lambda contact: regex.fullmatch(contact.email) is not None


def _name(name: str | None) -> tuple[str, Test] | None:
    if name is None:
        return None
    folded = _folded(name)
    return rql.text_is(_NAME, name.strip()), lambda contact: _folded(contact.name) == folded


def _opted_out_of(reference: str | None, read_catalog: Callable[[], Catalog]) -> tuple[str, Test] | None:
    if reference is None:
        return None
    category_id = read_catalog().find(reference).id
    condition = rql.any_of(_OPT_OUTS, rql.eq("id", category_id))
    return condition, lambda contact: category_id in (contact.opt_outs or ())


def _not_opted_out_of(reference: str | None, read_catalog: Callable[[], Catalog]) -> tuple[str, Test] | None:
    """Compared here only: what a negation of a collection means is not known of all servers."""
    if reference is None:
        return None
    category_id = read_catalog().find(reference).id
    return "", lambda contact: category_id not in contact.known_opt_outs


def _linked(linked: bool | None) -> tuple[str, Test] | None:
    """Compared here only: the field to filter on differs between the versions of the API."""
    if linked is None:
        return None
    return "", lambda contact: contact.linked is linked


def _order(order: str | None) -> str:
    """A sort expression, encoded, with the id as the last key so that pages cannot overlap."""
    keys = [key.strip() for key in (order or "id").split(",")]
    for key in keys:
        if not _ORDER.match(key):
            raise InputError(f"order {order!r} cannot be used.", "It looks like name,-audit.created.at.")
    if all(key.lstrip("+-") != "id" for key in keys):
        keys.append("id")
    return ",".join(quote(key, safe="") for key in keys)
