# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SoftwareOne's own client against a simulator: run by test_mpt_client.py with an interpreter that has the client.

Arguments: API URL and token. Prints one JSON object: what each step saw, under ``sync`` and ``async``.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import asyncio
import inspect
import json
import sys
from typing import Any

from mpt_api_client import AsyncMPTClient, BearerTokenAuthentication, MPTClient, RQLQuery
from mpt_api_client.exceptions import MPTAPIError, MPTStreamingNotEnabledError
from mpt_api_client.http.mixins import StreamFormat

MISSING = "CTT-9999-9999"


async def done(value: Any) -> Any:
    """The value, awaited where the client is asynchronous: one script serves both."""
    return await value if inspect.isawaitable(value) else value


async def items(iterable: Any) -> list[Any]:
    if hasattr(iterable, "__aiter__"):
        return [item async for item in iterable]
    return list(iterable)


async def refused(call: Any, *args: Any) -> int | None:
    try:
        await done(call(*args))
    except MPTAPIError as error:
        return int(error.status_code)
    return None


async def contacts_session(contacts: Any, email: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    body = {"email": email, "name": "O'Brien", "firstName": "ignored", "optOuts": [{"id": "NTC-0000-0001"}]}
    created = (await done(contacts.create(body))).to_dict()
    contact_id = created["id"]
    seen["create"] = [created["email"], created["status"]]
    seen["get"] = (await done(contacts.get(contact_id))).to_dict()["optOuts"][0]["id"]
    seen["select"] = sorted((await done(contacts.get(contact_id, select="-*,name"))).to_dict())
    seen["filter"] = [row.id == contact_id for row in await items(contacts.filter(RQLQuery(email=email)).iterate())]
    by_name = contacts.filter(RQLQuery(name="O'Brien") & RQLQuery(id=contact_id))
    seen["quoted"] = len(await items(by_name.iterate()))
    found = contacts.filter(RQLQuery(status__in=["Active", "Blocked"])).order_by("-email").select("optOuts")
    rows = [row.to_dict() for row in await items(found.iterate(batch_size=7))]
    seen["pages"] = [len(rows), len({row["id"] for row in rows}), any("optOuts" in row for row in rows)]
    emails = [row["email"].lower() for row in rows]
    seen["order"] = emails == sorted(emails, reverse=True)
    seen["page"] = len(await done(contacts.fetch_page(limit=5, offset=5)))
    seen["update"] = (await done(contacts.update(contact_id, {"name": "New"}))).to_dict()["name"]
    seen["block"] = (await done(contacts.block(contact_id))).to_dict()["status"]
    seen["block again"] = await refused(contacts.block, contact_id)
    seen["unblock"] = (await done(contacts.unblock(contact_id))).to_dict()["status"]
    await done(contacts.delete(contact_id))
    seen["deleted"] = await refused(contacts.get, contact_id)
    seen["not found"] = await refused(contacts.get, MISSING)
    seen["action not found"] = await refused(contacts.block, MISSING)
    seen["bad filter"] = await refused(lambda: items(contacts.filter(RQLQuery(nope="x")).iterate()))
    seen["stream"] = await streamed(contacts)
    return seen


async def streamed(contacts: Any) -> list[int] | str:
    """Contacts in each wire format, and in a window of five."""
    try:
        lines, envelope = [len(await items(contacts.stream(stream_format=form))) for form in StreamFormat]
        return [lines, envelope, len(await items(contacts.stream(limit=5, offset=2)))]
    except MPTStreamingNotEnabledError:
        return "not enabled"


async def categories_session(categories: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    seen["names"] = sorted(row.to_dict()["name"] for row in await items(categories.iterate()))[:2]
    created = (await done(categories.create({"name": "Fresh", "description": "d", "externalId": "x"}))).to_dict()
    seen["create"] = created["status"]
    changed = await done(categories.update(created["id"], {"name": "Other", "description": "d"}))
    seen["update"] = changed.to_dict()["name"]
    seen["unpublish"] = (await done(categories.unpublish(created["id"], {"note": "n"}))).to_dict()["status"]
    seen["publish"] = (await done(categories.publish(created["id"]))).to_dict()["status"]
    await done(categories.delete(created["id"]))
    seen["not found"] = await refused(categories.get, "NTC-9999-9999")
    return seen


async def session(client: Any, email: str) -> dict[str, Any]:
    notifications = client.notifications
    recipients = notifications.accounts("ACC-0003-0003", "NTC-0000-0001")
    return {
        "contacts": await contacts_session(notifications.contacts, email),
        "categories": await categories_session(notifications.categories),
        "recipients": len(await items(recipients.iterate())) > 0,
    }


async def wrong_token(api_url: str) -> int | None:
    client = MPTClient.from_config(BearerTokenAuthentication("idt:TKN-0000-0000:none"), api_url)
    try:
        client.notifications.contacts.get(MISSING)
    except Exception as error:  # The answer is not JSON, and the client has another class for that.
        return int(getattr(error, "status_code", 0))
    return None


async def main(api_url: str, token: str) -> None:
    bearer = BearerTokenAuthentication(token)
    seen = {
        "sync": await session(MPTClient.from_config(bearer, api_url), "sync+tag@contoso.example"),
        "async": await session(AsyncMPTClient.from_config(bearer, api_url), "async+tag@contoso.example"),
        "wrong token": await wrong_token(api_url),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
