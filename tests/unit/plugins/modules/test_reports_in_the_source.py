# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run may write its report to the directory that its contact files are in, and run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import address, people


@pytest.mark.parametrize("check", [True, False])
def test_the_report_of_the_last_run_is_no_contact_file(tmp_path: Path, check: bool) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    (tmp_path / "contacts.yml").write_text(f"contacts:\n  - email: {address(1)}\n")
    report = tmp_path / "contacts-drift-localhost.json"

    for _time in range(2):
        result = marketplace.run("swo_contacts", check=check, src=[str(tmp_path)], reports=[str(report)])
        assert not result.failed, result.values["msg"]

    assert json.loads(report.read_text())["collection"] == "softwareone.marketplace"


@pytest.mark.parametrize("text", ['{"contacts": [], "collection": "softwareone.marketplace"}', '{"schema_version": 1}'])
def test_whatever_only_looks_a_little_like_one_is_still_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    result = Marketplace().run("swo_contact_files_info", src=[str(tmp_path)])
    assert result.failed
    assert "is not known here" in result.values["msg"]


def test_a_report_that_is_named_itself_is_a_fault(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    Marketplace().run("swo_contacts", contacts=[], reports=[str(report)])
    assert Marketplace().run("swo_contact_files_info", src=[str(report)]).failed


@pytest.mark.parametrize(
    ("module", "guard"),
    [
        ("swo_contacts", {"expect_plan": "0123"}),
        ("swo_contacts", {"max_changes": []}),
        ("swo_contacts", {"adopt_file": "adopted.yml"}),
        ("swo_contacts", {"error": "There is no token."}),
        ("swo_contact_files_info", {"error": "swo_contacts_email is not set."}),
    ],
)
def test_the_report_of_a_refusal_replaces_no_contact_file(tmp_path: Path, module: str, guard: dict[str, Any]) -> None:
    contacts = tmp_path / "contacts.json"
    contacts.write_text('{"contacts": []}')
    result = Marketplace().run(module, src=[str(contacts)], reports=[str(contacts)], **guard)
    assert "is a file that src reads; nothing was written" in result.values["msg"]
    assert contacts.read_text() == '{"contacts": []}'
