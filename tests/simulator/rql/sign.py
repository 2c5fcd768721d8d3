# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sign before a name in ``order`` and ``select``: notifications-api, sections 11 and 12.5."""

from __future__ import annotations


def signed(word: str) -> tuple[str, bool]:
    """The name without its sign, and whether the sign is a plus; a blank is a ``+`` that was not encoded."""
    if word[:1] in ("+", " ", "-"):
        return word[1:], word[0] != "-"
    return word, True
