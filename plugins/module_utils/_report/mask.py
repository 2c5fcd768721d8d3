# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report without the addresses and names of people.

What masking does not hide: the domain and the first letter of an address, contact ids, categories, dates, file names,
and whatever a free text (a reason, a message of the API) says other than by an e-mail address.
"""

from __future__ import annotations

import re
from typing import Any, Mapping

STARS = "***"
# Stands behind a value that looks the same as the one before only because both are masked.
CHANGED = " (changed)"
_MOST_INITIALS = 4

# What an address is part of: a run of characters that cannot end one. Quadratic patterns are avoided on purpose.
_RUN = re.compile(r"[^\s<>()\[\],;:\"\\]+")
_AT = re.compile("@|%40|\uff20|\ufe6b")
_LETTER = re.compile(r"[^\W_]")
_ID = re.compile(r"[A-Z]{2,4}(?:-[0-9]+)+")
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
        "field",
        "id",
        "trace_id",
        "at",
    ]
)
_PEOPLE = frozenset(("name", "by"))


def mask_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``report`` in which every e-mail address is masked and every name is reduced to its initials."""
    masked: dict[str, Any] = _Masker(report).value(report)
    return masked


def mask_email(email: str) -> str:
    """``j***@contoso.example``; the id of a contact is left as it is, anything else keeps its first letter."""
    text = email.strip()
    if not text or _ID.fullmatch(text):
        return text
    marks = list(_AT.finditer(text))
    if not marks:
        return _first(text) + STARS
    return _first(text[: marks[-1].start()]) + STARS + text[marks[-1].start() :]


def mask_text(text: str) -> str:
    """``text`` with every e-mail address in it masked."""
    return _RUN.sub(_mask_run, text)


def initials(name: str) -> str:
    """The first letter of each word, at most four; an address in a name is masked like any other."""
    words = name.split()
    shown = [_initial(word) for word in words[:_MOST_INITIALS]]
    return " ".join(shown) or name.strip()


def _initial(word: str) -> str:
    if _AT.search(word):
        return mask_text(word)
    return (_first(word) + ".") if _LETTER.search(word) else STARS


def _first(text: str) -> str:
    found = _LETTER.search(text)
    return found.group() if found else ""


def _mask_run(match: re.Match[str]) -> str:
    run: str = match.group()
    marks = list(_AT.finditer(run))
    if not marks or marks[-1].start() == 0:
        return run
    end = marks[-1].start()
    found = _LETTER.search(run, 0, end)
    # A quote before the address stays, so that a sentence keeps its form.
    return (run[: found.end()] if found else "") + STARS + run[end:]


class _Masker:
    """Masks by key; knows the addresses whose form is so odd that they are not recognized in a text."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        rows = [*report.get("results", ()), *report.get("unmanaged", ())]
        emails = {str(row.get("email") or "").strip() for row in rows}
        odd = [email for email in emails if len(email) >= _SHORTEST_ODD and not _is_plain(email)]
        pattern = "|".join(re.escape(email) for email in sorted(odd, key=lambda email: (-len(email), email)))
        self._odd = re.compile(pattern, re.IGNORECASE) if pattern else None

    def value(self, value: Any, key: str = "") -> Any:
        """A masked copy of what stands under ``key``."""
        if isinstance(value, Mapping):
            if "field" in value:
                return self._field(value)
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
            return mask_email(text)
        if self._odd is not None:
            text = self._odd.sub(lambda match: mask_email(match.group()), text)
        return initials(text) if key in _PEOPLE else mask_text(text)


def _is_plain(email: str) -> bool:
    return _ID.fullmatch(email) is not None or (_RUN.fullmatch(email) is not None and "@" in email[1:])
