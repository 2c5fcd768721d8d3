# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write is refused and carried out all the same, or something in front of the API answers: the store is the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import CONTACTS, ONE, address, entry, outcomes, store_of

MODULES = ["swo_contacts", "swo_contact"]
CREATE = {"method": "POST", "path": CONTACTS}
# operation: (live contact, what is desired, the write)
OPERATIONS: dict[str, tuple[dict[str, Any] | None, dict[str, Any], dict[str, Any]]] = {
    "create": (None, {"name": "M"}, CREATE),
    "update": ({"name": "N"}, {"name": "M"}, {"method": "PUT"}),
    "block": ({"name": "N"}, {"state": "blocked"}, {"method": "POST", "path": "*/block"}),
    "unblock": ({"name": "N", "status": "Blocked"}, {}, {"method": "POST", "path": "*/unblock"}),
    "delete": ({"name": "N"}, {"state": "absent"}, {"method": "DELETE"}),
}
LIES: dict[str, dict[str, Any]] = {
    **{str(status): {"status": status} for status in (400, 403, 404, 409, 415)},
    "429": {"status": 429, "retry_after": 1},
    "404 of a proxy": {"status": 404, "html": True},
    "303": {"status": 303, "redirect": "/elsewhere"},
    "103": {"status": 103},
}


def run(marketplace: Marketplace, module: str, fields: dict[str, Any], **options: Any) -> TaskResult:
    contact = entry(1, **fields)
    if module == "swo_contact":
        return marketplace.run(module, **contact)
    return marketplace.run(module, contacts=[contact], **options)


def account(operation: str, **switches: Any) -> Marketplace:
    live = OPERATIONS[operation][0]
    marketplace = Marketplace(**switches)
    if live is not None:
        marketplace.put(address(1), **live)
    return marketplace


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("module", MODULES)
def test_a_write_that_was_carried_out_is_told_whatever_the_answer(module: str, operation: str, lie: str) -> None:
    marketplace = account(operation, email_unique="off")
    _live, fields, write = OPERATIONS[operation]
    marketplace.simulator.add_fault({"when": {**write, "phase": "after_commit"}, "do": LIES[lie]})

    result = run(marketplace, module, fields)

    marketplace.simulator.assert_faults_fired()
    assert not result.failed, result.values["msg"]
    # The API itself says of a deletion that somebody else was faster.
    assert result.values["changed"] is not (operation == "delete" and lie in ("400", "404"))
    assert len(marketplace.writes()) == 1
    assert len(marketplace.live(address(1))) == (operation != "delete")


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_write_that_cannot_be_read_back_counts_as_changed(operation: str, lie: str) -> None:
    marketplace = account(operation)
    _live, fields, write = OPERATIONS[operation]
    marketplace.simulator.add_fault({"when": {**write, "phase": "after_commit"}, "do": LIES[lie]})
    looks = 1 if operation == "create" else 2
    marketplace.simulator.add_fault({"when": {"method": "GET", "after": looks}, "do": {"status": 503}})

    result = run(marketplace, "swo_contact", fields)

    assert (result.failed, result.values["changed"]) == (True, True)
    assert "could not be read back" in result.values["msg"]


@pytest.mark.parametrize("lie", ["103", "303", "404 of a proxy"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_write_that_was_not_carried_out_is_a_failure(operation: str, lie: str) -> None:
    marketplace = account(operation)
    before = store_of(marketplace)
    _live, fields, write = OPERATIONS[operation]
    marketplace.simulator.add_fault({"when": {**write, "phase": "before_commit"}, "do": LIES[lie]})

    result = run(marketplace, "swo_contact", fields)

    assert result.failed
    assert result.values["actions"] == []
    assert store_of(marketplace) == before


@pytest.mark.parametrize("module", MODULES)
def test_every_creation_answered_with_429_is_looked_for_before_it_is_sent_again(module: str) -> None:
    marketplace = Marketplace(email_unique="off")
    do = {"status": 429, "retry_after": 7}
    marketplace.simulator.add_fault({"when": {**CREATE, "phase": "before_commit"}, "do": do, "times": 2})
    marketplace.simulator.add_fault({"when": {**CREATE, "phase": "after_commit"}, "do": do})

    result = run(marketplace, module, {"name": "M"})

    marketplace.simulator.assert_faults_fired()
    assert not result.failed, result.values["msg"]
    assert result.values["changed"] is True
    assert len(marketplace.live(address(1))) == 1
    assert len(marketplace.writes()) == 3
    # As long as the API asked for, each time.
    assert marketplace.clock.now >= 1000 + 3 * 7


def test_a_creation_that_is_held_back_for_ever_ends_with_what_the_api_says() -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {**CREATE, "phase": "before_commit"}, "do": {"status": 429}})

    result = run(marketplace, "swo_contact", {"name": "M"})

    assert (result.failed, result.values["changed"]) == (True, False)
    assert result.values["failure"]["status"] == 429
    assert len(marketplace.writes()) == 4


@pytest.mark.parametrize("status", [400, 409])
def test_a_refused_creation_that_shows_is_not_offered_for_removal(tmp_path: Path, status: int) -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {**CREATE, "phase": "after_commit"}, "do": {"status": status}})
    undo = tmp_path / "undo.yml"

    result = run(marketplace, "swo_contacts", {"name": "M"}, undo_file=str(undo))

    assert outcomes(result) == {"c0001": "created"}
    assert yaml.safe_load(undo.read_text())["contacts"] == []
    assert f"# Whether this run or somebody else created contact {address(1)}" in undo.read_text()


