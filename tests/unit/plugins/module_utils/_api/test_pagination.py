# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a list to a provable end from a server that need not do what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    # One page that is full, and the total no more than its rows: only a look behind it proves that this is the end.
    is_one_full_page = has_total and pages == 1 and amount >= 100
    assert len(server.calls) == pages + (1 if is_one_full_page or (amount and not has_total) else 0)
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
    assert caught.value.message.startswith(
        "Could not list contacts with the address ann@x.example: the pages did not fit together in 3 readings; "
        "in the last one "
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


LYING: dict[str, tuple[int | None, str]] = {
    "rows on the page": (100, "the API told a total of 100 and sent more rows."),
    "too many": (1_000_000, "the API told a total of 1000000 and sent 244 rows."),
    "far too many": (2**53, "the API tells a total of 9007199254740992 rows."),
    "a number of 200 digits": (10**200, "the API tells a total of 1000000000000"),
    "too few": (150, "the API told a total of 150 and sent 244 rows."),
}


@pytest.mark.parametrize("case", LYING)
@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
def test_a_total_that_lies_is_found_out_with_few_requests(case: str, together: bool) -> None:
    total, message = LYING[case]
    server = Server(244, total=total)

    def fetch_many(places: Sequence[tuple[int, int]]) -> Iterator[Page]:
        for offset, limit in places:
            yield server.fetch(offset, limit)

    def read() -> object:
        if together:
            return read_all_at_once(server.fetch, fetch_many, "contacts")
        return read_all(server.fetch, None, "contacts")

    with pytest.raises(IncompleteListError) as caught:
        read()
    assert caught.value.message.startswith("Could not list contacts: ")
    if case != "too few":
        assert message in caught.value.message
    assert len(server.calls) <= 3 * 5


@pytest.mark.parametrize(
    ("rows_a_page", "total", "most"),
    [(1, None, 1_001), (9, None, 1_001), (100, None, 2_001), (1, 1_000_000, 1), (9, 1_000_000, 1)],
)
def test_a_list_without_end_is_given_up(rows_a_page: int, total: int | None, most: int) -> None:
    calls: list[int] = []

    def fetch(offset: int, _limit: int) -> Page:
        calls.append(offset)
        return Page(rows(*range(offset, offset + rows_a_page)), total)

    with pytest.raises(IncompleteListError, match="almost empty pages" if rows_a_page < 10 else "no total and no end"):
        read_all_at_once(fetch, lambda places: (fetch(*place) for place in places), "contacts")
    assert len(calls) <= most


@pytest.mark.parametrize("echoed", [None, 100, 50])
def test_a_page_that_is_as_full_as_the_server_makes_them_is_not_the_end_by_itself(echoed: int | None) -> None:
    server = Server(120, cap=50, total=50)

    def fetch(offset: int, limit: int) -> Page:
        page = server.fetch(offset, limit)
        return Page(page.rows, page.total, echoed)

    if echoed == 50:
        with pytest.raises(IncompleteListError, match="a total of 50 and sent more rows"):
            read_all(fetch, None, "contacts")
    else:
        # Half a page could be all there is, and nothing says otherwise.
        assert len(read_all(fetch, None, "contacts").rows) == 50


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
        Page(rows(1, 2), 2, 10),
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
