# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of seeded mistakes fits the code; `make mutants` makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.__main__ import judged
from tests.mutants.catalogue import MUTANTS, Mutant
from tests.tools.devtree import ROOT

LEAST = 60


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mistake_can_be_made_and_has_tests(mutant: Mutant) -> None:
    sound = (ROOT / mutant.file).read_text(encoding="utf-8")
    mistaken = mutant.applied(sound)
    assert mistaken != sound
    if mutant.file.endswith(".py"):
        compile(mistaken, mutant.file, "exec")
    assert mutant.tests
    assert all((ROOT / tests).is_file() for tests in mutant.tests)


def test_there_are_many_and_each_is_another() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= LEAST
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


def test_a_mistake_that_nobody_notices_lives(tmp_path: Path) -> None:
    tree = tmp_path
    (tree / "product.py").write_text("answer = 42\n")
    (tree / "test_right.py").write_text("import product\n\n\ndef test_it():\n    assert product.answer == 42\n")
    (tree / "test_blind.py").write_text("def test_nothing(): pass\n")
    verdicts = {
        tests: judged(Mutant("m", "product.py", "42", "41", (tests,)), tree).killer
        for tests in ("test_right.py", "test_blind.py")
    }
    assert verdicts == {"test_right.py": "test_right.py", "test_blind.py": None}
    assert (tree / "product.py").read_text() == "answer = 42\n"
    assert judged(Mutant("m", "product.py", "43", "41", ("test_right.py",)), tree).problem is not None
