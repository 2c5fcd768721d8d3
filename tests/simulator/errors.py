# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the API and the shapes they take on the wire (notifications-api, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.simulator.model import JsonObject, Reply, json_reply
from tests.simulator.switches import SwitchSet

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
}
_MIXED = {"validation": "E1", "business": "E3", "missing": "E4", "forbidden": "E2"}
_VALIDATION = "One or more validation errors occurred."


class ApiError(Exception):
    """A refusal. ``errors`` maps a path or code to messages; ``kind`` chooses the shape under ``error_shape=mixed``."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "business",
        errors: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = dict(errors or {})


class GatewayError(Exception):
    """No such route: answered by the gateway, before authentication, in its own form."""


def invalid(path: str, message: str) -> ApiError:
    """400: one member of the request is wrong."""
    return ApiError(400, _VALIDATION, kind="validation", errors={path: [message]})


def not_found(what: str, object_id: str, status: int = 404) -> ApiError:
    return ApiError(status, f"{what} with id '{object_id}' not found", kind="missing")


def error_reply(error: ApiError, switches: SwitchSet, seq: int) -> Reply:
    """The error in the shape that the switches ask for; ``traceId`` follows from the request's number."""
    shape = switches["error_shape"]
    if shape == "mixed":
        shape = _MIXED[error.kind]
    title = TITLES[error.status]
    body: JsonObject = {"title": title, "status": error.status, "detail": error.detail, "traceId": trace_id(seq)}
    if shape == "E1":
        body["type"] = "https://tools.ietf.org/html/rfc9110#section-15.5"
        if error.errors:
            body["errors"] = error.errors
    elif shape == "E2":
        body["title"] = error.detail
        del body["detail"]
        if error.errors:
            body["errors"] = error.errors
    else:
        body["detail"] = _joined(error)
        if shape == "E3":
            body.update(_business(error))
    content_type = (
        "application/problem+json" if switches["error_content_type"] == "problem+json" else "application/json"
    )
    return json_reply(error.status, body, f"{content_type}; charset=utf-8")


def _joined(error: ApiError) -> str:
    messages = [message for messages in error.errors.values() for message in messages]
    return "; ".join(messages) or error.detail


def _business(error: ApiError) -> JsonObject:
    items = [
        {"message": message, "properties": [path], "id": "MPTNTF03-0078"}
        for path, messages in error.errors.items()
        for message in messages
    ]
    return {
        "type": "https://docs.platform.softwareone.com/errors/notifications#MPTNTF03-0078",
        "errors": items or [{"message": error.detail, "properties": []}],
    }


def trace_id(seq: int) -> str:
    digest = hashlib.sha256(f"trace:{seq}".encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-00"


def gateway_reply() -> Reply:
    """E5: what the gateway says to an unknown route."""
    reply = json_reply(404, {"statusCode": 404, "message": "Resource not found"}, "application/json")
    reply.reason = "Resource Not Found"
    return reply


def unauthorized_reply(switches: SwitchSet, seq: int) -> Reply:
    shape = switches["unauthorized_shape"]
    if shape == "text":
        reason = "Authentication Failed"
        return Reply(401, reason.encode(), [("Content-Type", "text/plain; charset=utf-8")], reason)
    if shape == "gateway":
        return json_reply(401, {"statusCode": 401, "message": "Unauthorized"}, "application/json")
    if shape == "empty":
        return Reply(401)
    body = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.2",
        "title": TITLES[401],
        "status": 401,
        "traceId": trace_id(seq),
    }
    return json_reply(401, body, "application/problem+json; charset=utf-8")