@pytest.mark.parametrize("module", MODULES)
def test_a_contact_that_somebody_else_created_otherwise_is_not_ours(module: str) -> None:
    marketplace = Marketplace()
    theirs = {"contact": {"email": address(1), "name": "Theirs"}}
    marketplace.simulator.add_fault({"when": CREATE, "do": {"mutate": [theirs]}, "times": 1})

    assert run(marketplace, module, {}).values["changed"] is False


def test_the_writes_of_a_token_that_may_not_write_still_stop_the_run() -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {"method": "POST", "phase": "before_commit"}, "do": {"status": 403}})

    result = marketplace.run("swo_contacts", contacts=[entry(number) for number in range(20)], concurrency=1)

    assert "the first 5 writes were all refused" in result.values["msg"]
    assert len(marketplace.writes()) == 5


DUPLICATES: dict[str, dict[str, Any]] = {
    "the gateway sends it twice": {"when": CREATE, "do": {"repeat": "last"}},
    "somebody does the same before": {
        "when": CREATE,
        "do": {"mutate": [{"contact": {"id": "{new}", "email": "{email}"}}]},
    },
    "somebody does the same afterwards": {
        "when": {**CREATE, "phase": "after_commit"},
        "do": {"mutate": [{"contact": {"id": "CTT-7777-7777", "email": "{email}"}}]},
    },
}


@pytest.mark.parametrize("case", DUPLICATES)
@pytest.mark.parametrize("module", MODULES)
def test_a_second_contact_with_the_address_just_created_is_told(module: str, case: str) -> None:
    marketplace = Marketplace(email_unique="off")
    marketplace.simulator.add_fault({**DUPLICATES[case], "times": 1})

    result = run(marketplace, module, {"name": "M"})

    marketplace.simulator.assert_faults_fired()
    ids = [contact["id"] for contact in marketplace.live(address(1))]
    assert len(ids) == 2
    assert (result.failed, result.values["changed"]) == (True, True)
    assert all(contact_id in result.values["msg"] for contact_id in ids)


FOREIGN: dict[str, dict[str, Any]] = {
    "a page": {"status": 404, "html": True},
    "nothing": {"status": 404, "body": ""},
    "a text": {"status": 404, "body": "Not Found", "content_type": "text/plain"},
    "another JSON": {"status": 404, "body": '{"error": "not found", "status": 404}'},
}


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("state", ["absent", "present"])
def test_a_404_that_is_not_the_apis_own_never_means_absent(state: str, foreign: str) -> None:
    marketplace = account("update")
    contact_id = marketplace.live(address(1))[0]["id"]
    before = store_of(marketplace)
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": FOREIGN[foreign]})

    result = marketplace.run("swo_contact", id=contact_id, name="M", state=state)

    assert (result.failed, result.values["changed"]) == (True, False)
    assert f"Could not read contact {contact_id}: HTTP 404" in result.values["msg"]
    assert "Something between this host and the API may have answered" in result.values["msg"]
    assert store_of(marketplace) == before


def test_the_404_of_the_api_means_absent() -> None:
    marketplace = Marketplace()
    result = marketplace.run("swo_contact", id="CTT-1234-5678", state="absent")
    assert (result.failed, result.values["changed"]) == (False, False)


@pytest.mark.parametrize("module", MODULES)
def test_a_token_that_is_quoted_cut_short_is_not_shown(tmp_path: Path, module: str) -> None:
    marketplace = account("update")
    marketplace.simulator.add_fault(
        {"when": {"method": "PUT"}, "do": {"status": 500, "detail": "bad header {authorization[:60]}"}}
    )
    reports = [str(tmp_path / f"report.{ending}") for ending in ("json", "md", "html", "xml")]

    result = run(marketplace, module, {"name": "M"}, **({"reports": reports} if module == "swo_contacts" else {}))

    assert result.failed
    secret = marketplace.simulator.tokens["ops"].rpartition(":")[2]
    shown = str(result.values) + str(result.warnings)
    shown += "".join(Path(path).read_text() for path in reports if module == "swo_contacts")
    assert "bad header Bearer" in shown
    assert not [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in shown]


@pytest.mark.parametrize("module", MODULES)
def test_a_number_that_json_cannot_carry_is_not_sent_back(module: str) -> None:
    marketplace = account("update", schema="5.x")
    marketplace.simulator.add_fault({"when": {"path": ONE}, "do": {"edit": {"raw": {"chat": "1e999"}}}})

    result = run(marketplace, module, {"name": "M"})

    assert (result.failed, result.values["changed"]) == (True, False)
    assert "JSON cannot carry" in result.values["msg"]
    assert marketplace.writes() == []


def test_an_audit_of_any_depth_ends_in_a_result_that_can_be_read() -> None:
    marketplace = account("update", schema="5.x")
    deep = '{"a":' * 900 + "1" + "}" * 900
    marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"edit": {"raw": {"data.*.audit": deep}}}})

    result = marketplace.run("swo_contact_info", email=address(1), audit=True)

    marketplace.simulator.assert_faults_fired()
    assert not result.failed, result.values["msg"]
    assert "Infinity" not in json.dumps(result.values)
