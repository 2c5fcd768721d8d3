# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contacts_export against a simulator: what is in the files, what is left out, and what stays as it was."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import ORDERS

LEGACY = "NTC-0000-0008"
ALWAYS = {"changed", "files", "backup_files", "exported", "left_out", "requests"}


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "contacts.yml"


def export(marketplace: Marketplace, dest: Path, **options: Any) -> TaskResult:
    return marketplace.run("swo_contacts_export", dest=str(dest), **{"diff": False, **options})


def plan(marketplace: Marketplace, src: Path) -> TaskResult:
    return marketplace.run("swo_contacts", check=True, src=[str(src)])


@pytest.mark.parametrize("split", ["none", "domain"])
@pytest.mark.parametrize(
    "switches", [{}, {"schema": "5.x"}, {"deleted_visibility": "listed", "unordered_lists": "shuffled"}]
)
def test_an_export_is_what_is_live(tmp_path: Path, split: str, switches: dict[str, Any]) -> None:
    marketplace = Marketplace(300, **switches)
    dest = tmp_path / ("contacts.yml" if split == "none" else "contacts")

    result = export(marketplace, dest, split=split)

    assert (result.failed, result.values["changed"], result.values["left_out"]) == (False, True, [])
    assert result.values.keys() == ALWAYS
    assert result.values["exported"] == 300
    assert result.values["files"] == sorted(map(str, dest.iterdir() if dest.is_dir() else [dest]))
    texts = [Path(path).read_text(encoding="utf-8") for path in result.values["files"]]
    assert not re.search(r"CTT-|NTC-|USR-", "".join(texts))
    rows = [row["email"].lower() for text in texts for row in yaml.safe_load(text)["contacts"]]
    live = [record.data["email"].lower() for record in marketplace.simulator.store.live()]
    assert sorted(rows) == sorted(live)
    assert split == "domain" or rows == sorted(rows)
    found = plan(marketplace, dest)
    assert (found.values["status"], found.values["counts"]["unmanaged"]) == ("clean", 0)
    assert marketplace.writes() == []


def test_the_same_contacts_give_the_same_bytes(tmp_path: Path) -> None:
    marketplace = Marketplace(300, unordered_lists="shuffled")
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    export(marketplace, first)
    export(marketplace, second)
    assert first.read_bytes() == second.read_bytes()
    before = os.stat(first).st_ino
    again = export(marketplace, first)
    assert (again.values["changed"], os.stat(first).st_ino) == (False, before)


def test_check_mode_predicts_and_writes_nothing(dest: Path) -> None:
    marketplace = Marketplace(5)
    predicted = export(marketplace, dest, check=True)
    assert not dest.exists()
    done = export(marketplace, dest)
    assert predicted.values == done.values
    assert export(marketplace, dest, check=True).values["changed"] is False


def test_what_a_file_cannot_express_is_named_and_survives(dest: Path) -> None:
    marketplace = Marketplace(email_unique="off")
    ids = {
        "unpublished": marketplace.put("a@contoso.example", name="A", optOuts=[ORDERS, LEGACY]),
        "dangling": marketplace.put("b@contoso.example", name="B", optOuts=["NTC-9999-9999"]),
        "twice": marketplace.put("c@contoso.example", name="C"),
        "again": marketplace.put("C@contoso.example", name="C"),
        "odd": marketplace.put('"d d"@contoso.example', name="D"),
        "name": marketplace.put("e@contoso.example", name="E\u0007"),
    }

    result = export(marketplace, dest)

    assert {row["id"]: row["reason"] for row in result.values["left_out"]} == {
        ids["unpublished"]: "opt_outs: The notification category 'Legacy reports' (NTC-0000-0008) is not published "
        "(status Unpublished).",
        ids["dangling"]: "opt_outs: There is no notification category 'NTC-9999-9999'.",
        ids["twice"]: "email: another live contact has the same address",
        ids["again"]: "email: another live contact has the same address",
        ids["odd"]: "email: has characters that are not allowed before the at sign",
        ids["name"]: "name: 'E\\x07' has control characters",
    }
    assert result.values["exported"] == 3
    applied = marketplace.run("swo_contacts", src=[str(dest)])
    assert (applied.failed, applied.values["changed"], marketplace.writes()) == (False, False, [])
    assert {row["id"] for row in applied.values["unmanaged"]} == {ids["twice"], ids["again"], ids["odd"]}


def test_an_account_without_contacts_gives_a_file_without_contacts(tmp_path: Path) -> None:
    marketplace = Marketplace()
    for dest, split in ((tmp_path / "one.yml", "none"), (tmp_path / "many", "domain")):
        assert export(marketplace, dest, split=split).values["exported"] == 0
        assert plan(marketplace, dest).values["status"] == "clean"


HAND_WRITTEN = "contacts:\n  - email: ann@contoso.example\n    reason: asked for it\u202e\n"


