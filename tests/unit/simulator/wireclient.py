# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that is nothing but a socket: it sees what really comes over the wire."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Outcome:
    """``ending``: how the connection ended, ``fin``, ``reset``, ``timeout`` or ``enough``. ``seconds``: until then."""

    data: bytes
    ending: str
    seconds: float

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1]) if self.data.startswith(b"HTTP/1.1 ") else 0

    @property
    def head(self) -> str:
        return self.data.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def request_bytes(token: str, method: str, path: str, body: bytes = b"", *, keep_alive: bool = False) -> bytes:
    lines = [f"{method} /public/v1/notifications{path} HTTP/1.1", "Host: simulator", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if not keep_alive:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def exchange(api_url: str, request: bytes, *, patience: float = 3.0, enough: float = 60.0) -> Outcome:
    """Sends the bytes and reads until the connection ends, is silent for ``patience`` or goes on for ``enough``."""
    parts = urlsplit(api_url)
    start = time.monotonic()
    pieces: list[bytes] = []
    try:
        # A connection that is reset as soon as it is accepted may look refused already to ``connect``.
        with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=patience) as sock:
            sock.sendall(request)
            while (piece := sock.recv(1 << 20)) and time.monotonic() - start < enough:
                pieces.append(piece)
        ending = "enough" if piece else "fin"
    except (ConnectionResetError, BrokenPipeError):
        ending = "reset"
    except TimeoutError:
        ending = "timeout"
    return Outcome(b"".join(pieces), ending, time.monotonic() - start)
