# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The read options as filters for the server, and as tests of each row that it returns."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.info import (
    ContactQuery,
    category_query,
    contact_query,
)
from tests.simulator.rql import STRING, Schema, collection_of, compile_filter, split_query

CATALOG = Catalog([Category("NTC-1", "Orders"), Category("NTC-2", "News"), Category("NTC-3", "news")])
CONTACTS = [
    Contact("CTT-1", "ann@x.example", "Ann Example", opt_outs=frozenset({"NTC-1"}), linked=True),
    Contact("CTT-2", "ANN+ops@x.example", "Straße", status="Blocked", linked=False),
    Contact("CTT-3", "bob@y.example", None, status="Deleted", opt_outs=frozenset({"NTC-1", "NTC-2"}), linked=False),
    Contact("CTT-4", "o'brien@y.example", """The "boss" O'Brien""", opt_outs=None, linked=None),
    Contact("CTT-5", "five@z.example", "ann example", status="Pending", linked=False),
]
SCHEMA = Schema(
    {"id": STRING, "email": STRING, "name": STRING, "status": STRING, "optOuts": collection_of(Schema({"id": STRING}))}
)
LIVE = "ne(status,%22Deleted%22)"


def query(**options: Any) -> ContactQuery:
    return contact_query(options, lambda: CATALOG)


def never() -> Catalog:
    raise AssertionError("The categories need not be read.")


# options: the filter behind "not deleted", and the contacts that pass the test, by the digits of their ids
OPTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": ({}, "", "1245"),
    "email": ({"email": "ann@x.example"}, "ilike(email,%22ann%40x.example%22)", "1"),
    "email in another case, with spaces": ({"email": " ANN@X.example "}, "ilike(email,%22ANN%40X.example%22)", "1"),
    "email with a plus sign": ({"email": "ann+OPS@x.example"}, "ilike(email,%22ann%2BOPS%40x.example%22)", "2"),
    "email with a quote": ({"email": "o'brien@y.example"}, "ilike(email,%22o%27brien%40y.example%22)", "4"),
    "email_like with stars at the ends": ({"email_like": "*@X.example"}, "ilike(email,%22%2A%40X.example%22)", "12"),
    "email_like with a star inside": (
        {"email_like": "ann*.example"},
        "ilike(email,%22ann%2A%22),ilike(email,%22%2A.example%22)",
        "12",
    ),
    "email_like without a star": ({"email_like": "ann@x.example"}, "ilike(email,%22ann%40x.example%22)", "1"),
    "email_like with what is special in a regular expression": (
        {"email_like": "ann+*"},
        "ilike(email,%22ann%2B%2A%22)",
        "2",
    ),
    "email_like with a star alone": ({"email_like": "*"}, "", "1245"),
    "name": ({"name": "ANN example "}, "ilike(name,%22ANN%20example%22)", "15"),
    "name with a sharp s": ({"name": "STRASSE"}, "ilike(name,%22STRASSE%22)", "2"),
    "name with both kinds of quotes": ({"name": """the "BOSS" o'brien"""}, "ilike(name,%22%2Abrien%2A%22)", "4"),
    "opted_out_of by name": ({"opted_out_of": "ORDERS"}, "any(optOuts,eq(id,%22NTC-1%22))", "1"),
    "opted_out_of by id": ({"opted_out_of": "NTC-2"}, "any(optOuts,eq(id,%22NTC-2%22))", ""),
    "linked": ({"linked": True}, "", "1"),
    "not linked": ({"linked": False}, "", "25"),
    "rql": ({"rql": 'eq(name, "x y")'}, "eq(name,%22x%20y%22)", "1245"),
    "rql of spaces": ({"rql": "  "}, "", "1245"),
    "rql with alternatives": ({"rql": "id=1 | id=2"}, "(id%3D1%7Cid%3D2)", "1245"),
    "two at once": (
        {"email_like": "*@x.example", "linked": False, "rql": "eq(chat,true)"},
        "ilike(email,%22%2A%40x.example%22),eq(chat,true)",
        "2",
    ),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_an_option_as_filter_and_as_test(case: str) -> None:
    options, text, passing = OPTIONS[case]
    asked = query(**options)
    assert asked.filter == ",".join(part for part in (LIVE, text) if part)
    assert "".join(contact.id[-1] for contact in CONTACTS if asked.matches(contact)) == passing


