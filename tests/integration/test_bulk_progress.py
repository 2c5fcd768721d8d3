# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long run tells how far it is, as often as it is told to, and not where the result is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lab import Account, Player, simulator

LIVE, PLANNED = 1500, 120
LINE = re.compile(
    r"^\[localhost\] swo_contacts: (?:read ([\d,]+) of 1,500 contacts|made ([\d,]+) of 120 changes)"
    r", [\d,.]+/s, about [\d,]+ (?:s|min) left$"
)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with simulator(tmp_path_factory.mktemp("slow") / "stderr", "--latency-ms", "80") as account:
        yield account


@pytest.fixture
def play(slow: Account, tmp_path: Path) -> Player:
    slow.reset(contacts=LIVE)
    return Player(slow, tmp_path)


def lines_of(play: Player, folder: Path, **how: Any) -> list[str]:
    """The lines about progress on the standard error; there is nothing else there."""
    people = [{"email": f"new{number}@contoso.example"} for number in range(PLANNED)]
    options = {"api_url": "{{ simulator.api_url }}", "api_token": "{{ simulator.tokens.ops }}", "concurrency": 2}
    task = {"name": "Apply", "softwareone.marketplace.swo_contacts": {**options, "contacts": people}}
    playbook = folder / "play.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    run = play(str(playbook), **how)
    assert run["Apply"].result["counts"]["created"] == PLANNED
    assert "swo_contacts:" not in run.stdout
    return run.stderr.splitlines()


def test_lines_come_while_it_reads_and_writes(play: Player, tmp_path: Path) -> None:
    lines = lines_of(play, tmp_path, env={"SWO_PROGRESS_INTERVAL": "0.2"})

    matches = [LINE.match(line) for line in lines]
    assert all(matches), lines
    numbers = [[int(match[group].replace(",", "")) for match in matches if match and match[group]] for group in (1, 2)]
    for found, planned, least in zip(numbers, (LIVE, PLANNED), (1, 5), strict=True):
        assert least <= len(found) <= 40
        assert found == sorted(set(found))
        assert max(found) < planned
    # Reading comes first.
    assert ["read" in line for line in lines] == sorted(("read" in line for line in lines), reverse=True)


@pytest.mark.parametrize("interval", ["0", ""], ids=["switched off", "in a log"])
def test_logs_are_not_flooded(interval: str, play: Player, tmp_path: Path) -> None:
    assert lines_of(play, tmp_path, env={"SWO_PROGRESS_INTERVAL": interval}) == []
