# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a contact is that shows after a creation, and what may be written where the account moved during a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import CONTACTS, INVOICES, ONE, ORDERS, address, entry, outcomes, people, store_of

CREATE = {"method": "POST", "path": CONTACTS}
LOST = {"reset": True}


class Run:
    """One run about ``c0001``, which does not exist when it is planned."""

    def __init__(self, folder: Path, **switches: Any) -> None:
        self.marketplace = Marketplace(**switches)
        self.undo = folder / "undo.yml"

    def creation(self, **do: Any) -> None:
        self.marketplace.simulator.add_fault({"when": {**CREATE, **do.pop("when", {})}, "do": do, "times": 1})

    def theirs(self, **members: Any) -> Callable[[], object]:
        return lambda: self.marketplace.put(address(1), **members)

    def apply(self, **options: Any) -> TaskResult:
        contacts = options.pop("contacts", None) or [entry(1, name="M", **options.pop("fields", {}))]
        result = self.marketplace.run(
            "swo_contacts", contacts=contacts, undo_file=str(self.undo), return_unchanged=True, **options
        )
        self.marketplace.simulator.assert_faults_fired()
        return result

    @property
    def entries(self) -> list[dict[str, Any]]:
        return yaml.safe_load(self.undo.read_text())["contacts"] if self.undo.exists() else []

    def take_back(self) -> list[dict[str, Any]]:
        back = self.marketplace.run("swo_contacts", src=[str(self.undo)])
        assert not back.failed, back.values["msg"]
        return store_of(self.marketplace, ids=False)


def their_contact(**members: Any) -> dict[str, Any]:
    plain = {"email": address(1), "name": "Theirs", "status": "Active", "blockedReason": None, "optOuts": []}
    return {**plain, **members}


@pytest.mark.parametrize("members", [{}, {"status": "Blocked"}, {"name": "M", "optOuts": [ORDERS]}], ids=str)
@pytest.mark.parametrize("state", ["present", "blocked"])
def test_whoever_has_the_address_after_a_creation_is_left_alone(
    tmp_path: Path, state: str, members: dict[str, Any]
) -> None:
    run = Run(tmp_path)

    def swap() -> None:
        (created,) = run.marketplace.live(address(1))
        run.marketplace.simulator.patch_contact({"id": created["id"], "status": "Deleted"})
        run.theirs(**{"name": "Theirs", **members})()

    posted: list[str] = []

    def somebody(request: Request) -> None:
        if posted == ["POST"] and request.method == "GET":
            posted.append("swapped")
            swap()
        if request.method == "POST":
            posted.append("POST")

    run.marketplace.watch(somebody)

    result = run.apply(fields={"state": state, "opt_outs": []})

    assert "has its address by now, so that one was left alone" in result.values["msg"]
    assert result.values["changed"] is True
    assert run.marketplace.writes() == ["POST /public/v1/notifications/contacts"]
    assert run.take_back() == [their_contact(**members)]


@pytest.mark.parametrize("unique", ["400", "409", "201_existing"])
@pytest.mark.parametrize("members", [{"name": "Theirs"}, {"name": "Theirs", "status": "Blocked"}], ids=str)
@pytest.mark.parametrize("lost", [True, False], ids=["lost", "answered"])
def test_whoever_is_there_when_it_is_to_be_created_is_an_existing_contact(
    tmp_path: Path, lost: bool, members: dict[str, Any], unique: str
) -> None:
    run = Run(tmp_path, email_unique=unique)
    if lost:
        run.creation(**LOST, when={"phase": "before_commit", "nth": 1})
    run.marketplace.meanwhile("POST", "/contacts", run.theirs(**members))

    result = run.apply()

    assert not result.failed, result.values["msg"]
    assert outcomes(result) == {"c0001": "updated"}
    assert "was there already when it was to be created" in result.warnings[0]
    assert "It is not removed." in run.undo.read_text()
    assert run.take_back() == [their_contact(**members)]


def test_whoever_is_there_and_as_desired_was_not_changed(tmp_path: Path) -> None:
    run = Run(tmp_path, email_unique="201_existing")
    run.marketplace.meanwhile("POST", "/contacts", run.theirs(name="Theirs"))

    result = run.apply(contacts=[entry(1)])

    assert (outcomes(result), result.values["changed"]) == ({"c0001": "unchanged"}, False)
    assert not run.undo.exists()


def test_a_known_contact_that_the_answer_shows_was_not_created(tmp_path: Path) -> None:
    """It got the address during the run, and is as it was to be created."""
    run = Run(tmp_path, email_unique="201_existing")
    (known,) = people(run.marketplace, [7], name="M")
    run.marketplace.meanwhile(
        "POST", "/contacts", lambda: run.marketplace.simulator.patch_contact({"id": known, "email": address(1)})
    )

    result = run.apply(fields={"state": "present"}, unmanaged="report")

    assert outcomes(result) == {"c0001": "unchanged"}
    assert run.entries == []


