# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else writes between the listing and our write: what is told, and what goes back, is what was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS, address, entry, outcomes, people, store_of

MODULES = ["swo_contacts", "swo_contact"]


class Account:
    """One contact, ``c0001``, whom somebody else changes right before our first look at it by its id."""

    def __init__(self, tmp_path: Path, **members: Any) -> None:
        self.marketplace = Marketplace()
        (self.id,) = people(self.marketplace, [1], **members)
        self.undo = tmp_path / "undo.yml"

    def changes(self, **members: Any) -> None:
        self.meanwhile(lambda: self.marketplace.simulator.patch_contact({"id": self.id, **members}))

    def meanwhile(self, act: Callable[[], object]) -> None:
        self.marketplace.meanwhile("GET", f"/{self.id}", act)

    def run(self, module: str, **fields: Any) -> dict[str, Any]:
        """The values of the task; of swo_contact, as a row of swo_contacts would tell them."""
        if module == "swo_contact":
            values = self.marketplace.run(module, **entry(1, **fields)).values
            sides = values["diff"]["before"], values["diff"]["after"]
            names = sorted({*sides[0], *sides[1]})
            return {**values, "fields": {name: (sides[0].get(name), sides[1].get(name)) for name in names}}
        result = self.marketplace.run(
            module, contacts=[entry(1, **fields)], undo_file=str(self.undo), return_unchanged=True
        )
        (row,) = result.values["results"]
        changed = {change["field"]: (change["before"], change["after"]) for change in row["fields"]}
        return {**result.values, "actions": row["actions"], "fields": changed, "outcome": row["outcome"]}

    def takes_back(self) -> None:
        result = self.marketplace.run("swo_contacts", src=[str(self.undo)])
        assert not result.failed, result.values["msg"]


