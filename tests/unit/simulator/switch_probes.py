# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe per switch: what the API shows under a value. The expectations stand in ``test_switches.py``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.unit.simulator.api import INVOICES, LEGACY, MISSING, ORDERS, SECURITY, TECHNICAL, Api

Probe = Callable[[str], Any]
PROBES: dict[str, Probe] = {}


def probe(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """Registers a function as the probe of the switch it is named after."""
    PROBES[function.__name__] = function
    return function


@probe
def id_format(value: str) -> str:
    return re.sub(r"\d", "d", Api(id_format=value).create())


@probe
def schema(value: str) -> list[str]:
    api = Api(1, schema=value)
    row = api.get(f"/contacts/{api.first_id()}")
    return sorted(row.keys() & {"user", "userId", "identity", "revision"})


@probe
def email_unique(value: str) -> tuple[int, bool]:
    api = Api(email_unique=value)
    first = api.create("a@b.example")
    second = api.post("/contacts", {"email": "A@b.example"})
    return api.status, second.get("id") == first


@probe
def email_case(value: str) -> tuple[str, int]:
    api = Api(email_case=value)
    stored = api.get(f"/contacts/{api.create('A@B.example')}")["email"]
    api.post("/contacts", {"email": "a@b.EXAMPLE"})
    return stored, api.status


@probe
def email_change(value: str) -> tuple[tuple[int, str], tuple[int, str]]:
    api = Api(2, email_change=value)
    seen = []
    for record in list(api.sim.store.ordered()):
        api.put(f"/contacts/{record.id}", {"email": f"new{record.id}@b.example"})
        seen.append((api.status, api.get(f"/contacts/{record.id}")["email"].partition("CTT")[0]))
    return seen[0], seen[1]


@probe
def email_required_on_post(value: str) -> int:
    api = Api(email_required_on_post=value)
    api.post("/contacts", {"name": "x"})
    return api.status


@probe
def link_user_by_email(value: str) -> bool:
    api = Api(link_user_by_email=value)
    return "user" in api.get(f"/contacts/{api.create('nina.new@contoso.example')}")


@probe
def put_mode(value: str) -> tuple[int, list[str]]:
    api = Api(put_mode=value)
    contact_id = api.create(optOuts=[{"id": ORDERS}])
    api.put(f"/contacts/{contact_id}", {"name": "x"})
    return api.status, api.opt_outs(contact_id)


@probe
def put_null_clears(value: str) -> tuple[int, str | None, list[str]]:
    api = Api(put_null_clears=value)
    contact_id = api.create(name="n", optOuts=[{"id": ORDERS}])
    api.put(f"/contacts/{contact_id}", {"name": None, "optOuts": None})
    return api.status, api.get(f"/contacts/{contact_id}").get("name"), api.opt_outs(contact_id)


@probe
def optouts_in_list(value: str) -> tuple[bool, bool]:
    body = Api(1, optouts_in_list=value).get("/contacts")
    return "optOuts" in body["data"][0], "optOuts" in body["$meta"]["omitted"]


@probe
def optouts_in_write_response(value: str) -> bool:
    return "optOuts" in Api(optouts_in_write_response=value).post(
        "/contacts", {"email": "a@b.example", "optOuts": [{"id": ORDERS}]}
    )


@probe
def optouts_item_shape(value: str) -> list[str]:
    api = Api(1, optouts_item_shape=value)
    return sorted(api.get(f"/contacts/{api.first_id()}")["optOuts"][0])


@probe
def optouts_order(value: str) -> bool:
    """Whether any of several contacts shows its opt-outs in another order than the one sent."""
    api = Api(optouts_order=value)
    sent = [{"id": category} for category in (TECHNICAL, ORDERS, INVOICES)]
    ids = [api.create(f"a{number}@b.example", optOuts=sent) for number in range(5)]
    shown = [[item["id"] for item in api.get(f"/contacts/{each}")["optOuts"]] for each in ids]
    return any(items != [TECHNICAL, ORDERS, INVOICES] for items in shown)


def _opting_out(category: str, switch: str, value: str) -> tuple[int, list[str]]:
    api = Api(**{switch: value})  # type: ignore[arg-type]
    body = api.post("/contacts", {"email": "a@b.example", "optOuts": [{"id": category}]})
    return api.status, [item["id"] for item in body.get("optOuts", [])]


@probe
def optout_not_allowed(value: str) -> Any:
    return _opting_out(SECURITY, "optout_not_allowed", value)


@probe
def optout_unpublished(value: str) -> Any:
    return _opting_out(LEGACY, "optout_unpublished", value)


@probe
def optout_unknown(value: str) -> Any:
    return _opting_out("NTC-9999-9999", "optout_unknown", value)


@probe
def category_delete_effect(value: str) -> list[str]:
    api = Api(category_delete_effect=value)
    contact_id = api.create(optOuts=[{"id": ORDERS}])
    api.delete(f"/categories/{ORDERS}")
    return api.opt_outs(contact_id)


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
def delete_again(value: str) -> int:
    api = Api(delete_again=value)
    contact_id = api.create()
    api.delete(f"/contacts/{contact_id}")
    api.delete(f"/contacts/{contact_id}")
    return api.status


@probe
def block_when_blocked(value: str) -> int:
    api = Api(block_when_blocked=value)
    contact_id = api.create()
    api.post(f"/contacts/{contact_id}/block")
    api.post(f"/contacts/{contact_id}/block")
    return api.status


@probe
def unblock_when_active(value: str) -> int:
    api = Api(unblock_when_active=value)
    api.post(f"/contacts/{api.create()}/unblock")
    return api.status


@probe
def block_body(value: str) -> tuple[int, str | None]:
    api = Api(block_body=value)
    contact_id = api.create()
    api.call("POST", f"/contacts/{contact_id}/block", headers={"Content-Type": "application/json"})
    status = api.status
    api.post(f"/contacts/{contact_id}/unblock")
    api.post(f"/contacts/{contact_id}/block", {"blockedReason": "x"})
    return status, api.get(f"/contacts/{contact_id}").get("blockedReason")


@probe
def unblock_clears_reason(value: str) -> bool:
    api = Api(4, unblock_clears_reason=value)
    contact_id = next(record.id for record in api.sim.store.live() if record.data["blockedReason"])
    return "blockedReason" in api.post(f"/contacts/{contact_id}/unblock")


@probe
def auto_block(value: str) -> int:
    """Reads until the contact is blocked, 0 for never within 5."""
    api = Api(auto_block=value)
    contact_id = api.create()
    for reads in range(1, 6):
        api.get(f"/contacts/{contact_id}")
        if api.sim.store.contacts[contact_id].data["status"] == "Blocked":
            return reads
    return 0


@probe
def missing_id_on_write(value: str) -> list[int]:
    api = Api(missing_id_on_write=value)
    api.put(f"/contacts/{MISSING}", {"name": "x"})
    statuses = [api.status]
    for action in ("block", "unblock"):
        api.post(f"/contacts/{MISSING}/{action}")
        statuses.append(api.status)
    return statuses


@probe
def forbidden_mode(value: str) -> tuple[int, int]:
    api = Api(3, role="vendor", forbidden_mode=value)
    total = api.get("/contacts")["$meta"]["pagination"]["total"]
    api.post("/contacts", {"email": "a@b.example"})
    return api.status, total


@probe
def forbidden_roles(value: str) -> dict[str, int]:
    seen = {}
    for role in ("ops", "vendor", "client"):
        api = Api(role=role, forbidden_roles=value)
        api.post("/contacts", {"email": "a@b.example"})
        seen[role] = api.status
    return seen


@probe
def error_shape(value: str) -> list[str]:
    """The members that tell the shapes apart, for a validation, a business and a missing-id error."""
    api = Api(error_shape=value)
    api.create()
    bodies = [
        api.post("/contacts", {}),
        api.post("/contacts", {"email": "a@b.example"}),
        api.get(f"/contacts/{MISSING}"),
    ]
    return [_shape_of(body) for body in bodies]


def _shape_of(body: dict[str, Any]) -> str:
    if isinstance(body.get("errors"), list):
        return "E3"
    if "detail" not in body:
        return "E2"
    return "E1" if "type" in body else "E4"


@probe
def error_content_type(value: str) -> str | None:
    api = Api(error_content_type=value)
    api.get(f"/contacts/{MISSING}")
    return api.header("content-type")


@probe
def unauthorized_shape(value: str) -> tuple[int, str | None, str]:
    api = Api(role="disabled", unauthorized_shape=value)
    body = api.get("/contacts")
    return api.status, api.reply.reason, ",".join(sorted(body or {})) or api.reply.body.decode()


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
def category_put_status(value: str) -> int:
    api = Api(category_put_status=value)
    api.put(f"/categories/{ORDERS}", {"name": "Orders"})
    return api.status


@probe
def account_category_contacts(value: str) -> str:
    body = Api(9, account_category_contacts=value).get(f"/accounts/ACC-0003-0003/categories/{ORDERS}/contacts")
    return "array" if isinstance(body, list) else "list" if "data" in body else "object" if "id" in body else "?"


@probe
def streaming(value: str) -> tuple[str | None, int]:
    """The echoed header and the number of lines."""
    api = Api(120, streaming=value)
    headers = {"MPT-Streaming": "true", "Accept": "application/jsonl"}
    api.call("GET", "/contacts", headers=headers)
    return api.header("mpt-streaming"), len([json.loads(line) for line in api.reply.body.splitlines()])


@probe
def redirect_list(value: str) -> tuple[int, bool]:
    api = Api(2, redirect_list=value)
    body = api.get("/contacts")
    location = api.header("location")
    if location is None:
        return api.status, len(body["data"]) == 2
    path = location.removeprefix(api.sim.exports.base_url)
    return api.status, len(json.loads(api.sim.exports.handle("GET", path, {}).body)["data"]) == 2


@probe
def faults(value: str) -> tuple[Any, ...]:
    """Three creates: status of the first two; status or broken connection, kept or not, Retry-After of the third."""
    api = Api(faults=value)
    statuses = []
    for number in (1, 2, 3):
        api.post("/contacts", {"email": f"a{number}@b.example"})
        fault = api.reply.fault
        statuses.append(fault.action or "slow" if fault else api.status)
    is_kept = bool(api.sim.store.by_email("a3@b.example"))
    return statuses[0], statuses[1], statuses[2], is_kept, api.header("retry-after")


@probe
def commit_then_fail(value: str) -> tuple[int, int]:
    api = Api(commit_then_fail=value)
    api.post("/contacts", {"email": "a@b.example"})
    return api.status, len(api.sim.store.by_email("a@b.example"))


@probe
def read_after_write_lag(value: str) -> list[int]:
    """Status of GET by id and number listed, at once and a second later."""
    api = Api(read_after_write_lag=value)
    contact_id = api.create()
    seen = []
    for _ in range(2):
        api.get(f"/contacts/{contact_id}")
        seen += [api.status, api.get("/contacts")["$meta"]["pagination"]["total"]]
        api.clock.now += 1.0
    return seen


@probe
def token_warmup(value: str) -> list[int]:
    api = Api(token_warmup=value)
    seen = []
    for _ in range(2):
        api.get("/contacts")
        seen.append(api.status)
        api.clock.now += 60
    return seen


@probe
def base_path(value: str) -> dict[str, int]:
    api = Api(base_path=value)
    seen = {}
    for prefix in ("/public/v1", "/other/v1", "/public/public/v1"):
        reply = api.sim.handle(
            "GET", f"{prefix}/notifications/contacts", {"Authorization": f"Bearer {api.sim.tokens['ops']}"}
        )
        seen[prefix] = reply.status
    return seen


@probe
def unknown_body_members(value: str) -> int:
    api = Api(unknown_body_members=value)
    api.post("/contacts", {"email": "a@b.example", "firstName": "A"})
    return api.status


@probe
def revision(value: str) -> list[int | None]:
    api = Api(revision=value)
    contact_id = api.create()
    seen = [api.get(f"/contacts/{contact_id}").get("revision")]
    api.put(f"/contacts/{contact_id}", {"name": "x"})
    return [*seen, api.get(f"/contacts/{contact_id}").get("revision")]
