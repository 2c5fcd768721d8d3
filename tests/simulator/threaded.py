# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server in a thread of this process, for tests that need sockets and the simulator's Python side at once."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulator.core import Simulator
from tests.simulator.server import SimulatorServer


@contextmanager
def serving(
    simulator: Simulator, *, latency: float = 0.0, keepalive: float = 75.0, context: ssl.SSLContext | None = None
) -> Iterator[SimulatorServer]:
    """Serves the simulator on free ports of 127.0.0.1 until the block ends."""
    server = SimulatorServer(simulator, latency=latency, keepalive=keepalive)
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def run(stop: asyncio.Event) -> None:
        await server.start(context=context)
        ready.set()
        await stop.wait()
        await server.stop()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run(stop)), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
