# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulators and playbook runs for the tests of this folder."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import account as demo
from tests.integration.examples import install
from tests.integration.lab import Account, Player, simulator


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with simulator(tmp_path_factory.mktemp("simulator") / "stderr") as account:
        yield account


@pytest.fixture
def account(served: Account) -> Account:
    """An empty account with the default switches and no faults."""
    served.reset()
    return served


@pytest.fixture
def play(account: Account) -> Iterator[Player]:
    # Ansible opens a socket below its temporary folder, whose path may not be as long as pytest would make it.
    with tempfile.TemporaryDirectory(prefix="swo-", ignore_cleanup_errors=True) as folder:
        yield Player(account, Path(folder))


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address whose port is taken, so that nobody else can listen there, but not listened to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the collection is installed, as users have it."""
    return install(tmp_path_factory.mktemp("artifact"))


@pytest.fixture
def own() -> Iterator[demo.Account]:
    """An account that nobody else uses, as the demonstration has it."""
    with demo.simulated() as account:
        yield account
