# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which properties to answer with: notifications-api, section 12.5."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tests.simulator.rql.nodes import Binary, Collection, Constant, Group, Node, Not, Self
from tests.simulator.rql.scanner import parse
from tests.simulator.rql.sign import signed


class _AnyCase(dict[str, "Selection"]):
    """Selections by property name in any case: a query need not spell a name as the JSON does."""

    def __getitem__(self, name: str) -> Selection:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


@dataclass(frozen=True)
class Selection:
    """What a query asks for at one level of an object.

    ``included``, ``excluded`` and the keys of ``nested`` (the levels below) are in lower case; ``nested`` is read in
    any case. ``names`` are all names mentioned at this level and below, with their path and without sign or ``*``.
    """

    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    includes_all: bool = False
    excludes_all: bool = False
    nested: dict[str, Selection] = field(default_factory=_AnyCase)
    names: frozenset[str] = frozenset()
    uses_minus_star: bool = False

    def is_selected(self, name: str, default: bool) -> bool:
        """Whether a property is in the answer; ``default`` tells whether it would be without any selection."""
        return name in self.nested or self.keeps_defaults(name, default)

    def keeps_defaults(self, name: str, default: bool) -> bool:
        """Whether a nested object shows what it shows by default, besides what ``nested`` says about it.

        It does not when it is there only for a property in it: ``-*,user.name`` gives a user with a name and no more.
        """
        lowered = name.lower()
        if self.includes_all or lowered in self.included:
            return True
        return default and not self.excludes_all and lowered not in self.excluded


@lru_cache(maxsize=256)
def parse_select(text: str) -> Selection:
    """Read ``select=+a,-b,user(id)``; the empty text selects the defaults."""
    level = _Level()
    if text:
        level.take(parse(text))
    return level.frozen()


class _Level:
    """A selection while it is being read."""

    def __init__(self) -> None:
        self._marks: dict[bool, set[str]] = {True: set(), False: set()}
        self._nested: dict[str, tuple[str, _Level]] = {}
        self._names: set[str] = set()

    def take(self, node: Node | None) -> None:
        """Read one node; of an operator the server looks at nothing but the property on its left."""
        if isinstance(node, Constant):
            self._mark(node.text)
        elif isinstance(node, Group):
            level = self if node.name in ("", "and", "or") else self._mark(node.name)
            for item in node.items:
                level.take(item)
        elif isinstance(node, Not):
            self.take(node.nested)
        elif isinstance(node, Self):
            self.take(node.inner)
        elif isinstance(node, (Binary, Collection)):
            self.take(node.left)

    def frozen(self) -> Selection:
        """The finished selection; a level in which nothing was named is none."""
        nested = _AnyCase()
        names = set(self._names)
        for lowered, (name, level) in self._nested.items():
            selection = level.frozen()
            if selection != Selection():
                nested[lowered] = selection
                names |= {f"{name}.{inner}" for inner in selection.names}
        return Selection(
            included=frozenset(self._marks[True] - {"*"}),
            excluded=frozenset(self._marks[False] - {"*"}),
            includes_all="*" in self._marks[True],
            excludes_all="*" in self._marks[False],
            nested=nested,
            names=frozenset(names),
            uses_minus_star="*" in self._marks[False] or any(each.uses_minus_star for each in nested.values()),
        )

    def _mark(self, word: str) -> _Level:
        """Note a word; the level of the property it names."""
        path, included = signed(word)
        *parents, name = path.split(".")
        level = self
        for parent in parents:
            level = level._below(parent)
        level._marks[included].add(name.lower())
        if name in ("", "*"):
            return level
        level._names.add(name)
        return level._below(name)

    def _below(self, name: str) -> _Level:
        return self._nested.setdefault(name.lower(), (name, _Level()))[1]
