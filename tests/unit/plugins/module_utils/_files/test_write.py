# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one writer of contact files: whatever it writes, our own reader and any other read the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._files.write import (
    SCHEMA_URL,
    comment_text,
    entry_text,
    file_text,
    has_entries,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.yaml_reader import read_yaml
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import (
    BIDI,
    CONTROLS,
    INVISIBLE,
    LINE_BREAKS,
    NONCHARACTERS,
)

AWKWARD = [
    *(
        "yes",
        "No",
        "ON",
        "y",
        "null",
        "Null",
        "~",
        "true",
        "123",
        "1e3",
        "0x1F",
        "1_000",
        ".inf",
        "2024-01-01",
        "12:30",
    ),
    *(
        "=",
        "<<",
        "- a",
        "-",
        "? a",
        "a: b",
        "a:",
        "a #b",
        "#",
        "{a: b}",
        "[a]",
        "!x",
        "&a",
        "*a",
        "%",
        "@a",
        "`a",
        "|",
        ">",
    ),
    *("", " ", " a", "a ", "'", "''", '"', "it's", '"quoted"', "\\", "\\n", "a\\", "---", "...", "a\tb", "\t"),
    *("a\nb", "\n", "a\r\nb", "\x00", "\x1b[31m", "\x85", "\xa0", "\u2028", "\u202e", "\u200b", "\ufeff", "\ufffe"),
    *(
        "\U000e0041",
        "\U0001f469\u200d\U0001f680",
        "می\u200cخواهم",
        "Grüße",
        "用户",
        "O'Brien-Smith (HR)",
        "a+b@x.example",
    ),
]
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sampled_from(AWKWARD))
ENTRIES = st.lists(
    st.dictionaries(
        st.sampled_from(["email", "name", "opt_outs", "state"]), TEXTS | st.lists(TEXTS, max_size=3), min_size=1
    ),
    max_size=4,
)


def written(entries: list[dict[str, Any]], about: Sequence[str] = (), comments: Sequence[str] = ()) -> str:
    return file_text([*map(entry_text, entries), *map(comment_text, comments)], about)


def read_back(text: str) -> Any:
    problems: list[Any] = []
    data = read_yaml(text, problems)
    assert problems == []
    return data


@pytest.mark.parametrize("text", AWKWARD, ids=ascii)
def test_an_awkward_text_is_read_as_it_was_written(text: str) -> None:
    entry = {"name": text, "opt_outs": [text, "a", text]}
    assert read_back(written([entry])) == {"contacts": [entry]}


@given(entries=ENTRIES, comments=st.lists(TEXTS.map(repr), max_size=2))
def test_any_entries_are_read_as_they_were_written(entries: list[dict[str, Any]], comments: list[str]) -> None:
    text = written(entries, comments, comments)
    assert read_back(text) == {"contacts": entries}
    assert yaml.load(text, Loader=yaml.SafeLoader) == {"contacts": entries}
    assert text == written(entries, comments, comments)


@given(text=st.text())
def test_any_text_makes_a_file_of_printable_lines(text: str) -> None:
    text = written([{"name": text}])
    text.encode("utf-8")
    assert len(text.splitlines()) == 4
    assert yaml.load(text, Loader=yaml.SafeLoader)["contacts"][0].keys() == {"name"}


@pytest.mark.parametrize("group", [CONTROLS, LINE_BREAKS, BIDI, INVISIBLE, NONCHARACTERS], ids=ascii)
def test_what_is_unsafe_to_show_is_escaped(group: str) -> None:
    for character in group.replace("-", ""):
        assert character == "\n" or character not in written([{"name": f"a{character}b"}])


def test_half_of_a_character_is_replaced() -> None:
    assert read_back(written([{"name": "a\ud800b\x1b"}])) == {"contacts": [{"name": "a\ufffdb\x1b"}]}


def test_the_form() -> None:
    entries = [
        {"email": "ann@x.example", "name": "", "opt_outs": []},
        {"email": "bob@x.example", "opt_outs": ["Orders", "yes", "1 a", "it's", "\u202e"], "state": "absent"},
    ]
    assert written(entries, ["What this is."], ["Left out:\n" + entry_text({"email": "c@x.example"})]) == (
        f"---\n# yaml-language-server: $schema={SCHEMA_URL}\n"
        "# What this is.\n"
        "contacts:\n"
        "  - email: ann@x.example\n"
        "    name: ''\n"
        "    opt_outs: []\n"
        "  - email: bob@x.example\n"
        "    opt_outs:\n"
        "      - Orders\n"
        "      - 'yes'\n"
        "      - '1 a'\n"
        "      - it's\n"
        '      - "\\u202e"\n'
        "    state: absent\n"
        "  # Left out:\n"
        "  #   - email: c@x.example\n"
    )


def test_comments_alone_are_an_empty_list() -> None:
    text = file_text([comment_text("Nothing that a file can hold:\n" + entry_text({"name": "x"}))])
    assert read_back(text) == {"contacts": []}
    assert not has_entries(text)
    assert has_entries(written([{"opt_outs": ["a"]}]))
