# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what ``--diff`` shows.

The texts of others stand behind words of ours, never at the beginning of a line, and on one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Sequence

from .._text import visible
from .effects import (
    APPLIED,
    CAUSES,
    DRIFT,
    PLAN,
    category_counts,
    category_lines,
    is_only_pending,
    opt_out_effects,
    outcome_label,
    totals,
    view_of,
    writer_text,
)
from .rows import FAILED, SKIPPED, UNKNOWN, FieldRow, Row, waits
from .wording import PASTS

if TYPE_CHECKING:
    from .._contacts.end_state import CategoryImpact

# Creations are shown up to this number, and so are contacts in no file; whoever wants all asks for them with -v.
SAMPLE = 10
# More contacts than this that change alike share one heading.
_ALIKE = 2
_ORDER = (FAILED, UNKNOWN, "deleted", "blocked", "unblocked", "updated", "created", SKIPPED)
_SIGNS = {"created": "+", "deleted": "-", FAILED: "!", UNKNOWN: "?", SKIPPED: "."}
# Missing is what the account has less than the files, extra what it has more.
_DRIFT_SIGNS = {**_SIGNS, "created": "-", "deleted": "+"}


def contact_diff(row: Row) -> dict[str, Any]:
    """One contact: the managed fields that change, nothing else."""
    email = visible(row["email"])
    return {
        "before": _side(row, "before"),
        "after": _side(row, "after"),
        "before_header": f"contact {email} (live)",
        "after_header": f"contact {email} (as desired)",
    }


def _side(row: Row, side: str) -> dict[str, Any]:
    values = {field["field"]: field["before"] if side == "before" else field["after"] for field in row["fields"]}
    return {name: _visible(value) for name, value in values.items() if value is not None}


def _visible(value: Any) -> Any:
    return [visible(str(item)) for item in value] if isinstance(value, list) else visible(str(value))


def diff_text(
    rows: Sequence[Row],
    unmanaged: Sequence[Mapping[str, Any]],
    numbers: Mapping[str, int],
    view: str,
    verbosity: int = 0,
    impact: Sequence[CategoryImpact] = (),
) -> str:
    """What differs, by what happens, each address once; per category who is opted out; a line of totals.

    :param verbosity: as of ansible-playbook; from 1 on it also says why, from 3 on everything that is known
    """
    text = _Text(view, verbosity)
    happened = [row for row in rows if view_of(row["label"], view) == view]
    for outcome in _ORDER:
        text.group(outcome, [row for row in happened if row["outcome"] == outcome])
    if len(happened) < len(rows):
        text.pending([row for row in rows if view_of(row["label"], view) != view])
    if view == DRIFT:
        text.unmanaged(unmanaged)
    if verbosity:
        text.kept([row for row in rows if row["kept"]])
        text.waiting([row for row in rows if waits(row)])
    if not text.lines:
        return ""
    lines = category_lines(category_counts(rows), impact, view)
    text.lines += [f"{visible(names)}: {words}" for names, words in lines]
    word = "pending" if is_only_pending(numbers, view) else view
    text.lines.append(f"{word.capitalize()}: {totals(numbers, view)}")
    return "".join(line + "\n" for line in text.lines)


