# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of a set: outcomes, counts, the diff and the sentence about what went wrong."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._report.diff import diff_text, totals
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.result import failure_message
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.rows import COUNTS, OUTCOMES, counts
from tests.unit.reports import field, row


def numbers(**found: int) -> dict[str, int]:
    return {**dict.fromkeys(COUNTS, 0), **found}


def test_without_a_plan_there_are_all_counts() -> None:
    assert counts(None, [], 7) == numbers(desired=7)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({}, "no contacts"),
        ({"unchanged": 3}, "3 unchanged"),
        ({"created": 1, "failed": 2, "unmanaged": 4}, "1 created, 2 failed (live but in no file: 4)"),
        ({"unmanaged": 4}, "no contacts (live but in no file: 4)"),
    ],
)
def test_totals_leave_out_what_is_zero(found: dict[str, int], text: str) -> None:
    assert totals(numbers(**found)) == text


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (field("name", None, "A"), "name: (none) -> A"),
        (field("name", "A", None), "name: A -> (none)"),
        (field("opt_outs", ["A", "B"], ["B", "C"]), "opt_outs: -A, +C"),
        (field("opt_outs", None, ["C"]), "opt_outs: +C"),
        (field("opt_outs", None, []), "opt_outs: none"),
        (field("status", "Active", "Blocked"), "status: Active -> Blocked"),
    ],
)
def test_a_field_of_the_diff(change: dict[str, Any], line: str) -> None:
    text = diff_text([row("a@x.example", "updated", change, id="CTT-1")], numbers(updated=1))
    assert text == f"~ a@x.example (CTT-1)\n    {line}\n1 updated\n"


@pytest.mark.parametrize(
    ("outcome", "sign"),
    [("created", "+"), ("deleted", "-"), ("updated", "~"), ("failed", "!"), ("unknown", "?"), ("skipped", "~")],
)
def test_the_sign_tells_the_outcome(outcome: str, sign: str) -> None:
    text = diff_text([row("a@x.example", outcome, field("name", "A", "B"))], numbers())
    assert text.startswith(f"{sign} a@x.example (new)\n")


def test_rows_without_a_change_are_not_in_the_diff() -> None:
    assert diff_text([row("a@x.example", "unchanged")], numbers(unchanged=1)) == ""


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in OUTCOMES if outcome not in ("failed", "unknown", "skipped")]
)
def test_success_has_no_message(outcome: str) -> None:
    assert failure_message([row("a@x.example", outcome)]) is None


def test_failures_are_told_before_what_was_skipped_for_them() -> None:
    rows = [
        row("a@x.example", "skipped", reason="Later."),
        row("b@x.example", "failed", reason="No."),
        row("c@x.example", "failed", reason="No."),
        row("d@x.example", "unknown", reason="Lost."),
        row("e@x.example", "updated"),
    ]
    assert failure_message(rows) == (
        "4 of 5 contacts are not as they should be (2 failed, 1 unknown, 1 skipped). "
        "b@x.example: No. d@x.example: Lost."
    )


def test_where_all_were_skipped_the_reason_is_told() -> None:
    message = failure_message([row("a@x.example", "skipped", reason="Stopped.")])
    assert message == "1 of 1 contacts are not as they should be (1 skipped). a@x.example: Stopped."
