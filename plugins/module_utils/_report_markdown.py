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

from ansible_collections.softwareone.marketplace.plugins.module_utils import _report_words as words
from ansible_collections.softwareone.marketplace.plugins.module_utils._redact import one_line

MARKER = "<!-- softwareone.marketplace report -->"
LIMIT = 60_000
FOLD_FROM = 16
_MOST_LINES = 20
_LONGEST_ROW = 2_000
_SPECIAL = re.compile(r"([|`])")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LEFT_MARK = "\u200e"
_COLUMNS = "| Contact | Difference | Details |\n|---|---|---|\n"
_UNMANAGED_COLUMNS = "| Contact | Name | Status |\n|---|---|---|\n"


def render(report: Mapping[str, Any], masked: bool) -> str:
    """The whole comment, always smaller than ``LIMIT``."""
    head = _head(report)
    foot = _foot(report, masked)
    sections = _sections(report)
    room = LIMIT - _size(head) - _size(foot) - sum(section.frame for section in sections)
    parts = [head]
    for section in sections:
        text, room = section.fill(room)
        parts.append(text)
    return "".join(parts) + foot


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


class _Section:
    """A titled table that gives up whole rows where the room ends, and says how many."""

    def __init__(self, title: str, columns: str, rows: Iterable[str], count: int, is_open: bool = False) -> None:
        self._rows = rows
        self._count = count
        if count < FOLD_FROM:
            self._start, self._end = f"#### {title}\n\n{columns}", "\n"
        else:
            tag = "<details open>" if is_open else "<details>"
            self._start = f"{tag}\n<summary><b>{title}</b></summary>\n\n{columns}"
            self._end = "\n</details>\n\n"
        self.frame = _size(self._start + self._more(count) + self._end)

    @staticmethod
    def _more(count: int) -> str:
        return f"\n... and {count:,} more\n"

    def fill(self, room: int) -> tuple[str, int]:
        """The section with as many rows as fit in ``room``, and the room that is left."""
        shown = []
        for row in self._rows:
            if _size(row) > room:
                break
            room -= _size(row)
            shown.append(row)
        left = self._count - len(shown)
        return self._start + "".join(shown) + (self._more(left) if left else "") + self._end, room


def _head(report: Mapping[str, Any]) -> str:
    symbol = words.STATUS_SYMBOLS[report["status"]]
    lines = [
        MARKER,
        f"### {symbol} Marketplace contacts: {words.headline(report)}",
        "",
        f"{words.subline(report)} Account: {code(words.host_of(report['api_url']))}",
        "",
    ]
    if report["message"]:
        lines += [f"> {code(report['message'])}", ""]
    lines += _listed("Problem", report["problems"]) + _listed("Warning", report["warnings"])
    return "\n".join(lines + _totals(report)) + "\n\n"


def _listed(noun: str, texts: list[str]) -> list[str]:
    if not texts:
        return []
    lines = [f"- **{noun}:** {code(text)}" for text in texts[:_MOST_LINES]]
    left = len(texts) - len(lines)
    return lines + ([f"- ... and {left:,} more"] if left else []) + [""]


def _totals(report: Mapping[str, Any]) -> list[str]:
    counts = report["counts"]
    rows = [(words.outcome_label(outcome, report["mode"]), counts[outcome]) for outcome in words.OUTCOMES]
    shown = [(label, count) for label, count in [*rows, ("in no file", counts["unmanaged"])] if count]
    lines = [f"| {label.capitalize()} | {count:,} |" for label, count in shown or [("Contacts", 0)]]
    return ["| Contacts | Number |", "|---|---:|", *lines]


def _sections(report: Mapping[str, Any]) -> list[_Section]:
    sections = []
    for outcome, rows in words.worst_first(report["results"]).items():
        label = words.outcome_label(outcome, report["mode"]).capitalize()
        title = f"{words.SYMBOLS[outcome]} {label} ({len(rows):,})".replace("~", "\\~")
        lines = (_row(row) for row in rows)
        sections.append(_Section(title, _COLUMNS, lines, len(rows), outcome in words.TROUBLE))
    unmanaged = report["unmanaged"]
    if unmanaged:
        title = f"In no file ({len(unmanaged):,})"
        lines = (_unmanaged_row(row) for row in unmanaged)
        sections.append(_Section(title, _UNMANAGED_COLUMNS, lines, len(unmanaged)))
    return sections


def _row(row: Mapping[str, Any]) -> str:
    known_by = words.identity(row)
    contact = code(row["email"]) + (f"<br>{code(known_by)}" if known_by else "")
    changes = words.changes_of(row)
    notes = "<br>".join(f"{label} {code(text)}".strip() for label, text in words.notes_of(row))
    line = f"| {contact} | {'<br>'.join(_change(change) for change in changes)} | {notes} |\n"
    if _size(line) <= _LONGEST_ROW:
        return line
    fields = ", ".join(code(change.field, 40) for change in changes[:_MOST_LINES])
    return f"| {contact} | {fields} (too long to show) | |\n"


def _change(change: words.Change) -> str:
    name = f"**{change.field}**" if change.field.replace(" ", "").replace("-", "").isalnum() else code(change.field)
    if change.is_list:
        signs = [f"\u2212 {code(text)}" for text in change.removed] + [f"+ {code(text)}" for text in change.added]
        return f"{name}: {'<br>'.join(signs)}"
    before = code(", ".join(change.removed)) if change.removed else "*none*"
    after = code(", ".join(change.added)) if change.added else "*none*"
    # Between two right-to-left texts the arrow would point from the new to the old value.
    mark = _LEFT_MARK if _RIGHT_TO_LEFT.search(before + after) else ""
    return f"{name}: {before}{mark} \u2192 {mark}{after}"


def _unmanaged_row(row: Mapping[str, Any]) -> str:
    linked = ", platform user" if row["linked"] else ""
    name = code(row["name"]) if row["name"] else ""
    return f"| {code(row['email'])}<br>{code(row['id'])} | {name} | {code(row['status'])}{linked} |\n"


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