class _Text:
    """The lines of one diff."""

    def __init__(self, view: str, verbosity: int) -> None:
        self._view = view
        self._verbosity = verbosity
        self._signs = _DRIFT_SIGNS if view == DRIFT else _SIGNS
        self.lines: list[str] = []

    def group(self, outcome: str, rows: Sequence[Row]) -> None:
        """All contacts to which the same happens; those that change alike share a heading."""
        if not rows:
            return
        label = outcome_label(outcome, self._view)
        cause = f": {CAUSES[outcome]}" if self._view == DRIFT and outcome in CAUSES else ""
        self.lines.append(f"{label.capitalize()} ({len(rows):,}){cause}")
        shown = rows[:SAMPLE] if outcome == "created" and not self._verbosity else rows
        alike: dict[tuple[str, ...], list[Row]] = {}
        # What failed, or may have, is told as it was meant.
        view = PLAN if self._view == APPLIED and outcome in (FAILED, UNKNOWN, SKIPPED) else self._view
        for row in shown:
            alike.setdefault(tuple(self._effects(row, view)), []).append(row)
        # A shared heading holds for all that follows it, so those that have none come first.
        for effects, members in sorted(alike.items(), key=lambda item: _is_shared(*item)):
            self._alike(effects, members, self._signs.get(outcome, "~"))
        self._more(len(rows) - len(shown))

    def pending(self, rows: Sequence[Row]) -> None:
        """What only the files have changed, told as the plan that it is."""
        plan = _Text(PLAN, self._verbosity)
        for outcome in _ORDER:
            plan.group(outcome, [row for row in rows if row["outcome"] == outcome])
        self.lines += ["Not applied yet", *plan.lines] if plan.lines else []

    def _alike(self, effects: tuple[str, ...], rows: Sequence[Row], sign: str) -> None:
        is_shared = _is_shared(effects, rows)
        if is_shared:
            self.lines.append(f"  {len(rows):,} alike: {'; '.join(effects)}")
        for row in rows:
            known_by = f" ({visible(row['id'])})" if row["id"] else ""
            self.lines.append(f"{sign} {visible(row['email'])}{known_by}")
            told = [] if is_shared else list(effects)
            self.lines += [f"      {text}" for text in [*told, *self._why(row)]]

    def _more(self, count: int) -> None:
        if count:
            self.lines.append(f"  and {count:,} more, which -v shows")

    def unmanaged(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Live contacts in no file."""
        if rows:
            shown = rows if self._verbosity else rows[:SAMPLE]
            self.lines.append(f"Extra ({len(rows):,}): in no file")
            self.lines += [f"+ {visible(row['email'])} ({visible(row['id'])}){_past_of(row)}" for row in shown]
            self._more(len(rows) - len(shown))

    def kept(self, rows: Sequence[Row]) -> None:
        """Opt-outs that contacts have of their own."""
        if rows:
            self.lines.append(
                f"Kept ({len(rows):,}): opt-outs that no file names; list them under opt_ins to give them back"
            )
            for row in rows:
                names = [name for field in row["kept"] or () for name in field["after"]]
                self.lines.append(f"  {visible(row['email'])}: {', '.join(map(visible, names))}")

    def waiting(self, rows: Sequence[Row]) -> None:
        """Contacts in no file that a later run may delete."""
        if rows:
            self.lines.append(f"Blocked, and stay for now ({len(rows):,})")
            self.lines += [
                f"  {visible(row['email'])} ({visible(row['id'] or '')}): {visible(row['note'] or '')}" for row in rows
            ]

    def _effects(self, row: Row, view: str) -> list[str]:
        """What happens to the contact besides what its group says."""
        # Of a contact that is missing, nothing is live that could be compared.
        fields = [] if view == DRIFT and row["outcome"] == "created" else row["fields"]
        told = [text for field in fields if not _is_said(row, field) for text in self._field(field, view)]
        return told + [visible(text) for text in (_end_of(row), row["reason"]) if text]

    def _field(self, field: FieldRow, view: str) -> list[str]:
        place = f" [{visible(field['source'])}]" if self._verbosity and field["source"] else ""
        label = f" ({visible(field['label'])})" if self._verbosity and field["label"] else ""
        return [text + label + place for text in field_texts(field, view)]

    def _why(self, row: Row) -> list[str]:
        """From -v on where it stands in the files and why; from -vvv on what the API said and who wrote last.

        Whoever looks into drift asks for the place and the writer first.
        """
        found: list[str] = []
        if self._verbosity >= 1 or self._view == DRIFT:
            note = None if _end_of(row) else row["note"]
            found += [text for text in (row["label"], row["source"], note) if text]
        if self._verbosity >= 3:
            found += [f"HTTP {row['status']}"] if row["status"] is not None else []
            found += [f"trace {row['trace_id']}"] if row["trace_id"] else []
        written = row["last_written"]
        if written and written["at"] and (self._view == DRIFT or self._verbosity >= 3):
            by = writer_text(written)
            said = f"last written by {by}" if by else "last written"
            found.append(f"{said} at {written['at']}, which need not be this change")
        return [visible(text) for text in found]


def _end_of(row: Row) -> str | None:
    """Why a contact is removed that is in no file: there is no line to look that up."""
    return row["note"] if row["index"] is None else None


def _is_shared(effects: Sequence[str], rows: Sequence[Row]) -> bool:
    return bool(effects) and len(rows) > _ALIKE


def _past_of(row: Mapping[str, Any]) -> str:
    past = PASTS.get(row["label"])
    return f": {past}" if past else ""


def _is_said(row: Row, field: FieldRow) -> bool:
    """True where the heading of the group, or the address, says it already."""
    if field["field"] == "status":
        return row["outcome"] in ("deleted", "blocked", "unblocked") or (
            row["outcome"] == "created" and field["after"] == "Active"
        )
    return field["field"] == "email" and field["before"] is None


def field_texts(field: FieldRow, view: str) -> list[str]:
    """What becomes of one field, as phrases on one line each."""
    before, after, view = field["before"], field["after"], view_of(field["label"], view)
    if field["field"] == "opt_outs":
        effects = opt_out_effects(before, after, view)
        return [f"{effect.words} {', '.join(map(visible, effect.values))}" for effect in effects]
    name = visible(field["field"].replace("_", " "))
    if view == DRIFT:
        return [f"{name}: file says {_shown(after)}, live says {_shown(before)}"]
    return [f"{name}: {_shown(after)}" if before is None else f"{name}: {_shown(before)} -> {_shown(after)}"]


def _shown(value: Any) -> str:
    return "(none)" if value is None or value == "" else visible(str(value))
