# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that is shown holds the token or can forge output."""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._text import (
    BIDI,
    CONTROLS,
    INVISIBLE,
    JOINERS,
    LINE_BREAKS,
    MASK,
    NONCHARACTERS,
    SURROGATES,
    Redactor,
    encodable,
    has_control_characters,
    made_visible,
    one_line,
    presentable,
    quoted,
    visible,
)

TAIL = "Qz7Rk2Vx9Lm4Ht6Yw8Bn3Cd5Fg1Jp0Ss"
TOKEN = f"idt:TKN-9999-9999:{TAIL}"
REDACTOR = Redactor(TOKEN)


def windows(secret: str, size: int = 8) -> list[str]:
    return [secret[at : at + size] for at in range(len(secret) - size + 1)]


def is_clean(text: str) -> bool:
    return not any(window in text for window in windows(TAIL))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer {TOKEN}", f"Bearer {MASK}"),
        (f"secret {TAIL}!", f"secret {MASK}!"),
        (f"{TOKEN}{TOKEN}", MASK * 2),
        (f"{TAIL}{TOKEN}", MASK * 2),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_the_token_and_its_secret_part_are_masked(text: str, shown: str) -> None:
    assert REDACTOR.text(text) == shown


def test_a_token_without_colons_is_its_own_secret_part() -> None:
    assert Redactor(TAIL).secrets == [TAIL]
    assert Redactor(TAIL).text(f"x{TAIL}x") == f"x{MASK}x"


@pytest.mark.parametrize("token", ["", "a", "a:b", "1234567"])
def test_what_is_too_short_to_be_a_secret_is_left_alone(token: str) -> None:
    assert Redactor(token).secrets == []
    assert Redactor(token).text("a banana: a:b 1234567") == "a banana: a:b 1234567"


def test_only_the_whole_token_is_masked_if_its_last_part_is_short() -> None:
    assert Redactor("idt:TKN-9999:abc").secrets == ["idt:TKN-9999:abc"]


def test_nested_values_are_masked_keys_included() -> None:
    value = {"a": [TOKEN, 1, None, True], TOKEN: {"b": (f"x {TAIL}", 1.5)}, 5: TAIL}
    assert REDACTOR.value(value) == {"a": [MASK, 1, None, True], MASK: {"b": [f"x {MASK}", 1.5]}, 5: MASK}
    assert value[TOKEN] == {"b": (f"x {TAIL}", 1.5)}


@pytest.mark.parametrize("size", range(8, len(TAIL) + 1))
def test_a_part_of_the_secret_part_is_masked_wherever_it_was_cut(size: int) -> None:
    for part in windows(TAIL, size):
        assert REDACTOR.text(f"bad header {part}.") == f"bad header {MASK}."
        assert REDACTOR.text(part + part) in (MASK, MASK * 2)


@pytest.mark.parametrize("kept", range(len(TOKEN) - len(TAIL), len(TOKEN)))
def test_a_token_that_is_cut_short_shows_no_more_than_its_id(kept: int) -> None:
    shown = REDACTOR.text(f"header: Bearer {TOKEN[:kept]}")
    secret = TOKEN[:kept].rpartition(":")[2]
    assert shown == f"header: Bearer idt:TKN-9999-9999:{secret if len(secret) < 8 else MASK}"


def test_a_secret_part_that_repeats_itself_is_masked_at_every_place() -> None:
    tail = "abcdabcdabcdX1234567"
    for part in windows(tail, 16):
        assert not any(window in Redactor(tail).text(part) for window in windows(tail))


def test_a_long_text_full_of_pieces_is_masked_in_a_moment() -> None:
    started = time.process_time()
    REDACTOR.text(TAIL[:7] * 200_000)
    assert time.process_time() - started < 5


def nested(depth: int) -> Any:
    value: Any = []
    for _level in range(depth):
        value = {"a": value}
    return value


def test_what_leaves_a_task_can_be_read_by_any_json_reader() -> None:
    given = {"a\ud800": ["x\udfff", float("inf"), float("nan"), 1.5, 2, None, True, ("b",)]}
    assert presentable(given) == {"a\ufffd": ["x\ufffd", None, None, 1.5, 2, None, True, ["b"]]}
    assert json.dumps(presentable(nested(100_000))).count("a") == 40


