# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Read a list to a provable end (notifications-api section 11).

The server may cap or ignore the limit, echo another one, send no total, or change the list meanwhile. So the reading
follows the rows that arrive, never the limit that was asked for, and a list whose rows repeat or vanish is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    IncompleteListError,
    InvalidAnswerError,
)

PAGE_SIZE = 100
MAX_READS = 3


@dataclass(frozen=True)
class Page:
    """One page: its rows, and the total that the server claims (None if it does not)."""

    rows: list[Any]
    total: int | None


@dataclass(frozen=True)
class Listing:
    """All rows read, and how many there are in all; ``total`` is None if a limit cut the list and nobody said."""

    rows: list[Any]
    total: int | None


class _ListMoved(Exception):
    """The pages do not fit together."""


def page_from_api(data: Any) -> Page:
    """Read a list envelope.

    :raises InvalidAnswerError: it has no list of rows
    """
    rows = data.get("data") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise InvalidAnswerError("The API sent something that is not a list.")
    meta = data.get("$meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    total = pagination.get("total") if isinstance(pagination, dict) else None
    is_count = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    return Page(rows, total if is_count else None)


def read_all(fetch: Callable[[int, int], Page], limit: int | None, what: str) -> Listing:
    """All rows, or the first ``limit`` ones.

    :param fetch: called with offset and limit
    :param what: what is listed, for error messages
    :raises IncompleteListError: the list changed during each of three readings
    """
    for _attempt in range(MAX_READS):
        try:
            return _read_once(fetch, limit)
        except _ListMoved:
            continue
    raise IncompleteListError(
        f"Could not list {what}: the pages did not fit together in {MAX_READS} readings.",
        "Something changes the list all the time, or the API does not keep an order; run again.",
    )


def _read_once(fetch: Callable[[int, int], Page], limit: int | None) -> Listing:
    rows: list[Any] = []
    seen: set[Any] = set()
    total: int | None = None
    while limit is None or len(rows) < limit:
        page = fetch(len(rows), PAGE_SIZE if limit is None else min(PAGE_SIZE, limit - len(rows)))
        if rows and page.total != total:
            raise _ListMoved
        total = page.total
        ids = [_id(row) for row in page.rows]
        if len(set(ids)) != len(ids) or not seen.isdisjoint(ids):
            raise _ListMoved
        seen.update(ids)
        rows += page.rows
        if not page.rows or (total is not None and len(rows) >= total):
            break
    return _complete(rows, total, limit)


def _id(row: Any) -> str:
    row_id = row.get("id") if isinstance(row, dict) else None
    if not isinstance(row_id, str):
        raise InvalidAnswerError("The API sent a list with a row that has no id.")
    return row_id


def _complete(rows: list[Any], total: int | None, limit: int | None) -> Listing:
    if limit is not None and len(rows) >= limit:
        return Listing(rows[:limit], total)
    if total is not None and len(rows) != total:
        raise _ListMoved
    return Listing(rows, len(rows))
