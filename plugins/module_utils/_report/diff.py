# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what ``--diff`` shows."""

from __future__ import annotations

from typing import Any, Iterable

from .rows import FAILED, OUTCOMES, UNKNOWN, FieldRow, Row


def contact_diff(row: Row) -> dict[str, Any]:
    """One contact: the managed fields that change, nothing else."""
    return {
        "before": _side(row, "before"),
        "after": _side(row, "after"),
        "before_header": "contact {} (live)".format(row["email"]),
        "after_header": "contact {} (wanted)".format(row["email"]),
    }


def _side(row: Row, side: str) -> dict[str, Any]:
    values = {field["field"]: field["before"] if side == "before" else field["after"] for field in row["fields"]}
    return {name: value for name, value in values.items() if value is not None}


def diff_text(rows: Iterable[Row], numbers: dict[str, int]) -> str:
    """What ``--diff`` shows: each contact that changes, field by field, and a line of totals."""
    lines: list[str] = []
    for row in rows:
        if row["fields"]:
            lines.append("{} {} ({})".format(_SIGNS.get(row["outcome"], "~"), row["email"], row["id"] or "new"))
            lines += ["    " + _from_to(field) for field in row["fields"]]
    if lines:
        lines.append(totals(numbers))
    return "".join(line + "\n" for line in lines)


_SIGNS = {"created": "+", "deleted": "-", FAILED: "!", UNKNOWN: "?"}


def _from_to(field: FieldRow) -> str:
    before, after = field["before"], field["after"]
    if isinstance(before, list) or isinstance(after, list):
        gone = ["-" + name for name in before or () if name not in (after or ())]
        come = ["+" + name for name in after or () if name not in (before or ())]
        return "{}: {}".format(field["field"], ", ".join(gone + come) or "none")
    return f"{field['field']}: {_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    return "(none)" if value is None else str(value)


def totals(numbers: dict[str, int]) -> str:
    """The counts of a run in one line; what is zero is left out."""
    parts = [f"{numbers[name]} {name}" for name in OUTCOMES if numbers[name]]
    tail = f" (live but in no file: {numbers['unmanaged']})" if numbers["unmanaged"] else ""
    return (", ".join(parts) or "no contacts") + tail
