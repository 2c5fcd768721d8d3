# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From text to the syntax tree: notifications-api, sections 12.2 and 12.3.

The server has no grammar. It walks over the text once, and what it does with a stray quote or parenthesis follows from
that walk alone, so this module walks the same way instead of describing a language that the server does not check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.simulator.rql.errors import invalid, thrown
from tests.simulator.rql.grammar import Join, Term, call, reduced
from tests.simulator.rql.nodes import Binary, Constant, Empty, Group, Node, Null, Self

_SPECIAL = re.compile(r"[=\"'(),&;|]")
# The real server has no limit; this one keeps clear of the recursion limit of Python.
_MAX_DEPTH = 150
_JOINS = {",": Join.AND, "&": Join.AND, ";": Join.OR, "|": Join.OR}


def parse(text: str, *, lenient: bool = False) -> Group:
    """The tree of a text; a text that is one single term gives a nameless group of it."""
    node = reduced(_Scanner(text, lenient).terms())
    return node if isinstance(node, Group) else Group("", (node,))


@dataclass
class _Word:
    """The text collected since the last special character.

    ``quote_end`` keeps the first closing quote when a second one opens: that is why ``'O'Brien'`` breaks.
    """

    start: int
    join: Join = Join.NONE
    open_quote: str = ""
    quote_start: int | None = None
    quote_end: int | None = None


class _Scanner:
    def __init__(self, text: str, lenient: bool) -> None:
        self._text = text
        self._lenient = lenient
        self._at = 0
        self._closed_at = -1

    def terms(self, *, one: bool = False, depth: int = 0) -> list[Term]:
        """The terms from here to the closing parenthesis or the end, or only the next one."""
        if depth > _MAX_DEPTH:
            raise thrown("The expression is nested too deeply.")
        found: list[Term] = []
        word = _Word(self._at)
        while special := self._next_special(word):
            if special == "=":
                word = self._shortcut(word, found, depth)
                continue
            if special == ")":
                self._refuse_surplus(one or depth > 0)
                break
            word = self._call(word, found, depth) if special == "(" else self._join(word, found, special)
            if one and found:
                return found
            self._at += 1
        self._finish(word, found)
        return found

    def _next_special(self, word: _Word) -> str:
        """Move to the next character that means something here; "" at the end of the text."""
        while True:
            if word.open_quote:
                end = self._text.find(word.open_quote, self._at)
                if end < 0:
                    break
                word.open_quote, word.quote_end, self._at = "", end, end + 1
            match = _SPECIAL.search(self._text, self._at)
            if match is None:
                break
            self._at = match.start()
            special = match[0]
            if special not in "\"'":
                return special
            word.open_quote, word.quote_start = special, self._at
            self._at += 1
        self._at = len(self._text)
        return ""

    def _refuse_surplus(self, expected: bool) -> None:
        # The real server stops reading here and drops the rest of the filter without a word (section 12.3).
        if self._lenient and not expected:
            raise invalid("Unexpected closing parenthesis.")

    def _shortcut(self, word: _Word, found: list[Term], depth: int) -> _Word:
        """``left=right``. A left side in parentheses is already in ``found``, and loses how it was joined."""
        left = found.pop()[1] if found and self._at <= word.start else self._constant(word)
        self._at += 1
        right = self.terms(one=True, depth=depth + 1)
        if len(right) != 1 or not isinstance(right[0][1], (Constant, Null, Empty, Self)):
            raise thrown("Invalid equals shortcut expression")
        node = right[0][1]
        found.append((word.join, Binary("eq", left, node)))
        # After any other call the server takes the call's own ")" for the end of the list around it.
        if isinstance(node, (Null, Empty)) or (self._lenient and self._closed_at == self._at):
            self._at += 1
        return _Word(self._at)

    def _call(self, word: _Word, found: list[Term], depth: int) -> _Word:
        name = self._text[word.start : self._at]
        self._at += 1
        inner = self.terms(depth=depth + 1)
        self._closed_at = self._at
        found.append((word.join, call(name, inner)))
        return _Word(self._at + 1)

    def _join(self, word: _Word, found: list[Term], special: str) -> _Word:
        self._finish(word, found)
        start = self._at + 1
        while self._lenient and special == "," and self._text.startswith(" ", start):
            start += 1
        return _Word(start, _JOINS[special])

    def _finish(self, word: _Word, found: list[Term]) -> None:
        if self._at > word.start:
            found.append((word.join, self._constant(word)))

    def _constant(self, word: _Word) -> Node:
        if word.quote_start is None:
            return Constant(self._text[word.start : self._at], quoted=False)
        # Without a closing quote the server takes the last character of the whole text for one.
        start, end = word.quote_start + 1, len(self._text) - 1 if word.quote_end is None else word.quote_end
        if start > end:
            raise thrown("Specified argument was out of the range of valid values. (Parameter 'start')")
        return Constant(self._text[start:end], quoted=True)
