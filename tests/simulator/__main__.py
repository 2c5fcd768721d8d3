# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the simulator until SIGTERM or SIGINT.

The first line on stdout is one JSON object: ``api_url``, ``control_url``, ``tokens`` (ops, vendor, client, disabled).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
import threading

from tests.simulator.core import Simulator
from tests.simulator.server import SimulatorServer
from tests.simulator.switches import SWITCHES, SwitchError


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="A simulated Marketplace API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="data port, 0 for any")
    parser.add_argument("--contacts", type=int, default=0, help="live contacts to start with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to each data request")
    parser.add_argument("--keepalive", type=float, default=75.0, help="seconds until an idle connection is closed")
    parser.add_argument("--set", action="append", default=[], metavar="SWITCH=VALUE", help="may be repeated")
    parser.add_argument("--tls-cert", help="certificate chain (PEM): the data port speaks HTTPS")
    parser.add_argument("--tls-key", help="its key (PEM)")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when stdin is closed")
    options = parser.parse_args(argv)
    switches = dict(pair.partition("=")[::2] for pair in options.set)
    try:
        options.simulator = Simulator(options.contacts, options.seed, switches)
    except SwitchError as error:
        parser.error(f"{error} (there are {len(SWITCHES)} switches, see README.md)")
    return options


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not options.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Ends the server when whoever started it is gone, however it went."""

    def wait() -> None:
        # Without Python's buffer, whose lock the interpreter could not take when it ends while this thread waits.
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = SimulatorServer(options.simulator, latency=options.latency_ms / 1000, keepalive=options.keepalive)
    await server.start(options.host, options.port, _tls(options))
    hello = {"api_url": server.api_url, "control_url": server.control_url, "tokens": options.simulator.tokens}
    print(json.dumps(hello), flush=True)
    if options.exit_with_parent:
        _watch_stdin(loop, stop)
    await stop.wait()
    await server.stop()


def main(argv: list[str] | None = None) -> int:
    asyncio.run(_serve(_arguments(argv)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
