# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report as the comment of a pull request.

The texts of others stand in code spans: these are the only places where neither HTML, mentions, links, issue numbers
nor Markdown mean anything. The size is counted in UTF-8 bytes, which are never fewer than characters.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

from .._files.problems import what_and_advice
from .._text import one_line
from . import wording as words
from .effects import FILES, outcome_label, view_of

MARKER = "<!-- softwareone.marketplace report -->"
LIMIT = 60_000
FOLD_FROM = 15
_MOST_LINES = 20
_LONGEST_ROW = 2_000
_LONGEST_PART = 300
_SPECIAL = re.compile(r"([|`])")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LEFT_MARK = "\u200e"
_COLUMNS = "| Outcome | Contact | Difference | Details |\n|---|---|---|---|\n"
_FAULT_COLUMNS = "| Place | What is wrong | What to do |\n|---|---|---|\n"
_UNFOLD = "\n</details>\n"
_UNMANAGED_COLUMNS = "| Contact | Name | Status |\n|---|---|---|\n"


def render(report: Mapping[str, Any], masked: bool) -> str:
    """The whole comment, always smaller than ``LIMIT``."""
    head = _head(report)
    foot = _foot(report, masked)
    sections = _sections(report)
    room = LIMIT - size(head) - size(foot) - sum(section.frame for section in sections)
    parts = [head]
    for section in sections:
        text, room = section.fill(room)
        parts.append(text)
    return "".join(parts) + foot


def size(text: str) -> int:
    """How much of ``LIMIT`` a text takes."""
    return len(text.encode("utf-8", "replace"))


class Section:
    """A table of which long parts are folded; it gives up whole rows where the room ends, and says how many."""

    def __init__(self, title: str, columns: str, rows: Iterable[str], count: int) -> None:
        self._columns = columns
        self._rows = rows
        self._count = count
        self._start = f"#### {title} ({count:,})\n\n{columns}"
        self.frame = size(self._start + self._fold(count) + _UNFOLD + self._more(count)) + 1

    def _fold(self, count: int) -> str:
        return f"\n<details>\n<summary>{count:,} more</summary>\n\n{self._columns}"

    @staticmethod
    def _more(count: int) -> str:
        return f"\n... and {count:,} more that do not fit here\n"

    def fill(self, room: int) -> tuple[str, int]:
        """The section with as many rows as fit in ``room``, and the room that is left."""
        shown: list[str] = []
        for row in self._rows:
            if size(row) > room:
                break
            room -= size(row)
            shown.append(row)
        # A fold that hides less than its own frame is not worth a click.
        first = len(shown) if len(shown) <= FOLD_FROM + 5 else FOLD_FROM
        text = self._start + "".join(shown[:first])
        if shown[first:]:
            text += self._fold(len(shown) - first) + "".join(shown[first:]) + _UNFOLD
        left = self._count - len(shown)
        return text + (self._more(left) if left else "") + "\n", room


def _head(report: Mapping[str, Any]) -> str:
    symbol = words.STATUS_SYMBOLS[report["status"]]
    lines = [
        MARKER,
        f"### {symbol} Marketplace contacts: {words.headline(report)}",
        "",
        f"{words.subline(report)} Account: {code(words.account_of(report))}",
        "",
        *[part for text in words.run_lines(report) for part in (text, "")],
    ]
    if report["message"] and not report["faults"]:
        lines += [f"> {code(report['message'])}", ""]
    lines += _listed("Warning", report["warnings"])
    return "\n".join(lines + ([] if report["faults"] or report["view"] == FILES else _totals(report))) + "\n\n"


def _listed(noun: str, texts: list[str]) -> list[str]:
    if not texts:
        return []
    lines = [f"- **{noun}:** {code(text)}" for text in texts[:_MOST_LINES]]
    left = len(texts) - len(lines)
    return lines + ([f"- ... and {left:,} more"] if left else []) + [""]


def _totals(report: Mapping[str, Any]) -> list[str]:
    counts = report["counts"]
    rows = [(words.kind_label(kind, report["view"]), count) for kind, count in words.tally(report).items()]
    rows += [("in no file", counts["unmanaged"]), ("with opt-outs kept", counts["kept"])]
    shown = [(label, count) for label, count in rows if count]
    lines = [f"| {label.capitalize()} | {count:,} |" for label, count in shown or [("Contacts", 0)]]
    effects = [f"- {code(name)}: {effect}" for name, effect in words.category_lines(report)]
    return ["| Contacts | Number |", "|---|---:|", *lines, *(["", *effects] if effects else [])]


