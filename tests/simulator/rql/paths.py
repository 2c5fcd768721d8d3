# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a path in a query to the property it names: notifications-api, sections 12.2 and 12.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.simulator.rql.errors import UNKNOWN_PATH, invalid
from tests.simulator.rql.nodes import Constant, Node, Self
from tests.simulator.rql.schema import Property, Schema

Action = Literal["Filtering", "Ordering"]

ROOT = Property("object")
NO_PROPERTIES = Schema({})


@dataclass(frozen=True)
class Scope:
    """Where paths start: the object itself, or (in ``any`` and ``all``) an item of the collection ``base``."""

    schema: Schema
    base: str = ""
    action: Action = "Filtering"

    def full(self, path: str) -> str:
        """The path as seen from the object itself."""
        return f"{self.base}.{path}" if self.base and path else self.base or path


@dataclass(frozen=True)
class Target:
    """A property that was found: its full path in the spelling of the schema, and how to read it."""

    path: str
    prop: Property
    read: Callable[[Any], Any]


def find(path: str, scope: Scope) -> Target:
    """The property of a dotted path, in any case."""
    prop, schema, names = ROOT, scope.schema, []
    segments = path.split(".")
    for position, segment in enumerate(segments, start=1):
        found = schema.find(segment)
        typed = scope.full(".".join(segments[:position]))
        if found is None:
            raise invalid(UNKNOWN_PATH, typed)
        name, prop = found
        if not (prop.filterable if scope.action == "Filtering" else prop.orderable):
            raise invalid(f"{scope.action} is not permitted.", typed)
        names.append(name)
        schema = prop.schema if prop.kind == "object" and prop.schema else NO_PROPERTIES
    return Target(scope.full(".".join(names)), prop, _reader(names))


def find_node(node: Node, scope: Scope) -> Target:
    """The property that the left side of an operator names."""
    if isinstance(node, Self):
        return Target(scope.base, ROOT, _whole) if node.inner is None else find_node(node.inner, scope)
    if isinstance(node, Constant):
        return find(node.text, scope)
    raise invalid("Unsupported property node.")


def _whole(row: Any) -> Any:
    return row


def _reader(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    first, *others = names

    def read_one(row: Mapping[str, Any]) -> Any:
        return row.get(first)

    def read_deep(row: Mapping[str, Any]) -> Any:
        value = row.get(first)
        for name in others:
            if value is None:
                return None
            value = value.get(name)
        return value

    return read_deep if others else read_one
