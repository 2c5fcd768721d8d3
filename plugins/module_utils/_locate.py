# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""In which line of its file a value is; asked only when there is a fault to report."""

from __future__ import annotations

from contextlib import suppress
from typing import List, Tuple

from ansible_collections.softwareone.marketplace.plugins.module_utils._faults import BrokenText, Fault, Path, field_at
from ansible_collections.softwareone.marketplace.plugins.module_utils._files import Document, reader_of
from ansible_collections.softwareone.marketplace.plugins.module_utils._yaml import Lines

# What is wrong with the data of one document, by place.
Wrong = List[Tuple[Path, str]]


class Locator:
    """Turns places in documents into lines; reads a document again, once, when it is first asked about it."""

    def __init__(self) -> None:
        self._lines: dict[int, Lines] = {}

    def line(self, document: Document, path: Path) -> int:
        """The line of the value, or of the nearest thing around it that has one."""
        lines = self._lines.get(id(document))
        if lines is None:
            lines = self._lines[id(document)] = _lines_of(document)
        while path and path not in lines:
            path = path[:-1]
        return lines.get(path, 1)

    def fault(self, document: Document, path: Path, text: str) -> Fault:
        if document.is_option:
            index = path[1] if len(path) > 1 else 0
            return Fault(document.name, int(index), field_at(path) if len(path) > 2 else "", text, option=True)
        return Fault(document.name, self.line(document, path), field_at(path), text)

    def place(self, document: Document, path: Path) -> str:
        """The place as a message about another place names it."""
        if document.is_option:
            return f"{document.name}[{path[1]}]"
        return f"{document.name}:{self.line(document, path)}"


def _lines_of(document: Document) -> Lines:
    lines: Lines = {}
    if not document.is_option:
        with suppress(BrokenText):
            reader_of(document.name)(document.text, [], lines)
    return lines
