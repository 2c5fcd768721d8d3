# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: write filters in the platform's query language (notifications-api section 12).

The only place where a value becomes part of a query. Values are quoted and every reserved byte of them is
percent-encoded; the structure stays readable. The grammar has no escape for a quote inside a quoted value, so a text
with both kinds cannot be written as one value: :func:`text_is` then asks for a part of it, and the caller compares the
rows, as it has to anyway.
"""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError


def quoted(value: str) -> str:
    """``value`` as a quoted and percent-encoded literal.

    :raises InputError: the text holds both kinds of quotes or a lone surrogate
    """
    if "'" in value and '"' in value:
        raise InputError("A text with both kinds of quotes cannot be used in a filter.")
    mark = "'" if '"' in value else '"'
    try:
        return quote(mark + value + mark, safe="")
    except UnicodeEncodeError:
        raise InputError("A text that is not valid Unicode cannot be used in a filter.") from None


def eq(path: str, value: str) -> str:
    """``path`` equals ``value``; whether case counts is up to the server."""
    return f"eq({path},{quoted(value)})"


def ilike(path: str, pattern: str) -> str:
    """``path`` matches ``pattern`` without regard to case; ``*`` at either end stands for any text."""
    return f"ilike({path},{quoted(pattern)})"


def any_of(collection: str, predicate: str) -> str:
    """Some item of ``collection`` fulfils ``predicate``, whose paths are relative to the item."""
    return f"any({collection},{predicate})"


def both(*parts: str) -> str:
    """All of the non-empty ``parts``."""
    return ",".join(part for part in parts if part)


def either(parts: list[str]) -> str:
    """At least one of ``parts``."""
    return parts[0] if len(parts) == 1 else "or({})".format(",".join(parts))


def text_is(path: str, value: str) -> str:
    """A filter that finds at least all rows whose ``path`` is ``value`` in any case.

    It may find more (a pattern character at either end, both kinds of quotes, a server that reads ``ilike`` as
    "contains"), so every row has to be compared again.
    """
    if "'" in value and '"' in value:
        part = max(value.replace("'", '"').split('"'), key=len)
        return ilike(path, f"*{part}*")
    if "\\" in value:
        return either([eq(path, value), ilike(path, value)])
    return ilike(path, value)


def ne(path: str, value: str) -> str:
    """``path`` differs from ``value``."""
    return f"ne({path},{quoted(value)})"


def glob(path: str, pattern: str) -> str:
    """A filter that finds at least all rows whose ``path`` fits ``pattern``, where ``*`` stands for any text.

    The platform knows ``*`` at the ends only, so what stands between two of them is left to the caller's comparison.
    """
    if "*" not in pattern:
        return text_is(path, pattern)
    head, _star, rest = pattern.partition("*")
    tail = rest.rpartition("*")[2]
    ends = [ilike(path, head + "*") if head else "", ilike(path, "*" + tail) if tail else ""]
    return both(*ends)


def expression(text: str) -> str:
    """A filter that a person wrote, checked, without the spaces that the platform takes for names, and encoded.

    :raises InputError: a quote or a parenthesis is not closed, or a quoted value does not stand alone: the platform
        would drop or misread a part of the filter without saying so
    """
    pieces: list[str] = []
    depth, at = 0, 0
    while at < len(text):
        char = text[at]
        if char in "'\"":
            end = text.find(char, at + 1)
            if end < 0 or not _stands_alone(text, at, end):
                raise InputError(_MALFORMED.format("a quoted value is not closed, or has the same quote inside"))
            pieces.append(text[at : end + 1])
            at = end
        elif not char.isspace():
            depth += {"(": 1, ")": -1}.get(char, 0)
            pieces.append(char)
        if depth < 0:
            break
        at += 1
    if depth != 0:
        raise InputError(_MALFORMED.format("the parentheses do not match"))
    return quote("".join(pieces), safe="(),")


_MALFORMED = "rql cannot be used as a filter: {0}."


def _stands_alone(text: str, start: int, end: int) -> bool:
    """True if the quoted value from ``start`` to ``end`` is a whole argument."""
    before, after = text[:start].rstrip(), text[end + 1 :].lstrip()
    return before[-1:] in ("(", ",", "=") and after[:1] in ("", ")", ",", "&", "|", ";")
