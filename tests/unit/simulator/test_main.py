# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: first line, signals, parent, HTTPS, latency."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator import Simulator
from tests.tools.devtree import ROOT


@contextmanager
def started(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulator", *options], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    try:
        assert process.stdout
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stdin):
            if stream:
                stream.close()


def bearer(hello: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {hello['tokens']['ops']}"}


def test_first_line_options_and_sigterm() -> None:
    with started("--contacts", "7", "--seed", "5", "--set", "default_limit=1000", "--set", "total_null=on") as (
        process,
        hello,
    ):
        assert sorted(hello) == ["api_url", "control_url", "tokens"]
        assert hello["api_url"].endswith("/public/v1")
        assert hello["tokens"] == Simulator(seed=5).tokens
        session = requests.Session()
        body = session.get(f"{hello['api_url']}/notifications/contacts", headers=bearer(hello), timeout=5).json()
        assert (len(body["data"]), body["$meta"]["pagination"]) == (7, {"offset": 0, "limit": 1000, "total": None})
        # An open connection does not hold it up.
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        session.close()


@pytest.mark.parametrize("ends_with_parent", [True, False])
def test_end_of_stdin(ends_with_parent: bool) -> None:
    with started(*(["--exit-with-parent"] if ends_with_parent else [])) as (process, hello):
        assert process.stdin
        process.stdin.close()
        if ends_with_parent:
            assert process.wait(5) == 0
        else:
            assert requests.get(f"{hello['control_url']}/journal", timeout=5).json() == []
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0


def test_sigterm_while_the_parent_lives(capfd: pytest.CaptureFixture[str]) -> None:
    with started("--exit-with-parent") as (process, _hello):
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert capfd.readouterr().err == ""


def test_wrong_switch_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "tests.simulator", "--set", "total_null=maybe"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "switch total_null: 'maybe' is not allowed; allowed: off, on" in result.stderr


def test_latency_of_one_request_does_not_hold_up_another() -> None:
    with started("--latency-ms", "200") as (_process, hello), ThreadPoolExecutor(8) as pool:

        def ask(_number: int) -> int:
            return requests.get(
                f"{hello['api_url']}/notifications/contacts", headers=bearer(hello), timeout=5
            ).status_code

        start = time.monotonic()
        assert list(pool.map(ask, range(8))) == [200] * 8
        assert 0.2 <= time.monotonic() - start < 1.0


def test_port_and_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with started("--port", str(port), "--host", "localhost") as (_process, hello):
        assert hello["api_url"] == f"http://localhost:{port}/public/v1"


def test_https(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    chain, key, root = tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "root.pem"
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(chain), append=number > 0)
    issued.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(root))
    with started("--tls-cert", str(chain), "--tls-key", str(key)) as (_process, hello):
        url = f"{hello['api_url']}/notifications/categories"
        assert url.startswith("https://")
        assert requests.get(url, headers=bearer(hello), verify=str(root), timeout=5).status_code == 200
        requests.post(f"{hello['control_url']}/faults", json={"do": {"cut": 9, "reset": True}}, timeout=5)
        with pytest.raises(requests.exceptions.RequestException):
            requests.get(url, headers=bearer(hello), verify=str(root), timeout=5)
