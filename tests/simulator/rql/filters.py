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


@dataclass(frozen=True)
class Dialect:
    """How a server reads filters: switches ``string_compare``, ``rql_strictness`` and ``null_navigation``.

    ``unknown_is_true``: a comparison of a property that does not exist holds, instead of being refused.
    """

    case_sensitive: bool = False
    lenient: bool = False
    safe: bool = False
    unknown_is_true: bool = False


def compile_filter(text: str, schema: Schema, **dialect: bool) -> Filter:
    """Compile a filter; the empty one matches everything. ``dialect``: see ``Dialect``."""
    return _compiled(text, schema, Dialect(**dialect))


@lru_cache(maxsize=2048)
def _compiled(text: str, schema: Schema, dialect: Dialect) -> Filter:
    if not text:
        return Filter(_always, frozenset())
    tree = parse(text, lenient=dialect.lenient)
    compiler = _Compiler(dialect)
    matches = compiler.test(tree.items[0] if tree.name == "" else tree, Scope(schema))
    return Filter(matches, frozenset(compiler.paths))


def _always(_row: Mapping[str, Any]) -> bool:
    return True


class _Compiler:
    def __init__(self, dialect: Dialect) -> None:
        self.paths: set[str] = set()
        self._dialect = dialect

    def test(self, node: Node, scope: Scope) -> Test:
        if isinstance(node, Group):
            return self._group(node, scope)
        if isinstance(node, (Binary, Collection)):
            return self._operator(node, scope)
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

    def _operator(self, node: Binary | Collection, scope: Scope) -> Test:
        try:
            return self._binary(node, scope) if isinstance(node, Binary) else self._collection(node, scope)
        except RqlError as problem:
            if self._dialect.unknown_is_true and problem.is_unknown_path:
                return _always
            raise

    def _binary(self, node: Binary, scope: Scope) -> Test:
        target = self._used(node.left, scope)
        case_sensitive = self._dialect.case_sensitive
        if node.operator in ("in", "out"):
            return listed(node.operator, target, _list_of(node.right), case_sensitive=case_sensitive)
        if node.operator in ("like", "ilike"):
            return search(target, _text_of(node.right), case_sensitive=case_sensitive)
        other = self._other_property(node.right, scope)
        if other is not None:
            return compare_property(node.operator, target, other, case_sensitive=case_sensitive)
        text = None if isinstance(node.right, Null) else _text_of(node.right)
        return compare_value(node.operator, target, text, case_sensitive=case_sensitive, safe=self._dialect.safe)

    def _used(self, node: Node, scope: Scope) -> Target:
        target = find_node(node, scope)
        if target.path:
            self.paths.add(target.path)
        return target

    def _other_property(self, node: Node, scope: Scope) -> Target | None:
        """A right side that names a property: since 2026-02 any unquoted word that can (section 12.3)."""
        if isinstance(node, Self):
            return find_node(node, scope)
        if self._dialect.lenient or not isinstance(node, Constant) or node.quoted:
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
            return _all_of(target, inner, null_counts=not self._dialect.safe)
        return lambda row: any(inner(item) for item in target.read(row) or ())


def _all_of(target: Target, inner: Test, *, null_counts: bool) -> Test:
    """Every item passes; whether that is said of a list that is null is for the server's settings."""

    def test(row: Mapping[str, Any]) -> bool:
        items = target.read(row)
        return null_counts if items is None else all(inner(item) for item in items)

    return test


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
