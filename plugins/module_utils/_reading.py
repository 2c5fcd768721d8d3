# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Read what is live, with as few requests as prove it complete."""

from __future__ import annotations

from typing import Callable, Iterable, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils import _rql
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts_api import (
    ContactsApi,
    Question,
    contact_question,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._email import canonical_email
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import SwoError
from ansible_collections.softwareone.marketplace.plugins.module_utils._pages import (
    PAGE_SIZE,
    Listing,
    Page,
    read_all_at_once,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._workers import Workers

# Values per request; the limit of the length of an address is not known (notifications-api section 12.4).
EMAILS_PER_REQUEST = 25
IDS_PER_REQUEST = 50


class Reader:
    """Reads contacts with all workers; only live ones are returned.

    :param progress: called with the number of contacts read and to be read while a long list is read
    """

    def __init__(self, workers: Workers, progress: Callable[[int, int], None] = lambda done, planned: None) -> None:
        self._workers = workers
        self._progress = progress

    def all(self, query: str = "", audit: bool = False) -> list[Contact]:
        """Every live contact that fits ``query``, which is encoded; an empty one fits all.

        :raises IncompleteListError: the list cannot be proven complete
        """
        question = contact_question(query, "id", audit, "contacts")
        return _live(self._workers.api.ask(question, self._listing).rows)

    def count(self, query: str = "") -> int | None:
        """How many contacts, deleted ones included, fit ``query``; None if the API does not tell."""
        question = contact_question(query, "id", False, "contacts").without_newer_fields()
        return self._workers.api.pages(question)(0, 0).total

    def by_emails(self, emails: Sequence[str], audit: bool = False) -> list[Contact]:
        """The live contacts with one of these addresses, compared without case."""
        wanted = {canonical_email(email) for email in emails}
        queries = [
            _rql.either([_rql.email_is("email", email) for email in chunk])
            for chunk in _chunks(emails, EMAILS_PER_REQUEST)
        ]
        return [contact for contact in self._found(queries, audit) if contact.key in wanted]

    def by_ids(self, ids: Sequence[str], audit: bool = False) -> list[Contact]:
        """The live contacts with one of these ids."""
        wanted = set(ids)
        queries = [_rql.is_in("id", chunk) for chunk in _chunks(ids, IDS_PER_REQUEST)]
        return [contact for contact in self._found(queries, audit) if contact.id in wanted]

    def _listing(self, question: Question) -> Listing:
        def fetch_many(places: Sequence[tuple[int, int]]) -> Iterable[Page]:
            def fetch(api: ContactsApi, place: tuple[int, int]) -> Page:
                return api.pages(question)(*place)

            pages: dict[int, Page] = {}
            rows = places[0][1] if places else 0
            for done in self._workers.run(fetch, places):
                if done.error is not None:
                    raise _on_page(done.error, done.position + 2, len(places) + 1)
                if done.value is not None:
                    pages[done.position] = done.value
                    rows += len(done.value.rows)
                    self._progress(rows, done.value.total or 0)
            return (pages[position] for position in range(len(places)))

        return read_all_at_once(self._workers.api.pages(question, streaming=True), fetch_many, "contacts")

    def _found(self, queries: Sequence[str], audit: bool) -> list[Contact]:
        """What the queries find, each contact once: a query may find more than was asked for."""

        def search(api: ContactsApi, query: str) -> list[Contact]:
            return _live(api.search(query, audit=audit).rows)

        found: dict[str, Contact] = {}
        for done in self._workers.run(search, queries):
            if done.error is not None:
                raise done.error
            found.update((contact.id, contact) for contact in done.value or ())
        return list(found.values())


def is_cheaper_by_key(keys: int, total: int | None) -> bool:
    """True if asking for ``keys`` addresses takes fewer requests than listing ``total`` contacts."""
    return total is not None and -(-keys // EMAILS_PER_REQUEST) < -(-total // PAGE_SIZE)


def _on_page(error: SwoError, page: int, pages: int) -> SwoError:
    error.message = f"{error.message} (page {page} of {pages})"
    return error


def _live(contacts: Iterable[Contact]) -> list[Contact]:
    return [contact for contact in contacts if contact.is_live]


def _chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
