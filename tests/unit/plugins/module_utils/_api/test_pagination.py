# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a list to a provable end from a server that need not do what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.pagination import (
    Page,
    page_from_api,
    read_all,
    read_all_at_once,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    IncompleteListError,
    InvalidAnswerError,
)


def rows(*numbers: int) -> list[dict[str, str]]:
    return [{"id": f"CTT-{number}"} for number in numbers]


def first(amount: int) -> list[dict[str, str]]:
    return rows(*range(amount))


class Server:
    """A list on a server; ``cap`` is its largest page (None: it ignores the limit), ``total`` what it claims."""

    def __init__(self, amount: int, cap: int | None = 100, total: int | None = -1) -> None:
        self.rows = first(amount)
        self.cap = cap
        self.total = amount if total == -1 else total
        self.calls: list[tuple[int, int]] = []

    def fetch(self, offset: int, limit: int) -> Page:
        self.calls.append((offset, limit))
        size = len(self.rows) if self.cap is None else min(self.cap, limit)
        return Page(self.rows[offset : offset + size], self.total)


class Script:
    """Answers every reading with the same pages, whatever is asked for, and holds on to the last one."""

    def __init__(self, *pages: Page) -> None:
        self._pages = pages
        self._turn = 0
        self.readings = 0

    def fetch(self, offset: int, _limit: int) -> Page:
        self._turn = 0 if offset == 0 else self._turn + 1
        self.readings += offset == 0
        return self._pages[min(self._turn, len(self._pages) - 1)]


def test_the_requests_are_as_few_as_the_pages() -> None:
    server = Server(250)
    assert read_all(server.fetch, None, "contacts").rows == first(250)
    assert server.calls == [(0, 100), (100, 100), (200, 100)]