@pytest.mark.parametrize("check", [False, True])
def test_a_file_that_no_export_has_written_is_not_overwritten(dest: Path, check: bool) -> None:
    dest.write_text(HAND_WRITTEN, encoding="utf-8")
    result = export(Marketplace(3), dest, check=check, backup=True)
    assert (result.failed, result.values["changed"]) == (True, False)
    assert result.values["msg"] == (
        f"dest: {dest} was written or edited by hand, so it is not overwritten. "
        "Name another file, or set force (swo_contacts_force of the playbooks) to true; "
        "backup: true keeps the present one."
    )
    assert (dest.read_text(encoding="utf-8"), list(dest.parent.iterdir())) == (HAND_WRITTEN, [dest])


def test_forced_it_is_with_a_copy_and_the_difference(dest: Path) -> None:
    dest.write_text(HAND_WRITTEN, encoding="utf-8")
    marketplace = Marketplace(3)
    predicted = export(marketplace, dest, check=True, force=True, backup=True, diff=True)
    assert (predicted.values["backup_files"], dest.read_text(encoding="utf-8")) == ([], HAND_WRITTEN)

    result = export(marketplace, dest, force=True, backup=True, diff=True)

    (copy,) = map(Path, result.values["backup_files"])
    assert (copy.read_text(encoding="utf-8"), copy.parent, copy.name[-1]) == (HAND_WRITTEN, dest.parent, "~")
    (diff,) = result.values["diff"]
    assert (diff["after_header"], diff["after"]) == (str(dest), dest.read_text(encoding="utf-8"))
    assert diff["before"] == HAND_WRITTEN.replace("\u202e", r"\u202e")
    assert predicted.values["diff"] == result.values["diff"]
    again = export(marketplace, dest, backup=True, diff=True)
    assert (again.values["changed"], again.values["backup_files"], again.values["diff"]) == (False, [], [])


def test_an_opt_out_that_somebody_chooses_after_an_export_survives_provisioning(dest: Path) -> None:
    marketplace = Marketplace()
    marketplace.put("ann@contoso.example", name="Ann")
    export(marketplace, dest)
    assert "opt_outs: []" not in dest.read_text(encoding="utf-8")
    marketplace.live("ann@contoso.example")[0]["optOuts"] = [ORDERS]

    applied = marketplace.run("swo_contacts", src=[str(dest)])

    assert (applied.failed, applied.values["changed"], marketplace.writes()) == (False, False, [])


def test_other_files_of_the_folder_stay_and_show_in_the_plan(tmp_path: Path) -> None:
    marketplace = Marketplace()
    marketplace.put("a@contoso.example")
    stale = tmp_path / "gone.example.yml"
    stale.write_text("contacts: [{email: x@gone.example}]")
    result = export(marketplace, tmp_path, split="domain")
    assert result.values["files"] == [str(tmp_path / "contoso.example.yml")]
    assert [row["email"] for row in plan(marketplace, tmp_path).values["results"]] == ["x@gone.example"]


def test_only_the_owner_reads_a_new_file_and_an_old_one_keeps_its_permissions(dest: Path) -> None:
    marketplace = Marketplace(3)
    export(marketplace, dest)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    dest.chmod(0o644)
    marketplace.put("new@contoso.example")
    export(marketplace, dest)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("folder", "none", "dest: {} is a folder. Name a file in it, or set split=domain."),
        ("contacts", "none", "dest: {} has to end in .yml or .yaml. For a folder, set split=domain."),
        ("contacts.json", "none", "dest: {} has to end in .yml or .yaml. For a folder, set split=domain."),
        ("file.yml", "domain", "dest: {} is not a folder, which split=domain needs."),
    ],
)
def test_what_could_not_be_read_afterwards_is_not_written(tmp_path: Path, name: str, split: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.yml").write_text("")
    marketplace = Marketplace(3)
    result = export(marketplace, tmp_path / name, split=split)
    assert (result.failed, result.values["msg"]) == (True, message.format(tmp_path / name))
    assert (len(marketplace.simulator.journal.since()), (tmp_path / "file.yml").read_text()) == (0, "")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    result = export(Marketplace(3), tmp_path / "taken" / "contacts.yml")
    assert result.values["msg"].startswith(f"The file {tmp_path}/taken/contacts.yml cannot be written.")


@pytest.mark.parametrize(
    "do", [{"status": 401}, {"status": 200, "html": True}, {"edit": {"set": {"$meta.pagination.total": 999}}}]
)
def test_half_a_list_is_no_export(dest: Path, do: dict[str, Any]) -> None:
    marketplace = Marketplace(150)
    dest.write_text("what was there")
    marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": do})
    result = export(marketplace, dest)
    assert (result.failed, result.values["exported"], result.values["changed"]) == (True, 0, False)
    assert result.values.keys() >= ALWAYS
    assert dest.read_text() == "what was there"
