# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that the collection writes, read back by the simulator's reading of the platform's language."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api import rql as _rql
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from tests.simulator.rql import NUMBER, STRING, RqlError, Schema, collection_of, compile_filter, split_query

CONTACT = Schema(
    {"id": STRING, "name": STRING, "email": STRING, "rank": NUMBER, "optOuts": collection_of(Schema({"id": STRING}))}
)
ROWS: list[dict[str, Any]] = [
    {"id": "1", "name": "Ann Example", "email": "ann@x.example", "rank": 1, "optOuts": [{"id": "NTC-1"}]},
    {"id": "2", "name": "O'Brien", "email": "ob@x.example", "rank": 2, "optOuts": []},
    {"id": "3", "name": None, "email": "a,b(c)@x.example", "rank": None, "optOuts": []},
]

CHARACTERS = st.characters(exclude_categories=["Cs"])
# Mostly what means something in the language or in a URL.
TEXT = st.text(st.one_of(st.sampled_from("'\"\\*(),=&|;+%# aA"), CHARACTERS), max_size=12)
ONE_QUOTE = TEXT.filter(lambda text: not {"'", '"'} <= set(text))
NOT_UNICODE = "ann\ud800@x.example"


def sent(query: str, *, case_sensitive: bool = False, strict: bool = True) -> Any:
    """The test that the server makes of an encoded filter that stands between other parameters."""
    raw = f"{query}&order=id&limit=100"
    assert raw.isascii()
    return compile_filter(split_query(raw).filter, CONTACT, case_sensitive=case_sensitive, lenient=not strict).matches


def found(query: str) -> str:
    matches = sent(query)
    return "".join(row["id"] for row in ROWS if matches(row))


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("ann@x.example", "%22ann%40x.example%22"),
        ("ann+ops@x.example", "%22ann%2Bops%40x.example%22"),
        ("O'Brien", "%22O%27Brien%22"),
        ('say "hi"', "%27say%20%22hi%22%27"),
        ("a&b=c;d|e,f(g)#h?i/j%k", "%22a%26b%3Dc%3Bd%7Ce%2Cf%28g%29%23h%3Fi%2Fj%25k%22"),
        ("ü\r\n", "%22%C3%BC%0D%0A%22"),
        ("", "%22%22"),
    ],
)
def test_every_reserved_byte_of_a_value_is_encoded(value: str, encoded: str) -> None:
    assert _rql.quoted(value) == encoded


@given(value=ONE_QUOTE)
def test_a_quoted_value_holds_nothing_but_plain_characters_and_percent_signs(value: str) -> None:
    assert set(_rql.quoted(value)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~%")


@pytest.mark.parametrize("value", ["""O'Brien says "hi\"""", NOT_UNICODE], ids=["both kinds of quotes", "not Unicode"])
def test_what_has_no_quoted_form_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="cannot be used in a filter"):
        _rql.quoted(value)


@given(value=ONE_QUOTE, other=ONE_QUOTE)
def test_eq_finds_the_value_and_nothing_else(value: str, other: str) -> None:
    matches = sent(_rql.eq("name", value), case_sensitive=True)
    assert matches({"name": value})
    assert matches({"name": other}) == (other == value)
    assert not matches({"name": value + "x"})
    assert not matches({"name": None})


@given(value=ONE_QUOTE, other=ONE_QUOTE)
def test_ne_finds_everything_but_the_value(value: str, other: str) -> None:
    matches = sent(_rql.ne("name", value), case_sensitive=True)
    assert not matches({"name": value})
    assert matches({"name": other}) == (other != value)


@given(value=TEXT)
@example(value="""a'b"c""")
@example(value="""'"\\""")
@example(value="""'"long\\""")
@example(value="\\*")
@example(value="Foo\\*")
@example(value="*")
def test_text_is_finds_at_least_the_value_in_any_case(value: str) -> None:
    for strict in (True, False):
        assert sent(_rql.text_is("name", value), strict=strict)({"name": value.lower()})
        assert sent(_rql.text_is("name", value), case_sensitive=True, strict=strict)({"name": value})


@given(value=st.text(CHARACTERS.filter(lambda char: char not in "'\"\\*")))
def test_text_is_finds_nothing_else_if_the_value_has_no_special_character(value: str) -> None:
    matches = sent(_rql.text_is("name", value))
    assert not matches({"name": value + "x"})
    assert not matches({"name": "x" + value})
    assert not matches({"name": None})


def test_text_is_asks_for_a_part_of_a_text_with_both_kinds_of_quotes() -> None:
    query = _rql.text_is("name", """Ann "the boss" O'Brien""")
    assert query == "ilike(name,%22%2Athe%20boss%2A%22)"
    assert sent(query)({"name": """ann "the BOSS" o'brien"""})


@given(parts=st.lists(st.text(CHARACTERS.filter(lambda char: char not in "'\"*"), max_size=6), min_size=1, max_size=4))
@example(parts=["a\\", "b"])
@example(parts=["\\", "\\"])
def test_glob_finds_at_least_what_fits_the_pattern(parts: list[str]) -> None:
    query = _rql.glob("email", "*".join(parts))
    for filling in ("", "x", "a\\b"):
        assert sent(query)({"email": filling.join(parts)})


@pytest.mark.parametrize(
    ("pattern", "query"),
    [
        ("*@x.example", "ilike(email,%22%2A%40x.example%22)"),
        ("ann*", "ilike(email,%22ann%2A%22)"),
        ("a*b*c", "ilike(email,%22a%2A%22),ilike(email,%22%2Ac%22)"),
        ("*ann*", ""),
        ("*", ""),
        ("ann@x.example", "ilike(email,%22ann%40x.example%22)"),
    ],
)
def test_glob_leaves_what_stands_between_stars_to_the_caller(pattern: str, query: str) -> None:
    assert _rql.glob("email", pattern) == query


