# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a filter to a test of one object: notifications-api, section 12."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulator.rql.errors import FAILURE, RqlError, collected, invalid, thrown
from tests.simulator.rql.nodes import Binary, Collection, Constant, Empty, Group, Node, Not, Null, Self
from tests.simulator.rql.operators import Test, compare_property, compare_value, listed, search
from tests.simulator.rql.paths import NO_PROPERTIES, Scope, Target, find, find_node
from tests.simulator.rql.scanner import parse
from tests.simulator.rql.schema import Schema


@dataclass(frozen=True)
class Filter:
    """A filter that is ready to run over whole (not projected) objects.

    ``paths`` are the properties it filters by, which the server then adds to the output (section 12.5). A property on
    the right side of a comparison is not among them, as in the server.
    """

    matches: Test
    paths: frozenset[str]


def compile_filter(text: str, schema: Schema, *, case_sensitive: bool = False, lenient: bool = False) -> Filter:
    """Compile a filter; the empty one matches everything.

    ``case_sensitive`` is the switch ``string_compare``, ``lenient`` the switch ``rql_strictness`` (section 16).
    """
    return _compiled(text, schema, case_sensitive, lenient)


@lru_cache(maxsize=2048)
def _compiled(text: str, schema: Schema, case_sensitive: bool, lenient: bool) -> Filter:
    if not text:
        return Filter(_always, frozenset())
    tree = parse(text, lenient=lenient)
    compiler = _Compiler(case_sensitive, lenient)
    matches = compiler.test(tree.items[0] if tree.name == "" else tree, Scope(schema))
    return Filter(matches, frozenset(compiler.paths))


def _always(_row: Mapping[str, Any]) -> bool:
    return True


class _Compiler:
    def __init__(self, case_sensitive: bool, lenient: bool) -> None:
        self.paths: set[str] = set()
        self._case_sensitive = case_sensitive
        self._lenient = lenient

    def test(self, node: Node, scope: Scope) -> Test:
        if isinstance(node, Group):
            return self._group(node, scope)
        if isinstance(node, Binary):
            return self._binary(node, scope)
        if isinstance(node, Collection):
            return self._collection(node, scope)
        if isinstance(node, Not):
            nested = self.test(node.nested, scope)
            return lambda row: not nested(row)
        raise invalid("Expression expected.", node.text if isinstance(node, Constant) else None)

    def _group(self, node: Group, scope: Scope) -> Test:
        if node.name not in ("and", "or"):
            raise invalid("Unknown expression group.", node.name)
        if not node.items:
            raise invalid("Expression group cannot be empty.")
        tests = collected(lambda item: self.test(item, scope), node.items)
        return _every(tests) if node.name == "and" else _some(tests)

    def _binary(self, node: Binary, scope: Scope) -> Test:
        target = self._used(node.left, scope)
        if node.operator in ("in", "out"):
            return listed(node.operator, target, _list_of(node.right), case_sensitive=self._case_sensitive)
        if node.operator in ("like", "ilike"):
            return search(target, _text_of(node.right))
        other = self._other_property(node.right, scope)
        if other is not None:
            return compare_property(node.operator, target, other, case_sensitive=self._case_sensitive)
        text = None if isinstance(node.right, Null) else _text_of(node.right)
        return compare_value(node.operator, target, text, case_sensitive=self._case_sensitive)

    def _used(self, node: Node, scope: Scope) -> Target:
        target = find_node(node, scope)
        if target.path:
            self.paths.add(target.path)
        return target

    def _other_property(self, node: Node, scope: Scope) -> Target | None:
        """A right side that names a property: since 2026-02 any unquoted word that can (section 12.3)."""
        if isinstance(node, Self):
            return find_node(node, scope)
        if self._lenient or not isinstance(node, Constant) or node.quoted:
            return None
        try:
            return find(node.text, scope)
        except RqlError:
            return None

    def _collection(self, node: Collection, scope: Scope) -> Test:
        target = self._used(node.left, scope)
        kind = target.prop.kind
        if kind not in ("collection", "string"):
            raise thrown("Collection property has incompatible type", FAILURE)
        items = Scope(target.prop.schema or NO_PROPERTIES, target.path)
        inner = None if node.right is None else self.test(node.right, items)
        if kind == "string":
            # To the server a string is a list of characters, and only then something that any() may not touch.
            raise invalid("Operator 'Any' is not permitted")
        if inner is None:
            if node.operator == "all":
                raise invalid("all() function must have 2 arguments")
            return lambda row: bool(target.read(row))
        if node.operator == "all":
            return lambda row: all(inner(item) for item in target.read(row) or ())
        return lambda row: any(inner(item) for item in target.read(row) or ())


def _text_of(node: Node) -> str:
    if isinstance(node, Constant):
        return node.text
    if isinstance(node, Empty):
        return ""
    raise invalid("Null values are not supported." if isinstance(node, Null) else "Unsupported argument type.")


def _list_of(node: Node) -> list[str]:
    if not isinstance(node, Group) or not node.items:
        raise invalid("Value has to be a non empty array.")
    return collected(_text_of, node.items)


def _every(tests: list[Test]) -> Test:
    def test(row: Mapping[str, Any]) -> bool:
        return all(each(row) for each in tests)

    return test


def _some(tests: list[Test]) -> Test:
    def test(row: Mapping[str, Any]) -> bool:
        return any(each(row) for each in tests)

    return test
