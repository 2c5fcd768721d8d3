# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of what reads show."""

from __future__ import annotations

from typing import Any

from tests.unit.simulator.api import ORDERS, Api
from tests.unit.simulator.probes import probe


@probe
def deleted_visibility(value: str) -> dict[str, tuple[int, int]]:
    seen = {}
    for role in ("ops", "vendor"):
        api = Api(deleted_visibility=value)
        contact_id = api.create()
        api.delete(f"/contacts/{contact_id}")
        api.role = role
        total = api.get("/contacts")["$meta"]["pagination"]["total"]
        api.get(f"/contacts/{contact_id}")
        seen[role] = (total, api.status)
    return seen


@probe
def deleted_email_reuse(value: str) -> tuple[int, bool | None, str | None]:
    api = Api(deleted_email_reuse=value)
    contact_id = api.create(name="old")
    api.delete(f"/contacts/{contact_id}")
    body = api.post("/contacts", {"email": "a@b.example", "name": "new"})
    return api.status, (body["id"] == contact_id) if "id" in body else None, body.get("name")


@probe
def null_mode(value: str) -> bool:
    api = Api(null_mode=value)
    return "blockedReason" in api.get(f"/contacts/{api.create()}")


@probe
def audit_in_list(value: str) -> tuple[bool, bool]:
    body = Api(1, audit_in_list=value).get("/contacts")
    return "audit" in body["data"][0], "audit" in body["$meta"]["omitted"]


@probe
def audit_filter_without_select(value: str) -> tuple[int, int | None]:
    api = Api(3, audit_filter_without_select=value)
    body = api.get('/contacts?gt(audit.created.at,"2030-01-01T00:00:00.000Z")')
    return api.status, body.get("$meta", {}).get("pagination", {}).get("total")


@probe
def item_meta(value: str) -> bool:
    return "$meta" in Api(1, item_meta=value).get("/contacts")["data"][0]


def _page(query: str, switch: str, value: str) -> tuple[int, int, int]:
    api = Api(120, **{switch: value})  # type: ignore[arg-type]
    body = api.get(f"/contacts{query}")
    if api.status != 200:
        return api.status, 0, 0
    return api.status, len(body["data"]), body["$meta"]["pagination"]["limit"]


@probe
def default_limit(value: str) -> Any:
    return _page("", "default_limit", value)


@probe
def max_limit(value: str) -> Any:
    return _page("?limit=110", "max_limit", value)


@probe
def limit_echo(value: str) -> Any:
    return _page("?limit=110", "limit_echo", value)


@probe
def total_null(value: str) -> int | None:
    total: int | None = Api(3, total_null=value).get("/contacts")["$meta"]["pagination"]["total"]
    return total


@probe
def unordered_lists(value: str) -> tuple[bool, bool]:
    """Whether lists come by id: without order, with order=id."""
    api = Api(30, unordered_lists=value)
    seen = []
    for query in ("?limit=30", "?limit=30&order=id"):
        ids = [row["id"] for row in api.get(f"/contacts{query}")["data"]]
        seen.append(ids == sorted(ids))
    return seen[0], seen[1]


@probe
def page_drift(value: str) -> tuple[bool, int]:
    """Whether a second pass over the pages finds other contacts, and how many there are."""
    api = Api(40, page_drift=value)
    before = {record.id for record in api.sim.store.live()}
    for offset in range(0, 40, 10):
        api.get(f"/contacts?limit=10&offset={offset}&order=id")
    after = {record.id for record in api.sim.store.live()}
    return before != after, len(after)


@probe
def string_compare(value: str) -> int:
    api = Api(1, string_compare=value)
    total: int = api.get('/contacts?eq(name,"JANE DOE")')["$meta"]["pagination"]["total"]
    return total


@probe
def rql_strictness(value: str) -> int:
    api = Api(1, rql_strictness=value)
    api.get('/contacts?and(eq(status,"Active"),%20eq(name,"Jane%20Doe"))')
    return api.status


@probe
def rql_parser_error_status(value: str) -> int:
    api = Api(1, rql_parser_error_status=value)
    api.get("/contacts?eq(name)")
    return api.status


@probe
def select_unknown(value: str) -> int:
    api = Api(1, select_unknown=value)
    api.get("/contacts?select=-config")
    return api.status


@probe
def select_minus_star(value: str) -> tuple[int, list[str]]:
    api = Api(1, select_minus_star=value)
    body = api.get("/contacts?select=-*,+id,+name")
    return api.status, sorted(body.get("data", [{}])[0])


@probe
def account_category_contacts(value: str) -> str:
    body = Api(9, account_category_contacts=value).get(f"/accounts/ACC-0003-0003/categories/{ORDERS}/contacts")
    return "array" if isinstance(body, list) else "list" if "data" in body else "object" if "id" in body else "?"


@probe
def read_after_write_lag(value: str) -> list[int]:
    """Status of GET by id and number listed, at once and a second later."""
    api = Api(read_after_write_lag=value)
    contact_id = api.create()
    seen = []
    for _dummy in range(2):
        api.get(f"/contacts/{contact_id}")
        seen += [api.status, api.get("/contacts")["$meta"]["pagination"]["total"]]
        api.clock.now += 1.0
    return seen


@probe
def negative_page(value: str) -> tuple[int, int, int | None]:
    """Status, rows and the limit that the answer names."""
    api = Api(12, negative_page=value)
    body = api.get("/contacts?limit=-5")
    limit = body.get("$meta", {}).get("pagination", {}).get("limit")
    return api.status, len(body.get("data", [])), limit


@probe
def null_navigation(value: str) -> tuple[int, int, int]:
    """Of three contacts, one of them linked to a user: how many pass each filter."""
    api = Api(3, null_navigation=value)
    filters = ('ne(user.name,"Nobody")', 'all(user.accounts,eq(type,"Client"))', "ne(user.name,null())")
    totals = [api.total(f"/contacts?{text}") for text in filters]
    return totals[0], totals[1], totals[2]


@probe
def omitted_names(value: str) -> list[str]:
    omitted: list[str] = Api(1, omitted_names=value).get("/contacts?select=-name")["$meta"]["omitted"]
    return omitted


@probe
def withheld(value: str) -> tuple[str, str]:
    """What a list and a GET by id leave out although it is selected."""
    api = Api(1, withheld=value)
    body = api.get("/contacts?select=%2BoptOuts,%2Baudit")
    one = api.get(f"/contacts/{api.first_id()}?select=%2BoptOuts,%2Baudit")
    seen = []
    for row, omitted in ((body["data"][0], body["$meta"]["omitted"]), (one, one.get("$meta", {}).get("omitted", []))):
        missing = [name for name in ("optOuts", "audit") if name not in row]
        seen.append(",".join(missing) if missing == omitted else f"{missing}, but told {omitted}")
    return seen[0], seen[1]
