# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: several accounts in one look, from what the task of each returned: worst first, differences summed up.

The results come from variables, so nothing is taken for granted of them: whatever is not the result of a run that got
to its end is an error, and never missing.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, TypedDict

from .._api.account import Account
from .._text import one_line
from .._version import VERSION
from .effects import CategoryCount
from .rows import COUNTS
from .wording import DIFFERENCES, TROUBLE

ERROR = "error"
# Worst first. What was applied is in order now, and still more than what was in order all the time.
STATUSES = (ERROR, "drift", "pending", "applied", "clean")
# A conflict fails a check, too; nothing else that failed is in order.
_FAILED_STATUSES = (ERROR, "drift")

NO_REPORT = "No report: the run of this account did not get to its end."
UNREACHABLE = "No report: the host is unreachable."
_LONGEST_REASON = 300
_NAMES = ("host", "token", "id", "name")


class AccountLine(TypedDict):
    """One account. ``summary`` is what the run says of itself; ``reports`` are its files, relative to the overview."""

    host: str
    account: Account
    status: str
    summary: str
    message: str | None
    counts: dict[str, int]
    differences: int
    categories: list[CategoryCount]
    plan_hash: str | None
    reports: list[str]


class CategorySum(CategoryCount):
    """The same of all accounts, and in how many of them there is any."""

    accounts: int


class Overview(TypedDict):
    """What every form of overview is a view of; the JSON form adds ``privacy``."""

    schema_version: int
    collection: str
    collection_version: str
    created_at: str
    view: str
    status: str
    counts: dict[str, int]
    differences: int
    categories: list[CategorySum]
    accounts: list[AccountLine]


def overview(results: Mapping[str, Any], view: str, created_at: str) -> Overview:
    """The overview of the results of ``swo_contacts`` by inventory host; one that is no result is an error.

    :param created_at: as in the reports
    """
    lines = sorted((_line(str(host), result) for host, result in results.items()), key=_worst_first)
    counts = {status: sum(line["status"] == status for line in lines) for status in STATUSES}
    return {
        "schema_version": 1,
        "collection": "softwareone.marketplace",
        "collection_version": VERSION,
        "created_at": created_at,
        "view": view,
        "status": lines[0]["status"] if lines else ERROR,
        "counts": counts,
        "differences": sum(line["differences"] for line in lines),
        "categories": _sums(lines),
        "accounts": lines,
    }


def _worst_first(line: AccountLine) -> tuple[int, int, int, str, str]:
    trouble = sum(line["counts"][name] for name in TROUBLE)
    host = line["host"]
    return STATUSES.index(line["status"]), -trouble, -line["differences"], host.casefold(), host


def _line(host: str, result: Any) -> AccountLine:
    known: Mapping[str, Any] = result if isinstance(result, Mapping) else {}
    has_ended = known.get("status") in (_FAILED_STATUSES if known.get("failed") else STATUSES)
    has_ended = has_ended and not known.get("unreachable")
    message = _text(known.get("msg")) if has_ended else _why_not(known)
    counts = known.get("counts")
    numbers = counts if isinstance(counts, Mapping) else {}
    whole = {name: _number(numbers.get(name)) for name in COUNTS}
    given = known.get("account")
    names = given if isinstance(given, Mapping) else {}
    account: Any = {name: _text(names.get(name)) for name in _NAMES}
    return {
        "host": host,
        "account": account,
        "status": str(known["status"]) if has_ended else ERROR,
        "summary": (_text(known.get("summary")) if has_ended else None) or one_line(message or "", _LONGEST_REASON),
        "message": message,
        "counts": whole,
        "differences": sum(whole[name] for name in DIFFERENCES),
        "categories": [count for count in map(_category, _list(known.get("categories"))) if count["category"]],
        "plan_hash": _text(known.get("plan_hash")),
        "reports": [str(path) for path in _list(known.get("reports")) if path],
    }


def _why_not(known: Mapping[str, Any]) -> str:
    """Why there is no verdict, as far as Ansible said."""
    said = one_line(_text(known.get("msg")) or "", _LONGEST_REASON)
    if known.get("unreachable"):
        return f"{UNREACHABLE} {said}".strip()
    return said or NO_REPORT


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int) and value > 0 else 0


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _category(value: Any) -> CategoryCount:
    known = value if isinstance(value, Mapping) else {}
    name = _text(known.get("category")) or ""
    return {"category": name, "more": _number(known.get("more")), "fewer": _number(known.get("fewer"))}


def _sums(lines: Iterable[AccountLine]) -> list[CategorySum]:
    found: dict[str, CategorySum] = {}
    for line in lines:
        for count in line["categories"]:
            name = count["category"]
            total = found.setdefault(name, {"category": name, "more": 0, "fewer": 0, "accounts": 0})
            total["more"] += count["more"]
            total["fewer"] += count["fewer"]
            total["accounts"] += 1
    return [found[name] for name in sorted(found) if found[name]["more"] or found[name]["fewer"]]
