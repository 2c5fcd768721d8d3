# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What swo_contact does when something breaks in the middle: nothing twice, nothing half-true, one clear sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace

EMAIL = "ann@contoso.example"
CONTACTS = "*/notifications/contacts"

# operation: (live contact, options, method and path pattern of the write, how the store shows success)
OPERATIONS: dict[str, tuple[dict[str, Any] | None, dict[str, Any], dict[str, str]]] = {
    "create": (None, {"name": "Ann"}, {"method": "POST", "path": CONTACTS}),
    "update": ({"name": "Old"}, {"name": "Ann"}, {"method": "PUT", "path": CONTACTS + "/*"}),
    "block": ({"name": "Ann"}, {"state": "blocked"}, {"method": "POST", "path": "*/block"}),
    "unblock": ({"name": "Ann", "status": "Blocked"}, {}, {"method": "POST", "path": "*/unblock"}),
    "delete": ({"name": "Ann"}, {"state": "absent"}, {"method": "DELETE", "path": CONTACTS + "/*"}),
}

# Faults that leave open whether the write was carried out, or that surely stopped it; all of them pass.
PASSING: dict[str, dict[str, Any]] = {
    "reset before it is carried out": {"phase": "before_commit", "do": {"reset": True}},
    "reset after it was carried out": {"phase": "after_commit", "do": {"reset": True}},
    "end of connection after it was carried out": {"phase": "after_commit", "do": {"fin": True}},
    "answer cut in the middle": {"phase": "body", "do": {"cut": 7}},
    "no answer in time": {"phase": "after_commit", "do": {"hang": True}},
    "500 before": {"phase": "before_commit", "do": {"status": 500}},
    "500 after": {"phase": "after_commit", "do": {"status": 500}},
    "502 with HTML before": {"phase": "before_commit", "do": {"status": 502, "html": True}},
    "504 with HTML after": {"phase": "after_commit", "do": {"status": 504, "html": True}},
    "503": {"phase": "before_commit", "do": {"status": 503}},
    "408 after": {"phase": "after_commit", "do": {"status": 408}},
    "429": {"phase": "before_commit", "do": {"status": 429, "retry_after": "2"}},
    "200 with a web page after": {"phase": "after_commit", "do": {"status": 200, "html": True}},
    "another contact in the answer": {"phase": "body", "do": {"swap_body": True}},
}


def marketplace_for(operation: str) -> tuple[Marketplace, dict[str, Any]]:
    live, options, _when = OPERATIONS[operation]
    marketplace = Marketplace()
    marketplace.put("other@contoso.example", name="Other")
    if live is not None:
        marketplace.put(EMAIL, **live)
    return marketplace, {"email": EMAIL, **options}


def add_fault(marketplace: Marketplace, operation: str, phase: str | None, do: dict[str, Any], **more: Any) -> None:
    when = {**OPERATIONS[operation][2], **({"phase": phase} if phase else {})}
    marketplace.simulator.add_fault({"when": when, "do": do, **more})


def state_of(marketplace: Marketplace) -> list[tuple[str, str]]:
    return [(contact["name"], contact["status"]) for contact in marketplace.live(EMAIL)]


WANTED = {
    "create": [("Ann", "Active")],
    "update": [("Ann", "Active")],
    "block": [("Ann", "Blocked")],
    "unblock": [("Ann", "Active")],
    "delete": [],
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_one_fault_in_a_write_is_survived_and_nothing_is_done_twice(operation: str, fault: str) -> None:
    marketplace, options = marketplace_for(operation)
    add_fault(marketplace, operation, PASSING[fault]["phase"], PASSING[fault]["do"], times=1)

    result = marketplace.run("swo_contact", **options)

    assert not result.failed, result.values
    assert result.values["actions"] == [operation]
    assert result.values["changed"] is True
    assert state_of(marketplace) == WANTED[operation]
    committed = [entry for entry in marketplace.simulator.journal.writes() if entry.committed]
    assert len(committed) == 1
    if operation != "delete" or PASSING[fault]["phase"] != "body":  # a 204 has no body
        assert marketplace.simulator.unfired_faults() == []
    assert marketplace.run("swo_contact", **options).values["changed"] is False


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_that_never_ends_is_told_with_the_status(operation: str) -> None:
    marketplace, options = marketplace_for(operation)
    before = state_of(marketplace)
    add_fault(marketplace, operation, "before_commit", {"status": 500})

    result = marketplace.run("swo_contact", **options)

    assert result.failed
    assert result.values["failure"]["status"] == 500
    assert "HTTP 500" in result.values["msg"]
    assert "run again later" in result.values["msg"]
    assert result.values["actions"] == []
    assert state_of(marketplace) == before
    assert len(marketplace.writes()) == 3


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_outcome_that_cannot_be_read_back_counts_as_changed(operation: str) -> None:
    """The answer is lost and so is every look at what became of it: the truth is "it may have been done"."""
    marketplace, options = marketplace_for(operation)
    add_fault(marketplace, operation, "after_commit", {"reset": True})
    # The look at what is there, and the fresh one before a contact that is there is written.
    looks = 1 if operation == "create" else 2
    marketplace.simulator.add_fault({"when": {"method": "GET", "after": looks}, "do": {"status": 503}})

    result = marketplace.run("swo_contact", **options)

    assert result.failed
    assert result.values["changed"] is True
    assert "could not be read back" in result.values["msg"]
    assert len(marketplace.writes()) == 1
    marketplace.simulator.clear_faults()
    assert marketplace.run("swo_contact", **options).values["changed"] is False
    assert state_of(marketplace) == WANTED[operation]


@pytest.mark.parametrize("do", [{"status": 500}, {"status": 503}, {"reset": True}])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_write_that_is_never_answered_is_told_as_open(operation: str, do: dict[str, Any]) -> None:
    marketplace, options = marketplace_for(operation)
    add_fault(marketplace, operation, "before_commit", do)

    result = marketplace.run("swo_contact", **options)

    assert (result.failed, result.values["changed"]) == (True, True)
    assert "The write may still have been carried out; the next run finds what was done" in result.values["msg"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 415])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_refusal_is_not_repeated(operation: str, status: int) -> None:
    marketplace, options = marketplace_for(operation)
    before = state_of(marketplace)
    add_fault(marketplace, operation, "before_commit", {"status": status})

    result = marketplace.run("swo_contact", **options)

    assert result.failed
    assert (result.values["changed"], result.values["actions"]) == (False, [])
    assert result.values["failure"]["status"] == status
    assert EMAIL in result.values["msg"]
    assert len(marketplace.writes()) == 1
    assert state_of(marketplace) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_disabled_token_stops_at_once(operation: str) -> None:
    marketplace, options = marketplace_for(operation)

    result = marketplace.run("swo_contact", role="disabled", **options)

    assert result.failed
    assert result.values["requests"] == {"GET": 1, "POST": 0, "PUT": 0, "DELETE": 0}
    assert "Check api_token" in result.values["msg"]