# The text around holds no character of the token, so that whatever is left of it has come through.
AROUND = st.text(st.characters(exclude_characters=TOKEN), max_size=12)
CUT = st.tuples(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN))).map(lambda ends: TOKEN[min(ends) : max(ends)])
PIECES = st.lists(st.one_of(AROUND, st.sampled_from([TOKEN, TAIL, f"Bearer {TOKEN}"])), max_size=8)
NESTED = st.recursive(
    PIECES.map("".join),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(PIECES.map("".join), inner, max_size=3)),
    max_leaves=8,
)


@given(pieces=PIECES)
def test_no_text_around_the_token_lets_a_part_of_it_through(pieces: list[str]) -> None:
    shown = REDACTOR.text("".join(pieces))
    assert is_clean(shown)
    for piece in pieces:
        assert TAIL in piece or piece in shown


@given(pieces=st.lists(st.one_of(AROUND, CUT), max_size=8))
def test_no_cut_lets_a_part_of_the_secret_through(pieces: list[str]) -> None:
    assert is_clean(REDACTOR.text("".join(pieces)))


@given(value=NESTED)
def test_no_nesting_lets_a_part_of_the_token_through(value: Any) -> None:
    shown = REDACTOR.value(value)
    assert is_clean(json.dumps(shown, ensure_ascii=False))
    assert is_clean(repr(shown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\r\ntwo\tthree", "one two three"),
        ("  spaces   in a row ", "spaces in a row"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31mred", r"\x9b31mred"),
        ("a\x00b\x7fc", r"a\x00b\x7fc"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("::error::pwned", r":\x3aerror:\x3apwned"),
        ("##vso[task.complete]##[error]", r"#\x23vso[task.complete]#\x23[error]"),
        ("ticket ##4711: yes", "ticket ##4711: yes"),
        ("line\u2028paragraph\u2029", "line paragraph"),
        ("lone\ud800surrogate", r"lone\ud800surrogate"),
        ("Grüße, 用户 🙂", "Grüße, 用户 🙂"),
        ("{{ 7*7 }}", "{{ 7*7 }}"),
        ("\n\t\n", ""),
    ],
    ids=ascii,
)
def test_a_text_of_others_is_one_line_of_printable_characters(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_long_text_is_cut() -> None:
    assert one_line("x" * 500) == "x" * 500
    assert one_line("x" * 501) == "x" * 497 + "..."
    assert one_line("word " * 10, 12) == "word word..."


@given(text=st.text(), limit=st.integers(3, 50))
def test_any_text_fits_on_one_line(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode()


EVERY_CHARACTER = "".join(map(chr, range(sys.maxunicode + 1)))


def members(group: str) -> set[str]:
    """The characters of a part of the table."""
    return set(re.findall(f"[{group}]", EVERY_CHARACTER))


GROUPS = {
    "controls": CONTROLS,
    "line breaks": LINE_BREAKS,
    "bidi": BIDI,
    "invisible": INVISIBLE,
    "surrogates": SURROGATES,
    "noncharacters": NONCHARACTERS,
    "joiners": JOINERS,
}
TABLE = {name: members(group) for name, group in GROUPS.items()}


def test_no_character_stands_in_the_table_twice() -> None:
    assert sum(map(len, TABLE.values())) == len(set().union(*TABLE.values()))


@pytest.mark.parametrize("name", TABLE)
def test_each_character_of_the_table_is_kept_out_of_what_is_shown(name: str) -> None:
    for character in TABLE[name]:
        assert (character in visible(character)) is (name == "joiners")
        assert (character in one_line(f"a{character}b")) is (name == "joiners")
        assert not character.isprintable()
        assert quoted(character).isprintable()
        assert character not in encodable(character) or name != "surrogates"
        stays = name == "joiners" or character in "\t\n"
        assert (character in made_visible(character)) is stays
        assert has_control_characters(character) is (name in ("controls", "line breaks", "surrogates"))


def test_the_table_holds_all_controls_separators_and_embeddings_of_unicode() -> None:
    known = set().union(*TABLE.values())
    left = [
        character
        for character in map(chr, range(0x2FFFF))
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in known
    ]
    assert left == []
    embeddings = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    assert {one for one in map(chr, range(0x2FFFF)) if unicodedata.bidirectional(one) in embeddings} <= known


def test_how_a_text_is_quoted() -> None:
    assert quoted("it's") == '"it\'s"'
    assert quoted("x" * 60) == repr("x" * 60)
    assert quoted("x" * 61) == repr("x" * 57 + "...")
    assert visible("Grüße") == "Grüße"
    assert visible("a\nb'\u202e") == "a\\nb'\\u202e"
    assert made_visible("a\tb\n\u202e\ud800\u200d") == "a\tb\n\\u202e\\ud800\u200d"