@pytest.mark.parametrize("state", ["present", "blocked"])
def test_a_lost_creation_that_shows_as_sent_is_told_and_not_removed(tmp_path: Path, state: str) -> None:
    run = Run(tmp_path)
    run.creation(**LOST, when={"phase": "after_commit"})

    result = run.apply(fields={"state": state})

    assert outcomes(result) == {"c0001": "created"}
    assert "So it is not removed." in run.undo.read_text()
    # What was written to it besides is taken back.
    if run.entries:
        run.take_back()
    assert [row["status"] for row in store_of(run.marketplace)] == ["Active"]


def test_opt_outs_that_no_answer_showed_make_a_creation_doubtful(tmp_path: Path) -> None:
    run = Run(tmp_path, email_unique="201_existing", optouts_in_write_response="missing")
    run.marketplace.meanwhile("POST", "/contacts", run.theirs(name="M", optOuts=[INVOICES]))

    result = run.apply(fields={"opt_outs": ["Orders"]})

    assert not result.failed, result.values["msg"]
    assert [row["optOuts"] for row in store_of(run.marketplace)] == [[ORDERS]]
    assert run.take_back() == [their_contact(name="M", optOuts=[INVOICES])]


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "answered"])
def test_a_deletion_that_somebody_else_did_is_not_ours(tmp_path: Path, lost: bool) -> None:
    run = Run(tmp_path)
    (contact_id,) = people(run.marketplace, [1])
    if lost:
        run.marketplace.simulator.add_fault(
            {"when": {"method": "DELETE", "phase": "after_commit"}, "do": LOST, "times": 1}
        )
    else:
        run.marketplace.meanwhile(
            "DELETE",
            contact_id,
            lambda: run.marketplace.simulator.patch_contact({"id": contact_id, "status": "Deleted"}),
        )

    result = run.apply(contacts=[entry(1, state="absent")])

    assert outcomes(result) == {"c0001": "deleted" if lost else "unchanged"}
    assert (result.values["changed"], run.undo.exists()) == (lost, lost)
    assert [text for text in result.warnings if "was gone already" in text] == ([] if lost else result.warnings)


def test_opt_outs_that_only_the_list_shows_are_not_wiped(tmp_path: Path) -> None:
    run = Run(tmp_path)
    people(run.marketplace, [1], optOuts=[ORDERS])
    run.marketplace.simulator.add_fault(
        {"when": {"method": "GET", "path": ONE}, "do": {"edit": {"remove": ["optOuts"]}}}
    )

    result = run.apply()

    assert "without the opt-outs that its list shows, so it was left alone" in result.values["msg"]
    assert run.marketplace.writes() == []


SILENT = {"edit": {"remove": ["optOuts"]}}
# Answers that leave out what a list should tell, without and with a word about it.
SILENT_LIST = {"edit": {"remove": ["data.*.optOuts"], "set": {"$meta.omitted": []}}}
OMITTED_IN_LIST = {"edit": {"remove": ["data.*.optOuts"], "set": {"data.*.$meta": {"omitted": ["optOuts"]}}}}


@pytest.mark.parametrize("module", ["swo_contacts", "swo_contact"])
def test_opt_outs_of_a_contact_that_is_known_by_its_id_alone_are_not_wiped(module: str) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1], optOuts=[ORDERS])
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": SILENT})
    fields = {"id": contact_id, "name": "M"}

    result = marketplace.run(module, **({"contacts": [fields]} if module == "swo_contacts" else fields))

    assert result.failed
    assert "without the opt-outs that its list shows, so it was left alone" in result.values["msg"]
    assert marketplace.writes() == []


@pytest.mark.parametrize(
    "fields", [{"name": "M"}, {"opt_outs": ["Technical updates"], "opt_outs_mode": "at_least"}], ids=str
)
def test_opt_outs_of_which_an_answer_shows_some_only_are_not_wiped(fields: dict[str, Any]) -> None:
    marketplace = Marketplace()
    people(marketplace, [1], name="N", optOuts=[ORDERS, INVOICES])
    some = {"edit": {"set": {"optOuts": [{"id": ORDERS}]}}}
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": some})

    result = marketplace.run("swo_contacts", contacts=[entry(1, **fields)])

    assert "without the opt-outs that its list shows, so it was left alone" in result.values["msg"]
    assert marketplace.writes() == []


