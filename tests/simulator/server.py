# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator on real sockets: one listener for data, one for control, one that plays another host."""

from __future__ import annotations

import asyncio
import itertools
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_protocol import RequestHandler

from tests.simulator.control import Control
from tests.simulator.core import Simulator
from tests.simulator.model import Reply, WireFault
from tests.simulator.wire import head_of, interim_head, send_broken

_BACKLOG = 1024
# A stored state of many thousand contacts goes through PUT /store, and hostile tokens and filters through the API.
_MAX_BODY = 1 << 30
_MAX_LINE = 1 << 18
# The journal is the access log.
_SILENT = logging.getLogger("tests.simulator.access")
_SILENT.disabled = True
_Respond = Callable[[web.BaseRequest, "Connection"], Awaitable[Reply]]


class Connection(RequestHandler):
    """One accepted connection, with a number for the journal."""

    __slots__ = ("number",)
    number: int


class RawResponse(web.StreamResponse):
    """A reply written by us alone: every header and the reason are exactly those of the simulator."""

    def __init__(self, reply: Reply, simulator: Simulator) -> None:
        super().__init__(status=max(reply.status, 200))
        self._reply = reply
        self._simulator = simulator

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        reply, transport = self._reply, request.transport
        wall = self._simulator.world.wall()
        is_whole = False
        if transport is not None and not transport.is_closing():
            if reply.fault and reply.fault.action:
                is_whole = await send_broken(transport, reply, reply.fault, wall)
            else:
                keep_alive = request.keep_alive
                body = b"" if request.method == "HEAD" else reply.body
                transport.write(interim_head(reply.fault) + head_of(reply, wall, keep_alive=keep_alive) + body)
                if keep_alive:
                    self._keep_alive = True
                is_whole = True
        if reply.entry:
            reply.entry.sent_fully = is_whole
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write: ``prepare`` has done it."""


class Refused(asyncio.Protocol):
    """A connection that a fault ends before anything is read."""

    def __init__(self, fault: WireFault, simulator: Simulator) -> None:
        self._fault = fault
        self._simulator = simulator

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._task = asyncio.ensure_future(self._end(transport))

    async def _end(self, transport: asyncio.Transport) -> None:
        await asyncio.sleep(self._fault.delay)
        await send_broken(transport, Reply(0), self._fault, self._simulator.world.wall())


class Listener:
    """One port. ``refuses``: whether faults may end connections when they are accepted."""

    def __init__(self, simulator: Simulator, respond: _Respond, *, keepalive: float, refuses: bool = False) -> None:
        self._simulator = simulator
        self._respond = respond
        self._refuses = refuses
        self._keepalive = keepalive
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Begins to listen; returns the port."""
        loop = asyncio.get_running_loop()

        def make_request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_MAX_BODY)

        self._manager = web.Server(self._serve, request_factory=make_request)
        self._server = await loop.create_server(self._accept, host, port, ssl=context, backlog=_BACKLOG)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._manager.shutdown(0.1)

    def _accept(self) -> asyncio.Protocol:
        fault = self._simulator.accept() if self._refuses else None
        if fault:
            return Refused(fault, self._simulator)
        connection = Connection(
            self._manager,
            loop=asyncio.get_running_loop(),
            access_log=_SILENT,
            keepalive_timeout=self._keepalive,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
        )
        connection.number = next(self._numbers)
        return connection

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request.protocol, Connection)
        return RawResponse(await self._respond(request, request.protocol), self._simulator)


class SimulatorServer:
    """The three listeners of one simulator. ``latency``: seconds added to each data request.

    ``keepalive``: seconds after which an idle data connection is closed.
    """

    def __init__(self, simulator: Simulator, *, latency: float = 0.0, keepalive: float = 75.0) -> None:
        self._simulator = simulator
        self._latency = latency
        self._control = Control(simulator)
        self._data_listener = Listener(simulator, self._data, keepalive=keepalive, refuses=True)
        self._control_listener = Listener(simulator, self._control_call, keepalive=75.0)
        self._files_listener = Listener(simulator, self._file, keepalive=75.0)
        self.api_url = ""
        self.control_url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0, context: ssl.SSLContext | None = None) -> None:
        """Begins to listen; then ``api_url`` (with base path) and ``control_url`` are known."""
        data_port = await self._data_listener.start(host, port, context)
        control_port = await self._control_listener.start(host, 0)
        files_port = await self._files_listener.start(host, 0)
        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        scheme = "https" if context else "http"
        self.api_url = f"{scheme}://{shown}:{data_port}{self._simulator.switches['base_path']}"
        self.control_url = f"http://{shown}:{control_port}"
        # Another name for the same machine: to a client it is another host.
        self._simulator.exports.base_url = f"http://localhost:{files_port}"

    async def stop(self) -> None:
        for listener in (self._data_listener, self._control_listener, self._files_listener):
            await listener.stop()

    async def _data(self, request: web.BaseRequest, connection: Connection) -> Reply:
        body = await request.read() if request.can_read_body else b""
        if self._latency:
            await asyncio.sleep(self._latency)
        reply = self._simulator.handle(request.method, request.raw_path, request.headers, body, connection.number)
        if reply.fault and reply.fault.delay:
            await asyncio.sleep(reply.fault.delay)
        return reply.settle()

    async def _control_call(self, request: web.BaseRequest, _connection: Connection) -> Reply:
        return self._control.handle(request.method, request.raw_path, await request.read())

    async def _file(self, request: web.BaseRequest, _connection: Connection) -> Reply:
        return self._simulator.exports.handle(request.method, request.raw_path, request.headers)
