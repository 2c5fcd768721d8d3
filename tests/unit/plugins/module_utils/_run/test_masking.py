# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No token in a result, on any ansible-core, and in the places where ansible-core 2.21 and older put their masks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.masking import WHOLE, ResultMask
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import MASK
from tests.unit.plugins.module_utils.test_text import TAIL, TOKEN


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (TOKEN, WHOLE),
        (TAIL, WHOLE),
        (f"a {TOKEN} b", f"a {MASK} b"),
        (f"Bearer {TAIL[:12]}", f"Bearer {MASK}"),
        ({"a": [TOKEN, {"b": TOKEN}], "c": (TAIL,)}, {"a": [WHOLE, {"b": WHOLE}], "c": [WHOLE]}),
        (
            {"changed": True, "total": 3, "name": None, "part": 0.5},
            {"changed": True, "total": 3, "name": None, "part": 0.5},
        ),
    ],
)
def test_values(value: Any, shown: Any) -> None:
    assert ResultMask({"api_token": TOKEN}).value(value) == shown


def test_a_token_with_spaces_around_it() -> None:
    mask = ResultMask({"api_token": f" {TOKEN}\n"})
    assert mask.value([f" {TOKEN}\n", TOKEN, f"x{TOKEN}x"]) == [WHOLE, WHOLE, f"x{MASK}x"]


def test_a_short_token_too() -> None:
    assert ResultMask({"api_token": "abc"}).value(["abc", "abcabc", "ab"]) == [WHOLE, MASK * 2, "ab"]


@pytest.mark.parametrize("params", [{}, {"api_token": None}, {"api_token": ""}, {"api_token": "  "}])
def test_without_a_token_nothing_is_masked(params: dict[str, Any]) -> None:
    assert ResultMask(params).value({"": ["", "a b", " "]}) == {"": ["", "a b", " "]}


@given(st.text(), st.text())
def test_whatever_is_around_it(before: str, behind: str) -> None:
    assert TAIL not in ResultMask({"api_token": TOKEN}).value(f"{before}{TOKEN}{behind}")
