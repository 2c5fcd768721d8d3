# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Tell the person at the terminal how far a long run is."""

from __future__ import annotations

import os
import time
from typing import Callable

VARIABLE = "SWO_PROGRESS_INTERVAL"
AT_TERMINAL, IN_LOG = 5.0, 60.0


def interval(is_terminal: bool) -> float:
    """Seconds between two lines; 0 for none. The environment variable wins, a log gets fewer lines than a terminal."""
    text = os.environ.get(VARIABLE, "").strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        return AT_TERMINAL if is_terminal else IN_LOG


class ProgressLines:
    """Called with the number of actions done and planned; shows a line when it is time for one.

    :param seconds: between two lines, and before the first one; 0 for none
    """

    def __init__(
        self, show: Callable[[str], None], seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._show = show
        self._seconds = seconds
        self._monotonic = monotonic
        self._started = monotonic()
        self._shown = self._started

    def __call__(self, done: int, planned: int) -> None:
        now = self._monotonic()
        if not self._seconds or now - self._shown < self._seconds or done >= planned:
            return
        self._shown = now
        rate = done / (now - self._started)
        left = (planned - done) / rate if rate else 0.0
        self._show(f"swo_contacts: {done:,} of {planned:,} changes done, {rate:,.0f}/s, about {left:,.0f} s left")
