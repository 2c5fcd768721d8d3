# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tours share: numbered steps, and the sentence with which a tour ends if one is not as it should be."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from demo import expect, playbook, report
from demo.account import Account, AccountError, Write
from demo.playbook import OUT, Run
from demo.screen import Screen
from tests.tools import devtree

HONEST = (
    "Every command is real, Ansible's output is shortened. A ✓ was checked in the service, the report or the recap."
)

Step = tuple[str, Callable[[], None]]


class StepError(Exception):
    """A step did not do what it says."""


def need(holds: bool, sentence: str) -> None:
    if not holds:
        raise StepError(sentence)


def walk(screen: Screen, steps: Sequence[Step]) -> None:
    """:raises StepError: names the first thing that is not as it should be"""
    for number, (title, step) in enumerate(steps, 1):
        screen.step(f"{number}/{len(steps)}", title)
        step()


def need_code(run: Run, code: int) -> Run:
    need(run.code == code, f"ansible-playbook ended with code {run.code}{f', not {code}' if code else ''}.")
    return run


def need_writes(account: Account, expected: list[Write]) -> list[Write]:
    """The writes that the service has received, which have to be these."""
    writes = account.writes()
    need(
        sorted(writes) == sorted(expected),
        f"The service received the writes {expect.listed(writes)}; needed are {expect.listed(expected)}.",
    )
    return writes


def need_report(path: Path, expected: report.Report) -> None:
    need(path.is_file(), f"There is no {path}.")
    said = report.read(path.read_text(encoding="utf-8"))
    need(said == expected, f"The report says {said.status}: {', '.join(said.emails) or 'nobody'}.")


class Tale:
    """What follows the tour on the same account; ``run`` runs a playbook of the collection."""

    def __init__(self, account: Account, screen: Screen, run: Callable[..., Run] = playbook.run) -> None:
        self._account = account
        self._screen = screen
        self._run = run

    def _tell(self, title: str, *steps: Step) -> None:
        self._screen.text()
        self._screen.text(title, "bold")
        walk(self._screen, steps)


def conduct(title: str, tell: Callable[[Screen], None], farewell: Callable[[Screen], None]) -> int:
    """Runs a tour as a program: its exit code."""
    # A terminal that cannot show a character gets another one, not an error.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    devtree.isolate()
    OUT.mkdir(exist_ok=True)
    try:
        return _told(Screen(), title, tell, farewell)
    except BrokenPipeError:
        # Nobody reads on, as in `make demo | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _told(screen: Screen, title: str, tell: Callable[[Screen], None], farewell: Callable[[Screen], None]) -> int:
    began = time.monotonic()
    screen.text(f"softwareone.marketplace: {title}", "bold")
    screen.text(HONEST)
    screen.text()
    try:
        tell(screen)
    except (StepError, AccountError) as error:
        screen.failure(str(error))
        return 1
    except KeyboardInterrupt:
        screen.failure("Interrupted. The simulator has ended.")
        return 130
    screen.text()
    seconds = time.monotonic() - began
    screen.text(f"Every step did what it says, in {seconds:.0f} s. The simulator has ended.", "green bold")
    screen.text()
    farewell(screen)
    return 0