@pytest.mark.parametrize("module", MODULES)
def test_the_same_change_by_somebody_else_is_not_ours(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(name="M")

    told = account.run(module, name="M")

    assert (told["changed"], told["actions"], told["fields"]) == (False, [], {})
    assert account.marketplace.writes() == []
    assert not account.undo.exists()
    if module == "swo_contacts":
        assert (told["outcome"], told["status"], told["counts"]["unchanged"]) == ("unchanged", "clean", 1)
        assert told["diff"] == {"prepared": ""}


@pytest.mark.parametrize("module", MODULES)
def test_the_name_that_somebody_else_gave_is_the_one_that_is_replaced(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(name="Z")

    told = account.run(module, name="M")

    assert (told["actions"], told["fields"]) == (["update"], {"name": ("Z", "M")})
    if module == "swo_contacts":
        assert "Z -> M" in told["diff"]["prepared"]
        account.takes_back()
        assert [row["name"] for row in store_of(account.marketplace)] == ["Z"]


@pytest.mark.parametrize("module", MODULES)
def test_an_opt_out_that_somebody_else_added_is_not_lost_without_a_word(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path, optOuts=[ORDERS])
    account.changes(optOuts=[ORDERS, INVOICES])

    told = account.run(module, name="M", opt_outs=["Orders"])

    assert told["fields"] == {"name": ("N", "M"), "opt_outs": (["Invoices", "Orders"], ["Orders"])}
    if module == "swo_contacts":
        assert "no longer opted out of Invoices" in told["diff"]["prepared"]
        account.takes_back()
        assert [row["optOuts"] for row in store_of(account.marketplace)] == [[ORDERS, INVOICES]]


@pytest.mark.parametrize("module", MODULES)
def test_an_opt_out_that_somebody_else_added_is_kept_where_the_field_is_not_managed(
    tmp_path: Path, module: str
) -> None:
    account = Account(tmp_path, optOuts=[ORDERS])
    account.changes(optOuts=[ORDERS, INVOICES])

    assert account.run(module, name="M")["fields"] == {"name": ("N", "M")}

    assert [row["optOuts"] for row in store_of(account.marketplace)] == [[ORDERS, INVOICES]]


@pytest.mark.parametrize("module", MODULES)
def test_whoever_somebody_else_deleted_was_not_deleted_by_us(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(status="Deleted")

    told = account.run(module, state="absent")

    assert (told["changed"], told["actions"], told["fields"]) == (False, [], {})
    assert account.marketplace.writes() == []
    assert not account.undo.exists()


@pytest.mark.parametrize("state", ["present", "blocked"])
@pytest.mark.parametrize("module", MODULES)
def test_whoever_somebody_else_deleted_is_created_again(tmp_path: Path, module: str, state: str) -> None:
    account = Account(tmp_path)
    account.changes(status="Deleted")

    told = account.run(module, name="M", state=state)

    assert told["actions"] == ["create"] + ["block"] * (state == "blocked")
    assert told["fields"]["email"] == (None, address(1))
    assert told["fields"]["status"] == (None, {"present": "Active", "blocked": "Blocked"}[state])
    if module == "swo_contacts":
        account.takes_back()
        assert store_of(account.marketplace) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_block_that_somebody_else_set_is_not_ours(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(status="Blocked")

    told = account.run(module, state="blocked")

    assert (told["changed"], told["actions"], told["fields"]) == (False, [], {})
    assert account.marketplace.writes() == []


@pytest.mark.parametrize("module", MODULES)
def test_a_block_that_the_platform_set_meanwhile_is_told(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(status="Blocked", blockedReason="Bounced")
    fields = entry(1, name="M")

    result = account.marketplace.run(module, **(fields if module == "swo_contact" else {"contacts": [fields]}))

    (warning,) = result.warnings
    assert f"{account.id}) stays blocked: the platform blocked it (Bounced)" in warning
    if module == "swo_contacts":
        assert [row["reason"] for row in result.values["results"]] == [warning]


def test_the_address_that_somebody_else_gave_is_the_one_that_is_told(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.changes(email="renamed@contoso.example")

    result = account.marketplace.run("swo_contacts", contacts=[{"id": account.id, "name": "M"}])

    assert outcomes(result) == {"renamed": "updated"}
    assert "~ renamed@contoso.example" in result.values["diff"]["prepared"]


# A contact is declared by its address, so whoever has another one by now is not meant any more.
@pytest.mark.parametrize("wanted", [{"name": "M"}, {"state": "blocked"}], ids=["update", "block"])
@pytest.mark.parametrize("module", MODULES)
def test_whoever_got_another_address_is_left_alone(tmp_path: Path, module: str, wanted: dict[str, Any]) -> None:
    account = Account(tmp_path)
    account.changes(email="renamed@contoso.example")

    told = account.run(module, **wanted)

    assert "got another e-mail address" in told["msg"]
    assert (told["changed"], account.marketplace.writes()) == (False, [])


@pytest.mark.parametrize("module", MODULES)
def test_whoever_got_another_address_is_not_deleted(tmp_path: Path, module: str) -> None:
    account = Account(tmp_path)
    account.changes(email="renamed@contoso.example")

    told = account.run(module, state="absent")

    assert "msg" not in told
    assert (told["changed"], account.marketplace.writes()) == (False, [])


@pytest.mark.parametrize(
    ("wanted", "write"),
    [({"name": "M"}, "PUT"), ({"state": "blocked"}, "POST"), ({"state": "absent"}, "DELETE")],
    ids=["update", "block", "delete"],
)
@pytest.mark.parametrize("module", MODULES)
def test_whoever_has_the_address_now_is_the_one_that_is_written(
    tmp_path: Path, module: str, wanted: dict[str, Any], write: str
) -> None:
    account = Account(tmp_path)
    heirs: list[str] = []

    def swap() -> None:
        account.marketplace.simulator.patch_contact({"id": account.id, "email": "renamed@contoso.example"})
        heirs.append(account.marketplace.put(address(1), name="Heir"))

    account.meanwhile(swap)

    assert "msg" not in account.run(module, **wanted)

    (written,) = account.marketplace.writes()
    assert written.startswith(f"{write} ")
    assert f"/{heirs[0]}" in written


@pytest.mark.parametrize("module", MODULES)
def test_a_created_contact_is_blocked_only_if_it_is_the_one(tmp_path: Path, module: str) -> None:
    """The answer to the creation names somebody else; nothing more is written to that id."""
    marketplace = Marketplace()
    (stranger,) = people(marketplace, [7])
    marketplace.simulator.add_fault(
        {"when": {"method": "POST", "path": "*/notifications/contacts"}, "do": {"edit": {"set": {"id": stranger}}}}
    )
    fields = entry(1, state="blocked")

    result = marketplace.run(module, **(fields if module == "swo_contact" else {"contacts": [fields]}))

    assert not result.failed, result.values["msg"]
    assert [row["status"] for row in store_of(marketplace)] == ["Blocked", "Active"]
    assert not [write for write in marketplace.writes() if stranger in write]


def test_a_contact_in_no_file_that_moved_is_left_alone(tmp_path: Path) -> None:
    marketplace = Marketplace()
    (stray,) = people(marketplace, [5])
    people(marketplace, [1])
    marketplace.meanwhile(
        "GET", f"/{stray}", lambda: marketplace.simulator.patch_contact({"id": stray, "email": "x@contoso.example"})
    )

    result = marketplace.run("swo_contacts", contacts=[entry(1)], unmanaged="delete", max_removals=["100%"])

    assert outcomes(result) == {"c0005": "failed"}
    assert marketplace.writes() == []


def test_a_run_and_its_undo_file_tell_of_two_writes_to_one_contact_once(tmp_path: Path) -> None:
    account = Account(tmp_path)

    told = account.run("swo_contacts", name="M", state="blocked")

    assert told["actions"] == ["update", "block"]
    assert told["fields"] == {"name": ("N", "M"), "status": ("Active", "Blocked")}
    assert len(yaml.safe_load(account.undo.read_text())["contacts"]) == 1
    account.takes_back()
    assert [(row["name"], row["status"]) for row in store_of(account.marketplace)] == [("N", "Active")]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        ({"state": "absent"}, {"email": "ceo@contoso.example"}),
        ({"name": "M"}, {"email": "ceo@contoso.example"}),
        ({"name": "M"}, {"optOuts": [ORDERS, INVOICES]}),
        ({"state": "blocked"}, {"email": "ceo@contoso.example"}),
    ],
    ids=["delete", "rename", "opt-outs", "block"],
)
def test_a_write_is_not_sent_again_to_a_contact_that_changed_meanwhile(
    tmp_path: Path, wanted: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    """Right before the look that precedes the second try."""
    account = Account(tmp_path)
    writes = ["PUT", "POST", "DELETE"]
    fault = {"status": status, "retry_after": 1} if status == 429 else {"status": status}
    account.marketplace.simulator.add_fault({"when": {"method": writes, "nth": 1}, "do": fault})
    seen: list[str] = []

    def somebody(request: Request) -> None:
        if seen == ["write"] and request.method == "GET":
            seen.append("changed")
            account.marketplace.simulator.patch_contact({"id": account.id, **change})
        if request.method in writes:
            seen.append("write")

    account.marketplace.watch(somebody)

    told = account.run("swo_contacts", **wanted)

    (contact,) = store_of(account.marketplace)
    assert contact["email"] == change.get("email", address(1))
    assert contact["optOuts"] == change.get("optOuts", [])
    assert contact["status"] == "Active"
    assert contact["name"] == ("M" if "optOuts" in change else "N")
    assert told["fields"] == ({"name": ("N", "M")} if "optOuts" in change else told["fields"])


def test_undo_files_that_could_not_be_read_are_refused(tmp_path: Path) -> None:
    for name in ("u.json", "u.csv", "u", "u.yml ", "u\nevil: 1.yml"):
        account = Account(tmp_path / "x")
        account.undo = tmp_path / name
        result = account.marketplace.run("swo_contacts", contacts=[entry(1, name="M")], undo_file=str(account.undo))
        assert "ends in .yml or .yaml" in result.values["msg"]
        assert account.marketplace.writes() == []
