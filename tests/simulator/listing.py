# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of contacts: filter, order, page, envelope (notifications-api, sections 3.2, 11, 12)."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from tests.simulator import projection as projections
from tests.simulator.call import Call
from tests.simulator.contacts import count_read, reads_nothing
from tests.simulator.drift import drift
from tests.simulator.errors import invalid
from tests.simulator.model import JsonObject, Reply, WireFault, encoded, json_text
from tests.simulator.paging import Page, read_page, read_window
from tests.simulator.projection import Projection, rql_call
from tests.simulator.rows import contact_schema, full_contact
from tests.simulator.rql import (
    Filter,
    Order,
    Query,
    Schema,
    compile_filter,
    parse_order,
    parse_select,
    sort_rows,
    split_query,
)
from tests.simulator.store import Record

JSON_TYPE = ("Content-Type", "application/json; charset=utf-8")
_FIRST_BYTE_DELAY = 0.05


@dataclass(frozen=True)
class Search:
    """A compiled query: ``filter`` and ``order`` as the server applies them, and what the answer shows."""

    filter: Filter
    order: Order
    projection: Projection
    key: tuple[object, ...]


def list_contacts(call: Call) -> Reply:
    query = split_query(call.raw_query)
    page = read_page(query, call.switches)
    schema = contact_schema(call.world)
    search = _search(call, query, schema, hidden_in_lists(call))
    records = [] if call.view.blank_list or reads_nothing(call) else _matching(call, search)
    if _wants_stream(call):
        return _stream(call, query, records, search.projection)
    if call.switches["redirect_list"] == "on":
        return _redirect(call, _page_text(call, records, page, search.projection))
    reply = Reply(200, _page_text(call, records, page, search.projection), [JSON_TYPE])
    served = _served(call, records, page)
    count_read(call, served)
    mode = call.view.page_drift or ("both" if call.switches["page_drift"] == "on" else "")
    if mode and served and page.offset + len(served) < len(records):
        drift(call.world, served, mode)
    return reply


def _search(call: Call, query: Query, schema: Schema, hidden: set[str]) -> Search:
    """The compiled query; a fault may take the filter away."""
    switches = call.switches
    text, order_text = _audit_rule(call, query, hidden)
    text = "" if call.view.ignore_filter else text
    dialect = {
        "lenient": switches["rql_strictness"] == "lenient",
        "case_sensitive": switches["string_compare"] == "sensitive",
        "safe": switches["null_navigation"] == "safe",
        "unknown_is_true": call.view.unknown_is_true,
    }
    found: Filter = rql_call(switches, compile_filter, text, schema, **dialect)
    if switches["email_case"] == "sensitive" and "email" in found.paths:
        found = compile_filter(text, schema, **{**dialect, "case_sensitive": True})
    order: Order = rql_call(switches, parse_order, order_text, schema)
    projection = projections.build(
        query.select,
        schema,
        switches,
        hidden=hidden,
        withheld=call.withheld(in_list=True),
        used_paths=sorted(found.paths) + [path for path, descends in order.keys],
        item_meta=switches["item_meta"] == "present",
    )
    key = (text, order_text, call.sees_deleted, call.view.unknown_is_true)
    return Search(found, order, projection, key)


def hidden_in_lists(call: Call) -> set[str]:
    """Members that a list leaves out unless selected: collections and what is costly (section 4)."""
    hidden = {"directories", "identity"}
    if call.switches["optouts_in_list"] == "omitted":
        hidden.add("optOuts")
    if call.switches["audit_in_list"] == "omitted":
        hidden.add("audit")
    return hidden


def _audit_rule(call: Call, query: Query, hidden: set[str]) -> tuple[str, str]:
    """Filter and order texts after switch ``audit_filter_without_select`` (section 9)."""
    text, order = query.filter, query.order or ""
    mode = call.switches["audit_filter_without_select"]
    if mode == "works" or "audit" not in f"{text}{order}".lower():
        return text, order
    selection = rql_call(call.switches, parse_select, query.select or "", contact_schema(call.world))
    if selection.is_selected("audit", default="audit" not in hidden):
        return text, order
    if mode == "400":
        raise invalid("audit", "Filtering is not permitted.")
    return ("" if "audit." in text.lower() else text), ("" if "audit." in order.lower() else order)


def _matching(call: Call, search: Search) -> list[Record]:
    """The contacts that the query finds, in its order."""
    world = call.world
    is_stale = call.lag > 0 and world.store.last_write > call.read_moment()
    found = None if is_stale else world.results.get(search.key)
    if found is None:
        found = _ordered(call, search, _visible(call, is_stale))
        if not is_stale:
            world.results.put(search.key, found)
    if not search.order.keys and call.switches["unordered_lists"] == "shuffled":
        found = random.Random(world.rng.random()).sample(found, len(found))
    return found


