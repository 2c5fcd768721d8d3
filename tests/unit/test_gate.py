# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of requirements is whole, and a page shows what was run and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.gate.__main__ import Outcome, load, matrix, page, row, run
from tests.gate.facts import FACTS
from tests.tools.devtree import ROOT
from tests.tools.sanity import CORES

PARTS = load("parts")
ENTRIES = [entry for area in load("catalogue") for entry in area["requirements"]]
HELD = Outcome("holds", ["noise", "ok Python 3.8: 6 passed"], 12.3, "abc1234", "2026-01-02")


def test_each_requirement_is_shown_in_one_way() -> None:
    assert len(ENTRIES) == 66
    assert len({entry["what"] for entry in ENTRIES}) == 66
    for entry in ENTRIES:
        assert len(entry.keys() & {"command", "part", "later"}) == 1
        assert entry.get("part", "lint") in PARTS


def test_commands_exist() -> None:
    """A misspelled name would fail as what it looks for does."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for command in [entry.get("command", "") for entry in ENTRIES] + [part["command"] for part in PARTS.values()]:
        assert set(re.findall(r"\bmake ([\w-]+)", command)) <= targets
        assert set(re.findall(r"tests\.gate\.facts (\w+)", command)) <= FACTS.keys()
        for module in re.findall(r"-m (tests\.tools\.\w+)", command):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists()


def test_sanity_runs_on_each_core() -> None:
    assert re.findall(r"\d\.\d+", PARTS["sanity"]["command"]) == list(CORES)


@pytest.mark.parametrize(("command", "verdict"), [("true", "holds"), ("false", "fails"), ("exit 77", "skipped")])
def test_the_exit_code_decides(command: str, verdict: str) -> None:
    outcome = run(f"echo said; {command}", 60)
    assert (outcome.verdict, outcome.said) == (verdict, ["said"])


def test_what_takes_too_long_fails() -> None:
    outcome = run("exec sleep 600", 0.1)
    assert (outcome.verdict, outcome.said) == ("fails", ["not done after 0 s"])


def test_a_part_that_was_not_run_holds_nothing() -> None:
    part = row(1, "A", {"what": "x", "part": "sanity"}, PARTS, {})
    assert (part.outcome, part.verdict) == (None, "open")
    assert "| 1 | x | - | `make sanity CORES=" in page([part], PARTS, {"lint": HELD})
    assert "not run yet" in page([part], PARTS, {"lint": HELD})
    assert row(1, "A", {"what": "x", "part": "sanity"}, PARTS, {"sanity": HELD}).verdict == "holds"


def test_the_page_tells_when_and_on_what() -> None:
    quick = row(7, "Area", {"what": "a | b", "command": "echo a | grep a"}, PARTS, {})
    text = page([quick], PARTS, {"targets": HELD})
    assert "1 of 1 hold." in text
    assert "| 7 | a \\| b | yes | `echo a \\| grep a` |" in text
    assert "| `make targets` | yes | 12 s | abc1234 | 2026-01-02 |" in text
    assert "```text\nok Python 3.8: 6 passed\n```" in text


def test_without_lines_of_its_own_the_last_one_sums_up() -> None:
    assert matrix(["a", "b"]) == ["b"]
    assert matrix(["ansible-core 2.16.19: ok", "x"]) == ["ansible-core 2.16.19: ok"]
