# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a problem with what files or options say, from the place where it is found to the line that the user reads."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, Iterable, Tuple, Union

from .._text import escaped, shortened

# Keys and indexes that lead to a value.
Path = Tuple[Union[str, int], ...]
Lines = Dict[Path, int]
# What is wrong at a path, as a reader finds it with its line, and as a check of the data finds it without.
LineProblem = Tuple[Path, int, str]
PathProblem = Tuple[Path, str]

# Nothing that people write is nested deeper.
MAX_DEPTH = 20


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, or in one entry of the option contacts, where ``line`` is the entry's index.

    ``line`` is 0 where there is none.
    """

    name: str
    line: int
    field: str
    text: str
    option: bool = False

    def __str__(self) -> str:
        if self.option:
            place = f"{self.name}[{self.line}]: "
        else:
            place = "{}:{} ".format(escaped(self.name), f"{self.line}:" if self.line else "")
        return place + (f"{self.field}: " if self.field else "") + self.text

    @property
    def order(self) -> tuple[bool, str, int, str, str]:
        """Files first, each from top to bottom."""
        return self.option, self.name, self.line, self.field, self.text


_LONGEST_FIELD = 100


class ParseError(Exception):
    """A text that cannot be read to its end; ``text`` says why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True)
class NonStringScalar:
    """A value that YAML or JSON takes for something other than a text, list or mapping, and how it was written."""

    kind: str
    text: str


def field_at(path: Path) -> str:
    """How the place is named to the user: a field of a contact by its name alone, because the line tells which."""
    if path[:1] == ("contacts",) and len(path) > 1:
        return _shown(str(path[2])) if len(path) > 2 else f"contacts[{path[1]}]"
    return _shown(".".join(str(part) for part in path if isinstance(part, str)))


def _shown(field: str) -> str:
    # Whatever stands where a field should be is one to the reader, be it a whole letter.
    return escaped(shortened(field, _LONGEST_FIELD))


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Which of the known words was probably meant."""
    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.strip().casefold().replace("-", "_").replace(" ", "_"), folded, n=1)
    return folded[found[0]] if found else None
