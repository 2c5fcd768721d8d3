# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which members of an object are written, and how (notifications-api, sections 4 and 12.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.simulator.errors import ApiError, invalid
from tests.simulator.model import JsonObject
from tests.simulator.rows import USER_CORE
from tests.simulator.rql import RqlError, Schema, Selection, parse_select
from tests.simulator.switches import SwitchSet

_CORE = {"user": frozenset(USER_CORE)}
_EMPTY: tuple[Any, ...] = (None, "", [], {})
Tree = dict[str, Any]


def rql_call(switches: SwitchSet, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Calls into the query language; its errors become answers of the API (sections 12.4 and 13)."""
    try:
        return function(*args, **options)
    except RqlError as error:
        status = int(switches["rql_parser_error_status"]) if error.is_parser_exception else 400
        raise ApiError(
            status, "One or more validation errors occurred.", kind="validation", errors=error.errors
        ) from None


@dataclass(frozen=True)
class Projection:
    """``key`` names the projection in caches. ``omitted``: defaults left out, for ``$meta.omitted``.

    ``used``: members that are there only because the query filters or sorts by them, with the paths inside.
    """

    key: str
    names: tuple[str, ...]
    omitted: tuple[str, ...]
    selection: Selection
    used: Tree
    explicit_nulls: bool
    item_meta: bool


def read_select(text: str | None, schema: Schema, switches: SwitchSet) -> Selection:
    selection: Selection = rql_call(switches, parse_select, text or "")
    if selection.uses_minus_star and switches["select_minus_star"] == "400":
        raise invalid("select", "'-*' is not supported.")
    if switches["select_unknown"] == "400":
        for name in sorted(selection.names):
            if schema.find(name.partition(".")[0]) is None:
                raise invalid(name, "Invalid property path.")
    return selection


def build(
    text: str | None,
    schema: Schema,
    switches: SwitchSet,
    *,
    hidden: Iterable[str] = (),
    used_paths: Iterable[str] = (),
    item_meta: bool = False,
) -> Projection:
    """The projection for a ``select``. ``hidden``: members left out by default. ``used_paths``: filter and order."""
    selection = read_select(text, schema, switches)
    hidden_names = frozenset(hidden)
    used = _tree(used_paths)
    names, omitted, only_used = [], [], {}
    for name in schema.properties:
        if selection.is_selected(name, name not in hidden_names):
            names.append(name)
        elif name in used:
            names.append(name)
            only_used[name] = used[name]
        elif name in hidden_names:
            omitted.append(name)
    key = f"{text}|{sorted(hidden_names)}|{only_used}|{item_meta}"
    explicit = switches["null_mode"] == "explicit"
    return Projection(key, tuple(names), tuple(omitted), selection, only_used, explicit, item_meta)


def _tree(paths: Iterable[str]) -> Tree:
    tree: Tree = {}
    for path in paths:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    return tree


def project(row: JsonObject, projection: Projection) -> JsonObject:
    """The object as it is written."""
    result: JsonObject = {}
    for name in projection.names:
        value = row[name]
        if name in projection.used:
            value = _only(value, projection.used[name])
        elif isinstance(value, (dict, list)):
            value = _inner(value, name, projection)
        if projection.explicit_nulls or value not in _EMPTY:
            result[name] = value
    if projection.item_meta:
        result["$meta"] = {"omitted": list(projection.omitted)}
    return result


def _only(value: Any, tree: Tree) -> Any:
    if not tree or value is None:
        return value
    if isinstance(value, list):
        return [_only(item, tree) for item in value]
    return {name: _only(value[name], inner) for name, inner in tree.items() if name in value}


def _inner(value: Any, name: str, projection: Projection) -> Any:
    """An object or a list of objects: core members, and what ``select`` says about them."""
    selection = projection.selection
    nested = selection.nested.get(name)
    core = _CORE.get(name)
    if nested is None:
        return _clean(value, core, projection.explicit_nulls)
    by_default = selection.keeps_defaults(name, default=name not in projection.omitted)

    def wanted(member: str) -> bool:
        return bool(nested.is_selected(member, by_default and (core is None or member in core)))

    return _filtered(value, wanted, projection.explicit_nulls)


def _clean(value: Any, core: frozenset[str] | None, explicit_nulls: bool) -> Any:
    return _filtered(value, lambda member: core is None or member in core, explicit_nulls)


def _filtered(value: Any, wanted: Callable[[str], bool], explicit_nulls: bool) -> Any:
    if isinstance(value, list):
        return [_filtered(item, wanted, explicit_nulls) for item in value]
    return {key: item for key, item in value.items() if wanted(key) and (explicit_nulls or item not in _EMPTY)}
