# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a problem with what files or options say, from the place where it is found to the line that the user reads."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Dict, Iterable, Tuple, TypedDict, Union

from .._text import shortened, visible

# Keys and indexes that lead to a value.
Path = Tuple[Union[str, int], ...]
Lines = Dict[Path, int]
# What is wrong at a path, as a reader finds it with its line, and as a check of the data finds it without.
LineProblem = Tuple[Path, int, str]
PathProblem = Tuple[Path, str]

# Nothing that people write is nested deeper.
MAX_DEPTH = 20


class Fault(TypedDict):
    """A problem as data. ``file`` is null for one of the option contacts, ``line`` where the file has none.

    ``field`` is empty where the fault is not about one.
    """

    file: str | None
    line: int | None
    field: str
    message: str


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
            place = "{}:{} ".format(visible(self.name), f"{self.line}:" if self.line else "")
        return place + (f"{self.field}: " if self.field else "") + self.text

    @property
    def fault(self) -> Fault:
        """The same as data, under the name that the file has."""
        if self.option:
            field = ".".join(part for part in (f"{self.name}[{self.line}]", self.field) if part)
            return {"file": None, "line": None, "field": field, "message": self.text}
        return {"file": self.name, "line": self.line or None, "field": self.field, "message": self.text}

    @property
    def order(self) -> tuple[bool, str, int, str, str]:
        """Files first, each from top to bottom."""
        return self.option, self.name, self.line, self.field, self.text


_PLACE = re.compile(r"(.+):([0-9]+)(?: \(profile .*\))?")


def fault_at(place: str, field: str, text: str) -> Fault:
    """A fault whose place is told as ``file:line`` or ``contacts[3]``."""
    known = _PLACE.fullmatch(place)
    if known is None:
        return {"file": None, "line": None, "field": f"{place}.{field}", "message": text}
    return {"file": known[1], "line": int(known[2]), "field": field, "message": text}


# A quotation, as Python writes it, and what a value that is no text is read as.
_QUOTATION = re.compile(r"'(?:[^'\\]|\\.)+'|\"(?:[^\"\\]|\\.)+\"")
_READ_AS = re.compile(r"^.+ is read as ")
_HIDDEN = "'...'"


def withheld(text: str) -> str:
    """What is wrong, without the values that it quotes: they are of a file that somebody encrypted."""
    return _READ_AS.sub(f"{_HIDDEN} is read as ", _QUOTATION.sub(_HIDDEN, text))


# A sentence up to where the advice begins, which nothing in a quotation does.
_SAID = re.compile(rf"((?:{_QUOTATION.pattern}|[^'\"])*?)(?:; |\. )(.+)", re.DOTALL)


def what_and_advice(message: str) -> tuple[str, str]:
    """What is wrong, and what to do about it as far as the message says so."""
    halves = _SAID.fullmatch(message)
    return (halves[1], halves[2][:1].upper() + halves[2][1:]) if halves else (message, "")


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
    return visible(shortened(field, _LONGEST_FIELD))


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Which of the known words was probably meant."""
    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.strip().casefold().replace("-", "_").replace(" ", "_"), folded, n=1)
    return folded[found[0]] if found else None
