# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves many simulated accounts from one process until stdin is closed: python -m tests.bench.crowd COUNT

The first line on stdout is a JSON list with what each says of itself.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tests.simulator.core import Simulator
from tests.simulator.server import SimulatorServer


async def main() -> None:
    hellos = []
    for number in range(int(sys.argv[1])):
        simulator = Simulator(seed=number + 1)
        server = SimulatorServer(simulator)
        await server.start()
        hellos.append({"api_url": server.api_url, "control_url": server.control_url, "tokens": simulator.tokens})
    print(json.dumps(hellos), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
