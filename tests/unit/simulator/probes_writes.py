# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of what a write does to a contact."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.simulator.api import INVOICES, LEGACY, ORDERS, SECURITY, TECHNICAL, Api
from tests.unit.simulator.probes import probe


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


@probe
def restricted_put(value: str) -> dict[str, tuple[int, str, list[str]]]:
    seen = {}
    for role in ("ops", "vendor"):
        api = Api(restricted_put=value)
        contact_id = api.create(name="n")
        api.role = role
        api.put(f"/contacts/{contact_id}", {"name": "x", "optOuts": [{"id": ORDERS}]})
        seen[role] = (api.status, api.get(f"/contacts/{contact_id}")["name"], api.opt_outs(contact_id))
    return seen
