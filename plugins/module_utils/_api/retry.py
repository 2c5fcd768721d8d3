# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""How long to wait and how often to try again; one policy for all workers of a run.

A 429 holds every worker back, not only the one that got it, and one quota bounds the retries of the whole run, so that
a server in trouble is not stormed.
"""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime, timezone
from typing import Callable

from .._contacts.dates import moment_of_header
from .._errors import AnswerLostError, ApiError, InvalidAnswerError, NotSentError, SwoError

MAX_TRIES = 4
# A success status with a wrong body will not get better by asking often.
MAX_TRIES_ON_INVALID_ANSWER = 2
BASE_DELAY = 0.5
MAX_DELAY = 20.0
MAX_RETRY_AFTER = 60.0
QUOTA = 500
COST_OF_FAILURE = 14
COST_OF_THROTTLE = 5


class RetryPolicy:
    """Decides on retries; ``monotonic``, ``sleep`` and ``fraction`` are replaced in tests by a virtual clock."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        fraction: Callable[[], float] = random.random,
    ) -> None:
        self.monotonic = monotonic
        self.sleep = sleep
        self._fraction = fraction
        self._lock = threading.Lock()
        self._quota = QUOTA
        self._throttled_until = 0.0

    def wait_while_throttled(self) -> None:
        """Sleep while a 429 keeps the gate closed."""
        while True:
            with self._lock:
                seconds = self._throttled_until - self.monotonic()
            if seconds <= 0:
                return
            self.sleep(seconds)

    def may_retry(self, error: SwoError, method: str, tries: int) -> bool:
        """Wait and return True if the request may be sent again after ``error``; False if it must not.

        A write may be repeated only where it was not carried out: nothing was sent, or the API said 429, which is not
        proof enough to do so without a look. A write whose answer was lost is left to who can read it back.
        """
        throttled = isinstance(error, ApiError) and error.status == 429
        if tries >= _max_tries(error) or not (throttled or _is_repeatable(error, method)):
            return False
        delay = backoff(tries, self._fraction())
        if isinstance(error, ApiError):
            asked = retry_after_seconds(*error.retry_after)
            if asked is not None and asked > MAX_RETRY_AFTER:
                return False
            delay = max(delay, asked or 0.0)
        if not self._spend(COST_OF_THROTTLE if throttled else COST_OF_FAILURE):
            return False
        if throttled:
            self._throttle(delay)
        else:
            self.sleep(delay)
        return True

    def refund(self, tries: int) -> None:
        """Give back what the retries of a call cost that succeeded at last."""
        with self._lock:
            self._quota = min(QUOTA, self._quota + (tries - 1) * COST_OF_THROTTLE)

    def _spend(self, cost: int) -> bool:
        with self._lock:
            if self._quota < cost:
                return False
            self._quota -= cost
            return True

    def _throttle(self, seconds: float) -> None:
        with self._lock:
            self._throttled_until = max(self._throttled_until, self.monotonic() + seconds)


def _max_tries(error: SwoError) -> int:
    return MAX_TRIES_ON_INVALID_ANSWER if isinstance(error, InvalidAnswerError) else MAX_TRIES


def _is_repeatable(error: SwoError, method: str) -> bool:
    if isinstance(error, NotSentError):
        return error.retryable
    if method != "GET":
        return False
    return isinstance(error, AnswerLostError) or (isinstance(error, ApiError) and error.leaves_outcome_open)


def backoff(tries: int, fraction: float) -> float:
    """Seconds to wait after ``tries`` failed tries: exponential, capped, with full jitter.

    :param fraction: a random number from 0 to 1
    """
    return fraction * min(MAX_DELAY, BASE_DELAY * 2.0 ** (tries - 1))


def retry_after_seconds(value: str | None, date: str | None) -> float | None:
    """What a Retry-After header asks for, in seconds; None where it is missing or not usable.

    An HTTP date is measured against the response's own ``date``, so that a wrong clock on either side does not matter.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    moment = moment_of_header(text)
    if moment is None:
        return None
    now = moment_of_header(date or "") or datetime.now(timezone.utc)
    return max(0.0, (moment - now).total_seconds())