@pytest.mark.parametrize(
    ("status", "text", "passing"),
    [
        (None, LIVE, "1245"),
        ("active", "eq(status,%22Active%22)", "14"),
        ("blocked", "eq(status,%22Blocked%22)", "2"),
        ("deleted", "eq(status,%22Deleted%22)", "3"),
    ],
)
def test_deleted_contacts_are_returned_only_to_those_who_ask_for_them(
    status: str | None, text: str, passing: str
) -> None:
    asked = query(status=status)
    assert asked.filter == text
    assert "".join(contact.id[-1] for contact in CONTACTS if asked.matches(contact)) == passing


@pytest.mark.parametrize(
    "case", [case for case in OPTIONS if "rql" not in OPTIONS[case][0] and case != "name with a sharp s"]
)
def test_the_server_returns_at_least_what_passes_the_test(case: str) -> None:
    asked = query(**OPTIONS[case][0])
    matches = compile_filter(split_query(f"{asked.filter}&order={asked.order}").filter, SCHEMA).matches
    for contact in CONTACTS:
        row = {"id": contact.id, "email": contact.email, "name": contact.name, "status": contact.status}
        row["optOuts"] = [{"id": category_id} for category_id in contact.opt_outs or ()]
        assert matches(row) or not asked.matches(contact)


@pytest.mark.parametrize(
    ("order", "encoded"),
    [
        (None, "id"),
        ("id", "id"),
        ("-id", "-id"),
        ("+id", "%2Bid"),
        ("name", "name,id"),
        (" name , -audit.created.at ", "name,-audit.created.at,id"),
        ("-id,name", "-id,name"),
        ("identity.id", "identity.id,id"),
    ],
)
def test_an_order_ends_in_the_id(order: str | None, encoded: str) -> None:
    assert query(order=order).order == encoded
    assert split_query(f"order={query(order=order).order}").order == encoded.replace("%2B", "+")


@pytest.mark.parametrize("order", [",", "name,", "name desc", "name&limit=1", "--name", "1", "näme", "a;b", "id\nx"])
def test_an_order_that_is_none_is_refused(order: str) -> None:
    with pytest.raises(InputError) as caught:
        query(order=order)
    assert caught.value.hint == "It looks like name,-audit.created.at."


@pytest.mark.parametrize(
    ("options", "audit"),
    [
        ({}, False),
        ({"audit": False}, False),
        ({"audit": True}, True),
        ({"order": "-audit.updated.at"}, True),
        ({"order": "name"}, False),
    ],
)
def test_the_audit_is_asked_for_where_it_is_needed(options: dict[str, Any], audit: bool) -> None:
    assert query(**options).audit is audit


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": "../x"}, "id '../x' cannot be the id of a contact"),
        ({"id": ""}, "id '' cannot be the id of a contact"),
        ({"limit": 0}, "limit must be at least 1, not 0."),
        ({"limit": -5}, "limit must be at least 1, not -5."),
        ({"opted_out_of": "Ordres"}, "There is no notification category 'Ordres'."),
        ({"opted_out_of": "NEWS"}, "used by several categories: NTC-2, NTC-3"),
        ({"rql": 'eq(id,"x'}, "rql cannot be used as a filter"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_asked_for_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        query(**options)
    assert message in caught.value.message


def test_an_id_and_a_limit_are_handed_on() -> None:
    asked = query(id="CTT-1", limit=5, email=None)
    assert (asked.id, asked.limit) == ("CTT-1", 5)


def test_the_categories_are_read_only_to_look_one_up() -> None:
    options = {
        "email": "a@x.example",
        "name": "Ann",
        "email_like": "*",
        "linked": True,
        "rql": "eq(id,1)",
        "id": "CTT-1",
    }
    assert contact_query(options, never).id == "CTT-1"
    with pytest.raises(AssertionError, match="need not be read"):
        contact_query({"opted_out_of": "Orders"}, never)


CATEGORIES = [
    Category("NTC-1", "Orders", "Published", True),
    Category("NTC-2", "ORDERS ", "Unpublished", True),
    Category("NTC-3", "Security", "Published", False),
    Category("NTC-4", "", None, None),
]


@pytest.mark.parametrize(
    ("options", "passing"),
    [
        ({}, "1234"),
        ({"id": "NTC-2"}, "2"),
        ({"id": "ntc-2"}, ""),
        ({"name": " orders"}, "12"),
        ({"name": "order"}, ""),
        ({"status": "published"}, "13"),
        ({"status": "unpublished"}, "2"),
        ({"opt_out_allowed": True}, "12"),
        ({"opt_out_allowed": False}, "3"),
        ({"name": "ORDERS", "status": "published"}, "1"),
    ],
    ids=repr,
)
def test_categories_are_chosen_here(options: dict[str, Any], passing: str) -> None:
    matches = category_query(options)
    assert "".join(category.id[-1] for category in CATEGORIES if matches(category)) == passing
