# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the query string of a request means: notifications-api, section 12.1."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class Query:
    """The parts of a query string, decoded but not yet read; a part that was not given is ``None``."""

    limit: str | None = None
    offset: str | None = None
    select: str | None = None
    order: str | None = None
    filter: str = ""


def split_query(raw_query: str) -> Query:
    """Split what follows the ``?``, still percent-encoded, as ASP.NET and the server after it do.

    Of a key that is there several times the first value counts; but limit and offset are read as one text, in which
    ASP.NET joins them all (section 18).
    """
    special: dict[str, str] = {}
    terms: list[str] = []
    for name, (key, values) in _by_name(raw_query).items():
        if name in ("limit", "offset"):
            special[name] = ",".join(values)
        elif name in ("select", "order"):
            special[name] = values[0]
        elif name == "query":
            terms.append(values[0])
        else:
            terms.append(f"{key}={values[0]}" if values[0] else key)
    return Query(**special, filter=",".join(terms))


def _by_name(raw_query: str) -> dict[str, tuple[str, list[str]]]:
    """The values of every key by its lower-case name, with the key as it was written first."""
    found: dict[str, tuple[str, list[str]]] = {}
    for piece in raw_query.split("&"):
        if piece:
            raw_key, _sep, raw_value = piece.partition("=")
            key = _decoded(raw_key)
            found.setdefault(key.lower(), (key, []))[1].append(_decoded(raw_value))
    return found


def _decoded(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        # ASP.NET leaves what is not UTF-8 as it came.
        return text.replace("+", " ")
