# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: days and moments, which are always the server's: the clock of a machine that runs tasks may be wrong."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(_DAY.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:Z|\+00:00)")


def moment(text: str) -> datetime | None:
    """A moment as audits tell it, in UTC to the second (notifications-api section 9); None if it is none."""
    found = instant(text)
    return None if found is None else found[0]


def instant(text: str) -> tuple[datetime, str] | None:
    """The same with the digits of its fraction of a second, however many there are, to tell which of two is later."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    *numbers, fraction = found.groups()
    try:
        whole = datetime.strptime("{}-{}-{} {}:{}:{} +0000".format(*numbers), "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
    return whole, (fraction or "").rstrip("0")


def moment_of_header(text: str) -> datetime | None:
    """A moment as a header of HTTP tells it, in UTC; None if it is none."""
    try:
        found = parsedate_to_datetime(text)
        # At the ends of the calendar there are moments that do not exist in UTC.
        return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def moment_text(value: datetime) -> str:
    """A moment in the form that :func:`moment` reads."""
    # strftime writes a year before 1000 with fewer digits.
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def day(text: str) -> date | None:
    """A day as it is written in files; None if there is no such day."""
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def is_expired(expires: str | None, now: datetime | None) -> bool:
    """True once the day is over in UTC; what time it is must be known for that."""
    last = day(expires) if expires is not None else None
    return last is not None and now is not None and now.astimezone(timezone.utc).date() > last


def days_after(since: datetime, days: int) -> datetime | None:
    """So many times 24 hours later; None where the calendar ends before."""
    try:
        return since + timedelta(days=days)
    except OverflowError:
        return None
