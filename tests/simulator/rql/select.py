# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which properties to answer with: notifications-api, section 12.5."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tests.simulator.rql.nodes import Binary, Collection, Constant, Group, Node, Not, Self
from tests.simulator.rql.paths import NO_PROPERTIES
from tests.simulator.rql.scanner import parse
from tests.simulator.rql.schema import Schema
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
    any case. ``names`` are all paths mentioned at this level and below, as written, without sign and without ``*``.
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

    def names_whole(self, name: str) -> bool:
        """Whether the property itself is asked for, and so an object in its full form: ``+user``, ``*``."""
        return self.includes_all or name.lower() in self.included

    def keeps_defaults(self, name: str, default: bool) -> bool:
        """Whether a nested object shows what it shows by default, besides what ``nested`` says about it.

        It does not when it is there only for a property in it: ``-*,user.name`` gives a user with a name and no more.
        """
        if self.names_whole(name):
            return True
        return default and not self.excludes_all and name.lower() not in self.excluded


@lru_cache(maxsize=256)
def parse_select(text: str, schema: Schema | None = None) -> Selection:
    """Read ``select=+a,-b,user(id)``; the empty text selects the defaults.

    A segment of a path that the schema does not have is passed over: ``user.nope`` means ``user``, ``-nope.name`` means
    ``-name`` (section 18). Without a schema every name counts.
    """
    level = _Level(schema)
    if text:
        level.take(parse(text))
    return level.frozen()


class _Level:
    """A selection while it is being read."""

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema
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
        if path == "*":
            self._marks[included].add(path)
        if path in ("", "*"):
            return self
        self._names.add(path)
        parent, name, level = self, "", self
        for segment in path.split("."):
            if level._has(segment):
                parent, name, level = level, segment, level._below(segment)
        if name:
            parent._marks[included].add(name.lower())
        return level

    def _has(self, name: str) -> bool:
        return self._schema is None or self._schema.find(name) is not None

    def _below(self, name: str) -> _Level:
        return self._nested.setdefault(name.lower(), (name, _Level(self._schema_of(name))))[1]

    def _schema_of(self, name: str) -> Schema | None:
        found = self._schema.find(name) if self._schema else None
        return (found[1].schema or NO_PROPERTIES) if found else None
