# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Read what a run has to know of the live contacts, and prove that it is all of it."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils import _rql
from ansible_collections.softwareone.marketplace.plugins.module_utils._declared import Declared
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import IncompleteListError
from ansible_collections.softwareone.marketplace.plugins.module_utils._pages import MAX_READS
from ansible_collections.softwareone.marketplace.plugins.module_utils._reading import (
    EMAILS_PER_REQUEST,
    Reader,
    is_cheaper_by_key,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._scope import Scope
from ansible_collections.softwareone.marketplace.plugins.module_utils._set_plan import Live, SetPlan
from ansible_collections.softwareone.marketplace.plugins.module_utils._workers import Workers


def read_live(
    workers: Workers, declared: Sequence[Declared], scope: Scope, progress: Callable[[int, int], None]
) -> Live:
    """The live contacts: everybody, or only the declared ones where the others do not matter and that is cheaper.

    :raises IncompleteListError: a list does not hold everybody, or cannot be proven to
    """
    reader = Reader(workers, progress)
    emails = [entry.desired.email for entry in declared if entry.desired.email is not None]
    ids = [entry.desired.id for entry in declared if entry.desired.id is not None]
    if scope.removal == "keep" and _by_key(reader, len(emails) + len(ids)):
        found = {contact.id: contact for contact in reader.by_emails(emails) + reader.by_ids(ids)}
        return Live(found.values())
    missing = [
        entry.desired.email
        for entry in declared
        if entry.desired.email is not None and entry.desired.id is None and entry.desired.state != "absent"
    ]
    for _attempt in range(MAX_READS):
        live = Live(reader.all())
        # Before anybody is created, each is looked up once more: a list may be stale, blank or filtered.
        if not reader.by_emails([email for email in missing if not live.has(email)]):
            return live
    raise IncompleteListError(
        f"The list of contacts leaves out some that exist, in {MAX_READS} readings.",
        "Nothing was written. Run again; if this goes on, report it to the API's support.",
    )


def read_scope(workers: Workers, scope: Scope) -> frozenset[str] | None:
    """The ids that the server's filter of the scope finds; None if nothing is removed or there is no such filter.

    :raises IncompleteListError: it cannot be proven that the server follows the filter
    """
    if not scope.removes or not scope.rql:
        return None
    reader = Reader(workers)
    inside, outside, everybody = (reader.count(query) for query in (scope.rql, _rql.negated(scope.rql), ""))
    # A filter that is ignored finds everybody, and so does its opposite.
    is_proven = inside is not None and outside is not None and everybody is not None and inside + outside <= everybody
    found = frozenset(contact.id for contact in reader.all(scope.rql)) if is_proven else frozenset()
    if not is_proven or len(found) > (inside or 0):
        raise IncompleteListError(
            "It cannot be proven that the API follows the filter scope.rql, so nothing is removed.",
            "Bound the removal by scope.emails instead.",
        )
    return found


def last_written(workers: Workers, plan: SetPlan) -> dict[str, dict[str, str | None]]:
    """By contact id: who wrote the contacts last that the plan would change, and when.

    The API keeps only the latest occurrence of each event (notifications-api section 9), so this is who wrote last,
    which need not be who made the difference.
    """
    ids = [item.live.id for item in plan.pending if item.live is not None]
    return {contact.id: _latest(contact.audit or {}) for contact in Reader(workers).by_ids(ids, audit=True)}


def _latest(audit: Mapping[str, Any]) -> dict[str, str | None]:
    events = [event for event in audit.values() if isinstance(event, dict) and isinstance(event.get("at"), str)]
    if not events:
        return {"by": None, "at": None}
    latest = max(events, key=lambda event: str(event["at"]))
    by = latest.get("by")
    name = (by.get("name") or by.get("id")) if isinstance(by, dict) else None
    return {"by": name if isinstance(name, str) else None, "at": latest["at"]}


def _by_key(reader: Reader, keys: int) -> bool:
    return keys <= EMAILS_PER_REQUEST or is_cheaper_by_key(keys, reader.count())
