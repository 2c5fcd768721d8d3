# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is refused before it has begun: its reports say error, not what an earlier run said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.info import run_category_info
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.refusal import refused_values
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CATEGORY_INFO, SWO_CONTACTS
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task
from tests.harness import Marketplace
from tests.unit.contact_sets import ALWAYS

TOKEN = "idt:TKN-0000-0000:a-token-of-nobody"
STALE = '{"status": "clean"}'


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    path = tmp_path / "drift.json"
    path.write_text(STALE)
    return path


def refused(reports: Any, **params: Any) -> dict[str, Any]:
    task = Task(
        {"reports": reports, "api_token": TOKEN, **params}, check_mode=True, diff=True, refusal=f"x of {TOKEN} is wrong"
    )
    return refused_values(SWO_CONTACTS, run_contacts, task)


def test_the_report_and_the_result_say_error(stale: Path) -> None:
    values = refused([str(stale)], unmanaged=["nonsense"], on_error={}, concurrency="many", contacts="x")
    assert values.keys() >= ALWAYS
    assert (values["status"], values["msg"]) == ("error", "x of ******** is wrong")
    report = json.loads(stale.read_text(encoding="utf-8"))
    assert (report["status"], report["message"], report["mode"]) == ("error", "x of ******** is wrong", "check")


@pytest.mark.parametrize("reports", [None, 7, {"a": 1}, "drift.json", [None, 7]], ids=str)
def test_reports_that_cannot_be_used_do_not_hide_the_reason(reports: Any) -> None:
    assert refused(reports)["msg"] == "x of ******** is wrong"


def test_what_can_be_used_of_the_reports_is_written(stale: Path) -> None:
    assert refused([None, "x.pdf", "/dev/null/x.json", str(stale)])["msg"] == "x of ******** is wrong"
    assert json.loads(stale.read_text(encoding="utf-8"))["status"] == "error"


@pytest.mark.parametrize(
    ("given", "used"), [(None, "full"), ("full", "full"), ("masked", "masked"), ("mask", "masked")]
)
def test_a_privacy_that_is_misspelled_masks(stale: Path, given: str | None, used: str) -> None:
    refused([str(stale)], report_privacy=given)
    assert json.loads(stale.read_text(encoding="utf-8"))["privacy"] == used


def test_a_module_without_reports_only_says_why() -> None:
    assert refused_values(SWO_CATEGORY_INFO, run_category_info, Task({}, refusal="no")) == {"msg": "no"}


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_an_error_from_outside_is_reported_and_nothing_is_asked(stale: Path, check: bool) -> None:
    marketplace = Marketplace()
    result = marketplace.run("swo_contacts", check=check, error="'vault' is undefined", reports=[str(stale)])
    assert (result.failed, result.values["status"], result.values["msg"]) == (True, "error", "'vault' is undefined")
    assert json.loads(stale.read_text(encoding="utf-8"))["message"] == "'vault' is undefined"
    assert marketplace.simulator.journal.entries == []


def test_an_empty_error_is_none(stale: Path) -> None:
    result = Marketplace().run("swo_contacts", error="", contacts=[], reports=[str(stale)])
    assert (result.failed, result.values["status"]) == (False, "clean")


def test_a_report_of_a_wrong_ending_does_not_save_an_earlier_one(stale: Path) -> None:
    marketplace = Marketplace()
    result = marketplace.run("swo_contacts", contacts=[], reports=["x.pdf", str(stale)])
    assert result.failed
    assert json.loads(stale.read_text(encoding="utf-8"))["status"] == "error"
    assert marketplace.simulator.journal.entries == []
