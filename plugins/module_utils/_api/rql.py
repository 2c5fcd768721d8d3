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

import re
from typing import Sequence
from urllib.parse import quote

from .._contacts.email_address import spellings
from .._errors import InputError

_QUOTES = "'\""
_UNSAFE = re.compile(r"""['"\\]""")
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|[(),=&|;]|[^'"(),=&|;]+|['"]""")
_MALFORMED = "rql cannot be used as a filter: {0}."


def eq(path: str, value: str) -> str:
    """``path`` equals ``value``; whether case counts is up to the server."""
    return f"eq({path},{quoted(value)})"


def ne(path: str, value: str) -> str:
    """``path`` differs from ``value``."""
    return f"ne({path},{quoted(value)})"


def ilike(path: str, pattern: str) -> str:
    """``path`` matches ``pattern`` without regard to case; ``*`` at either end stands for any text."""
    return f"ilike({path},{quoted(pattern)})"


def is_in(path: str, values: Sequence[str]) -> str:
    """``path`` is one of ``values``."""
    return "in({},({}))".format(path, ",".join(quoted(value) for value in values))


def any_of(collection: str, predicate: str) -> str:
    """Some item of ``collection`` fulfils ``predicate``, whose paths are relative to the item."""
    return f"any({collection},{predicate})"


def both(*parts: str) -> str:
    """All of the non-empty ``parts``."""
    return ",".join(part for part in parts if part)


def either(conditions: Sequence[str]) -> str:
    """At least one of ``conditions`` holds."""
    return conditions[0] if len(conditions) == 1 else "or({})".format(",".join(conditions))


def text_is(path: str, value: str) -> str:
    """A filter that finds at least all rows whose ``path`` is ``value`` in any case.

    It may find more (a pattern character at either end, both kinds of quotes, a backslash, a server that reads
    ``ilike`` as "contains"), so every row has to be compared again.
    """
    if "\\" in value or ("'" in value and '"' in value):
        # A backslash at either end of a pattern makes the star beside it an ordinary character.
        part = max(_UNSAFE.split(value), key=len)
        return ilike(path, f"*{part}*")
    return ilike(path, value)


def email_is(path: str, email: str) -> str:
    """A filter that finds at least all rows whose ``path`` is this e-mail address, however it is spelled."""
    return either([text_is(path, spelling) for spelling in spellings(email)])


def glob(path: str, pattern: str) -> str:
    """A filter that finds at least all rows whose ``path`` fits ``pattern``, where ``*`` stands for any text.

    The platform knows ``*`` at the ends only, so what stands between two of them is left to the caller's comparison.
    """
    if "*" not in pattern:
        return text_is(path, pattern)
    if _UNSAFE.search(pattern):
        part = max(_UNSAFE.split(pattern.replace("*", "'")), key=len)
        return ilike(path, f"*{part}*")
    head, _star, rest = pattern.partition("*")
    tail = rest.rpartition("*")[2]
    return both(ilike(path, head + "*") if head else "", ilike(path, "*" + tail) if tail else "")


def expression(text: str) -> str:
    """A filter that a person wrote, checked, without the spaces that the platform takes for names, and encoded.

    One with alternatives is put in parentheses, so that it means the same beside other filters.

    :raises InputError: the platform would drop or misread a part of the filter without saying so
    """
    tokens = [token.strip() if token[0] not in _QUOTES else token for token in _TOKEN.findall(text)]
    tokens = [token for token in tokens if token]
    depth, has_alternatives = 0, False
    for at, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0:
            break
        has_alternatives = has_alternatives or (depth == 0 and token in ("|", ";"))
        problem = _token_problem([""] * 2 + tokens[:at], token, "".join(tokens[at + 1 : at + 2]))
        if problem:
            raise InputError(_MALFORMED.format(problem))
    if depth != 0:
        raise InputError(_MALFORMED.format("the parentheses do not match"))
    written = "".join(tokens)
    return _encoded(f"({written})" if has_alternatives else written, "(),")


def _token_problem(before: list[str], token: str, after: str) -> str | None:
    """What the platform would misread at ``token``, or None."""
    if token[0] in _QUOTES:
        is_argument = before[-1] in ("(", ",", "=") and after in ("", ")", ",", "&", "|", ";")
        return None if len(token) > 1 and is_argument else "a quoted value is not closed, or has the same quote inside"
    if token == ")" and after not in ("", ")", ",", "&", "|", ";"):
        return "there is no comma behind a closing parenthesis"
    if token == "(" and (before[-1] == "=" or (before[-2] == "=" and before[-1].lower() not in ("null", "empty"))):
        return "behind an equals sign stands a call; write eq(a,b) instead of a=b"
    return None


def quoted(value: str) -> str:
    """``value`` as a quoted and percent-encoded literal.

    :raises InputError: the text holds both kinds of quotes or a lone surrogate
    """
    if "'" in value and '"' in value:
        raise InputError("A text with both kinds of quotes cannot be used in a filter.")
    mark = "'" if '"' in value else '"'
    return _encoded(mark + value + mark)


def _encoded(text: str, safe: str = "") -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise InputError("A text that is not valid Unicode cannot be used in a filter.") from None
