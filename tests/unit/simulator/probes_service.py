# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of actions, refusals and the service around the API."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.simulator.api import MISSING, ORDERS, Api
from tests.unit.simulator.probes import probe


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
def category_put_status(value: str) -> int:
    api = Api(category_put_status=value)
    api.put(f"/categories/{ORDERS}", {"name": "Orders"})
    return api.status


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
def token_warmup(value: str) -> list[int]:
    api = Api(token_warmup=value)
    seen = []
    for _dummy in range(2):
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
def subscriber_again(value: str) -> tuple[int, int]:
    api = Api(subscriber_again=value)
    api.post("/subscribers/NTS-0000-0001/enable")
    first = api.status
    api.post("/subscribers/NTS-0000-0007/disable")
    return first, api.status


@probe
def recipient_unknown(value: str) -> tuple[int, list[str]]:
    api = Api(recipient_unknown=value)
    body = api.put("/subscribers/NTS-0000-0001", {"recipients": {"users": [{"id": "USR-9999-9999"}]}})
    return api.status, [user["id"] for user in body.get("recipients", {}).get("users", [])]


@probe
def token_lookup(value: str) -> tuple[int, str | None]:
    api = Api(token_lookup=value)
    body = api.get(f"/public/v1/accounts/api-tokens/{api.sim.tokens['ops'].split(':')[1]}")
    return api.status, body.get("account", {}).get("id")
