# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: how long to wait before the next try, and when to give up."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

MAX_TRIES = 4
BASE_DELAY = 0.5
MAX_DELAY = 20.0
MAX_RETRY_AFTER = 60.0


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
    moment = _moment(text)
    if moment is None:
        return None
    now = _moment(date or "") or datetime.now(timezone.utc)
    return max(0.0, (moment - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
