# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects a filter finds: notifications-api, sections 12.2 to 12.4."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.rql import (
    BOOL,
    DATETIME,
    NUMBER,
    STRING,
    RqlError,
    Schema,
    collection_of,
    compile_filter,
    enum_of,
    object_of,
    split_query,
)

CATEGORY = Schema({"id": STRING, "name": STRING})
CONTACT = Schema(
    {
        "id": STRING,
        "name": STRING,
        "email": STRING,
        "status": STRING,
        "kind": enum_of("Person", "Desk"),
        "revision": NUMBER,
        "chat": BOOL,
        "optOuts": collection_of(CATEGORY),
        "user": object_of(Schema({"id": STRING, "name": STRING})),
        "audit": object_of(Schema({"created": object_of(Schema({"at": DATETIME}))})),
    }
)

ROWS: list[dict[str, Any]] = [
    {
        "id": "1",
        "name": "Ann",
        "email": "ann+ops@x.example",
        "status": "Active",
        "kind": "Person",
        "revision": 1,
        "chat": True,
        "optOuts": [{"id": "NTC-1", "name": "Orders"}],
        "user": {"id": "USR-1", "name": "Ann"},
        "audit": {"created": {"at": "2025-01-01T00:00:00.000Z"}},
    },
    {
        "id": "2",
        "name": "O'Brien",
        "email": "ob@x.example",
        "status": "Blocked",
        "kind": "Desk",
        "revision": 2,
        "chat": False,
        "optOuts": [{"id": "NTC-1", "name": "Orders"}, {"id": "NTC-2", "name": "News"}],
        "user": None,
        "audit": {"created": {"at": "2025-06-01T12:00:00Z"}},
    },
    {
        "id": "3",
        "name": None,
        "email": "a&b@x.example",
        "status": "Active",
        "kind": None,
        "revision": None,
        "chat": None,
        "optOuts": [],
        "audit": {"created": {"at": "2026-01-01T00:00:00.000Z"}},
    },
    {"id": "4", "name": "", "email": "four", "status": "Deleted", "kind": "Desk", "revision": 4, "chat": True},
]


def found(text: str, **options: bool) -> str:
    matches = compile_filter(text, CONTACT, **options).matches
    return "".join(row["id"] for row in ROWS if matches(row))


OPERATORS = {
    # eq and ne
    'eq(name,"Ann")': "1",
    'eq(name,"ANN")': "1",
    'ne(name,"ann")': "234",
    "eq(name,null())": "3",
    "ne(name,null())": "124",
    "eq(name,empty())": "4",
    'ne(status,"deleted")': "123",
    'eq(kind,"desk")': "24",
    'ne(kind,"Desk")': "13",
    "eq(kind,null())": "3",
    "eq(chat,true)": "14",
    "eq(chat,FALSE)": "2",
    "eq(chat,null())": "3",
    "eq(chat,empty())": "3",
    "eq(revision,2)": "2",
    'eq(revision,"2.0")': "2",
    'eq(user.name,"ann")': "1",
    "eq(user.id,null())": "234",
    # gt ge lt le, never true for null
    "gt(revision,1)": "24",
    "ge(revision,2)": "24",
    "lt(revision,2)": "1",
    "le(revision,2)": "12",
    "gt(revision,null())": "",
    'gt(audit.created.at,"2025-06-01T11:59:59.999Z")': "23",
    'le(audit.created.at,"2025-06-01T14:00:00.000+02:00")': "12",
    'lt(audit.created.at,"2025-01-02")': "1",
    'eq(audit.created.at,"2025-06-01T12:00:00.000Z")': "2",
    # in and out
    'in(id,("1","3"))': "13",
    'in(id,("2"))': "2",
    'in(id,"2")': "2",
    "in(id,2)": "2",
    'in(name,("ANN",empty()))': "14",
    'out(id,("1","3"))': "24",
    'out(name,("ann"))': "234",
    'in(kind,("person","desk"))': "124",
    "in(revision,(1,4))": "14",
    # like and ilike are the same, and have a wildcard at the ends only
    'like(email,"*X.EXAMPLE")': "123",
    'ilike(email,"*x.example")': "123",
    'ilike(email,"ANN*")': "1",
    'ilike(email,"*@x*")': "123",
    'ilike(email,"four")': "4",
    'ilike(email,"ou")': "",
    'ilike(name,"*")': "124",
    'ilike(email,"a*b")': "",
    'ilike(email,"*_x%")': "",
    'ilike(email,"?our")': "",
    # any and all, with paths that start at the item
    "any(optOuts)": "12",
    "not(any(optOuts))": "34",
    'any(optOuts,eq(id,"NTC-2"))': "2",
    'any(optOuts,id="NTC-1")': "12",
    'all(optOuts,eq(id,"NTC-1"))': "134",
    'any(optOuts,and(eq(id,"NTC-1"),eq(name,"news")))': "",
    "any(optOuts,eq(self(name),news))": "2",
    # and or not
    'and(eq(status,"Active"),eq(chat,true))': "1",
    'or(eq(id,"1"),eq(id,"4"))': "14",
    'not(eq(status,"Active"))': "24",
    "": "1234",
}


