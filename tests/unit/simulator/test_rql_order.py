# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sorting: notifications-api, sections 11 and 12.4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.rql import DATETIME, NUMBER, STRING, Order, RqlError, Schema, object_of, parse_order, sort_rows

CONTACT = Schema(
    {
        "id": STRING,
        "name": STRING,
        "revision": NUMBER,
        "secret": STRING.but(orderable=False),
        "user": object_of(Schema({"id": STRING})),
        "audit": object_of(Schema({"created": object_of(Schema({"at": DATETIME}))})),
    }
)

ORDERS = {
    "": (),
    "id": (("id", False),),
    "+id": (("id", False),),
    " id": (("id", False),),
    "-ID": (("id", True),),
    "+name,-Audit.Created.At,id": (("name", False), ("audit.created.at", True), ("id", False)),
    '"name"': (("name", False),),
    # what is not a word is passed over, as long as there is one
    "eq(name,x),-id": (("id", True),),
    # a name before a list is passed over too
    "user(id)": (("id", False),),
}


@pytest.mark.parametrize("text", ORDERS)
def test_parse_order(text: str) -> None:
    assert parse_order(text, CONTACT) == Order(ORDERS[text])


REFUSED: dict[str, dict[str, list[str]]] = {
    "-nope": {"nope": ["Invalid property path."]},
    "name desc": {"name desc": ["Invalid property path."]},
    "user.nope": {"user.nope": ["Invalid property path."]},
    "nope,-secret": {"nope": ["Invalid property path."], "secret": ["Ordering is not permitted."]},
    "eq(name,x)": {"order:no_props": ["No valid ordering properties were detected"]},
    "name=x": {"order:no_props": ["No valid ordering properties were detected"]},
    "()": {"order:no_props": ["No valid ordering properties were detected"]},
}


@pytest.mark.parametrize("text", REFUSED)
def test_orders_that_the_server_refuses(text: str) -> None:
    with pytest.raises(RqlError) as caught:
        parse_order(text, CONTACT)
    assert caught.value.errors == REFUSED[text]
    assert not caught.value.is_parser_exception


def test_an_object_has_no_order() -> None:
    with pytest.raises(RqlError, match="IComparable") as caught:
        parse_order("nope,user", CONTACT)
    assert caught.value.is_parser_exception


ROWS: list[dict[str, Any]] = [
    {"id": "a", "name": "beta", "revision": 2, "user": {"id": "U2"}},
    {"id": "b", "name": None, "revision": 1, "user": None},
    {"id": "c", "name": "Alpha", "revision": 2},
    {"id": "d", "name": "BETA", "revision": None, "user": {"id": "u1"}},
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "abcd"),
        ("id", "abcd"),
        ("-id", "dcba"),
        ("name", "bcad"),
        ("-name", "adcb"),
        ("name,-id", "bcda"),
        ("revision", "dbac"),
        ("-revision", "acbd"),
        ("-revision,name", "cabd"),
        ("user.id", "bcda"),
    ],
)
def test_sort_rows(text: str, ids: str) -> None:
    rows = list(ROWS)
    assert "".join(row["id"] for row in sort_rows(rows, parse_order(text, CONTACT))) == ids
    assert rows == ROWS
