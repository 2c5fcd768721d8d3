# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown fits a comment, shows the worst first, and nothing of a user's text is more than text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._report import markdown as _report_markdown
from tests.unit.reports import EVIL, faulty, hostile, many, rendered, report, row, typical

COMMENT_LIMIT = 65_536


def outside_of_code(text: str) -> str:
    return re.sub("`[^`\n]*`", "", text)


def test_a_typical_report_tells_all_that_matters() -> None:
    text = rendered(typical(), ".md", masked=True)
    assert text.startswith("<!-- softwareone.marketplace report -->\n### \u2260 Marketplace contacts: 5 differences")
    order = ["failed", "unknown", "to delete", "to block", "to update", "to unblock", "to create", "skipped"]
    at = [text.index(f" {label} | `") for label in order]
    assert at == sorted(at)
    for label in ("| Failed | 1 |", "| To update | 1 |", "| In no file | 1 |"):
        assert label in text
    assert "**name**: `A. E.` \u2192 `A. E. (changed)`<br>no longer opted out of `Invoices`; opts out of" in text
    assert "- `Invoices`: 1 fewer opted out\n- `Technical updates`: 1 more opted out\n" in text
    assert "last written by `D. R., 2026-11-02`" in text
    assert "changed by" not in text
    assert "`a***@contoso.example`<br>`CTT-1-2`" in text
    assert "| `n***@contoso.example`<br>`entry 3`<br>`prod.yml:4` | **name**: + `N. O.` |" in text
    assert "masked" in text
    assert "<details>" not in text


@pytest.mark.parametrize("count", [1, 20, 21, 5_000])
def test_any_number_of_differences_fits_and_shows_the_worst(count: int) -> None:
    text = rendered(many(count), ".md", masked=False)
    assert len(text) < len(text.encode()) + 1 <= 60_000 < COMMENT_LIMIT
    assert f"#### Contacts ({count:,})" in text
    assert f"| Failed | {min(count, 3)} |" in text
    assert text.index("failed | `person.") < text.find("to update | `person.") or count <= 3
    assert ("<details>" in text) == (count > 20)
    assert text.count("<details>") == text.count("</details>")
    rows = text.count("| `person.")
    assert (f"... and {count - rows:,} more" in text) == (rows < count)


def test_rows_of_any_length_fit() -> None:
    rows = [row(f"{'王' * 200}{number}@x.example", "updated", reason="用" * 9_999) for number in range(500)]
    long = {"file": "王" * 9_999, "line": 1, "field": "王" * 9_999, "message": "王" * 9_999}
    made = report(*rows, faults=[long] * 500, warnings=["|" * 9_999] * 500, message="`" * 9_999)
    text = rendered(made, ".md", masked=False)
    assert len(text.encode()) < 60_000
    assert "- ... and 480 more" in text


def test_what_people_wrote_stays_text() -> None:
    for text in (
        EVIL,
        "a | b `c` ``d`` \\| @octocat #1 https://x.example **b** <!-- --> {{ 7*7 }}\r\n| x |",
        "`",
        "|",
        "\\",
    ):
        for made in (hostile(text), faulty(text)):
            page = outside_of_code(rendered(made, ".md", masked=False))
            for part in ("<script", "@octocat", "#1 ", "https:", "**b**", "{{"):
                assert part not in page
            assert page.count("<!--") == 1


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.sampled_from("|`\\ a@<\n\u202e"), max_size=12))
def test_code_spans_are_closed_and_end_no_cell(text: str) -> None:
    shown = _report_markdown.code(text)
    assert shown.count("`") % 2 == 0
    assert "|" not in shown
    assert "\n" not in shown
    rest = outside_of_code(shown)
    assert not re.search("[@<\\\\a]", rest) or rest == "*empty*"


def test_an_arrow_between_right_to_left_names_keeps_its_direction() -> None:
    fields = {"field": "name", "before": "תמר כהן", "after": "תמר לוי", "label": None}
    text = rendered(report(row("t@x.example", "updated", fields)), ".md", masked=False)
    assert "`תמר כהן`\u200e \u2192 \u200e`תמר לוי`" in text


@pytest.mark.parametrize(
    ("status", "headline"),
    [("clean", "\u2713 Marketplace contacts: No differences"), ("error", "\u2717 Marketplace contacts: Error")],
)
def test_the_status_leads(status: str, headline: str) -> None:
    text = rendered(report(status=status, message="what happened"), ".md", masked=True)
    assert text.splitlines()[1] == f"### {headline}"
    assert "> `what happened`" in text
