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

from tests.simulator.model import Reply, WireFault

_LINGER_ZERO = struct.pack("ii", 1, 0)
_STEPS_PER_SECOND = 20
_BODILESS = (204, 304)


def reason_of(reply: Reply) -> str:
    if reply.reason is not None:
        return reply.reason
    try:
        return HTTPStatus(reply.status).phrase
    except ValueError:
        return ""


def head_of(reply: Reply, wall: datetime, *, framing: str = "length", keep_alive: bool = True) -> bytes:
    """Status line and headers. ``framing`` as in ``WireFault``."""
    headers = [("Date", format_datetime(wall, usegmt=True)), *reply.headers]
    if framing == "length" and reply.status not in _BODILESS:
        headers.append(("Content-Length", str(len(reply.body))))
    elif framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    if not keep_alive or framing == "close":
        headers.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {reply.status} {reason_of(reply)}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


async def send_broken(transport: asyncio.Transport, reply: Reply, fault: WireFault, wall: datetime) -> bool:
    """Does to the connection what the fault says, and ends it. Whether the whole reply went out."""
    sent_fully = False
    if fault.action == "garbage":
        transport.write(fault.data)
    elif fault.action == "drip":
        sent_fully = await _drip(transport, reply, fault, wall)
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
