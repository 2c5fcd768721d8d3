# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""From checked options to the values a task returns: wires the layers, once for each module.

Nothing here or below knows Ansible. Check mode is decided here and nowhere else: the plan is not applied, and the
client is built so that it refuses to write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from .._api.client import METHODS, Client
from .._api.connection import Connection, connection_from
from .._api.contacts_api import ContactsApi
from .._api.retry import RetryPolicy
from .._api.transport import RequestsTransport, Transport
from .._apply.apply import Applier, Outcome
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact, desired_contact
from .._contacts.plan import ContactPlan, plan_contact, refuse_taken_address
from .._errors import InvalidAnswerError, SwoError
from .._report.result import category_view, contact_view, failed_result, no_contact_view, single_result
from .._text import Redactor
from .info import ContactQuery, category_query, contact_query

MakeTransport = Callable[[Connection], Transport]
Progress = Callable[[str, int, int], None]

# The phases of a long run.
READING, WRITING = "reading", "writing"


def _no_progress(phase: str, done: int, planned: int) -> None:
    """Nobody is watching."""


@dataclass
class Task:
    """One task as the user wrote it, options already checked against the argument spec.

    ``progress`` is called while a long run goes on: with the phase, and how many of its contacts or actions are done
    and how many there are.
    """

    params: Mapping[str, Any]
    check_mode: bool = False
    diff: bool = False
    make_transport: MakeTransport = RequestsTransport
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    progress: Progress = _no_progress


@dataclass
class TaskResult:
    """What the task returns; ``failed`` if ``values`` has a ``msg`` that says why."""

    values: dict[str, Any]
    failed: bool = False
    warnings: list[str] = field(default_factory=list)


Run = Callable[[Task, ContactsApi, Client], TaskResult]


def run_contact(task: Task) -> TaskResult:
    """``swo_contact``: bring one contact to its desired state."""
    return run_with_api(task, _contact, {"actions": [], "contact": no_contact_view(task.params.get("email"))})


def run_contact_info(task: Task) -> TaskResult:
    """``swo_contact_info``: read contacts."""
    return run_with_api(task, _contact_info, {"contacts": [], "total": None})


def run_category_info(task: Task) -> TaskResult:
    """``swo_category_info``: read notification categories."""
    return run_with_api(task, _category_info, {"categories": [], "total": None})


def run_with_api(task: Task, run: Run, nothing: Mapping[str, Any]) -> TaskResult:
    """Connect, run, close; an error that ends ``run`` is told with the keys of ``nothing``."""
    redactor = Redactor("")
    client = None
    try:
        connection = connection_from(task.params)
        redactor = Redactor(connection.token)
        transport = task.make_transport(connection)
        client = Client(transport, connection.api_url, redactor, task.retry_policy, read_only=task.check_mode)
        result = run(task, ContactsApi(client), client)
    except SwoError as error:
        requests = dict(client.requests) if client else dict.fromkeys(METHODS, 0)
        values = {"changed": False, "requests": requests, **nothing, **failed_result(error)}
        result = TaskResult(values, failed=True)
    finally:
        if client is not None:
            client.close()
    result.values = redactor.value(result.values)
    result.warnings = redactor.value(result.warnings)
    return result


def _contact(task: Task, api: ContactsApi, client: Client) -> TaskResult:
    desired = desired_contact(task.params)
    live = _live(desired, api)
    catalog = _catalog(desired, live, api)
    plan = plan_contact(desired, live, catalog)
    outcome = None if task.check_mode or plan.is_noop else _applied(plan, api, catalog, task.retry_policy)
    values = single_result(plan, outcome, catalog, client.requests, task.diff)
    failed = outcome is not None and outcome.failure is not None
    return TaskResult(values, failed, list(plan.warnings))


def _applied(plan: ContactPlan, api: ContactsApi, catalog: Catalog, retry_policy: RetryPolicy) -> Outcome:
    def planner(desired: DesiredContact, live: Contact | None) -> ContactPlan:
        return plan_contact(desired, live, catalog)

    return Applier(api, planner, retry_policy.sleep).apply(plan)


def _live(desired: DesiredContact, api: ContactsApi) -> Contact | None:
    """The contact that the desired one is about, with its opt-outs; None if there is none.

    :raises AmbiguousError: the address belongs to several
    :raises InputError: the address belongs to another contact than ``id``
    """
    if desired.id is None:
        live = api.find(desired.email or "")
    else:
        live = api.get(desired.id)
        if live is not None:
            refuse_taken_address(desired, live, api.find)
    if live is not None and live.opt_outs is None:
        live = api.get(live.id)
    return live


def _catalog(desired: DesiredContact, live: Contact | None, api: ContactsApi) -> Catalog:
    """The categories, read only where a name has to be looked up or shown."""
    named = desired.opt_outs or desired.opt_ins
    shown = live is not None and live.opt_outs
    return api.catalog() if desired.manages_opt_outs and (named or shown) else Catalog([])


def _contact_info(task: Task, api: ContactsApi, client: Client) -> TaskResult:
    query = contact_query(task.params, api.catalog)
    contacts, total = _found(query, api)
    values = {
        "changed": False,
        "contacts": [
            {**contact_view(contact), "audit": contact.audit if task.params["audit"] else None} for contact in contacts
        ],
        "total": total,
        "requests": dict(client.requests),
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


def _category_info(task: Task, api: ContactsApi, client: Client) -> TaskResult:
    matches = category_query(task.params)
    categories = [category_view(category) for category in api.categories() if matches(category)]
    categories.sort(key=lambda category: (category["name"], category["id"]))
    values = {"changed": False, "categories": categories, "total": len(categories)}
    return TaskResult({**values, "requests": dict(client.requests)})