@pytest.mark.parametrize("mode", ["at_least", "on_create"])
@pytest.mark.parametrize("module", ["swo_contacts", "swo_contact"])
def test_opt_outs_of_somebody_who_was_created_in_the_same_moment_are_not_wiped(module: str, mode: str) -> None:
    marketplace = Marketplace(email_unique="201_existing", optouts_in_write_response="missing")
    marketplace.meanwhile("POST", "/contacts", lambda: marketplace.put(address(1), name="M", optOuts=[INVOICES]))
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": SILENT})
    fields = entry(1, name="M", opt_outs=["Orders"], opt_outs_mode=mode)

    result = marketplace.run(module, **({"contacts": [fields]} if module == "swo_contacts" else fields))

    assert result.failed
    assert [row["optOuts"] for row in store_of(marketplace)] == [[INVOICES]]


def test_opt_outs_that_the_api_did_not_clear_are_found_where_lists_do_not_show_them() -> None:
    marketplace = Marketplace()
    people(marketplace, [1, 2], name="N", optOuts=[ORDERS])
    kept = {"mutate": [{"contact": {"id": "{id}", "optOuts": [ORDERS]}}]}
    marketplace.simulator.add_fault({"when": {"method": "PUT", "phase": "after_commit"}, "do": kept})
    later = {"method": "GET", "path": "*/contacts", "nth": list(range(2, 20))}
    marketplace.simulator.add_fault({"when": later, "do": SILENT_LIST})

    result = marketplace.run("swo_contacts", contacts=[entry(number, name="M", opt_outs=[]) for number in (1, 2)])

    assert result.failed
    assert [row["optOuts"] for row in store_of(marketplace)] == [[ORDERS], [ORDERS]]


@pytest.mark.parametrize("in_list", [None, SILENT_LIST, OMITTED_IN_LIST], ids=["shown", "silent", "omitted"])
def test_an_api_that_leaves_out_what_is_empty_can_be_written_to(in_list: dict[str, Any] | None) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1])
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": SILENT})
    if in_list is not None:
        marketplace.simulator.add_fault({"when": {"method": "GET", "path": "*/contacts"}, "do": in_list})

    result = marketplace.run("swo_contacts", contacts=[{"id": contact_id, "name": "M"}])

    assert not result.failed, result.values["msg"]
    assert [(row["name"], row["optOuts"]) for row in store_of(marketplace)] == [("M", [])]


def test_opt_outs_that_only_a_contact_that_was_looked_up_again_lacks_are_not_wiped() -> None:
    marketplace = Marketplace()
    (old,) = people(marketplace, [1], name="Old")

    def moved() -> None:
        marketplace.simulator.patch_contact({"id": old, "email": address(9)})
        marketplace.put(address(1), name="New", optOuts=[ORDERS])

    marketplace.meanwhile("GET", f"/{old}", moved)
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": ONE}, "do": SILENT})

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")])

    assert "without the opt-outs that its list shows, so it was left alone" in result.values["msg"]
    assert marketplace.writes() == []


@pytest.mark.parametrize("module", ["swo_contacts", "swo_contact"])
@pytest.mark.parametrize("live", [True, False], ids=["updated", "created"])
@pytest.mark.parametrize("in_list", [SILENT_LIST, OMITTED_IN_LIST], ids=["silent", "omitted"])
def test_a_list_that_never_shows_opt_outs_does_not_deny_those_that_were_written(
    in_list: dict[str, Any], live: bool, module: str
) -> None:
    marketplace = Marketplace()
    if live:
        people(marketplace, [1, 2], name="N")
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": "*/contacts"}, "do": in_list})
    entries = [entry(number, name="M", opt_outs=["Orders"]) for number in (1, 2)]

    results = [marketplace.run("swo_contacts", contacts=entries)] if module == "swo_contacts" else []
    if not results:
        results = [marketplace.run("swo_contact", **fields) for fields in entries]

    assert [result.values.get("msg") for result in results] == [None] * len(results)
    assert [result.values["changed"] for result in results] == [True] * len(results)
    assert [row["optOuts"] for row in store_of(marketplace)] == [[ORDERS], [ORDERS]]
    assert len(marketplace.writes()) == 2


@pytest.mark.parametrize("live", [True, False], ids=["updated", "created"])
def test_opt_outs_that_were_not_stored_are_noticed_where_the_list_shows_none(live: bool) -> None:
    marketplace = Marketplace()
    if live:
        people(marketplace, [1], name="N")
    marketplace.simulator.add_fault({"when": {"method": "GET", "path": "*/contacts"}, "do": SILENT_LIST})
    lost = {"contact": {"id": "{id}", "optOuts": []}}
    marketplace.simulator.add_fault(
        {"when": {"method": ["POST", "PUT"], "phase": "after_commit"}, "do": {"mutate": [lost]}}
    )

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M", opt_outs=["Orders"])])

    assert result.failed
    assert "reading it back shows another opt_outs" in result.values["msg"]


