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

PAGE_SIZE = 100
MAX_READS = 3
# No account is that large; a list without a total that goes on and on is not one.
MAX_ROWS = 1_000_000


@dataclass(frozen=True)
class Page:
    """One page: its rows, and the total that the server claims (None if it does not)."""

    rows: Sequence[Any]
    total: int | None


@dataclass(frozen=True)
class Listing:
    """All rows read, and how many there are in all; ``total`` is None if a limit cut the list and nobody said."""

    rows: list[Any]
    total: int | None


# Called with the offset and the limit of a page.
Fetch = Callable[[int, int], Page]
# Called with the offsets and limits of several pages; the pages come back in the same order.
FetchMany = Callable[[Sequence["tuple[int, int]"]], Iterable[Page]]


class _ListMoved(Exception):
    """The pages do not fit together."""


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
    total = pagination.get("total") if isinstance(pagination, dict) else None
    if "omitted" in meta:
        # What the page says it left out, it left out of each row; a row may say so itself.
        for row in rows:
            if isinstance(row, dict):
                row.setdefault("$meta", {"omitted": meta["omitted"]})
    is_count = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    return Page(rows, total if is_count else None)


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
    for _attempt in range(MAX_READS):
        try:
            return read()
        except _ListMoved:
            continue
    raise IncompleteListError(
        f"the pages did not fit together in {MAX_READS} readings.",
        "Something changes the list all the time, or the API does not keep an order; run again.",
        attempt=f"list {what}",
    )


class _Collected:
    """Rows of pages that have been checked against each other."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._ids: set[str] = set()

    def add(self, rows: Sequence[Any]) -> None:
        ids = [_id(row) for row in rows]
        if len(set(ids)) != len(ids) or not self._ids.isdisjoint(ids):
            raise _ListMoved
        self._ids.update(ids)
        self.rows += rows

    def add_behind(self, rows: Sequence[Any], overlap: int) -> None:
        """Add a page whose first row is the last one found: what came or went meanwhile shows there."""
        if overlap and (not rows or _id(rows[0]) != _id(self.rows[-1])):
            raise _ListMoved
        self.add(rows[overlap:])

    def listing(self, total: int | None) -> Listing:
        if total is not None and len(self.rows) != total:
            raise _ListMoved
        return Listing(self.rows, len(self.rows))


def _read_once(fetch: Fetch, limit: int | None) -> Listing:
    return _read_on(fetch, limit, _Collected(), None)


def _read_on(fetch: Fetch, limit: int | None, found: _Collected, total: int | None) -> Listing:
    """Read the pages behind what is found already, one after the other."""
    while limit is None or len(found.rows) < limit:
        at = len(found.rows)
        page = fetch(at, PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - at))
        if at and page.total != total:
            raise _ListMoved
        total = page.total
        found.add(page.rows)
        if len(found.rows) > MAX_ROWS:
            raise IncompleteListError(f"The API sends a list of more than {MAX_ROWS} rows that does not end.")
        if not page.rows or (total is not None and len(found.rows) >= total):
            break
    if limit is not None and len(found.rows) >= limit:
        return Listing(found.rows[:limit], total)
    return found.listing(total)


def _read_together(first: Fetch, fetch_many: FetchMany) -> Listing:
    start = first(0, PAGE_SIZE)
    found = _Collected()
    found.add(start.rows)
    size, total = len(start.rows), start.total
    if total is None:
        return _read_on(first, None, found, None)
    if not size or len(found.rows) >= total:
        return found.listing(total)
    overlap = _overlap(total, size)
    step = size - overlap
    offsets = range(len(found.rows) - overlap, total - overlap, step)
    for page in fetch_many([(offset, size) for offset in offsets]):
        if page.total != total or not page.rows:
            raise _ListMoved
        found.add_behind(page.rows, overlap)
    return found.listing(total)


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
