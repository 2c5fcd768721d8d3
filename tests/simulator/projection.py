# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer shows of an object: select, default members, nulls (notifications-api, sections 4, 12.5 and 18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulator.errors import ApiError, invalid
from tests.simulator.model import JsonObject
from tests.simulator.rql import Property, RqlError, Schema, Selection, parse_select
from tests.simulator.switches import SwitchSet

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_NOTHING = Selection()
# Members to write, each with those to write of it if it is an object or a list of objects.
Plan = dict[str, Any]


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
    """``key`` names the projection in caches. ``omitted``: for ``$meta.omitted``."""

    key: str
    plan: Plan
    omitted: tuple[str, ...]
    explicit_nulls: bool
    item_meta: bool


@dataclass(frozen=True)
class _Options:
    """``hidden``: members left out unless selected. ``withheld``: those that no select brings. ``used``: paths that
    the query filters or sorts by. ``names_unselected``: ``omitted`` also tells what ``-field`` took out."""

    hidden: frozenset[str]
    withheld: frozenset[str]
    used: tuple[str, ...]
    names_unselected: bool
    explicit_nulls: bool
    item_meta: bool


def build(
    text: str | None,
    schema: Schema,
    switches: SwitchSet,
    *,
    hidden: Iterable[str] = (),
    withheld: Iterable[str] = (),
    used_paths: Iterable[str] = (),
    item_meta: bool = False,
) -> Projection:
    """The projection for a ``select``; the other arguments as in ``_Options``."""
    _check(text or "", schema, switches)
    options = _Options(
        hidden=frozenset(hidden),
        withheld=frozenset(withheld),
        used=tuple(used_paths),
        names_unselected=switches["omitted_names"] == "unselected_too",
        explicit_nulls=switches["null_mode"] == "explicit",
        item_meta=item_meta,
    )
    return _built(text or "", schema, options)


def _check(text: str, schema: Schema, switches: SwitchSet) -> None:
    selection: Selection = rql_call(switches, parse_select, text, schema)
    if selection.uses_minus_star and switches["select_minus_star"] == "400":
        raise invalid("select", "'-*' is not supported.")
    if switches["select_unknown"] == "400":
        for name in sorted(selection.names):
            if schema.find(name.partition(".")[0]) is None:
                raise invalid(name, "Invalid property path.")


@lru_cache(maxsize=512)
def _built(text: str, schema: Schema, options: _Options) -> Projection:
    plan = _plan(schema, parse_select(text, schema), frozenset(schema.properties) - options.hidden)
    _use(plan, schema, _tree(options.used))
    for name in options.withheld:
        plan.pop(name, None)
    told = schema.properties if options.names_unselected else options.hidden | options.withheld
    omitted = tuple(name for name in schema.properties if name in told and name not in plan)
    return Projection(f"{text}|{options}", plan, omitted, options.explicit_nulls, options.item_meta)


def _plan(schema: Schema, selection: Selection, shown: frozenset[str] | None) -> Plan:
    """What ``selection`` leaves of an object, and adds to it. ``shown``: its members by default, ``None``: all."""
    plan: Plan = {}
    for name, prop in schema.properties.items():
        by_default = shown is None or name in shown
        if selection.is_selected(name, by_default):
            plan[name] = _plan_below(prop, selection, name, by_default)
    return plan


def _plan_below(prop: Property, selection: Selection, name: str, by_default: bool) -> Plan | None:
    if prop.schema is None:
        return None
    shown: frozenset[str] | None = frozenset()
    if selection.names_whole(name):
        shown = prop.full
    elif selection.keeps_defaults(name, by_default):
        shown = prop.core
    return _plan(prop.schema, selection.nested.get(name, _NOTHING), shown)


def _tree(paths: Iterable[str]) -> Plan:
    tree: Plan = {}
    for path in paths:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    return tree


def _use(plan: Plan, schema: Schema, tree: Plan) -> None:
    """Adds the members that the query filters or sorts by: the server shows them, selected or not."""
    for name, deeper in tree.items():
        prop = schema.properties[name]
        if prop.schema is None:
            plan[name] = None
        elif deeper:
            plan[name] = plan.get(name) or {}
            _use(plan[name], prop.schema, deeper)
        else:
            plan.setdefault(name, _plan(prop.schema, _NOTHING, prop.core))


def project(row: JsonObject, projection: Projection) -> JsonObject:
    """The object as it is written."""
    result: JsonObject = _written(row, projection.plan, projection.explicit_nulls)
    if projection.item_meta:
        result["$meta"] = {"omitted": list(projection.omitted)}
    return result


def _written(value: Any, plan: Plan | None, explicit_nulls: bool) -> Any:
    if plan is None:
        return value
    if isinstance(value, list):
        return [_written(item, plan, explicit_nulls) for item in value]
    if not isinstance(value, dict):
        return value
    members = ((name, _written(value[name], below, explicit_nulls)) for name, below in plan.items() if name in value)
    return {name: member for name, member in members if explicit_nulls or member not in _EMPTY}
