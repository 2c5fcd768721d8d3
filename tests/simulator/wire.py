# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies on a socket, whole or broken as a fault demands."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from tests.simulator.model import Reply, WireFault

_LINGER_ZERO = struct.pack("ii", 1, 0)
_STEPS_PER_SECOND = 20


def reset(transport: asyncio.Transport) -> None:
    """Closes with RST instead of FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


def reason_of(reply: Reply) -> str:
    if reply.reason is not None:
        return reply.reason
    try:
        return HTTPStatus(reply.status).phrase
    except ValueError:
        return ""


def _head(reply: Reply, framing: str) -> bytes:
    headers = list(reply.headers)
    if framing == "length":
        headers.append(("Content-Length", str(len(reply.body))))
    elif framing == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    lines = [f"HTTP/1.1 {reply.status} {reason_of(reply)}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


async def send_broken(transport: asyncio.Transport, reply: Reply, fault: WireFault) -> None:
    """Does to the connection what the fault says; it is closed afterwards, or left hanging."""
    if fault.action == "garbage":
        transport.write(fault.data)
    elif fault.action == "drip":
        await _drip(transport, reply, fault)
    elif fault.phase in ("headers", "body"):
        transport.write(_beginning(reply, fault))
    await _end(transport, fault)


def _beginning(reply: Reply, fault: WireFault) -> bytes:
    """The bytes that get through before a cut."""
    head = _head(reply, fault.framing)
    if fault.phase == "headers":
        return head[: fault.count]
    body = reply.body[: fault.count]
    if fault.framing == "chunked":
        return head + f"{len(reply.body):x}\r\n".encode() + body
    return head + body


async def _drip(transport: asyncio.Transport, reply: Reply, fault: WireFault) -> None:
    head, body = _head(reply, "length"), reply.body
    if fault.phase == "body":
        transport.write(head)
        slow = body
    else:
        slow = head + body
    step = max(1, int(fault.rate / _STEPS_PER_SECOND))
    for start in range(0, len(slow), step):
        if transport.is_closing():
            return
        transport.write(slow[start : start + step])
        await asyncio.sleep(step / fault.rate)


async def _end(transport: asyncio.Transport, fault: WireFault) -> None:
    if fault.action == "hang":
        # Nobody will answer: the connection lives until the client gives up.
        while not transport.is_closing():
            await asyncio.sleep(1 / _STEPS_PER_SECOND)
    elif fault.action == "reset":
        reset(transport)
    else:
        transport.close()