@pytest.mark.parametrize("text", OPERATORS)
def test_operators(text: str) -> None:
    assert found(text) == OPERATORS[text]


SYNTAX = {
    # a=b, joined by every sign; AND binds tighter than OR
    "status=Active": "13",
    'status="Active",chat=true': "1",
    "status=Active&chat=true": "1",
    "id=1;id=2": "12",
    "id=1|id=2": "12",
    "id=4|status=Active,chat=true": "14",
    "status=Active,chat=true|id=4": "14",
    "status=Active,chat=true;chat=false,id=2": "12",
    "id=4;status=Active,chat=true;id=2": "124",
    "(id=4|status=Active),chat=true": "14",
    "chat=true,(id=2|id=4)": "4",
    "user.id=null()": "234",
    "user.id=null(),id=4": "4",
    "name=empty()|id=1": "14",
    "name=self(user.name)": "13",
    "(id)=2": "2",
    "ne(self(),null())": "1234",
    # names of functions and properties in any case
    'EQ(STATUS,"active")': "13",
    'Any(OPTOUTS,Eq(ID,"ntc-2"))': "2",
    # an unquoted word that names a property is that property
    "eq(name,user.name)": "13",
    'eq(name,"user.name")': "",
    "ne(name,user.name)": "24",
    "eq(id,CTT-0001-9158)": "",
    "ge(revision,revision)": "124",
    # blanks count outside quotes
    'eq(name, "Ann")': "1",
    "eq(name, Ann)": "",
    # terms with nothing between them are alternatives, also to what stands before
    "eq(id,1)eq(id,2)": "12",
    "eq(status,Active),eq(chat,true)eq(id,4)": "134",
    ",eq(id,1)": "1",
    # a surplus parenthesis drops the rest, an unbalanced one or an unbalanced quote takes it
    'eq(id,1)),eq(name,"nobody")': "1",
    "eq(id,1": "1",
    "and(eq(status,Active),eq(chat,true": "1",
    'eq(name,"Ann)': "1",
    # after a call other than null() and empty() the shortcut leaves its ")" to the list around it
    "name=self(user.name),id=3": "13",
    "id=(2),chat=true": "2",
}


@pytest.mark.parametrize("text", SYNTAX)
def test_syntax(text: str) -> None:
    assert found(text) == SYNTAX[text]


NAMES = {
    # filter: the names it finds, among those that come close
    """eq(name,"O'Brien")""": {"O'Brien"},
    """eq(name,'say "hi"')""": {'say "hi"'},
    """eq(name,"say "hi"")""": {""},
    """eq(name,"a""b")""": {"b"},
    """eq(name,x"b"y)""": {"b"},
    """eq(name,"a,b(c)=d&e|f;g*h i")""": {"a,b(c)=d&e|f;g*h i"},
    # an escape at either end, and nowhere else
    """ilike(name,"\\**")""": {"*a"},
    """ilike(name,"*\\*")""": {"a*", "The\\*"},
    """ilike(name,"a\\*")""": {"a*"},
    """ilike(name,"\\*")""": set(),
    """ilike(name,"The\\**")""": {"The\\*"},
}


@pytest.mark.parametrize("text", NAMES)
def test_quotes_and_escapes(text: str) -> None:
    names = ["O'Brien", 'say "hi"', "", "b", "ab", "a,b(c)=d&e|f;g*h i", "*a", "a*", "The\\*", "There"]
    matches = compile_filter(text, CONTACT).matches
    assert {name for name in names if matches({"name": name})} == NAMES[text]


ENCODED = {
    "eq(email,%22ann%2Bops%40x.example%22)": "1",
    "eq(email,%22ann+ops%40x.example%22)": "",
    "eq(email,%22a%26b%40x.example%22)": "3",
    "eq(email,%22a&b%40x.example%22)": "",
    "eq(name,%22O%27Brien%22)": "2",
    "eq%28name%2C%22O%27Brien%22%29": "2",
    "eq(id,'2')": "2",
    "status=Active&status=Blocked": "13",
    "eq(status,'Active')&chat=true&limit=5": "1",
}


