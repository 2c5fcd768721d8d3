# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: ids of the platform, which are opaque (notifications-api section 10) but have to be safe in a URL."""

from __future__ import annotations

import re

# One that is not a single plain path segment could name another URL.
_ID = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_MAX_LENGTH = 64
# As of a category or a user, NTC-0000-0001 and USR-0000-0001.
_OF_SOMETHING_ELSE = re.compile(r"(?!CTT-)[A-Z]{2,4}-[0-9]")


def is_safe_id(value: str) -> bool:
    """True if ``value`` can stand in a URL path as one segment."""
    return len(value) <= _MAX_LENGTH and bool(_ID.fullmatch(value))


def is_contact_id(value: str) -> bool:
    """False if ``value`` is a word, or the id of something else: no contact can have it."""
    return any(letter.isdigit() for letter in value) and not _OF_SOMETHING_ELSE.match(value)