def test_what_was_done_before_a_failure_is_told() -> None:
    marketplace, _options = marketplace_for("update")
    add_fault(marketplace, "block", "before_commit", {"status": 403})

    result = marketplace.run("swo_contact", email=EMAIL, name="Ann", state="blocked")

    assert result.failed
    assert (result.values["changed"], result.values["actions"]) == (True, ["update"])
    assert state_of(marketplace) == [("Ann", "Active")]


def test_a_contact_that_somebody_creates_in_the_same_moment_is_adopted() -> None:
    marketplace, options = marketplace_for("create")
    marketplace.simulator.add_fault(
        {
            "when": {"method": "POST", "path": CONTACTS},
            "do": {"mutate": [{"contact": {"email": EMAIL, "name": "Somebody"}}]},
            "times": 1,
        }
    )

    result = marketplace.run("swo_contact", **options)

    assert not result.failed, result.values
    assert result.values["actions"] == ["update"]
    assert state_of(marketplace) == [("Ann", "Active")]


@pytest.mark.parametrize(("operation", "actions"), [("update", ["create"]), ("block", ["create", "block"])])
def test_a_contact_that_somebody_deletes_in_the_same_moment_is_created_again(
    operation: str, actions: list[str]
) -> None:
    marketplace, options = marketplace_for(operation)
    marketplace.simulator.add_fault(
        {"when": OPERATIONS[operation][2], "do": {"mutate": [{"delete": EMAIL}]}, "times": 1}
    )

    result = marketplace.run("swo_contact", **options)

    assert not result.failed, result.values
    assert result.values["actions"] == actions


@pytest.mark.parametrize("again", ["404", "400"])
def test_whoever_somebody_else_deletes_in_the_same_moment_was_gone_already(again: str) -> None:
    marketplace, options = marketplace_for("delete")
    marketplace.simulator.switches.update({"delete_again": again})
    marketplace.simulator.add_fault({"when": {"method": "DELETE"}, "do": {"mutate": [{"delete": EMAIL}]}, "times": 1})

    result = marketplace.run("swo_contact", **options)

    assert (result.failed, result.values["changed"], result.values["actions"]) == (False, False, [])
    assert "was gone already when it was to be deleted" in result.warnings[0]


@pytest.mark.parametrize("operation", ["update", "block", "unblock", "delete"])
def test_a_write_that_is_answered_but_not_kept_is_a_failure(operation: str) -> None:
    marketplace, options = marketplace_for(operation)
    add_fault(marketplace, operation, None, {"drop_write": True})

    result = marketplace.run("swo_contact", **options)

    assert result.failed
    assert "reading it back shows another" in result.values["msg"]
    assert result.values["changed"] is True


@pytest.mark.parametrize("retry_after", ["7200", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_is_refused_at_once(retry_after: str) -> None:
    marketplace, options = marketplace_for("update")
    add_fault(marketplace, "update", "before_commit", {"status": 429, "retry_after": retry_after})
    started = marketplace.clock.now

    result = marketplace.run("swo_contact", **options)

    assert result.failed
    assert result.values["failure"]["status"] == 429
    assert marketplace.clock.now - started < 60
    assert len(marketplace.writes()) == 1


def test_reads_are_repeated_through_every_transient_fault() -> None:
    marketplace, options = marketplace_for("update")
    for nth, do in {1: {"status": 503}, 2: {"reset": True}, 3: {"status": 429}, 5: {"cut": 5}}.items():
        marketplace.simulator.add_fault({"when": {"method": "GET", "nth": nth}, "do": do, "times": 1})

    result = marketplace.run("swo_contact", **{**options, "opt_outs": ["Orders"]})

    assert not result.failed, result.values
    assert marketplace.simulator.unfired_faults() == []


@pytest.mark.parametrize("page", ["blank_list", "ignore_filter"])
def test_a_list_that_lies_does_not_hurt_others(page: str) -> None:
    marketplace, options = marketplace_for("delete")
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": CONTACTS}, "do": {page: True}})

    marketplace.run("swo_contact", **options)

    assert [c["name"] for c in marketplace.live("other@contoso.example")] == ["Other"]