def _visible(call: Call, is_stale: bool) -> list[Record]:
    records = call.world.store.ordered()
    if is_stale:
        moment = call.read_moment()
        records = [seen for record in records if (seen := record.as_of(moment))]
    return records if call.sees_deleted else [record for record in records if record.is_live]


def _ordered(call: Call, search: Search, records: list[Record]) -> list[Record]:
    matches = search.filter.matches
    if search.key[0]:
        records = [record for record in records if matches(full_contact(call.world, record))]
    if not search.order.keys or search.order.keys == (("id", False),):
        return records
    by_id = {record.id: record for record in records}
    return [
        by_id[row["id"]] for row in sort_rows([full_contact(call.world, record) for record in records], search.order)
    ]


def _served(call: Call, records: list[Record], page: Page) -> list[Record]:
    """The rows of the page, after what a fault does to limit and offset."""
    limit, offset = page.limit, page.offset
    if call.view.offset is not None:
        offset = call.view.offset
    if call.view.limit is not None:
        limit = len(records) if call.view.limit == "all" else int(call.view.limit)
    if call.view.endless and records:
        return [records[(offset + step) % len(records)] for step in range(limit)]
    return records[offset : offset + limit]


def _page_text(call: Call, records: list[Record], page: Page, projection: Projection) -> bytes:
    rows = [call.render(record, projection) for record in _served(call, records, page)]
    if call.view.endless:
        rows = [_renamed(row, f"{page.offset + step}") for step, row in enumerate(rows)]
    return _envelope(call, rows, len(records), page, projection)


def _envelope(call: Call, rows: list[str], count: int, page: Page, projection: Projection) -> bytes:
    total: int | str | None = None if call.switches["total_null"] == "on" else count
    if call.view.total != "all":
        total = len(rows) if call.view.total == "rows" else call.view.total
    limit, offset = page.echo
    pagination = {"offset": offset, "limit": limit, "total": total}
    head = json_text({"$meta": {"pagination": pagination, "omitted": list(projection.omitted)}})
    return encoded(f'{head[:-1]},"data":[{",".join(rows)}]}}')


def _renamed(row: str, suffix: str) -> str:
    """A row that was never seen before: the same contact under another id."""
    digits = int(hashlib.sha256(suffix.encode()).hexdigest(), 16) % 10**8
    start = row.index('"id":"') + 6
    return f"{row[:start]}CTT-{digits // 10**4:04d}-{digits % 10**4:04d}{row[row.index(chr(34), start) :]}"


def _wants_stream(call: Call) -> bool:
    return call.switches["streaming"] == "on" and call.headers.get("mpt-streaming", "").lower() == "true"


def _stream(call: Call, query: Query, records: list[Record], projection: Projection) -> Reply:
    """All rows, or the window asked for, without a cap; as JSON lines or, if asked for, in the usual envelope.

    The first byte comes late. Headers as SoftwareOne's own client wants them (mpt-api-client 7.0, streaming_mixin).
    A fault may end it early at the end of a line: the headers have promised more by then.
    """
    page = read_window(query, len(records))
    window = records[page.offset : page.offset + page.limit]
    rows = [call.render(record, projection) for record in window[: call.view.cut_rows]]
    if call.headers.get("accept", "").partition(";")[0].strip() == "application/json":
        content_type, body = "application/json", _envelope(call, rows, len(records), page, projection)
    else:
        content_type = "application/jsonl"
        body = encoded("".join(f"{row}\n" for row in rows))
    headers = [("Content-Type", content_type), ("MPT-Streaming", "true"), ("MPT-Item-Count", str(len(window)))]
    return Reply(200, body, headers, fault=WireFault(delay=_FIRST_BYTE_DELAY))


def _redirect(call: Call, body: bytes) -> Reply:
    """302 to a file with the answer, on another host that notes what it is sent."""
    return Reply(302, b"", [("Location", call.world.exports.publish(body))])


def plain_list(call: Call, rows: list[JsonObject], schema: Schema, hidden: set[str]) -> Reply:
    """A list of objects that are not contacts: same query, same envelope."""
    query = split_query(call.raw_query)
    page = read_page(query, call.switches)
    search = _search(call, query, schema, hidden)
    found = sort_rows([row for row in rows if search.filter.matches(row)], search.order)
    wanted = found[page.offset : page.offset + page.limit]
    texts = [json_text(projections.project(row, search.projection)) for row in wanted]
    return Reply(200, _envelope(call, texts, len(found), page, search.projection), [JSON_TYPE])