@pytest.mark.parametrize("amount", [0, 1, 99, 100, 101, 200])
@pytest.mark.parametrize("cap", [100, 50, 10, 7, None], ids=lambda cap: f"cap {cap}")
@pytest.mark.parametrize("has_total", [True, False], ids=["with total", "without total"])
def test_every_row_is_read_once_whatever_the_size_of_a_page(amount: int, cap: int | None, has_total: bool) -> None:
    server = Server(amount, cap, amount if has_total else None)
    listing = read_all(server.fetch, None, "contacts")
    assert listing.rows == first(amount)
    assert listing.total == amount
    step = amount if cap is None else cap
    pages = max(1, -(-amount // step)) if amount else 1
    assert len(server.calls) == pages + (0 if has_total or not amount else 1)
    assert [offset for offset, _limit in server.calls] == [
        min(page * step, amount) for page in range(len(server.calls))
    ]


def test_an_empty_list_takes_one_request() -> None:
    server = Server(0)
    assert read_all(server.fetch, None, "contacts").rows == []
    assert len(server.calls) == 1


LIMITS = [
    # amount, cap, total, limit: rows, total in the result, requests
    (250, 100, 250, 10, 10, 250, [(0, 10)]),
    (250, 100, 250, 100, 100, 250, [(0, 100)]),
    (250, 100, 250, 150, 150, 250, [(0, 100), (100, 50)]),
    (250, 50, 250, 120, 120, 250, [(0, 100), (50, 70), (100, 20)]),
    (250, None, 250, 10, 10, 250, [(0, 10)]),
    (250, 100, None, 10, 10, None, [(0, 10)]),
    (5, 100, 5, 10, 5, 5, [(0, 10)]),
    (5, 100, None, 10, 5, 5, [(0, 10), (5, 5)]),
    (10, 100, 10, 10, 10, 10, [(0, 10)]),
    (0, 100, 0, 10, 0, 0, [(0, 10)]),
]


@pytest.mark.parametrize(("amount", "cap", "total", "limit", "read", "told", "calls"), LIMITS)
def test_a_limit_cuts_the_list_and_the_total_is_told_where_it_is_known(
    amount: int,
    cap: int | None,
    total: int | None,
    limit: int,
    read: int,
    told: int | None,
    calls: list[tuple[int, int]],
) -> None:
    server = Server(amount, cap, total)
    listing = read_all(server.fetch, limit, "contacts")
    assert listing.rows == first(read)
    assert listing.total == told
    assert server.calls == calls


MOVED = {
    "the same page for ever": [Page(rows(1, 2), 4)],
    "the same page for ever, without total": [Page(rows(1, 2), None)],
    "one row again on the next page": [Page(rows(1, 2), 4), Page(rows(2, 3), 4)],
    "one row twice on a page": [Page(rows(1, 1), 2)],
    "rows that vanish": [Page(rows(1, 2), 4), Page([], 4)],
    "one row less than the total": [Page(rows(1, 2), 4), Page(rows(3), 4), Page([], 4)],
    "one row more than the total": [Page(rows(1, 2, 3), 2)],
    "an empty page in the middle": [Page(rows(1, 2), 4), Page([], 4), Page(rows(3, 4), 4)],
    "a total that grows": [Page(rows(1, 2), 3), Page(rows(3), 4)],
    "a total that shrinks": [Page(rows(1, 2), 4), Page(rows(3), 3)],
    "a total that comes and goes": [Page(rows(1, 2), 4), Page(rows(3, 4), None)],
    "a total of none beside rows": [Page(rows(1), 0)],
    "a wrong total": [Page([], 5)],
}


@pytest.mark.parametrize("case", MOVED)
def test_a_list_whose_pages_do_not_fit_is_read_three_times_and_then_refused(case: str) -> None:
    script = Script(*MOVED[case])
    with pytest.raises(IncompleteListError) as caught:
        read_all(script.fetch, None, "contacts with the address ann@x.example")
    assert caught.value.message == (
        "Could not list contacts with the address ann@x.example: the pages did not fit together in 3 readings."
    )
    assert script.readings == 3


@pytest.mark.parametrize("case", MOVED)
@pytest.mark.parametrize("disturbed", [1, 2])
def test_a_list_that_comes_to_rest_is_read_in_full(case: str, disturbed: int) -> None:
    server = Server(3)
    moved = Script(*MOVED[case])

    def fetch(offset: int, limit: int) -> Page:
        is_quiet = server.calls or (moved.readings == disturbed and offset == 0)
        return server.fetch(offset, limit) if is_quiet else moved.fetch(offset, limit)

    assert read_all(fetch, None, "contacts").rows == first(3)
    assert moved.readings == disturbed


def test_a_row_that_is_deleted_while_the_list_is_read_does_not_hide_another_one() -> None:
    server = Server(30, cap=10)

    def fetch(offset: int, limit: int) -> Page:
        page = server.fetch(offset, limit)
        if len(server.calls) == 1:
            del server.rows[0]
            server.total = 29
        return page

    assert read_all(fetch, None, "contacts").rows == first(30)[1:]


def test_a_row_that_is_inserted_while_the_list_is_read_is_not_read_twice() -> None:
    server = Server(30, cap=10, total=None)

    def fetch(offset: int, limit: int) -> Page:
        page = server.fetch(offset, limit)
        if len(server.calls) == 1:
            server.rows.insert(0, {"id": "CTT-new"})
        return page

    assert read_all(fetch, None, "contacts").rows == [{"id": "CTT-new"}, *first(30)]


def at_once(server: Server) -> list[Any]:
    """What is read from a server whose pages are fetched together."""
    listing = read_all_at_once(
        server.fetch, lambda parts: [server.fetch(offset, limit) for offset, limit in parts], "contacts"
    )
    assert listing.total == len(listing.rows)
    return list(listing.rows)


@pytest.mark.parametrize("amount", [0, 1, 99, 100, 101, 199, 200, 201, 1000, 10_000, 25_000])
@pytest.mark.parametrize("cap", [100, 50, 7, 1, None], ids=lambda cap: f"cap {cap}")
@pytest.mark.parametrize("has_total", [True, False], ids=["with total", "without total"])
def test_pages_that_are_fetched_together_have_every_row_once(amount: int, cap: int | None, has_total: bool) -> None:
    server = Server(min(amount, 1000) if cap in (1, 7) else amount, cap, -1 if has_total else None)
    assert at_once(server) == server.rows
    if has_total and cap:
        assert len(server.calls) <= max(1, -(-len(server.rows) // cap)) + 1


@pytest.mark.parametrize("deleted", [0, 50, 99, 150, 240])
@pytest.mark.parametrize("inserted", [0, 100, 249])
@pytest.mark.parametrize("after", [1, 2])
def test_a_list_that_moves_under_the_same_total_is_noticed(deleted: int, inserted: int, after: int) -> None:
    server = Server(250)

    def fetch(offset: int, limit: int) -> Page:
        page = server.fetch(offset, limit)
        if len(server.calls) == after:
            del server.rows[deleted]
            server.rows.insert(inserted, {"id": "CTT-new"})
        return page

    listing = read_all_at_once(fetch, lambda parts: [fetch(offset, limit) for offset, limit in parts], "contacts")
    # The contacts that were there all the time are in the list, whatever came and went meanwhile.
    assert {row["id"] for row in listing.rows} >= {row["id"] for row in server.rows} - {"CTT-new"}
    assert len(listing.rows) == 250


def test_without_a_total_no_page_is_read_twice() -> None:
    rows = first(250)
    calls: list[int] = []

    def fetch(offset: int, limit: int) -> Page:
        calls.append(offset)
        return Page(rows[offset : offset + limit], None)

    listing = read_all_at_once(fetch, lambda parts: [fetch(offset, limit) for offset, limit in parts], "contacts")
    assert listing.rows == rows
    assert calls == [0, 100, 200, 250]


@pytest.mark.parametrize("ignored", [["order"], {"filter": "x"}, "select", True], ids=repr)
def test_a_list_whose_query_was_ignored_in_part_is_refused(ignored: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="ignored a part of the query"):
        page_from_api({"$meta": {"ignored": ignored}, "data": []})


def test_an_error_of_a_page_ends_the_reading() -> None:
    def fetch(offset: int, limit: int) -> Page:
        raise InvalidAnswerError(f"{offset} {limit}")

    with pytest.raises(InvalidAnswerError, match="0 100"):
        read_all(fetch, None, "contacts")


@pytest.mark.parametrize("row", [None, "CTT-1", 5, [], {}, {"id": None}, {"id": 5}, {"id": []}, {"id": {}}], ids=repr)
def test_a_row_without_an_id_is_an_invalid_answer(row: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="a row that has no id"):
        read_all(Script(Page([{"id": "CTT-0"}, row], 2)).fetch, None, "contacts")


ENVELOPES: dict[str, tuple[Any, Page]] = {
    "a full one": (
        {"$meta": {"pagination": {"offset": 0, "limit": 10, "total": 2}}, "data": rows(1, 2)},
        Page(rows(1, 2), 2),
    ),
    "a total of 0": ({"$meta": {"pagination": {"total": 0}}, "data": []}, Page([], 0)),
    "a total of null": ({"$meta": {"pagination": {"total": None}}, "data": []}, Page([], None)),
    "a negative total": ({"$meta": {"pagination": {"total": -1}}, "data": []}, Page([], None)),
    "a total in words": ({"$meta": {"pagination": {"total": "2"}}, "data": rows(1, 2)}, Page(rows(1, 2), None)),
    "a total that is a bool": ({"$meta": {"pagination": {"total": True}}, "data": rows(1)}, Page(rows(1), None)),
    "a huge total": ({"$meta": {"pagination": {"total": 10**30}}, "data": []}, Page([], 10**30)),
    "no pagination": ({"$meta": {}, "data": []}, Page([], None)),
    "a pagination that is no object": ({"$meta": {"pagination": []}, "data": []}, Page([], None)),
    "a meta that is no object": ({"$meta": 5, "data": []}, Page([], None)),
    "no meta": ({"data": rows(1)}, Page(rows(1), None)),
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_an_envelope_is_read_as_far_as_it_goes(case: str) -> None:
    data, page = ENVELOPES[case]
    assert page_from_api(data) == page


@pytest.mark.parametrize("data", [None, [], "x", 5, {}, {"data": None}, {"data": {}}, {"data": "x"}], ids=repr)
def test_what_is_no_list_is_an_invalid_answer(data: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="not a list"):
        page_from_api(data)


PAGE = st.builds(
    Page,
    st.lists(st.integers(0, 6), max_size=4).map(lambda numbers: rows(*numbers)),
    st.one_of(st.none(), st.integers(0, 8)),
)


def endless(pages: list[Page]) -> Callable[[int, int], Page]:
    answers: Iterator[int] = count()
    return lambda _offset, _limit: pages[next(answers) % len(pages)]


@given(pages=st.lists(PAGE, min_size=1, max_size=6), limit=st.one_of(st.none(), st.integers(1, 6)))
def test_whatever_the_pages_the_reading_ends_without_a_row_twice(pages: list[Page], limit: int | None) -> None:
    with suppress(IncompleteListError):
        listing = read_all(endless(pages), limit, "contacts")
        ids = [row["id"] for row in listing.rows]
        assert len(ids) == len(set(ids))
        assert limit is None or len(ids) <= limit
        assert limit is not None or listing.total == len(ids)


@given(amount=st.integers(0, 400), caps=st.lists(st.integers(1, 120), min_size=1, max_size=5), has_total=st.booleans())
def test_a_server_that_keeps_its_order_is_read_in_full(amount: int, caps: list[int], has_total: bool) -> None:
    server = Server(amount, total=amount if has_total else None)

    def fetch(offset: int, limit: int) -> Page:
        server.cap = caps[len(server.calls) % len(caps)]
        return server.fetch(offset, limit)

    assert read_all(fetch, None, "contacts").rows == first(amount)
