# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes each mistake of the catalogue in a copy of the tree and runs the tests that must notice it.

python -m tests.mutants [part of a name ...] ends with 1 if a mistake lives, or is not found in the code any more.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.tools.devtree import ROOT

from .catalogue import MUTANTS, Mutant

# A mistake may make a run go on for ever; the tests of the longest entry take a third of this.
MOST_SECONDS = 300
_FAILED_TESTS = 1
_COPIES = 2


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    killer: str | None
    problem: str | None
    seconds: float

    def __str__(self) -> str:
        said = self.problem or (f"killed by {self.killer}" if self.killer else "LIVES")
        return f"{self.seconds:6.1f} s  {self.mutant.name}: {said}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only those whose name has one of these parts")
    names = parser.parse_args(arguments).names
    chosen = [mutant for mutant in MUTANTS if not names or any(part in mutant.name for part in names)]
    living = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(_COPIES):
            copies.put(_copy(Path(folder) / str(number)))

        def judge(mutant: Mutant) -> Verdict:
            tree = copies.get()
            try:
                return judged(mutant, tree)
            finally:
                copies.put(tree)

        with ThreadPoolExecutor(_COPIES) as pool:
            for verdict in pool.map(judge, chosen):
                print(verdict, flush=True)
                living += verdict.killer is None
    print(f"{len(chosen)} mistakes, {len(chosen) - living} noticed, {living} not")
    return 1 if living or not chosen else 0


def judged(mutant: Mutant, tree: Path) -> Verdict:
    """Make the mistake in ``tree``, run its tests until one fails, and take it back."""
    started = time.monotonic()
    file = tree / mutant.file
    sound = file.read_text(encoding="utf-8")
    killer = problem = None
    try:
        file.write_text(mutant.applied(sound), encoding="utf-8")
        for tests in mutant.tests:
            code = _run_tests(tests, tree)
            if code == _FAILED_TESTS:
                killer = tests
                break
            if code:
                problem = f"pytest ended with {code} in {tests}"
                break
    except ValueError as error:
        problem = str(error)
    finally:
        file.write_text(sound, encoding="utf-8")
    return Verdict(mutant, killer, problem, time.monotonic() - started)


def _run_tests(tests: str, tree: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-o", "cache_dir=.cache", tests]
    try:
        # Each copy has its own bytecode, and what was compiled within the second of a change is not trusted.
        return subprocess.run(
            [command[0], "-B", *command[1:]], cwd=tree, capture_output=True, timeout=MOST_SECONDS, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return _FAILED_TESTS


def _copy(tree: Path) -> Path:
    """What git knows of this checkout, as it stands now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, listed.decode("utf-8").split("\0")):
        source = ROOT / name
        if source.is_file():
            target = tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    (tree / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    return tree


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
