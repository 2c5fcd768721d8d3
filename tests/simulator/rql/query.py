# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the query string of a request means: notifications-api, section 12.1."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

_SPECIAL = ("limit", "offset", "select", "order")


@dataclass(frozen=True)
class Query:
    """The parts of a query string, decoded but not yet read; a part that was not given is ``None``."""

    limit: str | None = None
    offset: str | None = None
    select: str | None = None
    order: str | None = None
    filter: str = ""


def split_query(raw_query: str) -> Query:
    """Split what follows the ``?``, still percent-encoded, as ASP.NET and the server after it do."""
    special: dict[str, str] = {}
    terms: list[str] = []
    for key, value in _first_pairs(raw_query):
        name = key.lower()
        if name in _SPECIAL:
            special[name] = value
        elif name == "query":
            terms.append(value)
        else:
            terms.append(f"{key}={value}" if value else key)
    return Query(**special, filter=",".join(terms))


def _first_pairs(raw_query: str) -> list[tuple[str, str]]:
    """Every key once, in any case, with its first value: the server never looks at the others."""
    pairs: dict[str, tuple[str, str]] = {}
    for piece in raw_query.split("&"):
        if piece:
            raw_key, _sep, raw_value = piece.partition("=")
            key = _decoded(raw_key)
            pairs.setdefault(key.lower(), (key, _decoded(raw_value)))
    return list(pairs.values())


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        # ASP.NET leaves what is not UTF-8 as it came.
        return text.replace("+", " ")
