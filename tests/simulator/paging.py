# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``limit`` and ``offset`` (notifications-api, section 11)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from tests.simulator.errors import invalid
from tests.simulator.rql import Query
from tests.simulator.store import Record
from tests.simulator.switches import SwitchSet

_CAP = 100


@dataclass(frozen=True)
class Page:
    """``echo`` is the limit that the answer names, which need not be the one applied."""

    limit: int
    offset: int
    echo: int


def read_page(query: Query, switches: SwitchSet) -> Page:
    """Numbers that make no sense fall back to the defaults, as in the library's sample."""
    requested = _number(query.limit, int(switches["default_limit"]))
    limit = requested
    is_given = query.limit is not None
    if limit > _CAP and switches["max_limit"] != "none" and is_given:
        if switches["max_limit"] == "100_error":
            raise invalid("limit", f"The limit must not be greater than {_CAP}.")
        limit = _CAP
    echo = requested if switches["limit_echo"] == "requested" else limit
    return Page(limit, _number(query.offset, 0), echo)


def read_window(query: Query, count: int) -> Page:
    """What a stream covers: without a limit everything."""
    limit = _number(query.limit, count)
    return Page(limit, _number(query.offset, 0), limit)


def _number(text: str | None, default: int) -> int:
    text = (text or "").strip()
    return int(text[:18]) if text.isascii() and text.isdigit() else default


class ResultCache:
    """Matching contacts of the latest queries, valid until any contact, category, user or switch changes.

    Paging through a filtered or sorted set would otherwise filter and sort all of it for every page.
    """

    _SIZE = 16

    def __init__(self) -> None:
        self._generation: object = None
        self._found: OrderedDict[object, list[Record]] = OrderedDict()

    def at(self, generation: object) -> ResultCache:
        """The cache, emptied if something has changed since."""
        if generation != self._generation:
            self._found.clear()
            self._generation = generation
        return self

    def get(self, key: object) -> list[Record] | None:
        return self._found.get(key)

    def put(self, key: object, records: list[Record]) -> None:
        self._found[key] = records
        if len(self._found) > self._SIZE:
            self._found.popitem(last=False)
