# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a set is grouped by what happens, says each thing once, and speaks of a plan, of drift or of an apply."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._report.diff import diff_text
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.effects import category_counts, totals
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.rows import COUNTS
from tests.unit.reports import field, report, row, stray

OPT_OUTS = field("opt_outs", ["Orders"], ["Invoices"])
WRITTEN = {"by": "Dana", "at": "2026-11-02", "writer": "somebody"}
BY_DANA = "      last written by Dana at 2026-11-02, which need not be this change"


def shown(*rows: dict[str, Any], view: str = "plan", verbosity: int = 0, **values: Any) -> list[str]:
    empty = {"live": 0, "desired": 0}
    made = report(*rows, **{**values, "counts": {**empty, **values.get("counts", {})}})
    return diff_text(made["results"], made["unmanaged"], made["counts"], view, verbosity).splitlines()


@pytest.mark.parametrize(
    ("found", "view", "text"),
    [
        ({}, "plan", "nothing to do"),
        ({"unchanged": 3}, "plan", "nothing to do; 3 unchanged"),
        (
            {"created": 5, "updated": 3, "blocked": 1, "unchanged": 480},
            "plan",
            "5 to create, 3 to update, 1 to block; 480 unchanged",
        ),
        ({"created": 1, "failed": 2, "unmanaged": 4}, "applied", "1 created, 2 failed; 4 in no file"),
        (
            {"created": 2, "blocked": 1, "unblocked": 3, "unchanged": 1480, "kept": 1},
            "drift",
            "2 missing, 1 not blocked, 3 blocked; 1,480 unchanged; 1 keeps opt-outs that no file names",
        ),
        ({"unmanaged": 4}, "drift", "no contact of the files differs; 4 in no file"),
    ],
)
def test_totals_leave_out_what_is_zero(found: dict[str, int], view: str, text: str) -> None:
    assert totals({**dict.fromkeys(COUNTS, 0), **found}, view) == text


@pytest.mark.parametrize(
    ("change", "view", "line"),
    [
        (field("name", None, "A"), "plan", "name: A"),
        (field("name", "A", None), "plan", "name: A -> (none)"),
        (field("name", "A", "B"), "plan", "name: A -> B"),
        (field("name", "A", "B"), "drift", "name: file says B, live says A"),
        (field("opt_outs", ["A", "B"], ["B"]), "plan", "no longer opted out of A"),
        (field("opt_outs", None, ["C", "D"]), "plan", "opts out of C, D"),
        (field("opt_outs", None, ["C"]), "applied", "opted out of C"),
        (field("opt_outs", ["A"], []), "drift", "opted out of, unlike the files: A"),
        (field("opt_outs", [], ["A"]), "drift", "not opted out of, unlike the files: A"),
        (field("status", "Active", "Blocked"), "plan", "status: Active -> Blocked"),
    ],
)
def test_an_effect_is_told_in_words(change: dict[str, Any], view: str, line: str) -> None:
    lines = shown(row("a@x.example", "updated", change, id="CTT-1"), view=view)
    assert lines[1:3] == ["~ a@x.example (CTT-1)", f"      {line}"]


def test_a_plan_is_grouped_and_ends_with_categories_and_totals() -> None:
    rows = [
        row("a@x.example", "created", field("email", None, "a@x.example"), field("status", None, "Active")),
        row("b@x.example", "deleted", field("status", "Active", "Deleted"), id="CTT-2", note="in no file"),
        *(row(f"c{number}@x.example", "updated", OPT_OUTS, id=f"CTT-{number}") for number in (3, 4, 5)),
        row("d@x.example", "unchanged", id="CTT-6"),
    ]
    assert shown(*rows) == [
        "To delete (1)",
        "- b@x.example (CTT-2)",
        "      in no file",
        "To update (3)",
        "  3 alike: no longer opted out of Orders; opts out of Invoices",
        "~ c3@x.example (CTT-3)",
        "~ c4@x.example (CTT-4)",
        "~ c5@x.example (CTT-5)",
        "To create (1)",
        "+ a@x.example",
        "Invoices: 3 more opted out",
        "Orders: 3 fewer opted out",
        "Plan: 1 to create, 3 to update, 1 to delete; 1 unchanged",
    ]


def test_of_contacts_in_no_file_it_is_told_whether_they_were_in_one() -> None:
    rows = [
        row(f"a{number}@x.example", "blocked", id=f"CTT-{number}", label="removed", note="taken out of the files")
        for number in range(3)
    ]
    waiting = row("b@x.example", "unchanged", id="CTT-4", label="removed", note="taken out of the files; later")
    declared = row("c@x.example", "unchanged", index=0, note="ticket 1")
    assert shown(*rows, waiting, declared)[:2] == ["To block (3)", "  3 alike: taken out of the files"]
    assert shown(waiting, declared, verbosity=1)[:2] == [
        "Blocked, and stay for now (1)",
        "  b@x.example (CTT-4): taken out of the files; later",
    ]
    strays = [stray("d@x.example", label="removed"), stray("e@x.example", label="never_managed"), stray("f@x.example")]
    assert shown(view="drift", unmanaged=strays)[1:4] == [
        "+ d@x.example (CTT-9-9): taken out of the files",
        "+ e@x.example (CTT-9-9): never in the files",
        "+ f@x.example (CTT-9-9)",
    ]


