# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: read a list to a provable end (notifications-api section 11).

The server may cap or ignore the limit, echo another one, send no total, or change the list meanwhile. So the reading
follows the rows that arrive, never the limit that was asked for, and a list whose rows repeat or vanish is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterable, Sequence

from .._errors import IncompleteListError, InvalidAnswerError
from .._text import shortened

PAGE_SIZE = 100
MAX_READS = 3
# No account is that large: a list that claims to be, or goes on and on, is not one.
MAX_ROWS = 1_000_000
MAX_ROWS_WITHOUT_TOTAL = 200_000
# A server may have a smaller page than was asked for, but not page after page with next to nothing on it.
MAX_SMALL_PAGES = 1_000
SMALL_PAGE = 10


@dataclass(frozen=True)
class Page:
    """One page: its rows, and the total and the largest page that the server claims (None if it does not)."""

    rows: Sequence[Any]
    total: int | None
    limit: int | None = None


@dataclass(frozen=True)
class Listing:
    """All rows read, and how many there are in all; ``total`` is None if a limit cut the list and nobody said."""

    rows: list[Any]
    total: int | None


_LIES = "No account has that much. Run again; if this goes on, report it to the API's support."
_CHANGED_TOTAL = "the total changed from page to page"

# Called with the offset and the limit of a page.
Fetch = Callable[[int, int], Page]
# Called with the offsets and limits of several pages; the pages come back in the same order.
FetchMany = Callable[[Sequence["tuple[int, int]"]], Iterable[Page]]


class _ListMoved(Exception):
    """The pages do not fit together; the text says how."""


