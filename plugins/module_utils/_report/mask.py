# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report without the addresses and names of people.

What masking does not hide: the domain and the first letter of an address, how many addresses look like it, contact ids,
categories, dates, file names, and whatever a free text (a reason, a message of the API) says other than by an e-mail
address.
"""

from __future__ import annotations

import re
from typing import Any, Mapping

from .._text import Masks, Stars, initials, is_found_in_text, mask_email, mask_text

# Stands behind a value that looks the same as the one before only because both are masked.
CHANGED = " (changed)"
_SHORTEST_ODD = 3

# Values that are not written by people.
_STRUCTURE = frozenset(
    [
        "schema_version",
        "collection",
        "collection_version",
        "created_at",
        "mode",
        "status",
        "plan_hash",
        "outcome",
        "actions",
        "verdict",
        "id",
        "trace_id",
        "at",
    ]
)
_PEOPLE = frozenset(("name", "by"))


def mask_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``report`` with initials for names and masks for addresses, which keep different people apart."""
    masks = Masks()
    _Masker(report, masks.tell).value(report)
    masked: dict[str, Any] = _Masker(report, masks.stars).value(report)
    return masked


class _Masker:
    """Masks by key; knows the addresses whose form is so odd that they are not recognized in a text."""

    def __init__(self, report: Mapping[str, Any], stars: Stars) -> None:
        self._stars = stars
        rows = [*report.get("results", ()), *report.get("unmanaged", ())]
        emails = {str(row.get("email") or "").strip() for row in rows}
        odd = [email for email in emails if len(email) >= _SHORTEST_ODD and not is_found_in_text(email)]
        pattern = "|".join(re.escape(email) for email in sorted(odd, key=lambda email: (-len(email), email)))
        self._odd = re.compile(pattern, re.IGNORECASE) if pattern else None

    def value(self, value: Any, key: str = "") -> Any:
        """A masked copy of what stands under ``key``."""
        if isinstance(value, Mapping):
            if "before" in value and "field" in value:
                return self._field(value)
            if key == "account":
                # Its name is that of a company.
                return {name: self.value(item) for name, item in value.items()}
            return {name: item if name in _STRUCTURE else self.value(item, name) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, key) for item in value]
        return self._text(value, key) if isinstance(value, str) else value

    def _field(self, field: Mapping[str, Any]) -> dict[str, Any]:
        before, after = (self.value(field[side], field["field"]) for side in ("before", "after"))
        if isinstance(after, str) and before == after and field["before"] != field["after"]:
            after += CHANGED
        return {**field, "before": before, "after": after}

    def _text(self, text: str, key: str) -> str:
        if key == "email":
            return mask_email(text, self._stars)
        if self._odd is not None:
            text = self._odd.sub(lambda match: mask_email(match.group(), self._stars), text)
        return initials(text, self._stars) if key in _PEOPLE else mask_text(text, self._stars)
