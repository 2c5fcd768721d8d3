# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contact_files_info: what files declare, or every fault in them, without a connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT_FILES_INFO
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace


@pytest.fixture
def marketplace() -> Marketplace:
    return Marketplace(3)


def info(marketplace: Marketplace, *src: Path, **options: Any) -> TaskResult:
    return marketplace.run("swo_contact_files_info", src=[str(path) for path in src], **options)


def test_it_takes_no_token_and_sends_nothing(marketplace: Marketplace, tmp_path: Path) -> None:
    assert set(SWO_CONTACT_FILES_INFO.argument_spec()) == {"src"}
    (tmp_path / "a.yml").write_text("contacts: [{email: ann@contoso.example, opt_outs: [No such category]}]")
    assert info(marketplace, tmp_path).values["total"] == 1
    assert marketplace.simulator.journal.since() == []


@pytest.mark.parametrize("check", [False, True])
def test_it_shows_what_the_layers_come_to(marketplace: Marketplace, tmp_path: Path, check: bool) -> None:
    base, prod = tmp_path / "base.yml", tmp_path / "prod.csv"
    base.write_text(
        "profiles: {finance: {opt_outs: [Orders], opt_outs_mode: at_least}}\n"
        "contacts:\n"
        "  - {email: Zoe@contoso.example, name: Zoe}\n"
        "  - {email: ann@contoso.example, name: Ann, profiles: [finance], reason: 'desk,  ticket 1'}\n"
        "  - {id: CTT-1, state: blocked}\n"
    )
    prod.write_text("email,name\nANN@contoso.example,Ann Example\n")

    result = info(marketplace, base, prod, check=check)

    assert (result.failed, result.values["changed"], result.values["total"]) == (False, False, 3)
    by_id, ann, zoe = result.values["contacts"]
    assert ann == {
        "email": "ANN@contoso.example",
        "id": None,
        "name": "Ann Example",
        "opt_ins": None,
        "opt_outs": ["Orders"],
        "opt_outs_mode": "at_least",
        "reason": "desk, ticket 1",
        "source": str(prod),
        "state": "present",
        "unblock": "auto",
    }
    assert (by_id["id"], by_id["email"], by_id["state"]) == ("CTT-1", None, "blocked")
    assert (zoe["email"], zoe["opt_outs"]) == ("Zoe@contoso.example", None)


def test_all_faults_of_all_files_are_named_at_once(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("contacts:\n  - {email: ann@contoso.example, opt_out: [Orders]}\n")
    (tmp_path / "b.yml").write_text(
        "contacts:\n  - {email: ann@contoso.example}\n  - {email: b@contoso.example, name: 12}\n"
    )
    (tmp_path / "c.yml").write_text("contacts: [\n")
    (tmp_path / "d.json").write_text('{"contacts": [{"name": "nobody"}]}')
    absent = tmp_path / "e"

    result = info(marketplace, tmp_path, absent)

    places = [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in result.values["problems"]]
    assert places == [
        ["a.yml:2", "opt_out"],
        ["b.yml:2", "email"],
        ["b.yml:3", "name"],
        ["c.yml:2", places[3][1]],
        ["d.json:1", "contacts[0]"],
        ["e", "does not exist"],
    ]
    assert result.failed
    assert (result.values["contacts"], result.values["total"], result.values["changed"]) == ([], 0, False)
    assert result.values["msg"].splitlines() == ["The contact files have 6 faults:", *result.values["problems"]]


def test_an_empty_folder_declares_nobody_and_says_so(marketplace: Marketplace, tmp_path: Path) -> None:
    result = info(marketplace, tmp_path)
    assert result.failed
    assert "has no contact files" in result.values["msg"]


def test_a_file_may_declare_nobody(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("contacts: []")
    expected = {"changed": False, "contacts": [], "total": 0, "skipped_files": []}
    assert info(marketplace, tmp_path).values == expected


@pytest.mark.parametrize(
    ("name", "meant"),
    [("people.ymal", ".yml"), ("hr.CVS", ".csv"), ("a.yml ", ".yml"), ("b.jsn", ".json"), ("c.ym", ".yml")],
)
def test_a_name_that_is_close_to_one_of_a_contact_file_is_a_fault(
    marketplace: Marketplace, tmp_path: Path, name: str, meant: str
) -> None:
    (tmp_path / "a.yml").write_text("contacts: []")
    (tmp_path / name).write_text("contacts: []")
    result = info(marketplace, tmp_path)
    ending = name[name.rindex(".") :]
    assert result.values["problems"] == [
        f"{tmp_path}/{name}: is not read, because its name ends in '{ending}'; did you mean {meant}?"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{email: a@b.example, opt_outs: [Orders, orders]}", "opt_outs: names 'orders' twice"),
        ("{id: ann, name: Ann}", "id: 'ann' cannot be the id of a contact, which looks like CTT-1234-5678"),
        ("{id: NTC-0000-0001}", "id: 'NTC-0000-0001' cannot be the id of a contact, which looks like CTT-1234-5678"),
        (
            "{email: a@b.example, name: {{ x }}}",
            "name: looks like a template, {{ ... }}; contact files have none, write the value",
        ),
    ],
)
def test_a_slip_in_a_value_is_named(marketplace: Marketplace, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yml").write_text(f"contacts:\n  - {text}\n")
    result = info(marketplace, tmp_path)
    assert result.values.get("problems") == [f"{tmp_path}/a.yml:2: {said}"]


def test_other_files_are_listed_and_what_belongs_there_is_not(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    reports = [str(tmp_path / f"plan.{ending}") for ending in ("json", "html", "md", "xml")]
    (tmp_path / "a.yml").write_text("contacts: []")
    marketplace.run("swo_contacts", check=True, src=[str(tmp_path)], reports=reports)
    for name in ("README.md", ".hidden", "old.txt", "team/a.yml.bak", "team/a.yml~", "Makefile", "pyproject.toml"):
        (tmp_path / name).write_text("")
    result = info(marketplace, tmp_path)
    assert not result.failed, result.values
    assert [path[len(str(tmp_path)) + 1 :] for path in result.values["skipped_files"]] == [
        "Makefile",
        "old.txt",
        "pyproject.toml",
        "team/a.yml.bak",
        "team/a.yml~",
    ]
