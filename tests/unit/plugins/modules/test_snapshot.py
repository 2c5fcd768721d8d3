# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots: a plan of one is the plan of the account it is of, and takes neither a token nor a socket."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACTS
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task, TaskResult
from tests.harness import Marketplace
from tests.simulator import admin
from tests.tools.devtree import ROOT
from tests.unit.contact_sets import (
    INVOICES,
    OPT_OUTS,
    ORDERS,
    WANTED,
    account_id,
    address,
    entry,
    four_people,
    people,
    reset_journal,
)

SCHEMA = json.loads((ROOT / "schemas" / "snapshot.schema.json").read_text(encoding="utf-8"))
CONTACTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "N", "Zo\u00eb \u5c71\u7530", 'it\'s "so"']),
        "status": st.sampled_from(["Active", "Blocked"]),
        "blockedReason": st.sampled_from([None, "bounced"]),
        "optOuts": OPT_OUTS,
        "user": st.booleans(),
    }
)


def offline(**options: Any) -> TaskResult:
    """Run the module as Ansible would: with the transport that opens sockets, if it is ever asked to."""
    checked = ArgumentSpecValidator(SWO_CONTACTS.argument_spec()).validate({"api_token": "", **options})
    assert not checked.error_messages, checked.error_messages
    return run_contacts(Task(checked.validated_parameters, check_mode=True, diff=True))


def snapshot_of(marketplace: Marketplace, folder: Path, **options: Any) -> str:
    path = folder / "snapshot.json"
    result = marketplace.run("swo_contacts_export", dest=str(folder / "live.yml"), snapshot_dest=str(path), **options)
    assert not result.failed, result.values["msg"]
    return str(path)


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        pytest.fail("a socket was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    live=st.lists(st.none() | CONTACTS, min_size=5, max_size=5),
    wanted=st.lists(st.none() | WANTED, min_size=6, max_size=6),
    unmanaged=st.sampled_from(["report", "ignore", "block", "delete"]),
    linked=st.booleans(),
)
def test_the_plan_of_a_snapshot_is_the_plan_of_its_account(
    tmp_path_factory: pytest.TempPathFactory, live: list[Any], wanted: list[Any], unmanaged: str, linked: bool
) -> None:
    folder = tmp_path_factory.mktemp("snapshot")
    marketplace = Marketplace()
    for number, members in enumerate(live):
        if members is not None:
            marketplace.put(address(number), **members)
    entries = [entry(number, **fields) for number, fields in enumerate(wanted) if fields is not None]
    options: dict[str, Any] = {
        "contacts": entries or [entry(5000, state="absent")],
        "unmanaged": unmanaged,
        "scope": {"linked": linked},
        "max_removals": ["100%"],
    }
    path = snapshot_of(marketplace, folder)

    online = marketplace.run("swo_contacts", check=True, **options)
    result = offline(snapshot=path, **options)

    assert not online.failed
    assert not result.failed, result.values["msg"]
    for key in ("plan_hash", "results", "unmanaged", "counts", "impact", "status", "diff"):
        assert result.values[key] == online.values[key], key
    assert set(result.values["requests"].values()) == {0}


RELEVANT: dict[str, tuple[int, dict[str, Any]]] = {
    "a name that is managed": (1, {"name": "X"}),
    "an opt-out that is managed": (2, {"optOuts": [INVOICES]}),
    "a block": (1, {"status": "Blocked"}),
    "a block of the platform": (4, {"blockedReason": "bounced"}),
    "somebody in no file": (9, {"name": "Nobody else"}),
    "a contact that is to be created": (5, {"name": "N"}),
}
IRRELEVANT: dict[str, tuple[int, dict[str, Any]]] = {
    "an opt-out of somebody whose opt-outs are not managed": (1, {"optOuts": [ORDERS]}),
    "an audit date": (1, {"audit": {"updated": {"at": "2030-01-01T00:00:00.000Z"}}}),
    "a name that is not managed": (2, {"name": "X"}),
    "a link to a user of somebody who is declared": (1, {"user": True}),
    "a reason for a block that is declared": (3, {"blockedReason": "bounced"}),
}
FILE = [
    entry(1, name="N"),
    entry(2, opt_outs=["Orders"]),
    entry(3, state="blocked"),
    entry(4),
    entry(5, name="N"),
    entry(0, name="M"),
]


