# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of a set: outcomes, counts and the sentence about what went wrong."""

from __future__ import annotations

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._report.result import failure_message
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.rows import COUNTS, counts
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.wording import OUTCOMES
from tests.unit.reports import row


def numbers(**found: int) -> dict[str, int]:
    return {**dict.fromkeys(COUNTS, 0), **found}


def test_without_a_plan_there_are_all_counts() -> None:
    assert counts(None, [], 7) == numbers(desired=7)


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
        "b@x.example: No. The same with 1 more. d@x.example: Lost."
    )


def test_what_only_differs_by_contact_and_trace_is_told_once() -> None:
    rows = [
        row(
            f"{name}@x.example",
            "failed",
            trace_id=f"00-{name}",
            reason=f"Could not create {name}@x.example (00-{name}).",
        )
        for name in ("a", "b", "c")
    ]
    assert failure_message(rows) == (
        "3 of 3 contacts are not as they should be (3 failed). "
        "Could not create a@x.example (00-a). The same with 2 more."
    )


def test_reasons_beyond_the_first_are_counted() -> None:
    message = failure_message([row("a@x.example", "failed", reason=f"Reason {number}.") for number in range(9)])
    assert message is not None
    assert message.endswith("a@x.example: Reason 2. And 6 more reasons, see results.")


def test_where_all_were_skipped_the_reason_is_told() -> None:
    message = failure_message([row("a@x.example", "skipped", reason="Stopped.")])
    assert message == "The contact is not as it should be (1 skipped). a@x.example: Stopped."
