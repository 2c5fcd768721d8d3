# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a call and a run of joined terms mean: notifications-api, sections 12.2 and 12.4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from tests.simulator.rql.errors import RqlError, thrown
from tests.simulator.rql.nodes import Binary, Collection, Constant, Empty, Group, Node, Not, Null, Self


class Join(Enum):
    """How a term hangs on the one before it."""

    NONE = 0
    AND = 1
    OR = 2


Term = tuple[Join, Node]


def reduced(terms: Sequence[Term]) -> Node:
    """Fold joined terms into one node; AND binds tighter than OR.

    Terms without anything between them, as in ``eq(a,1)eq(b,2)``, are alternatives: the server has no rule against it.
    """
    alternatives: list[Node] = []
    run: list[Node] = []
    mode: Join | None = None
    for join, node in terms:
        if mode in (None, join):
            run.append(node)
        elif join is Join.OR:
            if len(run) > 1:
                alternatives.append(Group("and", tuple(run)))
                run = []
            run.append(node)
        else:
            alternatives += run[:-1]
            run = [*run[-1:], node]
        mode = join
    if mode is Join.AND and len(run) > 1:
        run = [Group("and", tuple(run))]
    alternatives += run
    return alternatives[0] if len(alternatives) == 1 else Group("or", tuple(alternatives))


def call(name: str, terms: Sequence[Term]) -> Node:
    """The node for ``name(terms)``. The name is not case-sensitive, but blanks in it count (section 12.2)."""
    lowered = name.lower()
    build = _CALLS.get(lowered)
    return build(lowered, terms) if build else Group(lowered, _nodes(terms))


def _nodes(terms: Sequence[Term]) -> tuple[Node, ...]:
    return tuple(node for joint, node in terms)


def _joined(_name: str, terms: Sequence[Term]) -> Node:
    return reduced(terms)


def _group(name: str, terms: Sequence[Term]) -> Node:
    return Group(name, _nodes(terms))


def _not(_name: str, terms: Sequence[Term]) -> Node:
    if len(terms) != 1:
        raise thrown("Unary expression must have 1 argument")
    return Not(terms[0][1])


def _binary(name: str, terms: Sequence[Term]) -> Node:
    if len(terms) != 2:
        raise thrown("Binary expression must have 2 arguments")
    left, right = _nodes(terms)
    if name in ("in", "out") and isinstance(right, Constant):
        right = Group("", (right,))
    return Binary(name, left, right)


def _collection(name: str, terms: Sequence[Term]) -> Node:
    if not terms:
        raise thrown("Collection expression must have at least 1 argument")
    nodes = _nodes(terms)
    return Collection(name, nodes[0], nodes[1] if len(nodes) > 1 else None)


def _self(_name: str, terms: Sequence[Term]) -> Node:
    if len(terms) > 1:
        raise thrown("Pointer expression must have 0 or 1 argument")
    return Self(terms[0][1] if terms else None)


def _null(_name: str, terms: Sequence[Term]) -> Node:
    if terms:
        raise _constant_arguments()
    return Null()


def _empty(_name: str, terms: Sequence[Term]) -> Node:
    if terms:
        raise _constant_arguments()
    return Empty()


def _constant_arguments() -> RqlError:
    return thrown("Constant functions cannot have arguments")


_CALLS: dict[str, Callable[[str, Sequence[Term]], Node]] = {
    "": _joined,
    "and": _group,
    "or": _group,
    "not": _not,
    **dict.fromkeys(("eq", "ne", "gt", "ge", "lt", "le", "like", "ilike", "in", "out"), _binary),
    "any": _collection,
    "all": _collection,
    "self": _self,
    "null": _null,
    "empty": _empty,
}
