# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""When a run stops early: nothing new is begun, what is under way finishes, the rest is reported as skipped."""

from __future__ import annotations

import threading

from ansible_collections.softwareone.marketplace.plugins.module_utils._apply import Outcome
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import ApiError

# So many refused writes, and none that was not, tell that the token may not write at all.
FIRST_REFUSALS = 5


class Guard:
    """Watches the outcomes of a run; all workers tell it theirs.

    :param stop_on_error: stop at the first contact that fails
    """

    def __init__(self, stop_on_error: bool = False) -> None:
        self._stop_on_error = stop_on_error
        self._lock = threading.Lock()
        self._refused = 0
        self._is_refused_only = True
        self.reason: str | None = None
        self.cannot_read = False

    def is_stopped(self) -> bool:
        return self.reason is not None

    def stop(self, reason: str) -> None:
        """Stop for ``reason``; the first one counts."""
        self.reason = self.reason or reason

    def note(self, outcome: Outcome) -> None:
        """Take note of what became of one contact in one phase."""
        with self._lock:
            self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        failure = outcome.failure
        status = failure.status if isinstance(failure, ApiError) else None
        if status == 403:
            self._refused += 1
        else:
            self._is_refused_only = False
        if failure is None:
            return
        if failure.stops_run:
            self.cannot_read = True
            self.stop("the run was stopped: " + failure.message)
        elif self._is_refused_only and self._refused >= FIRST_REFUSALS:
            self.stop(
                f"the run was stopped: the first {FIRST_REFUSALS} writes were all refused. {failure.hint}".strip()
            )
        elif self._stop_on_error:
            self.stop("the run was stopped at the first failure, as on_error=stop asks")
