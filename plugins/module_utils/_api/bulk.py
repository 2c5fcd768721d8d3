# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Many calls at the same time: worker threads, and reading many contacts with few requests."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Callable, Generic, Iterable, Iterator, Mapping, Sequence, TypeVar

from .._contacts.contact import Contact
from .._contacts.email_address import canonical_email
from .._errors import IncompleteListError, InternalError, SwoError, internal_error
from . import rql
from .client import METHODS, Client
from .contacts_api import ContactsApi, ListRequest, contact_list_request
from .pagination import PAGE_SIZE, Listing, Page, read_all_at_once

Input = TypeVar("Input")
Result = TypeVar("Result")

# A waiting main thread notices a signal only between two of these.
_TICK = 0.5


class Completed(Generic[Input, Result]):
    """What became of one item: its position and ``value``, or ``error``."""

    def __init__(self, position: int, value: Result | None, error: SwoError | None) -> None:
        self.position = position
        self.value = value
        self.error = error


class Workers:
    """Up to ``count`` threads; the clients are made when they are first needed and live as long as this object."""

    def __init__(self, count: int, make_client: Callable[[], Client]) -> None:
        self._count = count
        self._make_client = make_client
        self._clients: list[Client] = []
        self._apis: list[ContactsApi] = []
        self._plan_hash: str | None = None

    @property
    def api(self) -> ContactsApi:
        """The main thread's own; no job must be running."""
        return self._api(0)

    @property
    def requests(self) -> dict[str, int]:
        """Requests sent so far by all clients, by method."""
        return {method: sum(client.requests[method] for client in self._clients) for method in METHODS}

    @property
    def moments(self) -> tuple[datetime, datetime] | None:
        """The earliest and the latest moment that the server told with its answers; None if it did not."""
        told = [client.moments for client in self._clients if client.moments is not None]
        return (min(first for first, _last in told), max(last for _first, last in told)) if told else None

    def announce(self, plan_hash: str) -> None:
        """Let the following requests tell what plan they belong to."""
        for client in self._clients:
            client.plan_hash = plan_hash
        self._plan_hash = plan_hash

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def run(
        self,
        job: Callable[[ContactsApi, Input], Result],
        items: Sequence[Input],
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Completed[Input, Result]]:
        """Do ``job`` for each item, in any order; yields what is done as it comes.

        No further item is begun once ``stop`` returns true; items that were never begun are not yielded.
        """
        running = min(self._count, len(items))
        if running == 1:
            yield from self._run_here(job, items, stop)
            return
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        finished: queue.SimpleQueue[Completed[Input, Result] | None] = queue.SimpleQueue()
        for position in range(len(items)):
            waiting.put(position)
        abandoned = threading.Event()

        def is_over() -> bool:
            return abandoned.is_set() or stop()

        for number in range(running):
            arguments = (self._api(number), job, items, waiting, finished, is_over)
            # Daemons: a thread that hangs in a call must not keep the process from ending.
            threading.Thread(target=_work, args=arguments, daemon=True).start()
        try:
            while running:
                done = _next(finished)
                if done is None:
                    running -= 1
                else:
                    yield done
        finally:
            abandoned.set()

    def _run_here(
        self, job: Callable[[ContactsApi, Input], Result], items: Sequence[Input], stop: Callable[[], bool]
    ) -> Iterator[Completed[Input, Result]]:
        """One after the other needs no thread."""
        for position, item in enumerate(items):
            if stop():
                return
            yield _done(self._api(0), job, item, position)

    def _api(self, number: int) -> ContactsApi:
        while len(self._apis) <= number:
            self._clients.append(self._make_client())
            self._clients[-1].plan_hash = self._plan_hash
            self._apis.append(ContactsApi(self._clients[-1]))
        return self._apis[number]


def _next(finished: queue.SimpleQueue[Any]) -> Any:
    while True:
        try:
            return finished.get(timeout=_TICK)
        except queue.Empty:
            continue


