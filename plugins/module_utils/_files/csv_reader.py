# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""CSV as the data of a contact file: one contact in each row, fields in the columns that the header names."""

from __future__ import annotations

import csv
import io
from typing import Any, Iterable

from .._contacts.fields import FILE_FIELDS
from .._text import quoted
from .problems import LineProblem, Lines, ParseError, suggestion

_LISTS = {name for name, field in FILE_FIELDS.items() if field.is_list}


def read_csv(text: str, problems: list[LineProblem], lines: Lines | None = None) -> Any:
    """The rows of ``text`` as contacts; problems that do not end the reading are added to ``problems``.

    :raises ParseError: the text cannot be read to its end
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    contacts: list[dict[str, Any]] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not _check_header(header, problems):
            return {"contacts": []}
        line = reader.line_num + 1
        for row in reader:
            if any(cell and not cell.isspace() for cell in row):
                if len(row) != len(header):
                    wrong = f"has {len(row)} cells, but the header has {len(header)}"
                    problems.append((("contacts", len(contacts)), line, wrong))
                if lines is not None:
                    lines[("contacts", len(contacts))] = line
                contacts.append(_contact(zip(header, row)))
            line = reader.line_num + 1
    except csv.Error:
        raise ParseError(line, "is not valid CSV; check the quotes") from None
    return {"contacts": contacts}


def _check_header(header: list[str], problems: list[LineProblem]) -> bool:
    """Report what is wrong with the header; false if no row can say which contact it is about."""
    if not any(header):
        raise ParseError(1, "has no header; the first row must name the fields, as in email,name,opt_outs")
    identified = "email" in header or "id" in header
    for index, column in enumerate(header):
        if column in header[:index]:
            problems.append(((column,), 1, "is the name of two columns"))
        # What has no such column may be no contact file at all, and hold secrets.
        elif column not in FILE_FIELDS and (identified or _is_meant(column)):
            problems.append(((), 1, f"has the unknown column {quoted(column)}; {_column_hint(column)}"))
    if not identified and not problems:
        problems.append(((), 1, "has neither a column email nor a column id"))
    return identified


def _is_meant(column: str) -> bool:
    return ";" in column or "\t" in column or suggestion(column, FILE_FIELDS) is not None


def _column_hint(column: str) -> str:
    if ";" in column or "\t" in column:
        return "cells are separated by commas"
    meant = suggestion(column, FILE_FIELDS)
    return f"did you mean {meant}?" if meant else "columns can be {}".format(", ".join(FILE_FIELDS))


def _contact(cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    contact: dict[str, Any] = {}
    for field, cell in cells:
        value = cell.strip()
        if value and field in FILE_FIELDS:
            contact[field] = [part.strip() for part in value.split(";")] if field in _LISTS else value
    return contact
