# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays the whole matrix and counts: python -m tests.matrix [--set SWITCH=VALUE] [words of the names of cells]"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context

from tests.tools import devtree

devtree.isolate()

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()

from tests.matrix.cells import Cell, all_cells, left_out, verdict
from tests.matrix.invariants import INVARIANTS
from tests.matrix.operations import SWITCHES

_CELLS: list[Cell] = []


def _played(number: int) -> tuple[int, list[str]]:
    cell = _CELLS[number]
    try:
        return number, verdict(cell)
    except Exception as error:  # pylint: disable=broad-exception-caught
        return number, [f"broke off: {type(error).__name__}: {error}"[:500]]


def _results(numbers: list[int]) -> Iterator[tuple[int, list[str]]]:
    # Forked, so that the switches are those of this process.
    with get_context("fork").Pool(min(2, os.cpu_count() or 1)) as pool:
        yield from pool.imap_unordered(_played, numbers, chunksize=16)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", nargs="*", help="play only cells whose name holds all of them")
    parser.add_argument("--set", action="append", default=[], metavar="SWITCH=VALUE", help="a switch of the simulator")
    arguments = parser.parse_args()
    SWITCHES.update(dict(text.split("=", 1) for text in arguments.set))
    return play_all(arguments.words)


def play_all(words: list[str]) -> int:
    """Play the cells that are meant by ``words``; 0 if all hold."""
    began = time.monotonic()
    _CELLS.extend(all_cells())
    chosen = [number for number, cell in enumerate(_CELLS) if all(word in str(cell) for word in words)]
    rows: Counter[str] = Counter()
    held: Counter[str] = Counter()
    found: dict[int, list[str]] = {}
    for number, problems in _results(chosen):
        row = _CELLS[number].fault.row
        rows[row] += 1
        held[row] += not problems
        if problems:
            found[number] = problems
    for number, problems in sorted(found.items()):
        print(f"{_CELLS[number]}\n" + "".join(f"    {text}\n" for text in problems), end="")
    print("\nrow   cells  held")
    for row in sorted(rows, key=lambda row: (row[0], int(row[1:]))):
        print(f"{row:4} {rows[row]:6} {held[row]:5}")
    reasons = Counter(why for cell, why in left_out() if all(word in str(cell) for word in words))
    for why, count in reasons.items():
        print(f"left out: {count} cells, because {why}")
    seconds = time.monotonic() - began
    numbers = f"{len(chosen)} cells, {len(chosen) - len(found)} held"
    print(f"{numbers}; {len(INVARIANTS)} invariants each; {seconds:.0f} s")
    return int(bool(found) or not chosen)


if __name__ == "__main__":
    sys.exit(main())