def _work(
    api: ContactsApi,
    job: Callable[[ContactsApi, Any], Any],
    items: Sequence[Any],
    waiting: queue.SimpleQueue[int],
    finished: queue.SimpleQueue[Any],
    is_over: Callable[[], bool],
) -> None:
    while not is_over():
        try:
            position = waiting.get_nowait()
        except queue.Empty:
            break
        try:
            finished.put(_done(api, job, items[position], position))
        except BaseException as error:  # pylint: disable=broad-exception-caught
            # Nobody above a thread would notice that it ended.
            finished.put(Completed(position, None, InternalError(internal_error(error))))
    finished.put(None)


def _done(api: ContactsApi, job: Callable[[ContactsApi, Any], Any], item: Any, position: int) -> Completed[Any, Any]:
    try:
        return Completed(position, job(api, item), None)
    except SwoError as error:
        return Completed(position, None, error)
    except Exception as error:  # pylint: disable=broad-exception-caught
        # One contact with an unforeseen problem must not hide what becomes of the others.
        return Completed(position, None, InternalError(internal_error(error)))


# Values per request; the limit of the length of an address is not known (notifications-api section 12.4).
EMAILS_PER_REQUEST = 25
IDS_PER_REQUEST = 50


class Reader:
    """Reads contacts with all workers; only live ones are returned.

    :param progress: called with the number of contacts read and to be read while a long list is read
    :param audit: have lists tell who wrote what last, too
    """

    def __init__(
        self,
        workers: Workers,
        progress: Callable[[int, int], None] = lambda done, planned: None,
        audit: bool = False,
    ) -> None:
        self._workers = workers
        self._progress = progress
        self._audit = audit

    def all(self) -> list[Contact]:
        """Every live contact.

        :raises IncompleteListError: the list cannot be proven complete
        """
        list_request = contact_list_request("", "id", self._audit, "contacts")
        return _live_only(self._workers.api.ask(list_request, self._listing).rows)

    def count(self) -> int | None:
        """How many contacts there are, deleted ones included; None if the API does not tell."""
        list_request = contact_list_request("", "id", False, "contacts").without_newer_fields()
        return self._workers.api.pages(list_request)(0, 0).total

    def by_keys(self, emails: Sequence[str], ids: Sequence[str], at_least: int) -> list[Contact]:
        """The live contacts with one of these addresses or ids; whoever a list of everybody has is not asked for.

        :param at_least: so many contacts there are, most likely
        """
        listed: list[Contact] = []
        requests = _requests_for(len(emails), EMAILS_PER_REQUEST) + _requests_for(len(ids), IDS_PER_REQUEST)
        if self._is_cheaper_to_list(requests, at_least):
            keys, asked_for = {canonical_email(email) for email in emails}, set(ids)
            # Where no list can be proven, each is asked for.
            with suppress(IncompleteListError):
                listed = [row for row in self.all() if row.key in keys or row.id in asked_for]
        found_keys, found_ids = {contact.key for contact in listed}, {contact.id for contact in listed}
        found = self.by_emails([email for email in emails if canonical_email(email) not in found_keys])
        return self.completed(listed) + found + self.by_ids([each for each in ids if each not in found_ids])

    def _is_cheaper_to_list(self, requests: int, at_least: int) -> bool:
        """True if listing everybody surely takes fewer than so many requests; asks how many there are if it may."""
        if requests <= _most_requests(at_least):
            return False
        total = self.count()
        return total is not None and requests > _most_requests(total)

    def by_emails(self, emails: Sequence[str], ids: Mapping[str, str] | None = None) -> list[Contact]:
        """The live contacts with one of these addresses, compared without case.

        :param ids: of contacts that had one of the addresses, by address; they are asked for in the same requests
        """
        keys, ids = {canonical_email(email) for email in emails}, ids or {}
        asked_for = set(ids.values())
        queries = []
        for chunk in _chunks(emails, EMAILS_PER_REQUEST):
            known = [ids[email] for email in chunk if email in ids]
            terms = [rql.email_is("email", email) for email in chunk] + ([rql.is_in("id", known)] if known else [])
            queries.append(rql.either(terms))
        what = f"contacts with the address {emails[0]}" if len(emails) == 1 else "contacts"
        found = self._found(queries, what)
        return self.completed([contact for contact in found if contact.key in keys or contact.id in asked_for])

    def by_ids(self, ids: Sequence[str]) -> list[Contact]:
        """The live contacts with one of these ids."""
        if len(ids) == 1 and not self._audit:
            return [replace(contact, is_unlisted=True) for contact in self.one_by_one(ids)]
        asked_for = set(ids)
        queries = [rql.is_in("id", chunk) for chunk in _chunks(ids, IDS_PER_REQUEST)]
        return self.completed([contact for contact in self._found(queries) if contact.id in asked_for])

    def completed(self, contacts: Iterable[Contact]) -> list[Contact]:
        """The same contacts; those whose opt-outs the list left out are read one by one."""
        rows = list(contacts)
        unknown = [contact.id for contact in rows if contact.opt_outs is None]
        return [contact for contact in rows if contact.opt_outs is not None] + self.one_by_one(unknown)

    def one_by_one(self, ids: Sequence[str]) -> list[Contact]:
        """The live contacts with these ids, each with a request of its own."""
        found = []
        for done in self._workers.run(ContactsApi.get, ids):
            if done.error is not None:
                raise done.error
            found += [done.value] if done.value is not None else []
        return found

    def _listing(self, list_request: ListRequest) -> Listing:
        def fetch_many(places: Sequence[tuple[int, int]]) -> Iterable[Page]:
            # Behind the end of a list, whatever its total was said to be, there is nothing more to ask for.
            is_behind_end = threading.Event()

            def fetch(api: ContactsApi, place: tuple[int, int]) -> Page:
                page = api.pages(list_request)(*place)
                if not page.rows:
                    is_behind_end.set()
                return page

            pages: dict[int, Page] = {}
            rows = places[0][1] if places else 0
            for done in self._workers.run(fetch, places, is_behind_end.is_set):
                if done.error is not None:
                    # The first page was read before these.
                    done.error.place = f"page {done.position + 2} of {len(places) + 1}"
                    raise done.error
                if done.value is not None:
                    pages[done.position] = done.value
                    rows += len(done.value.rows)
                    self._progress(rows, done.value.total or 0)
            return (pages[position] for position in sorted(pages))

        return read_all_at_once(self._workers.api.pages(list_request), fetch_many, "contacts")

    def _found(self, queries: Sequence[str], what: str = "contacts") -> list[Contact]:
        """What the queries find, each contact once: a query may find more than was asked for."""

        def search(api: ContactsApi, query: str) -> list[Contact]:
            return _live_only(api.search(query, audit=self._audit, what=what).rows)

        found: dict[str, Contact] = {}
        for done in self._workers.run(search, queries):
            if done.error is not None:
                raise done.error
            found.update((contact.id, contact) for contact in done.value or ())
        return list(found.values())


def is_cheaper_by_key(keys: int, total: int | None) -> bool:
    """True if asking for ``keys`` addresses takes fewer requests than listing ``total`` contacts."""
    return total is not None and _requests_for(keys, EMAILS_PER_REQUEST) < _requests_for(total, PAGE_SIZE)


def _most_requests(total: int) -> int:
    """What listing ``total`` contacts takes at most: how many there are, the pages, and one for their overlap."""
    return 2 + _requests_for(total, PAGE_SIZE)


def _requests_for(count: int, at_once: int) -> int:
    return -(-count // at_once)


def _live_only(contacts: Iterable[Contact]) -> list[Contact]:
    return [contact for contact in contacts if contact.is_live]


def _chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
