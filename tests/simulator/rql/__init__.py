# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query language of the platform (RQL), as its server reads it: notifications-api, section 12."""

from __future__ import annotations

from tests.simulator.rql.errors import RqlError
from tests.simulator.rql.filters import Filter, compile_filter
from tests.simulator.rql.order import Order, parse_order, sort_rows
from tests.simulator.rql.query import Query, split_query
from tests.simulator.rql.schema import (
    BOOL,
    DATETIME,
    NUMBER,
    STRING,
    Property,
    Schema,
    collection_of,
    enum_of,
    object_of,
)
from tests.simulator.rql.select import Selection, parse_select

__all__ = [
    "BOOL",
    "DATETIME",
    "NUMBER",
    "STRING",
    "Filter",
    "Order",
    "Property",
    "Query",
    "RqlError",
    "Schema",
    "Selection",
    "collection_of",
    "compile_filter",
    "enum_of",
    "object_of",
    "parse_order",
    "parse_select",
    "sort_rows",
    "split_query",
]