def test_opt_outs_that_somebody_took_away_meanwhile_stay_away(tmp_path: Path) -> None:
    run = Run(tmp_path)
    (contact_id,) = people(run.marketplace, [1], optOuts=[ORDERS])
    run.marketplace.meanwhile(
        "GET",
        f"/{contact_id}",
        lambda: run.marketplace.simulator.patch_contact({"id": contact_id, "optOuts": []}),
    )

    assert outcomes(run.apply()) == {"c0001": "updated"}
    assert [row["optOuts"] for row in store_of(run.marketplace)] == [[]]


def test_categories_of_one_name_are_told_apart(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.marketplace.simulator.patch_category({"id": INVOICES, "name": "Orders"})
    people(run.marketplace, [1], name="M", optOuts=[ORDERS])

    result = run.apply(fields={"opt_outs": [INVOICES]})

    (row,) = result.values["results"]
    change = row["fields"][0]
    assert (change["before"], change["after"]) == ([f"Orders ({ORDERS})"], [f"Orders ({INVOICES})"])
    assert f"no longer opted out of Orders ({ORDERS})" in result.values["diff"]["prepared"]
    assert {count["category"] for count in result.values["categories"]} == {
        f"Orders ({ORDERS})",
        f"Orders ({INVOICES})",
    }


# What somebody does during the run: who is live, the entry, the request that it comes before.
MOVED: dict[str, tuple[bool, dict[str, Any], tuple[str, str], dict[str, Any]]] = {
    "created": (False, {"name": "M"}, ("POST", "/contacts"), {"name": "Theirs"}),
    "deleted": (True, {"name": "M"}, ("GET", "/CTT"), {"status": "Deleted"}),
    "opted out": (True, {"name": "M", "opt_outs": []}, ("GET", "/CTT"), {"optOuts": [ORDERS]}),
    "blocked": (True, {"name": "M"}, ("GET", "/CTT"), {"status": "Blocked"}),
}


@pytest.mark.parametrize("reviewed", [True, False])
@pytest.mark.parametrize("case", MOVED)
def test_only_the_plan_that_was_reviewed_is_carried_out(tmp_path: Path, case: str, reviewed: bool) -> None:
    is_live, fields, (method, path), change = MOVED[case]
    run = Run(tmp_path)
    contact_id = people(run.marketplace, [1])[0] if is_live else None
    options = {"contacts": [entry(1, **fields)]}
    plan = run.marketplace.run("swo_contacts", check=True, **options).values["plan_hash"]

    def act() -> None:
        if contact_id is None:
            run.theirs(**change)()
        else:
            run.marketplace.simulator.patch_contact({"id": contact_id, **change})

    run.marketplace.meanwhile(method, path, act)

    result = run.apply(**options, **({"expect_plan": plan} if reviewed else {}))

    assert result.failed is reviewed, result.values
    if reviewed:
        assert "changed after its plan was reviewed, so it was left alone" in result.values["msg"]
        (row,) = store_of(run.marketplace) or [{"name": None}]
        assert row["name"] in ("N", "Theirs", None)


def test_what_was_reviewed_and_is_still_right_is_carried_out(tmp_path: Path) -> None:
    run = Run(tmp_path)
    people(run.marketplace, [1])
    options = {"contacts": [entry(1, name="M", state="blocked"), entry(2, state="blocked")]}
    plan = run.marketplace.run("swo_contacts", check=True, **options).values["plan_hash"]
    run.creation(**LOST, when={"phase": "after_commit"})

    result = run.apply(**options, expect_plan=plan)

    assert not result.failed, result.values["msg"]
    assert [row["status"] for row in store_of(run.marketplace)] == ["Blocked", "Blocked"]


def test_creations_that_turn_out_to_be_changes_stay_within_the_limit(tmp_path: Path) -> None:
    run = Run(tmp_path)
    people(run.marketplace, range(10, 20))
    posts: list[str] = []

    def somebody(request: Request) -> None:
        if request.method == "POST":
            run.marketplace.put(address(1 + len(posts)), name="Theirs")
            posts.append(request.url)

    run.marketplace.watch(somebody)
    entries = [entry(number, name="M") for number in (1, 2, 3, 10)]

    result = run.apply(contacts=entries, max_changes=["2"], concurrency=1)

    assert "would be more than max_changes allows" in result.values["msg"]
    assert [row["name"] for row in store_of(run.marketplace)[:4]] == ["M", "Theirs", "Theirs", "M"]
