# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies on a socket, whole or broken as a fault demands."""

from __future__ import annotations

import asyncio
import socket
import struct
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

from tests.simulator.model import BODILESS, Reply, WireFault

_LINGER_ZERO = struct.pack("ii", 1, 0)
_STEPS_PER_SECOND = 20
# Answers that never end, by the part that does not: how they begin, and what then comes for ever.
_TRICKLES = {
    "status_line": (b"HTTP/1.1 %(status)d ", b"x"),
    "headers": (b"HTTP/1.1 %(status)d OK\r\nX-Trickle: ", b"x"),
    # Clients that count headers give up after a hundred or so.
    "header_lines": (b"HTTP/1.1 %(status)d OK\r\n", b"X-Trickle: x\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunk_extension": (b"%(chunked)s1;", b"x"),
    "chunks": (b"%(chunked)s", b"1\r\n \r\n"),
    "trailers": (b"%(chunked)s%(chunk)s0\r\n", b"X-Trickle: x\r\n"),
    "body": (b"%(close)s", b" "),
}


def reason_of(reply: Reply) -> str:
    if reply.reason is not None:
        return reply.reason
    try:
        return HTTPStatus(reply.status).phrase
    except ValueError:
        return ""


def head_of(reply: Reply, wall: datetime | None, *, framing: str = "length", keep_alive: bool = True) -> bytes:
    """Status line and headers. ``framing`` as in ``WireFault``."""
    date = [("Date", format_datetime(wall, usegmt=True))] if wall else []
    headers = [*date, *reply.headers]
    if framing == "length" and reply.status not in BODILESS:
        headers.append(("Content-Length", str(len(reply.body))))
    elif framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    if not keep_alive or framing == "close":
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {reply.status} {reason_of(reply)}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def interim_head(fault: WireFault | None) -> bytes:
    """The informational answer that goes before the real one, if there is one."""
    return head_of(Reply(fault.interim), None) if fault and fault.interim else b""


async def send_broken(transport: asyncio.Transport, reply: Reply, fault: WireFault, wall: datetime) -> bool:
    """Does to the connection what the fault says, and ends it. Whether the whole reply went out."""
    sent_fully = False
    if fault.action == "garbage":
        transport.write(fault.data)
    elif fault.action == "drip":
        sent_fully = await _drip(transport, reply, fault, wall)
    elif fault.action == "trickle":
        await _trickle(transport, reply, fault, wall)
    elif fault.phase in ("headers", "body"):
        transport.write(_beginning(reply, fault, wall))
    await _end(transport, fault)
    return sent_fully


def _beginning(reply: Reply, fault: WireFault, wall: datetime) -> bytes:
    """The bytes that get through before a cut."""
    head = head_of(reply, wall, framing=fault.framing)
    if fault.phase == "headers":
        return head[: fault.count]
    body = reply.body[: fault.count]
    if fault.framing == "chunked":
        return head + f"{len(reply.body):x}\r\n".encode() + body
    return head + body


async def _drip(transport: asyncio.Transport, reply: Reply, fault: WireFault, wall: datetime) -> bool:
    head, slow = head_of(reply, wall, keep_alive=False), reply.body
    if fault.phase == "body":
        transport.write(head)
    else:
        slow = head + slow
    step = max(1, int(fault.rate / _STEPS_PER_SECOND))
    for start in range(0, len(slow), step):
        if transport.is_closing():
            return False
        transport.write(slow[start : start + step])
        await asyncio.sleep(step / fault.rate)
    return True


async def _trickle(transport: asyncio.Transport, reply: Reply, fault: WireFault, wall: datetime) -> None:
    """Goes on until the client has had enough."""
    parts = {
        b"status": max(reply.status, 200),
        b"chunked": head_of(reply, wall, framing="chunked"),
        b"chunk": b"%x\r\n%s\r\n" % (len(reply.body), reply.body),
        b"close": head_of(reply, wall, framing="close"),
    }
    first, piece = _TRICKLES[fault.part]
    transport.write(first % parts)
    while not transport.is_closing():
        transport.write(piece)
        await asyncio.sleep(1 / fault.rate)


async def _end(transport: asyncio.Transport, fault: WireFault) -> None:
    if fault.action == "hang":
        # Nobody will answer: the connection lives until the client gives up.
        while not transport.is_closing():
            await asyncio.sleep(1 / _STEPS_PER_SECOND)
    elif fault.action == "reset":
        await _reset(transport)
    else:
        transport.close()


async def _reset(transport: asyncio.Transport) -> None:
    """Closes with RST instead of FIN, after what was written has left."""
    while transport.get_write_buffer_size() and not transport.is_closing():
        await asyncio.sleep(0)
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
