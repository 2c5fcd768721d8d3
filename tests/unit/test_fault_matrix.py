# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the fault matrix, and proof that what judges it can be red; ``make matrix`` plays all of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api import client, retry, transport
from ansible_collections.softwareone.marketplace.plugins.module_utils._apply import apply
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import AnswerLostError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.undo import UndoFile
from ansible_collections.softwareone.marketplace.plugins.module_utils._report import result as results
from ansible_collections.softwareone.marketplace.plugins.module_utils._run import set_result
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor
from tests.matrix.catalogue import FAULTS, Fault
from tests.matrix.cells import Cell, all_cells, left_out, play, some_cells, verdict
from tests.matrix.invariants import INVARIANTS, Story, broken
from tests.matrix.operations import MODES, NAMES, OPERATIONS
from tests.mutants.catalogue import MUTANTS
from tests.tools.devtree import ROOT

SAMPLE, SEED = 400, 20261121
ROWS = {"A": 8, "B": 9, "C": 12, "D": 10, "E": 3}
# No run of the matrix takes something back or looks at it twice; B3 is what B2 is for the other writes.
SHARED = {"B3"}


@pytest.mark.parametrize("cell", some_cells(SAMPLE, SEED), ids=str)
def test_a_fault_breaks_no_invariant(cell: Cell) -> None:
    assert verdict(cell) == []


def test_the_matrix_is_whole() -> None:
    """Every kind of fault in every operation, single and in bulk; what cannot be has a reason."""
    assert {fault.row for fault in FAULTS} | SHARED == {
        f"{part}{number}" for part, last in ROWS.items() for number in range(1, last + 1)
    }
    assert [str(operation) for operation in OPERATIONS] == [f"{mode} {name}" for name in NAMES for mode in MODES]
    cells = [str(cell) for cell in all_cells()]
    assert len(cells) == len(set(cells)) == len(FAULTS) * len(OPERATIONS) - len(left_out())
    assert all(why for _cell, why in left_out())


def cell_named(name: str) -> Cell:
    return next(cell for cell in all_cells() if str(cell) == name)


SINGLE_STORY = "B2 reset after it was carried out in single create"
BULK_STORY = "B2 reset after it was carried out in bulk update"


def _double(story: Story) -> None:
    contact = next(iter(story.first.after.values()))
    story.first.after["CTT-9999-9999"] = {**contact, "id": "CTT-9999-9999"}


def _touch_a_bystander(story: Story) -> None:
    contact = next(data for data in story.third.after.values() if data["name"] == "Bystander")
    contact["name"] = "Touched"


def _carry_out_twice(story: Story) -> None:
    story.again.journal.extend(entry for entry in story.first.journal if entry.committed)


def _plan_nothing(story: Story) -> None:
    story.reference.journal.clear()


def _keep_the_change_secret(story: Story) -> None:
    story.first.values["changed"] = False


def _claim_too_much(story: Story) -> None:
    story.first.after = copy.deepcopy(story.first.before)


def _claim_a_write(story: Story) -> None:
    for entry in story.first.journal:
        entry.committed, entry.status, entry.sent_fully = False, 403, True


def _count_wrongly(story: Story) -> None:
    story.first.values["requests"]["GET"] += 1


def _report_another(story: Story) -> None:
    story.first.sinks["report.json"] = '{"results": [], "counts": {}, "requests": {}, "plan_hash": "", "status": "x"}'


def _go_on(story: Story) -> None:
    story.first.sent *= 100


def _take_long(story: Story) -> None:
    story.first.seconds = 1e6


def _leak(where: str) -> Callable[[Story], None]:
    def leak(story: Story) -> None:
        piece = story.secrets[0][5:13]
        if where == "values":
            story.first.values["extra"] = {piece: 1}
        elif where == "warnings":
            story.third.warnings.append(f"See {piece}.")
        else:
            story.again.sinks[where] = f"<p>{piece}</p>"

    return leak


def _send_elsewhere(story: Story) -> None:
    object.__setattr__(story.first.sent[0], "host", "elsewhere.example")


def _send_another_token(story: Story) -> None:
    object.__setattr__(story.first.sent[0], "authorization", "Basic YTpi")


def _fail_with(text: str) -> Callable[[Story], None]:
    def fail(story: Story) -> None:
        story.first.failed = True
        story.first.values["msg"] = text

    return fail


def _lose_a_key(story: Story) -> None:
    del story.first.values["changed"]


def _return_an_object(story: Story) -> None:
    story.first.values["extra"] = object()


def _fail_next(story: Story) -> None:
    story.again.failed = True
    story.again.values["msg"] = "No."


def _stay_behind(story: Story) -> None:
    story.again.after = story.first.before


def _work_for_ever(story: Story) -> None:
    story.third.journal = story.first.journal


def _go_back_elsewhere(story: Story) -> None:
    assert story.back is not None
    story.back.after = story.again.after


