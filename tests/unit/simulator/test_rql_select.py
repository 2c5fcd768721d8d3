# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which properties a query asks for: notifications-api, section 12.5."""

from __future__ import annotations

import pytest

from tests.simulator.rql import RqlError, Selection, parse_select

DEFAULTS = {"id": True, "name": True, "user": True, "optOuts": False, "audit": False}


def shown(text: str) -> set[str]:
    selection = parse_select(text)
    return {name for name, default in DEFAULTS.items() if selection.is_selected(name, default)}


SHOWN = {
    # additive
    "": {"id", "name", "user"},
    "optOuts": {"id", "name", "user", "optOuts"},
    "+optOuts,+audit": {"id", "name", "user", "optOuts", "audit"},
    " optOuts, audit": {"id", "name", "user", "optOuts", "audit"},
    "+OPTOUTS": {"id", "name", "user", "optOuts"},
    "-name": {"id", "user"},
    "-audit": {"id", "name", "user"},
    # everything and nothing
    "*": {"id", "name", "user", "optOuts", "audit"},
    "+*": {"id", "name", "user", "optOuts", "audit"},
    "-*": set(),
    "-*,+id,+name": {"id", "name"},
    "+id,-*": {"id"},
    # include beats exclude
    "+name,-name": {"id", "name", "user"},
    "-name,+name": {"id", "name", "user"},
    "*,-name": {"id", "name", "user", "optOuts", "audit"},
    "*,-*": {"id", "name", "user", "optOuts", "audit"},
    # a name in an object brings the object
    "+audit.created": {"id", "name", "user", "audit"},
    "-*,+audit.created": {"audit"},
    "-*,+audit(created)": {"audit"},
    "-audit(created)": {"id", "name", "user", "audit"},
    "-user.name": {"id", "name", "user"},
    "-user()": {"id", "name"},
    # unknown names, and operators, of which only the left side counts
    "-config,nope.a": {"id", "name", "user"},
    "optOuts=x": {"id", "name", "user", "optOuts"},
    "any(optOuts,id)": {"id", "name", "user", "optOuts"},
    "not(optOuts)": {"id", "name", "user", "optOuts"},
    "self(optOuts)": {"id", "name", "user", "optOuts"},
    "self(),null()": {"id", "name", "user"},
    '"optOuts"': {"id", "name", "user", "optOuts"},
}


@pytest.mark.parametrize("text", SHOWN)
def test_top_level(text: str) -> None:
    assert shown(text) == SHOWN[text]


@pytest.mark.parametrize(
    ("text", "names", "keeps_defaults"),
    [
        ("+user", set(), True),
        ("+user.name", {"name"}, True),
        ("-*,+user.name", {"name"}, False),
        ("-user,+user.name", {"name"}, False),
        ("-*,+user(id,name)", {"id", "name"}, True),
        ("-user(id)", {"id"}, False),
        ("USER(ID),user.Name", {"id", "name"}, True),
        ("user(*)", {"id", "name", "icon"}, True),
    ],
)
def test_nested(text: str, names: set[str], keeps_defaults: bool) -> None:
    selection = parse_select(text)
    below = selection.nested.get("user", Selection())
    assert {name for name in ("id", "name", "icon") if below.is_selected(name, False)} == names
    assert selection.keeps_defaults("user", True) == keeps_defaults


def test_nested_excludes() -> None:
    below = parse_select("user(-icon),user.-name,user(phone(-prefix))").nested["User"]
    assert not below.is_selected("icon", True)
    assert below.is_selected("id", True)
    assert "phone" in below.nested
    assert not below.nested["PHONE"].is_selected("prefix", True)


def test_nested_levels_are_found_in_any_case() -> None:
    nested = parse_select("optOuts(id)").nested
    assert "optOuts" in nested
    assert "OPTOUTS" in nested
    assert "audit" not in nested
    assert nested.get("audit") is None
    assert nested["optOuts"] == nested.get("optouts")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        ("+optOuts,-Config", {"optOuts", "Config"}),
        ("-*,id", {"id"}),
        ("user.name,audit(created(at))", {"user.name", "audit", "audit.created", "audit.created.at"}),
        ('""', set()),
    ],
)
def test_names(text: str, names: set[str]) -> None:
    assert parse_select(text).names == names


@pytest.mark.parametrize(
    ("text", "used"),
    [("", False), ("*", False), ("-id", False), ("-*", True), ("+id,-*", True), ("user(-*)", True)],
)
def test_minus_star(text: str, used: bool) -> None:
    assert parse_select(text).uses_minus_star == used


def test_a_selection_can_fail_in_the_parser() -> None:
    with pytest.raises(RqlError, match="Invalid equals shortcut") as caught:
        parse_select("name=")
    assert caught.value.is_parser_exception