@pytest.mark.parametrize("change", [*RELEVANT, *IRRELEVANT])
def test_what_a_plan_depends_on_changes_its_hash_and_nothing_else_does(change: str, tmp_path: Path) -> None:
    number, members = {**RELEVANT, **IRRELEVANT}[change]
    marketplace = Marketplace()
    people(marketplace, (0, 1))
    marketplace.put(address(2), name="N", optOuts=[ORDERS])
    marketplace.put(address(3), name="N", status="Blocked")
    marketplace.put(address(4), name="N", status="Blocked")
    options: dict[str, Any] = {"contacts": FILE, "unmanaged": "delete", "max_removals": ["100%"]}
    reviewed = offline(snapshot=snapshot_of(marketplace, tmp_path), **options).values["plan_hash"]
    found = marketplace.live(address(number))
    if found:
        change_contact(marketplace, found[0]["id"], members)
    else:
        marketplace.put(address(number), **members)

    checked = marketplace.run("swo_contacts", check=True, **options)
    reset_journal(marketplace)
    result = marketplace.run("swo_contacts", expect_plan=reviewed, **options)

    assert (checked.values["plan_hash"] != reviewed) is (change in RELEVANT)
    assert result.failed is (change in RELEVANT)
    assert bool(marketplace.writes()) is (change not in RELEVANT)
    assert offline(snapshot=snapshot_of(marketplace, tmp_path), **options).values["plan_hash"] is not None


def change_contact(marketplace: Marketplace, contact_id: str, members: dict[str, Any]) -> None:
    admin.patch_contact(marketplace.simulator.world, {"id": contact_id, **members}, settled=True)


@pytest.mark.usefixtures("no_socket")
def test_no_socket_and_no_token_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SWO_API_TOKEN", "MPT_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    path = snapshot_of(four_people(), tmp_path)
    report = tmp_path / "plan.json"
    contacts = [entry(0, name="M"), {"email": "new.one@contoso.example", "opt_outs": ["orders"]}]

    result = offline(snapshot=path, contacts=contacts, reports=[str(report)], audit=True)

    assert not result.failed, result.values["msg"]
    assert result.values["counts"]["created"] == result.values["counts"]["updated"] == 1
    told = json.loads(report.read_text())
    assert told["snapshot"] == result.values["snapshot"]
    assert 0 <= told["snapshot"]["age_seconds"] < 3600
    assert told["account"]["token"].startswith("TKN-")


def test_the_age_is_in_every_form_of_report(tmp_path: Path) -> None:
    path = snapshot_of(four_people(), tmp_path)
    reports = [tmp_path / f"plan.{ending}" for ending in ("md", "html", "xml")]
    text = Path(path).read_text()
    moment = json.loads(text)["created_at"]
    Path(path).write_text(text.replace(moment, "2026-01-01T00:00:00Z"))

    offline(snapshot=path, contacts=[entry(0)], reports=[str(report) for report in reports])

    for report in reports:
        assert "Planned from a snapshot that is " in report.read_text(encoding="utf-8")
        assert " days old, without asking the API." in report.read_text(encoding="utf-8")


def test_a_snapshot_has_its_form_and_belongs_to_its_owner(tmp_path: Path) -> None:
    marketplace = four_people()
    path = Path(snapshot_of(marketplace, tmp_path, expect_account=account_id(marketplace)))

    data = json.loads(path.read_text())

    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [row["email"] for row in data["contacts"]] == [address(number) for number in range(4)]
    assert data["account"]["id"] == account_id(marketplace)
    assert marketplace.simulator.tokens["ops"].rpartition(":")[2] not in path.read_text()


def test_a_snapshot_that_says_the_same_is_no_change(tmp_path: Path) -> None:
    marketplace = four_people()
    path = tmp_path / "s.json"
    options: dict[str, Any] = {"dest": str(tmp_path / "live.yml"), "snapshot_dest": str(path)}

    assert marketplace.run("swo_contacts_export", check=True, **options).values["changed"]
    assert not path.exists()
    assert marketplace.run("swo_contacts_export", **options).values["changed"]
    assert not marketplace.run("swo_contacts_export", **options).values["changed"]
    change_contact(marketplace, marketplace.live(address(0))[0]["id"], {"name": "X"})
    assert marketplace.run("swo_contacts_export", **options).values["changed"]


