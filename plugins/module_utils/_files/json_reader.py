# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""JSON as data, with keys that are given twice as problems; with ``lines`` every place gets its line."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

from .problems import LineProblem, Lines, NonStringScalar, ParseError, Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def read_json(text: str, problems: list[LineProblem], lines: Lines | None = None) -> Any:
    """The value of ``text``; problems that do not end the reading are added to ``problems``.

    :raises ParseError: the text cannot be read to its end
    """
    repeated: list[bool] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            repeated.append(True)
        return found

    try:
        data = json.loads(
            text, object_pairs_hook=mapping, parse_int=_number, parse_float=_number, parse_constant=_number
        )
        if repeated or lines is not None:
            _Scan(text, problems, {} if lines is None else lines).run()
    except json.JSONDecodeError as error:
        raise ParseError(error.lineno, "is not valid JSON; check the commas, quotes and brackets") from None
    except RecursionError:
        raise ParseError(1, "is nested too deeply") from None
    return data


def _number(text: str) -> NonStringScalar:
    return NonStringScalar("a number", text)


class _Scan:
    """Goes through valid JSON once more, to tell in which line each key and item is."""

    def __init__(self, text: str, problems: list[LineProblem], lines: Lines) -> None:
        self._tokens = self._numbered(text)
        self._problems = problems
        self._lines = lines

    def run(self) -> None:
        self._value(next(self._tokens)[0], ())

    @staticmethod
    def _numbered(text: str) -> Iterator[tuple[str, int]]:
        line, end = 1, 0
        for match in _TOKEN.finditer(text):
            line += text.count("\n", end, match.start())
            end = match.start()
            yield match.group(), line

    def _value(self, token: str, path: Path) -> None:
        if token == "{":
            self._mapping(path)
        elif token == "[":
            self._sequence(path)

    def _mapping(self, path: Path) -> None:
        seen: dict[str, int] = {}
        for token, line in self._tokens:
            if token == "}":
                return
            if token == ",":
                continue
            key = json.loads(token)
            place = (*path, key)
            self._lines[place] = line
            if key in seen:
                self._problems.append((place, line, f"is given twice; the first is in line {seen[key]}"))
            seen.setdefault(key, line)
            next(self._tokens)
            self._value(next(self._tokens)[0], place)

    def _sequence(self, path: Path) -> None:
        index = 0
        for token, line in self._tokens:
            if token == "]":
                return
            if token != ",":
                self._lines[(*path, index)] = line
                self._value(token, (*path, index))
                index += 1
