# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees: colour on a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}

STATUS_STYLES = {
    "clean": "green",
    "not applied yet": "yellow",
    "plan": "yellow",
    "applied": "yellow",
    "drift": "yellow bold",
    "error": "red bold",
}


def wants_color(stream: TextIO) -> bool:
    """FORCE_COLOR and NO_COLOR decide, else whether ``stream`` is a terminal."""
    if os.environ.get("FORCE_COLOR"):
        return True
    return not os.environ.get("NO_COLOR") and stream.isatty()


class Screen:
    """Writes the tour to a stream, a line at a time, at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.color = wants_color(self._stream)

    def text(self, line: str = "", style: str = "") -> None:
        print(self._styled(line, style), file=self._stream, flush=True)

    def step(self, number: str, title: str) -> None:
        self.text()
        self.text(f"{self._styled(number, 'cyan bold')}  {self._styled(title, 'bold')}")

    def command(self, line: str) -> None:
        self.text()
        self.text(f"  $ {line}", "bold")

    def output(self, line: str, style: str = "") -> None:
        """A line of the program that runs."""
        self.text(self._styled("  │ ", "dim") + self._styled(line, style))

    def proof(self, sentence: str) -> None:
        self.text(f"{self._styled('  ✓', 'green bold')} {sentence}")

    def status(self, text: str) -> str:
        """A status in its colour; any other text as it is."""
        return self._styled(text, STATUS_STYLES.get(text.strip(), ""))

    def failure(self, sentence: str) -> None:
        self.text()
        self.text(f"✗ {sentence}", "red bold")

    def _styled(self, text: str, style: str) -> str:
        if not self.color or not style:
            return text
        codes = ";".join(_CODES[name] for name in style.split())
        return f"\x1b[{codes}m{text}\x1b[0m"