def test_filters_are_put_together() -> None:
    inside = _rql.any_of("optOuts", _rql.eq("id", "NTC-1"))
    assert inside == "any(optOuts,eq(id,%22NTC-1%22))"
    assert found(inside) == "1"
    assert _rql.both("", inside, "", _rql.ne("name", "x")) == f"{inside},ne(name,%22x%22)"
    assert _rql.both("", "") == ""


ACCEPTED = {
    # what a person writes: what the platform has to read, and the rows that it finds
    "": ("", "123"),
    "   ": ("", "123"),
    'eq(id,"1")': ('eq(id,"1")', "1"),
    "eq(id,'1')": ("eq(id,'1')", "1"),
    ' or( eq(id, "1") ,\n eq(id, "2") ) ': ('or(eq(id,"1"),eq(id,"2"))', "12"),
    'and(eq(rank,1), any(optOuts, eq(id, "NTC-1")))': ('and(eq(rank,1),any(optOuts,eq(id,"NTC-1")))', "1"),
    "name=null()": ("name=null()", "3"),
    'id = "2" , rank = 2': ('id="2",rank=2', "2"),
    'id="1" & rank=1': ('id="1"&rank=1', "1"),
    'id="1" | id="2"': ('(id="1"|id="2")', "12"),
    "id=1;id=3": ("(id=1;id=3)", "13"),
    "rank=1,(id=1|id=3)": ("rank=1,(id=1|id=3)", "1"),
    "eq(name,Ann Example)": ("eq(name,Ann Example)", "1"),
    'eq(name, "Ann Example")': ('eq(name,"Ann Example")', "1"),
    """eq(name,"O'Brien")""": ("""eq(name,"O'Brien")""", "2"),
    'eq(email,"a,b(c)@x.example")': ('eq(email,"a,b(c)@x.example")', "3"),
    'in(id,("1","3"))': ('in(id,("1","3"))', "13"),
}


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_well_formed_expression_is_sent_without_its_spaces(text: str) -> None:
    read, rows = ACCEPTED[text]
    assert split_query(_rql.expression(text)).filter == read
    assert found(_rql.expression(text)) == rows


REJECTED = {
    'eq(id,"1': "not closed",
    "eq(id,'1)": "not closed",
    "eq(name,'O'Brien')": "same quote inside",
    """eq(name,"say "hi"")""": "same quote inside",
    'eq(name,"a""b")': "same quote inside",
    'eq(name,x"b")': "not closed",
    '"1"': "not closed",
    '"id"=1': "not closed",
    "eq(id,1": "parentheses",
    "eq(id,1)),eq(name,x": "parentheses",
    'eq(id,"1")),eq(rank,2)': "parentheses",
    ")(": "parentheses",
    'eq(id,"1") eq(id,"2")': "no comma",
    'eq(id,"1")eq(id,"2")': "no comma",
    'eq(id,"1")"2"': "no comma",
    "(id)=2": "no comma",
    "name=self(email),id=3": "equals sign",
    "id=(2),rank=2": "equals sign",
    NOT_UNICODE: "not valid Unicode",
}


@pytest.mark.parametrize("text", REJECTED, ids=ascii)
def test_an_expression_that_the_platform_would_misread_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=REJECTED[text]):
        _rql.expression(text)


def test_an_alternative_does_not_escape_from_the_filters_beside_it() -> None:
    query = _rql.both(_rql.eq("id", "1"), _rql.expression('rank=2|name="Ann Example"'))
    assert found(query) == "1"


WORDS = ("eq", "and", "or", "not", "any", "null", "id", "name", "rank", "optOuts", "1", "2", '"1"', "'O'", " ", "  ")
SIGNS = ("(", ")", "(", ")", ",", ",", "=", "&", "|", ";", '"', "'")
FILTERS = (
    "id=(1)",
    "name=self(name)",
    'eq(id,"1")',
    "name=null()",
    "rank = 2",
    "any( optOuts )",
    'in(id, ("1","2"))',
    "not(eq(rank, 1))",
)


@given(
    text=st.one_of(
        st.text(st.sampled_from("ab=,;|&()'\" ")),
        st.lists(st.sampled_from(WORDS + SIGNS), max_size=12).map("".join),
        st.lists(st.sampled_from(FILTERS + SIGNS), max_size=8).map("".join),
    )
)
def test_no_accepted_expression_swallows_or_frees_itself_from_what_stands_beside_it(text: str) -> None:
    with suppress(InputError, RqlError):
        query = _rql.expression(text)
        never = _rql.eq("id", "nobody")
        sent(query)
        if query:
            for filters in ((query, never), (never, query), (never, query, _rql.ne("id", "nobody"))):
                assert found(_rql.both(*filters)) == ""


BLANK = st.sampled_from(["", " ", "\n  "])
LEAF = st.sampled_from(['eq(id,"1")', "eq(rank,2)", "any(optOuts)", 'ilike(name,"*a b*")', "name=null()", 'id="3"'])
TREE = st.recursive(
    LEAF,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: f"{pair[0]}({','.join(pair[1])})"
    ),
    max_leaves=8,
)


@given(text=TREE, before=BLANK, after=BLANK)
def test_spaces_between_the_parts_of_an_expression_mean_nothing(text: str, before: str, after: str) -> None:
    spaced, quoted = "", False
    for char in text:
        quoted ^= char == '"'
        spaced += f"{before}{char}{after}" if char in "(),=" and not quoted else char
    assert split_query(_rql.expression(spaced)).filter == text
    assert found(_rql.expression(spaced)) == found(_rql.expression(text))
