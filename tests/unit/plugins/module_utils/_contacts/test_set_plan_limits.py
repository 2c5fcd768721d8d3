# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a run may change: numbers, percentages, and the strictest of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import Limit, limit_from
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError


@pytest.mark.parametrize(
    ("values", "live", "allowed"),
    [
        (["10"], 3, 10),
        (["0"], 100, 0),
        (["10%"], 100, 10),
        (["10%"], 99, 9),
        (["10%"], 9, 0),
        (["100%"], 7, 7),
        (["0%"], 7, 0),
        (["10", "10%"], 50, 5),
        (["10", "10%"], 500, 10),
        ([" 7 "], 1, 7),
        (["99%"], 0, 0),
    ],
)
def test_the_strictest_value_counts(values: list[str], live: int, allowed: int) -> None:
    limit = limit_from("max_changes", values)
    assert limit is not None
    assert limit.allowed(live) == allowed
    assert limit.refusal(allowed, live, "changes") is None
    text = limit.refusal(allowed + 1, live, "changes")
    assert text is not None
    assert f"changes {allowed + 1} of {live}" in text
    assert f"set max_changes (swo_contacts_max_changes of the playbooks) to {allowed + 1}." in text


@pytest.mark.parametrize("option", ["max_removals", "max_changes"])
def test_no_value_is_no_limit(option: str) -> None:
    assert limit_from(option, None) is limit_from(option, []) is None


@pytest.mark.parametrize("value", ["", "x", "-1", "+1", "1.5", "101%", "%", "10 %", "1e3", "٣", "1234567890"])
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="neither a number"):
        limit_from("max_removals", ["10", value])


@given(st.integers(0, 100), st.integers(0, 100_000))
def test_a_percentage_is_never_rounded_up(percent: int, live: int) -> None:
    assert Limit("x", (f"{percent}%",)).allowed(live) * 100 <= percent * live
