# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the differences of a run in words, which depend on the point of view.

A plan speaks of what will be, an apply of what was done, and drift of what happened to the account since: what a plan
would create is missing then, and what it would block was unblocked by somebody. The rows are the same in all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Mapping, NamedTuple, TypedDict

from .._contacts.applied import PENDING, REMOVED
from .._contacts.audit import ANOTHER_TOKEN, OUR_TOKEN, PERSON, PLATFORM, SOMEBODY

if TYPE_CHECKING:
    from .._contacts.end_state import CategoryImpact

PLAN, DRIFT, APPLIED = "plan", "drift", "applied"
# The view of a report that is about contact files alone, so that nothing of an account differs.
FILES = "files"

_LABELS: Mapping[str, Mapping[str, str]] = {
    PLAN: {
        "created": "to create",
        "updated": "to update",
        "blocked": "to block",
        "unblocked": "to unblock",
        "deleted": "to delete",
    },
    DRIFT: {
        "created": "missing",
        "updated": "changed",
        "blocked": "not blocked",
        "unblocked": "blocked",
        "deleted": "extra",
    },
    APPLIED: {},
    FILES: {},
}
# What is behind a difference, as far as it can be known without a record of what was applied.
CAUSES = {
    "created": "deleted by somebody or never created",
    "blocked": "unblocked by hand or never blocked",
    "unblocked": "blocked by hand",
    "deleted": "the files say absent",
}
_GOES, _COMES = "no longer opted out of", "opts out of"
_DONE = {_COMES: "opted out of"}
_LACKS, _HAS = "not opted out of, unlike the files:", "opted out of, unlike the files:"
# Outcomes that were, or would be, carried out.
_EFFECTIVE = ("created", "updated", "blocked", "unblocked", "deleted")


def outcome_label(outcome: str, view: str) -> str:
    """``to update`` in a plan, ``changed`` where it is drift, ``updated`` once it is done."""
    return _LABELS[view].get(outcome, outcome)


_WRITERS = {
    OUR_TOKEN: "our token",
    ANOTHER_TOKEN: "another token",
    PERSON: "the person",
    PLATFORM: "the platform",
    SOMEBODY: "",
}


def writer_text(written: Mapping[str, Any]) -> str:
    """Who wrote last, as far as the platform tells, as in "the person, Ann"; empty if it does not."""
    return ", ".join(text for text in (_WRITERS[written["writer"]], written["by"]) if text)


def view_of(label: str | None, view: str) -> str:
    """How a difference is told: what only the files have changed did not happen to the account."""
    return PLAN if view == DRIFT and label in (PENDING, REMOVED) else view


class Effect(NamedTuple):
    """A part of a difference: our words, and the texts of others that they are about."""

    words: str
    values: tuple[str, ...]


def opt_out_effects(before: Iterable[str] | None, after: Iterable[str] | None, view: str) -> list[Effect]:
    """What a change of opt-outs means."""
    old, new = list(before or ()), list(after or ())
    gone = tuple(name for name in old if name not in new)
    come = tuple(name for name in new if name not in old)
    if view == DRIFT:
        # What a run would take away came to the account by itself.
        pairs = [(_HAS, gone), (_LACKS, come)]
    else:
        pairs = [(_GOES, gone), (_DONE[_COMES] if view == APPLIED else _COMES, come)]
    return [Effect(words, names) for words, names in pairs if names]


class CategoryCount(TypedDict):
    """Of how many contacts the opt-out of one category is added, and of how many it is taken away."""

    category: str
    more: int
    fewer: int


def category_counts(rows: Iterable[Mapping[str, Any]]) -> list[CategoryCount]:
    """What was done, or would be, to each category, by name."""
    found: dict[str, CategoryCount] = {}
    for row in rows:
        if row["outcome"] in _EFFECTIVE:
            for field in row["fields"]:
                if field["field"] == "opt_outs":
                    _count(field, found)
    return [found[name] for name in sorted(found)]


def _count(field: Mapping[str, Any], found: dict[str, CategoryCount]) -> None:
    before, after = set(field["before"] or ()), set(field["after"] or ())
    for name in before ^ after:
        count = found.setdefault(name, {"category": name, "more": 0, "fewer": 0})
        if name in after:
            count["more"] += 1
        else:
            count["fewer"] += 1


# More names than this are counted in one line.
_MOST_NAMES = 5


def category_lines(
    counts: Iterable[CategoryCount], impact: Iterable[CategoryImpact], view: str
) -> list[tuple[str, str]]:
    """What becomes of the categories: names, which others wrote, and our words.

    Those that change in the same way only because contacts come and go share a line.
    """
    numbers = {row["category"]: (row["before"], row["after"]) for row in impact}
    lines = []
    for count in counts:
        pair = numbers.pop(count["category"], None)
        lines.append((count["category"], category_effect(count, view) + (f"; {_not_out(pair, view)}" if pair else "")))
    alike: dict[tuple[int, int], list[str]] = {}
    for name, pair in numbers.items():
        alike.setdefault(pair, []).append(name)
    for pair, names in alike.items():
        more = len(names) - _MOST_NAMES
        head = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        lines.append((head, _not_out(pair, view)))
    return lines


def _not_out(pair: tuple[int, int], view: str) -> str:
    before, after = pair
    if view == DRIFT:
        return f"not opted out: {after:,} by the files, {before:,} live"
    return f"not opted out: {before:,} -> {after:,}"


def category_effect(count: CategoryCount, view: str) -> str:
    """``3 more opted out, 1 fewer``; seen from the files where it is drift."""
    more, fewer = (count["fewer"], count["more"]) if view == DRIFT else (count["more"], count["fewer"])
    parts = [f"{number:,} {word}" for number, word in ((more, "more"), (fewer, "fewer")) if number]
    parts[0] += " opted out"
    return ", ".join(parts)


def verdict(status: str, view: str) -> str:
    """The word that a status has in a summary: what would be done is a plan, unless the run looked for drift."""
    if view == PLAN and status in ("drift", "pending"):
        return "Plan"
    return status.capitalize()


_NOTHING = {PLAN: "nothing to do", DRIFT: "no contact of the files differs", APPLIED: "nothing to do"}


def is_only_pending(numbers: Mapping[str, int], view: str) -> bool:
    """Whether a run that looked for drift found only what is not applied yet."""
    return view == DRIFT and numbers["pending"] > 0 and not numbers["drift"] and not numbers["conflict"]


def totals(numbers: Mapping[str, int], view: str) -> str:
    """The counts of a run in one line; what is zero is left out."""
    order = (*_EFFECTIVE, "failed", "unknown", "skipped")
    pending = numbers["pending"] if view == DRIFT else 0
    is_pending = is_only_pending(numbers, view)
    view = PLAN if is_pending else view
    parts = [f"{numbers[name]:,} {outcome_label(name, view)}" for name in order if numbers[name]]
    rest = [(numbers["unchanged"], outcome_label("unchanged", view)), (numbers["unmanaged"], "in no file")]
    rest.append((numbers["kept"], _KEEPS[numbers["kept"] == 1]))
    tail = "".join(f"; {number:,} {words}" for number, words in rest if number)
    if pending and not is_pending:
        tail = f"; {pending:,} of these pending, not applied yet{tail}"
    return (", ".join(parts) or _NOTHING[view]) + tail


_KEEPS = {True: "keeps opt-outs that no file names", False: "keep opt-outs that no file names"}
