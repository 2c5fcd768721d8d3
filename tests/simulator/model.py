# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes between the parts of the simulator: requests, replies, wire faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]
# Statuses that never have a body: informational ones, No Content, Not Modified.
BODILESS = (*range(100, 200), 204, 304)


@dataclass(frozen=True)
class WireFault:
    """What a transport has to do to a reply, beyond sending it.

    ``action``: ``reset`` (RST), ``fin`` (orderly close without the rest), ``hang`` (nothing more, socket stays open),
    ``garbage`` (``data`` instead of the reply), ``drip`` (``rate`` bytes per second) or ``None``.
    ``phase``: with ``headers`` and ``body`` the action happens after ``count`` bytes of that part; in the other phases
    no byte of the reply is sent. ``delay``: seconds to wait before anything else. ``framing`` of a reply that is cut:
    ``length`` (Content-Length of the whole), ``close`` (none, the end of the connection is the end) or ``chunked``.
    ``trickle`` goes on for ever in ``part`` of the reply, with ``rate`` pieces per second. ``interim``: status of an
    informational answer before the reply.
    """

    phase: str = "body"
    action: str | None = None
    delay: float = 0.0
    count: int = 0
    rate: float = 0.0
    data: bytes = b""
    framing: str = "length"
    part: str = ""
    interim: int = 0

    @property
    def loses_reply(self) -> bool:
        """Whether the client cannot get the whole reply."""
        return self.action in ("reset", "fin", "hang", "garbage", "trickle")


@dataclass
class JournalEntry:
    """One request as the simulator saw it. Secrets appear only as SHA-256. ``t``: monotonic seconds."""

    seq: int
    connection: int | None
    method: str
    target: str
    path: str
    body: Any
    body_sha256: str
    auth_sha256: str | None
    t: float
    status: int | None = None
    committed: bool = False
    sent_fully: bool = False


@dataclass
class Reply:
    """An HTTP answer. ``status`` 0 means that no answer exists, only ``fault``.

    A transport waits ``fault.delay`` seconds, then calls ``settle`` and sends what that returns.
    """

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    reason: str | None = None
    fault: WireFault | None = None
    entry: JournalEntry | None = None
    late: Callable[[], Reply] | None = None

    def settle(self) -> Reply:
        """The reply to send: of a request whose commit was delayed, this is the commit."""
        return self.late() if self.late else self


@dataclass(frozen=True)
class View:
    """How a fault bends what a read shows or what a write keeps (faults, sections 4 and 9)."""

    blank_list: bool = False
    ignore_filter: bool = False
    unknown_is_true: bool = False
    lag: float = 0.0
    page_drift: str = ""
    limit: int | str | None = None
    offset: int | None = None
    endless: bool = False
    total: int | str | None = "all"
    cut_rows: int | None = None


# Kept, because json.dumps with options of its own builds an encoder for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_bytes(value: Any) -> bytes:
    return encoded(json_text(value))


def encoded(text: str) -> bytes:
    """JSON as UTF-8. Half a surrogate pair, which UTF-8 does not have, is escaped as JSON can."""
    return text.encode("utf-8", "backslashreplace")


def json_text(value: Any) -> str:
    return _ENCODER.encode(value)


def json_reply(status: int, value: Any, content_type: str = "application/json; charset=utf-8") -> Reply:
    return Reply(status, json_bytes(value), [("Content-Type", content_type)])
