# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request goes where, and who may (notifications-api, sections 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from tests.simulator import accounts, categories, contacts, listing, messages, openapi, subscribers
from tests.simulator.call import Call
from tests.simulator.errors import ApiError, GatewayError, not_found
from tests.simulator.model import Reply, json_reply

_Shape = tuple[str, ...]
# Where ids stand in a path of so many segments.
_ID_POSITIONS: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (2,), 4: (2,), 6: (2, 4)}


@dataclass(frozen=True)
class Route:
    """``access``: ``any`` role, ``ops`` only, ``not_client``, or ``public``, which needs no token and no call."""

    handler: Callable[..., Reply]
    access: str = "any"


def _shape(path: str) -> _Shape:
    return tuple(path.split("/"))


def _get_specification() -> Reply:
    return json_reply(200, openapi.document(_ROUTES))


_N = "notifications"
_ROUTES: dict[tuple[str, _Shape], Route] = {
    (method, _shape(path)): Route(handler, access)
    for method, path, handler, access in (
        ("GET", f"{_N}/contacts", listing.list_contacts, "any"),
        ("POST", f"{_N}/contacts", contacts.create_contact, "ops"),
        ("GET", f"{_N}/contacts/*", contacts.get_contact, "any"),
        ("PUT", f"{_N}/contacts/*", contacts.update_contact, "any"),
        ("DELETE", f"{_N}/contacts/*", contacts.delete_contact, "ops"),
        ("POST", f"{_N}/contacts/*/block", contacts.block_contact, "ops"),
        ("POST", f"{_N}/contacts/*/unblock", contacts.unblock_contact, "ops"),
        ("GET", f"{_N}/accounts/*/categories/*/contacts", accounts.list_recipients, "not_client"),
        ("GET", f"{_N}/categories", categories.list_categories, "any"),
        ("POST", f"{_N}/categories", categories.create_category, "ops"),
        ("GET", f"{_N}/categories/*", categories.get_category, "any"),
        ("PUT", f"{_N}/categories/*", categories.update_category, "ops"),
        ("DELETE", f"{_N}/categories/*", categories.delete_category, "ops"),
        ("POST", f"{_N}/categories/*/publish", categories.publish_category, "ops"),
        ("POST", f"{_N}/categories/*/unpublish", categories.unpublish_category, "ops"),
        ("GET", f"{_N}/subscribers", subscribers.list_subscribers, "any"),
        ("GET", f"{_N}/subscribers/*", subscribers.get_subscriber, "any"),
        ("PUT", f"{_N}/subscribers/*", subscribers.update_subscriber, "any"),
        ("POST", f"{_N}/subscribers/*/enable", subscribers.enable_subscriber, "any"),
        ("POST", f"{_N}/subscribers/*/disable", subscribers.disable_subscriber, "any"),
        ("GET", f"{_N}/messages", messages.list_messages, "any"),
        ("GET", f"{_N}/messages/*", messages.get_message, "any"),
        ("GET", f"{_N}/batches", messages.list_batches, "not_client"),
        ("GET", f"{_N}/batches/*", messages.get_batch, "not_client"),
        ("GET", "accounts/api-tokens/*", accounts.get_token, "any"),
        ("GET", "openapi.json", _get_specification, "public"),
        ("GET", f"{_N}/openapi.json", _get_specification, "public"),
    )
}


def find_route(method: str, path: str, base_path: str) -> tuple[Route, list[str]]:
    """The route and the ids in the path, or ``GatewayError``. Nothing is normalised: ``..`` leads nowhere."""
    if not path.startswith(f"{base_path}/"):
        raise GatewayError
    segments = path[len(base_path) + 1 :].split("/")
    positions = _ID_POSITIONS.get(len(segments))
    if positions is None or any(segment in ("", ".", "..") for segment in segments):
        raise GatewayError
    shape = tuple("*" if position in positions else segment for position, segment in enumerate(segments))
    route = _ROUTES.get((method, shape))
    if route is None:
        raise GatewayError
    return route, [unquote(segments[position]) for position in positions]


def run(route: Route, call: Call, ids: list[str]) -> Reply:
    """The answer of the API, or ``ApiError``."""
    is_refused = call.is_restricted if route.access == "ops" else call.actor.role == "client"
    if route.access != "any" and is_refused:
        if call.switches["forbidden_mode"] == "404":
            raise not_found("Resource", ids[0] if ids else call.path)
        raise ApiError(403, "The token has no permission for this operation", kind="forbidden")
    return route.handler(call, *ids)
