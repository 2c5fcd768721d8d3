# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Tell the person at the terminal how far a long run is."""

from __future__ import annotations

import os
import sys
import time
from typing import Callable

VARIABLE = "SWO_PROGRESS_INTERVAL"
AT_TERMINAL, IN_LOG = 5.0, 60.0

# Known before a worker is forked: ansible-core takes the terminal away from its workers.
_IS_TERMINAL = sys.stderr is not None and sys.stderr.isatty()


def interval(is_terminal: bool = _IS_TERMINAL) -> float:
    """Seconds between two lines; 0 for none. The environment variable wins, a log gets fewer lines than a terminal."""
    text = os.environ.get(VARIABLE, "").strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        return AT_TERMINAL if is_terminal else IN_LOG


_TEXTS = {
    "reading": "read {done:,} of {planned:,} contacts",
    "writing": "made {done:,} of {planned:,} changes",
}


class ProgressLines:
    """Called with a phase and how much of it is done; shows a line when it is time for one.

    :param seconds: between two lines, and before the first one; 0 for none
    :param host: the inventory host, which tells accounts apart that are worked on at the same time
    """

    def __init__(
        self, show: Callable[[str], None], seconds: float, host: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._show = show
        self._seconds = seconds
        self._host = host
        self._monotonic = monotonic
        self._shown_at = self._began = monotonic()
        self._phase = ""
        self._done = self._done_at_first = 0

    def __call__(self, phase: str, done: int, planned: int) -> None:
        now = self._monotonic()
        if phase != self._phase or done < self._done:
            self._phase, self._began, self._done_at_first = phase, now, done
        self._done = done
        elapsed = now - self._began
        if not self._seconds or now - self._shown_at < self._seconds or not elapsed or done >= planned:
            return
        self._shown_at = now
        rate = (done - self._done_at_first) / elapsed
        left = (
            f", {rate:,.{0 if rate >= 10 else 1}f}/s, about {_duration((planned - done) / rate)} left" if rate else ""
        )
        self._show(f"[{self._host}] swo_contacts: {_TEXTS[phase].format(done=done, planned=planned)}{left}")


def _duration(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"
