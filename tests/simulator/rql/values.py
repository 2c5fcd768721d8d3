# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words of a query as values of a property, and values in the form in which they are compared.

notifications-api, sections 7 (case) and 12.4 (conversion).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from tests.simulator.rql.errors import invalid
from tests.simulator.rql.schema import Kind, Property

_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*")
_BOOLS = {"true": True, "false": False}


def converted(prop: Property, text: str) -> Any:
    """The value that a word means for a property, or the error "Cannot convert value"."""
    if prop.kind == "string":
        return text
    if not text and prop.nullable:
        return None
    try:
        return _CONVERTERS[prop.kind](prop, text)
    except (KeyError, ValueError):
        raise invalid(f"Cannot convert value: '{text}'.") from None


def comparable(prop: Property, *, case_sensitive: bool) -> Callable[[Any], Any]:
    """What to apply to both sides before they are compared."""
    if prop.kind == "enum" or (prop.kind == "string" and not case_sensitive):
        return str.lower
    return _instant if prop.kind == "datetime" else _same


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _enum(prop: Property, text: str) -> str:
    return {value.lower(): value for value in prop.values}[text.strip().lower()]


def _number(_prop: Property, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text) if "." in text else int(text)


def _bool(_prop: Property, text: str) -> bool:
    return _BOOLS[text.strip().lower()]


def _datetime(_prop: Property, text: str) -> str:
    _instant(text)
    return text


_CONVERTERS: dict[Kind, Callable[[Property, str], Any]] = {
    "enum": _enum,
    "number": _number,
    "bool": _bool,
    "datetime": _datetime,
}
