# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Once a run is asked to end it sends no further write, not even one whose answer was lost or whose turn had come."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._run import signals
from tests.harness import Marketplace
from tests.unit.contact_sets import address, people


@pytest.fixture(autouse=True)
def _signal_is_forgotten() -> Iterator[None]:
    """The module would send it to itself once more at its end."""
    yield
    assert signals._received == [signal.SIGTERM]
    signals._received.clear()


def end_at(marketplace: Marketplace, method: str) -> None:
    """Ask the run to end right before the first request with this method is served; one worker is the main thread."""
    marketplace.meanwhile(method, "/contacts/CTT", lambda: os.kill(os.getpid(), signal.SIGTERM))


def test_a_write_whose_answer_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1, 2])
    fault = {"when": {"method": "PUT", "phase": "before_commit"}, "do": {"reset": True}, "times": 1}
    marketplace.simulator.add_fault(fault)
    end_at(marketplace, "PUT")
    contacts = [{"email": address(number), "name": "New"} for number in (1, 2)]

    result = marketplace.run("swo_contacts", contacts=contacts, concurrency=1, undo_file=str(tmp_path / "undo.yml"))

    marketplace.simulator.assert_faults_fired()
    assert len(marketplace.writes()) == 1
    assert result.failed
    assert "interrupted by SIGTERM" in result.values["msg"]
    assert sorted(row["outcome"] for row in result.values["results"]) == ["skipped", "unknown"]


def test_a_contact_that_was_only_read_is_not_written() -> None:
    marketplace = Marketplace()
    people(marketplace, [1, 2])
    end_at(marketplace, "GET")
    contacts = [{"email": address(number), "name": "New", "state": "blocked"} for number in (1, 2)]

    result = marketplace.run("swo_contacts", contacts=contacts, concurrency=1)

    assert marketplace.writes() == []
    assert (result.failed, result.values["changed"]) == (True, False)
    assert {row["outcome"] for row in result.values["results"]} == {"skipped"}


def test_what_is_left_to_do_for_one_contact_is_left() -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    end_at(marketplace, "PUT")

    contacts = [{"email": address(1), "name": "New", "state": "blocked"}]
    result = marketplace.run("swo_contacts", contacts=contacts, concurrency=1)

    assert len(marketplace.writes()) == 1
    assert (result.failed, result.values["changed"]) == (True, True)
    assert result.values["results"][0]["outcome"] == "skipped"
