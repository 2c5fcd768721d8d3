# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other systems that examples talk to, as an HTTP server that answers bytes with bytes, or JSON with JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """``body`` is what came as JSON; of a server of bytes, the bytes."""

    method: str
    path: str
    headers: Message
    body: Any


# A status, what is sent as JSON unless the status is 204, and headers.
Answer = tuple[int, Any, Mapping[str, str]]


@contextmanager
def served(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """The address of a server of JSON on a port of this machine."""

    def answered(asked: Asked) -> Answer:
        body = json.loads(asked.body) if asked.body else None
        status, value, headers = answer(replace(asked, body=body))
        content = b"" if status == 204 else json.dumps(value).encode()
        return status, content, {"Content-Type": "application/json; charset=utf-8", **headers}

    with served_bytes(answered) as address:
        yield address


@contextmanager
def served_bytes(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """The address of a server on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content, headers = answer(Asked(self.command, self.path, self.headers, body))
            self.send_response(status)
            for name, text in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
