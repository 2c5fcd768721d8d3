# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that faults put in place of the API's own (faults, sections 4 and 9)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from http import HTTPStatus

from tests.simulator.edits import with_secret
from tests.simulator.errors import trace_id, unauthorized_reply
from tests.simulator.model import BODILESS, JsonObject, Reply, json_bytes, json_reply
from tests.simulator.switches import SwitchSet

_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def answer(
    do: JsonObject, reply: Reply | None, headers: Mapping[str, str], wall: datetime, switches: SwitchSet, seq: int
) -> Reply:
    """The answer that a rule asks for. ``reply``: what the API said, if it was asked."""
    if "redirect" in do:
        return Reply(
            int(do.get("status", 302)), b"", [("Location", with_secret(do["redirect"], headers)), *_extra(do, wall)]
        )
    if "gzip_bomb" in do:
        types = [("Content-Type", "application/json; charset=utf-8"), ("Content-Encoding", "gzip")]
        return Reply(int(do.get("status", 200)), _bomb(int(do["gzip_bomb"])), types)
    if "echo_headers" in do:
        return _problem(int(do.get("status", 500)), seq, "Request headers: " + json.dumps(dict(headers)))
    status = int(do["status"])
    if do.get("keep_body") and reply:
        reply.status, reply.reason = status, do.get("reason")
        return reply
    if status == 401 and not do.keys() & {"body", "html"}:
        return unauthorized_reply(switches, seq)
    made = _with_body(status, do, headers, seq)
    made.reason = do.get("reason")
    made.headers += _extra(do, wall)
    return made


def _with_body(status: int, do: JsonObject, headers: Mapping[str, str], seq: int) -> Reply:
    if do.get("html"):
        page = _HTML.format(_phrase(status))
        return Reply(status, page.encode(), [("Content-Type", do.get("content_type", "text/html; charset=utf-8"))])
    if "body" in do:
        body = do["body"]
        text = with_secret(body, headers).encode() if isinstance(body, str) else json_bytes(with_secret(body, headers))
        default = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json; charset=utf-8"
        content_type = do.get("content_type", default)
        return Reply(status, text, [("Content-Type", content_type)] if content_type else [])
    if status in BODILESS:
        return Reply(status)
    detail = do.get("detail", "The request could not be processed.")
    return _problem(status, seq, with_secret(detail, headers))


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _problem(status: int, seq: int, detail: str) -> Reply:
    title = _phrase(status).partition(" ")[2] or "Error"
    body = {"title": title, "status": status, "detail": detail, "traceId": trace_id(seq)}
    return json_reply(status, body, "application/problem+json; charset=utf-8")


def _extra(do: JsonObject, wall: datetime) -> list[tuple[str, str]]:
    given = do.get("headers", {})
    pairs = list(given.items() if isinstance(given, dict) else given)
    wait = do.get("retry_after")
    if isinstance(wait, dict):
        when = wall + timedelta(seconds=wait["date_in"])
        pairs.append(("Retry-After", format_datetime(when, usegmt=True)))
    elif wait is not None:
        pairs.append(("Retry-After", str(wait)))
    return pairs


@lru_cache(maxsize=4)
def _bomb(mebibytes: int) -> bytes:
    return gzip.compress(b'{"data":[' + b" " * (mebibytes << 20) + b"]}", 6)