def _sections(report: Mapping[str, Any]) -> list[Section]:
    sections = []
    results, unmanaged = report["results"], report["unmanaged"]
    if report["faults"]:
        rows = (_fault_row(fault) for fault in report["faults"])
        sections.append(Section("Faults", _FAULT_COLUMNS, rows, len(report["faults"])))
    if results:
        groups = words.worst_first(results).values()
        rows = (_row(row, report["view"]) for group in groups for row in group)
        sections.append(Section("Contacts", _COLUMNS, rows, len(results)))
    if unmanaged:
        rows = (_unmanaged_row(row) for row in unmanaged)
        sections.append(Section("In no file", _UNMANAGED_COLUMNS, rows, len(unmanaged)))
    return sections


def _fault_row(fault: Mapping[str, Any]) -> str:
    place = f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"]
    what, advice = what_and_advice(fault["message"])
    parts = [code(fault["field"], _LONGEST_PART)] if fault["field"] else []
    what = ": ".join([*parts, code(what, _LONGEST_PART)])
    return f"| {code(place) if place else ''} | {what} | {code(advice, _LONGEST_PART) if advice else ''} |\n"


def _row(row: Mapping[str, Any], view: str) -> str:
    view = view_of(row["label"], view)
    outcome = f"{words.symbol(row['outcome'], view)} {outcome_label(row['outcome'], view)}".replace("~", "\\~")
    # The place tells a reviewer whose row it is where addresses are masked.
    known_by = [code(text) for text in (words.identity(row), row["source"]) if text]
    contact = "<br>".join([code(row["email"]), *known_by])
    changes = words.changes_of(row, view)
    what = [_change(change) for change in changes] + [code(text) for text in words.why_of(row)]
    notes = [f"{label} {code(text)}" for label, text in words.notes_of(row) if label != words.PLACE]
    line = f"| {outcome} | {contact} | {'<br>'.join(what)} | {'<br>'.join(notes)} |\n"
    if size(line) <= _LONGEST_ROW:
        return line
    fields = ", ".join(code(change.field, 40) for change in changes[:_MOST_LINES])
    return f"| {outcome} | {contact} | {fields} (too long to show) | |\n"


def _change(change: words.Change) -> str:
    if change.is_list and change.effects:
        return "; ".join(f"{words} {', '.join(map(code, values))}" for words, values in change.effects)
    name = f"**{change.field}**" if change.field.replace(" ", "").replace("-", "").isalnum() else code(change.field)
    if change.effects:
        return f"{name}: " + ", ".join(f"{words} {', '.join(map(code, values))}" for words, values in change.effects)
    if change.is_list or not (change.removed and change.added):
        signs = [f"\u2212 {code(text)}" for text in change.removed] + [f"+ {code(text)}" for text in change.added]
        return f"{name}: {', '.join(signs) or '*none*'}"
    before, after = code(", ".join(change.removed)), code(", ".join(change.added))
    # Between two right-to-left texts the arrow would point from the new to the old value.
    mark = _LEFT_MARK if _RIGHT_TO_LEFT.search(before + after) else ""
    return f"{name}: {before}{mark} \u2192 {mark}{after}"


def _unmanaged_row(row: Mapping[str, Any]) -> str:
    told = [text for text in ("platform user" if row["linked"] else "", words.PASTS.get(row["label"])) if text]
    name = code(row["name"]) if row["name"] else ""
    return f"| {code(row['email'])}<br>{code(row['id'])} | {name} | {', '.join([code(row['status']), *told])} |\n"


def _foot(report: Mapping[str, Any], masked: bool) -> str:
    plan = f"Plan {code(report['plan_hash'])}. " if report["plan_hash"] else ""
    hidden = " E-mail addresses are masked, names are initials." if masked else ""
    version = f"{report['collection']} {report['collection_version']}"
    return (
        f"{plan}Requests: {words.requests_line(report)}, {report['duration_seconds']:.1f} s. "
        f"{code(report['created_at'])}, {code(version)}.{hidden}\n"
    )


def code(text: str, limit: int = 200) -> str:
    """``text`` of others in code spans, on one line; pipes and backticks stand between the spans."""
    flat = one_line(str(text), limit)
    if not flat:
        return "*empty*"
    pieces = _SPECIAL.split(flat)
    return "".join(f"&#{ord(piece)};" if piece in ("|", "`") else _span(piece) for piece in pieces if piece)


def _span(piece: str) -> str:
    return f"`{piece}`" if piece.strip() else "&nbsp;"