def test_who_changes_alone_stands_before_a_shared_heading() -> None:
    rows = [row(f"a{number}@x.example", "updated", OPT_OUTS) for number in range(3)]
    rows.append(row("b@x.example", "updated", field("name", "A", "B")))
    assert shown(*rows)[1:4] == [
        "~ b@x.example",
        "      name: A -> B",
        "  3 alike: no longer opted out of Orders; opts out of Invoices",
    ]


def test_drift_says_what_happened_to_the_account() -> None:
    rows = [
        row("a@x.example", "created"),
        row("b@x.example", "blocked", id="CTT-2"),
        row("c@x.example", "unblocked", id="CTT-3"),
        row(
            "d@x.example",
            "updated",
            OPT_OUTS,
            id="CTT-4",
            last_written=WRITTEN,
        ),
    ]
    assert shown(*rows, view="drift", unmanaged=[stray("e@x.example")]) == [
        "Not blocked (1): unblocked by hand or never blocked",
        "~ b@x.example (CTT-2)",
        "Blocked (1): blocked by hand",
        "~ c@x.example (CTT-3)",
        "Changed (1)",
        "~ d@x.example (CTT-4)",
        "      opted out of, unlike the files: Orders",
        "      not opted out of, unlike the files: Invoices",
        BY_DANA,
        "Missing (1): deleted by somebody or never created",
        "- a@x.example",
        "Extra (1): in no file",
        "+ e@x.example (CTT-9-9)",
        "Invoices: 1 fewer opted out",
        "Orders: 1 more opted out",
        "Drift: 1 missing, 1 changed, 1 not blocked, 1 blocked; 1 in no file",
    ]


def test_of_a_missing_contact_nothing_live_is_told() -> None:
    fields = [field("email", None, "a@x.example"), field("name", None, "Ann"), field("opt_outs", None, ["Orders"])]
    missing = row("a@x.example", "created", *fields, field("status", None, "Blocked"), source="a.yml:3")
    assert shown(missing, view="drift") == [
        "Missing (1): deleted by somebody or never created",
        "- a@x.example",
        "      a.yml:3",
        "Orders: 1 fewer opted out",
        "Drift: 1 missing",
    ]


def test_a_writer_that_is_not_known_is_left_out() -> None:
    item = row("a@x.example", "updated", OPT_OUTS, last_written={"by": None, "writer": "somebody", "at": "2026-11-02"})
    assert "      last written at 2026-11-02, which need not be this change" in shown(item, view="drift")


def test_many_creations_are_a_sample_unless_more_is_asked_for() -> None:
    rows = [row(f"c{number:03}@x.example", "created") for number in range(500)]
    assert len(shown(*rows)) == 13
    assert shown(*rows)[-2:] == ["  and 490 more, which -v shows", "Plan: 500 to create"]
    assert len(shown(*rows, verbosity=1)) == 502


def test_deletions_are_shown_in_full() -> None:
    assert len(shown(*(row(f"c{number:03}@x.example", "deleted") for number in range(200)))) == 202


def test_more_is_told_the_more_is_asked_for() -> None:
    change = {**field("name", "A", "B"), "source": "base.yml:3"}
    values: dict[str, Any] = {"index": 0, "source": "prod.yml:4", "note": "ticket 1", "status": 400, "trace_id": "00-1"}
    item = row("a@x.example", "failed", change, id="CTT-1", reason="Refused.", last_written=WRITTEN, **values)
    told = [shown(item, verbosity=verbosity)[2:-1] for verbosity in (0, 1, 3)]
    assert told == [
        ["      name: A -> B", "      Refused."],
        ["      name: A -> B [base.yml:3]", "      Refused.", "      prod.yml:4", "      ticket 1"],
        [
            *told[1],
            "      HTTP 400",
            "      trace 00-1",
            BY_DANA,
        ],
    ]


def test_what_is_kept_is_shown_when_asked_for() -> None:
    item = row("a@x.example", "unchanged", kept=[field("opt_outs", ["Orders"], ["Orders"])])
    assert shown(item, counts={"kept": 1}) == []
    assert shown(item, counts={"kept": 1}, verbosity=1) == [
        "Kept (1): opt-outs that no file names; list them under opt_ins to give them back",
        "  a@x.example: Orders",
        "Plan: nothing to do; 1 unchanged; 1 keeps opt-outs that no file names",
    ]


def test_categories_count_what_is_done_and_not_what_failed() -> None:
    rows = [row("a@x.example", outcome, OPT_OUTS) for outcome in ("updated", "failed", "skipped")]
    assert category_counts(rows) == [
        {"category": "Invoices", "more": 1, "fewer": 0},
        {"category": "Orders", "more": 0, "fewer": 1},
    ]
