# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SoftwareOne's own Python client (``mpt-api-client``, PyPI) works against the simulator unchanged.

It needs Python 3.12, so it runs in a process of its own: ``SWO_PYTHON312_VENV`` names a virtual environment that has
it, else ``.venv/mpt`` is used, which the Makefile prepares.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.simulator import Simulator
from tests.simulator.threaded import serving
from tests.tools.devtree import ROOT

_SESSION = Path(__file__).with_name("mpt_client_session.py")
CONTACTS = {
    "get": "NTC-0000-0001",
    "select": ["name"],
    "filter": [True],
    "quoted": 1,
    "pages": [31, 31, True],
    "order": True,
    "page": 5,
    "update": "New",
    "block": "Blocked",
    "block again": 400,
    "unblock": "Active",
    "deleted": 404,
    "not found": 404,
    "action not found": 400,
    "bad filter": 400,
}
CATEGORIES = {
    "names": ["Invoices", "Legacy reports"],
    "create": "Published",
    "update": "Other",
    "unpublish": "Unpublished",
    "publish": "Published",
    "not found": 404,
}


def interpreter() -> Path:
    venv = Path(os.environ.get("SWO_PYTHON312_VENV") or ROOT / ".venv" / "mpt")
    python = venv / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"no mpt-api-client: {venv} is not a virtual environment; SWO_PYTHON312_VENV can name one")
    return python


@pytest.mark.parametrize("streaming", ["off", "on"])
def test_session(streaming: str) -> None:
    sim = Simulator(30, switches={"streaming": streaming})
    with serving(sim) as server:
        result = subprocess.run(
            [interpreter(), "-I", _SESSION, server.api_url, sim.tokens["ops"]],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert result.returncode == 0, result.stderr
    seen: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    for kind in ("sync", "async"):
        email = f"{kind}+tag@contoso.example"
        stream = {"stream": [30, 30, 5] if streaming == "on" else "not enabled"}
        assert seen[kind]["contacts"] == {**CONTACTS, "create": [email, "Active"], **stream}
        assert seen[kind]["categories"] == CATEGORIES
        assert seen[kind]["recipients"] is True
    assert seen["wrong token"] == 401