@pytest.mark.parametrize("raw", ENCODED)
def test_values_on_the_wire(raw: str) -> None:
    assert found(split_query(raw).filter) == ENCODED[raw]


@pytest.mark.parametrize(
    ("text", "sensitive"),
    [
        ('eq(name,"ann")', ""),
        ('ne(name,"ann")', "1234"),
        ('in(name,("ann","Ann"))', "1"),
        ('out(name,("ann"))', "1234"),
        ('ilike(name,"ann")', ""),
        ('ilike(name,"A*")', "1"),
        ('like(name,"a*")', ""),
        ('like(email,"*X*")', ""),
        ('eq(kind,"desk")', "24"),
    ],
)
def test_case_sensitive_comparison(text: str, sensitive: str) -> None:
    assert found(text, case_sensitive=True) == sensitive


@pytest.mark.parametrize(
    ("text", "plain", "safe"),
    [
        ('ne(user.name,"Ann")', "234", ""),
        ('ne(name,"Ann")', "234", "24"),
        ("ne(user.name,null())", "1", "1"),
        ('out(user.name,("Ann"))', "234", "234"),
        ('eq(user.name,"Ann")', "1", "1"),
        # The last one has no optOuts at all, the third an empty list.
        ('all(optOuts,eq(id,"NTC-1"))', "134", "13"),
    ],
)
def test_null_navigation(text: str, plain: str, safe: str) -> None:
    assert (found(text), found(text, safe=True)) == (plain, safe)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('eq(nope,"x")', "1234"),
        ('not(eq(nope,"x"))', ""),
        ('nope.deep="x",name=Ann', "1"),
        ('any(nope,eq(id,"x"))', "1234"),
        ('any(optOuts,eq(nope,"x"))', "12"),
    ],
)
def test_unknown_property_can_count_as_true(text: str, ids: str) -> None:
    assert found(text, unknown_is_true=True) == ids
    with pytest.raises(RqlError, match="Invalid property path"):
        found(text)


def test_other_faults_are_told_even_then() -> None:
    with pytest.raises(RqlError, match="Cannot convert value"):
        found("revision=x", unknown_is_true=True)


@pytest.mark.parametrize(
    ("text", "lenient"),
    [
        ('and(eq(status,"Active"), eq(chat,true))', "1"),
        ("eq(name, Ann)", "1"),
        ("status=Active,  chat=true", "1"),
        ("eq(name,user.name)", ""),
        ("eq(name,self(user.name))", "13"),
        ("name=self(user.name),id=3", "3"),
        ("id=(2),chat=true", ""),
        ("and(id=(2),chat=false)", "2"),
    ],
)
def test_lenient(text: str, lenient: str) -> None:
    assert found(text, lenient=True) == lenient


PATHS: dict[str, set[str]] = {
    "": set(),
    'EQ(NAME,"x")': {"name"},
    "any(optouts)": {"optOuts"},
    'and(any(optouts,eq(ID,"x")),gt(Audit.Created.At,"2025-01-01"))': {"optOuts", "optOuts.id", "audit.created.at"},
    "eq(name,user.name)": {"name"},
    "any(optOuts,self(id)=x)": {"optOuts", "optOuts.id"},
}


@pytest.mark.parametrize("text", PATHS)
def test_paths(text: str) -> None:
    assert compile_filter(text, CONTACT).paths == PATHS[text]


def quoted(text: str) -> str:
    """The safe form of section 12.3: choose the quote that the text does not have, then encode all of it."""
    mark = "'" if '"' in text else '"'
    return quote(f"{mark}{text}{mark}", safe="")


def matching(raw: str, *, case_sensitive: bool = True) -> Any:
    return compile_filter(split_query(raw).filter, CONTACT, case_sensitive=case_sensitive).matches


TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not {"'", '"'} <= set(text))


@given(name=TEXT, other=TEXT)
def test_a_quoted_and_encoded_text_finds_that_text_and_no_other(name: str, other: str) -> None:
    matches = matching(f"eq(name,{quoted(name)})")
    assert matches({"name": name})
    assert matches({"name": other}) == (name == other)
    assert not matches({"name": name + "'"})
    assert not matches({"name": None})


@given(name=TEXT)
def test_case_does_not_hide_a_text(name: str) -> None:
    matches = matching(f"name={quoted(name)}&limit=1", case_sensitive=False)
    assert matches({"name": name})
    assert not matches({"name": name + "x"})


@given(text=st.text(st.sampled_from("ab=,;|&()'\"* .")), row=st.sampled_from(ROWS))
def test_every_text_gives_an_answer_or_an_rql_error(text: str, row: Mapping[str, Any]) -> None:
    with suppress(RqlError):
        assert compile_filter(text, CONTACT).matches(row) in (True, False)