WRONG: list[tuple[str, str, Callable[[Story], None]]] = [
    ("I1", SINGLE_STORY, _double),
    ("I2", SINGLE_STORY, _touch_a_bystander),
    ("I2", SINGLE_STORY, _carry_out_twice),
    ("I2", BULK_STORY, _plan_nothing),
    ("I3", SINGLE_STORY, _keep_the_change_secret),
    ("I3", BULK_STORY, _claim_too_much),
    ("I3", SINGLE_STORY, _claim_a_write),
    ("I3", SINGLE_STORY, _count_wrongly),
    ("I3", BULK_STORY, _report_another),
    ("I4", SINGLE_STORY, _go_on),
    ("I4", SINGLE_STORY, _take_long),
    ("I5", SINGLE_STORY, _leak("values")),
    ("I5", SINGLE_STORY, _leak("warnings")),
    ("I5", BULK_STORY, _leak("report.html")),
    ("I5", BULK_STORY, _leak("undo.yml")),
    ("I5", SINGLE_STORY, _leak("output")),
    ("I5", SINGLE_STORY, _send_elsewhere),
    ("I5", SINGLE_STORY, _send_another_token),
    ("I6", SINGLE_STORY, _fail_with("ConnectionResetError(104, 'Connection reset by peer').")),
    ("I6", SINGLE_STORY, _fail_with("It broke:\nin two lines.")),
    ("I6", SINGLE_STORY, _fail_with("<title>Down</title>.")),
    ("I6", SINGLE_STORY, _fail_with("no end")),
    ("I6", SINGLE_STORY, _fail_with("x" * 5000 + ".")),
    ("I6", SINGLE_STORY, _lose_a_key),
    ("I6", SINGLE_STORY, _return_an_object),
    ("I7", SINGLE_STORY, _fail_with("No.")),
    ("I7", SINGLE_STORY, _fail_next),
    ("I7", SINGLE_STORY, _stay_behind),
    ("I7", SINGLE_STORY, _work_for_ever),
    ("I7", BULK_STORY, _go_back_elsewhere),
]


@pytest.fixture(scope="module")
def stories() -> dict[str, Story]:
    return {name: play(cell_named(name)) for name in (SINGLE_STORY, BULK_STORY)}


@pytest.mark.parametrize(("invariant", "name", "spoil"), WRONG)
def test_an_invariant_notices_what_it_is_for(
    stories: dict[str, Story], invariant: str, name: str, spoil: Callable[[Story], None]
) -> None:
    story = copy.deepcopy(stories[name])
    assert broken(story) == []

    spoil(story)

    assert list(INVARIANTS[invariant](story)) != []


def test_a_fault_that_never_happens_is_an_error() -> None:
    cell = cell_named(SINGLE_STORY)
    fault = Fault("B2", "nowhere", rules=({"when": {"path": "/nowhere"}, "do": {"status": 500}},))

    assert any("proves nothing" in text for text in verdict(Cell(fault, cell.operation)))


def test_a_fault_has_to_end_as_it_is_said_to() -> None:
    story = play(cell_named("C8 403 on one in single update"))
    assert broken(story) == []

    story.first.failed = False
    del story.first.values["msg"]

    assert any("had to end with an error" in text for text in broken(story))


def _quoting(error: Exception, *_args: Any) -> AnswerLostError:
    return AnswerLostError(f"{error}.")


def _untold(*_args: Any) -> bool:
    return False


# Wrong twins of what the collection does, and a cell in which each shows.
TWINS: list[tuple[Any, str, Any, str, str]] = [
    (transport, "_translated", _quoting, "B1 reset before it is carried out, for ever in bulk block", "I6"),
    (Redactor, "text", lambda _self, text: text, "D10 500 that repeats the headers in single create", "I5"),
    (retry, "MAX_TRIES", 90, "C3 429 for ever with Retry-After '0' in single find", "I4"),
    (
        retry,
        "retry_after_seconds",
        lambda *_args: None,
        "C1 429 with a date of a clock that is ahead in single find",
        "I4",
    ),
    (results, "is_changed", _untold, "B2 fin after it was carried out in single block", "I3"),
    (set_result, "is_changed", _untold, "B2 fin after it was carried out in bulk block", "I3"),
    (apply, "_is_refusal", lambda _error: False, "C8 403 on all in single update", "I3"),
    (UndoFile, "record", lambda *_args: None, "C8 403 on one in bulk update", "I7"),
    (
        client,
        "_page_title",
        lambda body, _redactor: body.decode(),
        "D3 503 with 1 MiB of a web page in bulk block",
        "I6",
    ),
]


@pytest.mark.parametrize(("owner", "name", "twin", "cell", "invariant"), TWINS)
def test_a_wrong_twin_of_the_collection_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, twin: Any, cell: str, invariant: str
) -> None:
    assert verdict(cell_named(cell)) == []

    monkeypatch.setattr(owner, name, twin)

    assert invariant in {text[:2] for text in verdict(cell_named(cell))}


def test_the_figures_of_the_documentation() -> None:
    said = " ".join((ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").split())
    assert f"{len(FAULTS)} faults in {len(NAMES)} operations" in said
    assert f"{len(all_cells()):,} cells" in said
    assert f"{len(INVARIANTS)} invariants" in said
    assert f"| {SAMPLE} cells |" in said
    assert f"{len(WRONG)} spoiled outcomes and {len(TWINS)} deliberately broken versions" in said
    assert f"| `make mutants` | {len(MUTANTS)} |" in said
