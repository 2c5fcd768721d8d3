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


def is_safe_id(value: str) -> bool:
    """True if ``value`` can stand in a URL path as one segment."""
    return len(value) <= _MAX_LENGTH and bool(_ID.fullmatch(value))
