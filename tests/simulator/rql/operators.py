# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operators do to one property: notifications-api, section 12.4."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.simulator.rql.errors import collected, invalid, thrown
from tests.simulator.rql.paths import ROOT, Target
from tests.simulator.rql.schema import Property
from tests.simulator.rql.values import comparable, converted

Test = Callable[[Mapping[str, Any]], bool]

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FULL_NAMES = {"gt": "GreaterThan", "ge": "GreaterThanOrEqual", "lt": "LessThan", "le": "LessThanOrEqual"}


def compare_value(name: str, target: Target, text: str | None, *, case_sensitive: bool, safe: bool) -> Test:
    """``eq ne gt ge lt le`` against a word, or against ``null()`` (``None``). ``safe``: no word differs from null."""
    prop, read = target.prop, target.read
    _permit(prop, name.title(), allowed=prop.kind not in ("object", "collection"))
    if text is None and not prop.nullable and prop.kind != "string":
        raise invalid("Cannot compare non nullable property with null")
    value = None if text is None else converted(prop, text)
    key = comparable(prop, case_sensitive=case_sensitive)
    wanted = None if value is None else key(value)
    if name in _ORDERINGS:
        return _ordered(name, prop, read, key, wanted)
    return _equal(read, key, wanted, negated=name == "ne", safe=safe)


def compare_property(name: str, left: Target, right: Target, *, case_sensitive: bool) -> Test:
    """``eq ne gt ge lt le`` against another property; here the server does not ask what the left side permits."""
    if left.prop.kind != right.prop.kind or (left.prop is ROOT) != (right.prop is ROOT):
        raise thrown(f"No coercion operator is defined between types '{right.prop.kind}' and '{left.prop.kind}'.")
    key = comparable(left.prop, case_sensitive=case_sensitive)

    def pair(row: Mapping[str, Any]) -> tuple[Any, Any]:
        one, other = left.read(row), right.read(row)
        return None if one is None else key(one), None if other is None else key(other)

    if name not in _ORDERINGS:
        return lambda row: operator.eq(*pair(row)) != (name == "ne")
    holds = _ordering(name, left.prop)

    def test(row: Mapping[str, Any]) -> bool:
        one, other = pair(row)
        return one is not None and other is not None and holds(one, other)

    return test


def search(target: Target, pattern: str, *, case_sensitive: bool) -> Test:
    """``like`` and ``ilike``, which are the same: one ``*`` at either end, everything else is literal."""
    permission, method, literal = _pattern(pattern)
    prop, read = target.prop, target.read
    allowed = prop.kind == "string" or (permission == "Eq" and prop.kind not in ("object", "collection"))
    _permit(prop, permission, allowed=allowed)
    if prop.kind != "string":
        raise thrown(f"A method of type 'System.String' cannot be called with instance of type '{prop.kind}'")
    key = comparable(prop, case_sensitive=case_sensitive)
    wanted = key(literal)

    def test(row: Mapping[str, Any]) -> bool:
        value = read(row)
        return value is not None and method(key(value), wanted)

    return test


def listed(name: str, target: Target, texts: Sequence[str], *, case_sensitive: bool) -> Test:
    """``in`` and ``out``."""
    prop, read = target.prop, target.read
    _permit(prop, "ListIn" if name == "in" else "ListOut", allowed=prop.kind not in ("object", "collection"))
    key = comparable(prop, case_sensitive=case_sensitive)
    values = collected(lambda text: converted(prop, text), texts)
    wanted = {None if value is None else key(value) for value in values}
    outside = name == "out"

    def test(row: Mapping[str, Any]) -> bool:
        value = read(row)
        return ((None if value is None else key(value)) in wanted) != outside

    return test


def _permit(prop: Property, permission: str, *, allowed: bool) -> None:
    if not allowed and prop is not ROOT:
        raise invalid(f"Operator '{permission}' is not permitted")


def _equal(read: Callable[[Any], Any], key: Callable[[Any], Any], wanted: Any, *, negated: bool, safe: bool) -> Test:
    if wanted is None:
        return lambda row: (read(row) is None) != negated

    def test(row: Mapping[str, Any]) -> bool:
        value = read(row)
        if value is None:
            return negated and not safe
        return bool(key(value) == wanted) != negated

    return test


def _ordered(name: str, prop: Property, read: Callable[[Any], Any], key: Callable[[Any], Any], wanted: Any) -> Test:
    holds = _ordering(name, prop)

    def test(row: Mapping[str, Any]) -> bool:
        value = read(row)
        return value is not None and wanted is not None and holds(key(value), wanted)

    return test


def _ordering(name: str, prop: Property) -> Callable[[Any, Any], bool]:
    if prop.kind not in ("number", "datetime"):
        kind = prop.kind
        raise thrown(f"The binary operator {_FULL_NAMES[name]} is not defined for the types '{kind}' and '{kind}'.")
    return _ORDERINGS[name]


def _pattern(text: str) -> tuple[str, Callable[[str, str], bool], str]:
    r"""The permission, the comparison and the literal of a pattern.

    ``\*`` is an escape only as the first or the last two characters; anywhere else both are literal (section 12.4).
    """
    open_start = text.startswith("*")
    escaped_end = text.endswith("\\*")
    open_end = text.endswith("*") and not escaped_end
    start = 1 if open_start or text.startswith("\\*") else 0
    literal = text[start : max(start, len(text) - (2 if escaped_end else int(open_end)))]
    if escaped_end:
        literal += "*"
    if open_start:
        return ("Contains", operator.contains, literal) if open_end else ("EndsWith", str.endswith, literal)
    return ("StartsWith", str.startswith, literal) if open_end else ("Eq", operator.eq, literal)