def page_from_api(data: Any) -> Page:
    """Read a list envelope.

    :raises InvalidAnswerError: it has no list of rows, or says that a part of the query was ignored
    """
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise InvalidAnswerError("The API sent something that is not a list.")
    meta = data.get("$meta")
    meta = meta if isinstance(meta, dict) else {}
    if meta.get("ignored"):
        raise InvalidAnswerError("The API says that it ignored a part of the query.")
    pagination = meta.get("pagination")
    pagination = pagination if isinstance(pagination, dict) else {}
    if "omitted" in meta:
        # What the page says it left out, it left out of each row; a row may say so itself.
        for row in rows:
            if isinstance(row, dict):
                row.setdefault("$meta", {"omitted": meta["omitted"]})
    return Page(rows, _count(pagination.get("total")), _count(pagination.get("limit")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def read_all(fetch: Fetch, limit: int | None, what: str) -> Listing:
    """All rows, or the first ``limit`` ones, page after page.

    :param what: what is listed, for error messages
    :raises IncompleteListError: the list changed during each of three readings
    """
    return _until_it_fits(lambda: _read_once(fetch, limit), what)


def read_all_at_once(first: Fetch, fetch_many: FetchMany, what: str) -> Listing:
    """All rows; the pages behind the first one are fetched together as soon as the total is known.

    :param first: fetches the first page, and the others one by one where no total is told
    :raises IncompleteListError: the list changed during each of three readings
    """
    return _until_it_fits(lambda: _read_together(first, fetch_many), what)


def _until_it_fits(read: Callable[[], Listing], what: str) -> Listing:
    how = ""
    for _attempt in range(MAX_READS):
        try:
            return read()
        except _ListMoved as moved:
            how = str(moved)
        except IncompleteListError as error:
            error.attempt = f"list {what}"
            raise
    raise IncompleteListError(
        f"the pages did not fit together in {MAX_READS} readings; in the last one {how}.",
        "Something changes the list all the time, or the API does not keep an order; run again.",
        attempt=f"list {what}",
    )


class _Collected:
    """Rows of pages that have been checked against each other."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._ids: set[str] = set()
        self._pages = 0

    def add(self, rows: Sequence[Any]) -> None:
        ids = [_id(row) for row in rows]
        if len(set(ids)) != len(ids) or not self._ids.isdisjoint(ids):
            raise _ListMoved("a row came twice")
        self._ids.update(ids)
        self.rows += rows
        if rows:
            self._pages += 1
            _refuse_small_pages(self._pages, len(self.rows) / self._pages)

    def add_behind(self, rows: Sequence[Any], overlap: int) -> None:
        """Add a page whose first row is the last one found: what came or went meanwhile shows there."""
        if overlap and (not rows or _id(rows[0]) != _id(self.rows[-1])):
            raise _ListMoved("rows came or went between two pages")
        self.add(rows[overlap:])

    def listing(self, total: int | None) -> Listing:
        if total is not None and len(self.rows) != total:
            raise _ListMoved(f"the API told a total of {total} and sent {len(self.rows)} rows")
        return Listing(self.rows, len(self.rows))


def _read_once(fetch: Fetch, limit: int | None) -> Listing:
    return _read_on(fetch, limit, _Collected(), None)


def _read_on(fetch: Fetch, limit: int | None, found: _Collected, total: int | None) -> Listing:
    """Read the pages behind what is found already, one after the other."""
    while limit is None or len(found.rows) < limit:
        at = len(found.rows)
        page = fetch(at, PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - at))
        if at and page.total != total:
            raise _ListMoved(_CHANGED_TOTAL)
        total = _believable(page.total)
        found.add(page.rows)
        if total is None and len(found.rows) > MAX_ROWS_WITHOUT_TOTAL:
            raise IncompleteListError(
                f"the API sends more than {MAX_ROWS_WITHOUT_TOTAL} rows, no total and no end.", _LIES
            )
        if not at and limit is None:
            _look_behind(page, fetch)
        if not page.rows or (total is not None and len(found.rows) >= total):
            break
    if limit is not None and len(found.rows) >= limit:
        return Listing(found.rows[:limit], total)
    return found.listing(total)


def _read_together(first: Fetch, fetch_many: FetchMany) -> Listing:
    start = first(0, PAGE_SIZE)
    found = _Collected()
    found.add(start.rows)
    size, total = len(start.rows), _believable(start.total)
    if total is None:
        return _read_on(first, None, found, None)
    _look_behind(start, first)
    if not size or len(found.rows) >= total:
        return found.listing(total)
    overlap = _overlap(total, size)
    step = size - overlap
    offsets = range(len(found.rows) - overlap, total - overlap, step)
    _refuse_small_pages(len(offsets), size)
    for page in fetch_many([(offset, size) for offset in offsets]):
        if page.total != total:
            raise _ListMoved(_CHANGED_TOTAL)
        if not page.rows:
            raise _ListMoved(f"the API told a total of {total} and sent {len(found.rows)} rows")
        found.add_behind(page.rows, overlap)
    return found.listing(total)


def _believable(total: int | None) -> int | None:
    if total is not None and total > MAX_ROWS:
        raise IncompleteListError(f"the API tells a total of {shortened(str(total), 30)} rows.", _LIES)
    return total


def _refuse_small_pages(pages: int, rows_per_page: float) -> None:
    if pages > MAX_SMALL_PAGES and rows_per_page < SMALL_PAGE:
        raise IncompleteListError(f"the API spreads it over more than {MAX_SMALL_PAGES} almost empty pages.", _LIES)


def _look_behind(page: Page, fetch: Fetch) -> None:
    """Make sure that a first page ends the list where it is full, and the total no more than the rows on it."""
    size = len(page.rows)
    if page.total != size or size < min(PAGE_SIZE, page.limit or PAGE_SIZE):
        return
    if fetch(size, PAGE_SIZE).rows:
        raise _ListMoved(f"the API told a total of {size} and sent more rows")


def _id(row: Any) -> str:
    row_id = row.get("id") if isinstance(row, dict) else None
    if not isinstance(row_id, str):
        raise InvalidAnswerError("The API sent a list with a row that has no id.")
    return row_id


def _overlap(total: int, size: int) -> int:
    """One row of overlap between pages, where it costs at most one page more than without."""
    if size < 2:
        return 0
    pages, overlapping = -(-total // size), 1 + -(-(total - size) // (size - 1))
    return 1 if overlapping <= pages + 1 else 0
