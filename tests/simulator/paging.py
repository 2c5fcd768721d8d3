# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``limit`` and ``offset`` (notifications-api, section 11)."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

from tests.simulator.errors import ApiError, invalid
from tests.simulator.rql import Query
from tests.simulator.store import Record
from tests.simulator.switches import SwitchSet

_CAP = 100
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,30}\s*", re.ASCII)


@dataclass(frozen=True)
class Page:
    """``echo``: limit and offset that the answer names, which need not be those applied."""

    limit: int
    offset: int
    echo: tuple[int, int]


def read_page(query: Query, switches: SwitchSet) -> Page:
    """What is no number falls back to the default, as in the library's sample; a negative one is for a switch."""
    requested = _number(query.limit, int(switches["default_limit"]))
    offset = _number(query.offset, 0)
    if requested < 0 or offset < 0:
        return _negative(requested, offset, switches)
    limit = requested
    is_given = query.limit is not None
    if limit > _CAP and switches["max_limit"] != "none" and is_given:
        if switches["max_limit"] == "100_error":
            raise invalid("limit", f"The limit must not be greater than {_CAP}.")
        limit = _CAP
    echo = requested if switches["limit_echo"] == "requested" else limit
    return Page(limit, offset, (echo, offset))


def _negative(limit: int, offset: int, switches: SwitchSet) -> Page:
    """In memory a negative limit takes nothing and a negative offset skips nothing; a database may refuse both."""
    mode = switches["negative_page"]
    if mode == "500":
        raise ApiError(500, "The number of rows provided for an OFFSET or FETCH clause must not be negative.")
    if mode == "default":
        limit = int(switches["default_limit"]) if limit < 0 else limit
        offset = max(offset, 0)
    return Page(min(max(limit, 0), _CAP), max(offset, 0), (limit, offset))


def read_window(query: Query, count: int) -> Page:
    """What a stream covers: without a limit everything."""
    limit = max(_number(query.limit, count), 0)
    offset = max(_number(query.offset, 0), 0)
    return Page(limit, offset, (limit, offset))


def _number(text: str | None, default: int) -> int:
    """As a 32-bit integer of .NET, whose blanks and sign count."""
    if text is None or not _INTEGER.fullmatch(text):
        return default
    number = int(text)
    return number if -(2**31) <= number < 2**31 else default


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
