# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sorting: notifications-api, sections 11 and 12.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

from tests.simulator.rql.errors import RqlError, collected, thrown
from tests.simulator.rql.nodes import Constant
from tests.simulator.rql.paths import Scope, find
from tests.simulator.rql.scanner import parse
from tests.simulator.rql.schema import Schema
from tests.simulator.rql.sign import signed

Row = TypeVar("Row", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Order:
    """What to sort by, most important first: property paths in the spelling of the schema, and whether downwards."""

    keys: tuple[tuple[str, bool], ...] = ()


@lru_cache(maxsize=256)
def parse_order(text: str, schema: Schema) -> Order:
    """Read ``order=+a,-b``; the empty text sorts by nothing."""
    if not text:
        return Order()
    words = [item.text for item in parse(text).items if isinstance(item, Constant)]
    if not words:
        raise RqlError({"order:no_props": ["No valid ordering properties were detected"]})
    return Order(tuple(collected(lambda word: _key(word, schema), words)))


def sort_rows(rows: list[Row], order: Order) -> list[Row]:
    """The rows in that order: nulls lowest as in SQL Server, case ignored, rows that tie stay as they came."""
    result = list(rows)
    for path, descending in reversed(order.keys):
        result.sort(key=partial(_sortable, path.split(".")), reverse=descending)
    return result


def _key(word: str, schema: Schema) -> tuple[str, bool]:
    path, included = signed(word)
    target = find(path, Scope(schema, action="Ordering"))
    if target.prop.kind in ("object", "collection"):
        raise thrown("At least one object must implement IComparable.")
    return target.path, not included


def _sortable(names: list[str], row: Mapping[str, Any]) -> tuple[bool, Any]:
    value: Any = row
    for name in names:
        if value is None:
            break
        value = value.get(name)
    if value is None:
        return False, 0
    return True, value.lower() if isinstance(value, str) else value
