# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose token it is: what proves it, what does not, and that nothing of the answer but the account is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import account_id, entry, people

MODULES: dict[str, dict[str, Any]] = {
    "swo_contact": entry(1, name="M"),
    "swo_contacts": {"contacts": [entry(1, name="M")]},
    "swo_contact_info": {},
    "swo_category_info": {},
}


@pytest.mark.parametrize("module", MODULES)
def test_the_right_account_costs_one_request(module: str) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    without = marketplace.run(module, check=True, **MODULES[module]).values["requests"]["GET"]

    result = marketplace.run(module, check=True, expect_account=account_id(marketplace), **MODULES[module])

    assert not result.failed, result.values["msg"]
    assert result.values["requests"]["GET"] == without + 1


@pytest.mark.parametrize("module", MODULES)
def test_another_account_is_refused_before_anything_else_is_asked(module: str) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])

    result = marketplace.run(module, expect_account="ACC-9999-9999", **MODULES[module])

    assert result.failed
    assert "but expect_account is ACC-9999-9999" in result.values["msg"]
    assert [entry.path for entry in marketplace.simulator.journal.entries if "api-tokens" not in entry.path] == []


@pytest.mark.parametrize("lookup", ["403", "404"])
def test_an_answer_that_proves_nothing_is_a_refusal(lookup: str) -> None:
    marketplace = Marketplace(token_lookup=lookup)
    people(marketplace, [1])

    result = marketplace.run("swo_contact", expect_account=account_id(marketplace), **entry(1, name="M"))

    assert result.failed
    assert f"HTTP {lookup}" in result.values["msg"]
    assert "leaves open" in result.values["msg"]
    assert marketplace.writes() == []


@pytest.mark.parametrize("account", ["contoso", "ACC-1/../x", "CTT-1-1"])
def test_what_is_no_id_of_an_account_is_refused_without_a_request(account: str) -> None:
    marketplace = Marketplace()

    result = marketplace.run("swo_contact", expect_account=account, **entry(1))

    assert "is not the id of an account" in result.values["msg"]
    assert marketplace.simulator.journal.entries == []


def test_a_token_without_a_public_id_cannot_prove_an_account() -> None:
    marketplace = Marketplace()
    options = {"api_token": "old-form-of-a-token", "expect_account": "ACC-1-1"}

    assert "has no public id" in marketplace.run("swo_contact", **options, **entry(1)).values["msg"]


def test_results_and_reports_name_the_account_and_nothing_secret(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    report = tmp_path / "report.json"
    expected = account_id(marketplace)
    options = {"contacts": [entry(1)], "account_name": "contoso", "reports": [str(report)], "expect_account": expected}

    result = marketplace.run("swo_contacts", **options)

    token = marketplace.simulator.tokens["ops"]
    account = result.values["account"]
    assert (account["host"], account["token"], account["id"]) == ("contoso", token.split(":")[1], expected)
    assert account["name"]
    assert json.loads(report.read_text())["account"] == account
    assert token.rpartition(":")[2] not in report.read_text() + json.dumps(result.values)


@pytest.mark.parametrize("option", ["reports", "undo_file"])
@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_a_contact_file_is_never_replaced(tmp_path: Path, option: str, is_folder: bool) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    source = tmp_path / "people.json"
    source.write_text(json.dumps({"contacts": [entry(1, name="M")]}))
    (tmp_path / "link.json").symlink_to(source)
    content = source.read_text()
    output = str(tmp_path / "link.json")
    src = [str(tmp_path if is_folder else source)]

    result = marketplace.run("swo_contacts", src=src, **{option: [output] if option == "reports" else output})

    assert "is a file that src reads" in result.values["msg"]
    assert source.read_text() == content
    assert marketplace.writes() == []


def test_two_outputs_never_share_a_file(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    path = str(tmp_path / "out.json")

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")], reports=[path], undo_file=path)

    assert "is named by undo_file, too" in result.values["msg"]
    assert list(tmp_path.iterdir()) == []
    assert marketplace.writes() == []