def damaged(path: Path, how: str) -> None:
    text = path.read_text()
    data = json.loads(text)
    changes: dict[str, Callable[[], str]] = {
        "cut off": lambda: text[: len(text) // 2],
        "a contact taken out": lambda: json.dumps({**data, "contacts": data["contacts"][1:]}),
        "no contacts": lambda: json.dumps({key: value for key, value in data.items() if key != "contacts"}),
        "another time": lambda: json.dumps({**data, "created_at": "yesterday"}),
        "not JSON": lambda: "<<<<<<< HEAD\n" + text,
        "a list": lambda: "[]",
        "a report": lambda: json.dumps({"collection": "softwareone.marketplace", "schema_version": 1}),
        "something else": lambda: json.dumps({"contacts": []}),
        "a later version": lambda: json.dumps({**data, "snapshot_version": 2}),
        "empty": lambda: "",
    }
    path.write_text(changes[how]())


@pytest.mark.parametrize(
    ("how", "said"),
    {
        "cut off": "is damaged or no snapshot: it is not JSON.",
        "a contact taken out": "is damaged: it is not as it was written.",
        "no contacts": "is damaged: it is not as it was written.",
        "another time": "is damaged: it is not as it was written.",
        "not JSON": "is damaged or no snapshot: it is not JSON.",
        "a list": "is not a snapshot of softwareone.marketplace.",
        "a report": "is not a snapshot of softwareone.marketplace.",
        "something else": "is not a snapshot of softwareone.marketplace.",
        "a later version": "was made by another version of the collection.",
        "empty": "is damaged or no snapshot: it is not JSON.",
    }.items(),
)
def test_a_damaged_snapshot_is_one_sentence(how: str, said: str, tmp_path: Path) -> None:
    path = snapshot_of(four_people(), tmp_path)
    damaged(Path(path), how)

    result = offline(snapshot=path, contacts=[entry(0)])

    assert result.failed
    assert result.values["status"] == "error"
    assert result.values["msg"] == f"snapshot: {path} {said} Make it anew with swo_contacts_export and snapshot_dest."


def test_no_file_and_a_foreign_account_are_refused(tmp_path: Path) -> None:
    marketplace = four_people()
    path = snapshot_of(marketplace, tmp_path, expect_account=account_id(marketplace))
    options: dict[str, Any] = {"contacts": [entry(0)]}

    assert "cannot be read" in offline(snapshot=str(tmp_path / "none.json"), **options).values["msg"]
    assert not offline(snapshot=path, expect_account=account_id(marketplace), **options).failed
    foreign = offline(snapshot=path, expect_account="ACC-9999-9999", **options)
    assert f"is of account {account_id(marketplace)}, but expect_account is ACC-9999-9999." in foreign.values["msg"]
    Path(path).unlink()
    unnamed = offline(snapshot=snapshot_of(marketplace, tmp_path), expect_account="ACC-9999-9999", **options)
    assert "does not say which account it is of" in unnamed.values["msg"]


def test_a_plan_of_a_snapshot_is_not_applied(tmp_path: Path) -> None:
    marketplace = four_people()
    path = snapshot_of(marketplace, tmp_path)
    reset_journal(marketplace)

    result = marketplace.run("swo_contacts", snapshot=path, contacts=[entry(0, name="M")])

    assert result.failed
    assert "what was planned from a snapshot cannot be applied" in result.values["msg"]
    assert not marketplace.simulator.journal.entries


def test_a_report_does_not_replace_the_snapshot_nor_a_snapshot_something_else(tmp_path: Path) -> None:
    marketplace = four_people()
    path = snapshot_of(marketplace, tmp_path)
    before = Path(path).read_bytes()
    other = tmp_path / "notes.json"
    other.write_text('{"mine": true}')

    overlap = offline(snapshot=path, contacts=[entry(0)], reports=[path])
    foreign = marketplace.run("swo_contacts_export", dest=str(tmp_path / "live.yml"), snapshot_dest=str(other))

    assert "named by snapshot, too" in overlap.values["msg"]
    assert Path(path).read_bytes() == before
    assert "is no snapshot, so it is not overwritten" in foreign.values["msg"]
    assert other.read_text() == '{"mine": true}'


def test_a_snapshot_beside_contact_files_is_not_one_of_them(tmp_path: Path) -> None:
    marketplace = four_people()
    (tmp_path / "contacts").mkdir()
    path = snapshot_of(marketplace, tmp_path / "contacts")

    result = offline(snapshot=path, src=[str(tmp_path / "contacts")])

    assert not result.failed, result.values["msg"]
    assert result.values["status"] == "clean"
