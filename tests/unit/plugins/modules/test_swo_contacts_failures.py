# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contacts when something breaks in the middle: the others go on, nothing is hidden, nothing is done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import (
    CONTACTS,
    ONE,
    address,
    entry,
    outcomes,
    people,
    prediction,
    reset_journal,
    store_of,
)

# Six contacts, one for each thing that can be done, and one that stays as it is.
KINDS: dict[str, tuple[dict[str, Any] | None, dict[str, Any], dict[str, str]]] = {
    "created": (None, {"name": "N"}, {"method": "POST", "path": CONTACTS}),
    "updated": ({"name": "Old"}, {"name": "N"}, {"method": "PUT", "path": ONE}),
    "blocked": ({}, {"state": "blocked"}, {"method": "POST", "path": "*/block"}),
    "unblocked": ({"status": "Blocked"}, {}, {"method": "POST", "path": "*/unblock"}),
    "deleted": ({}, {"state": "absent"}, {"method": "DELETE", "path": ONE}),
    "unchanged": ({}, {"name": "N"}, {"method": "PATCH"}),
}
EACH = 3


def mixed_account(**switches: Any) -> tuple[Marketplace, list[dict[str, Any]]]:
    """Three contacts of each kind; ``created0@contoso.example`` is one that is to be created."""
    marketplace, entries = Marketplace(**switches), []
    for kind, (live, wanted, _when) in KINDS.items():
        for number in range(EACH):
            email = f"{kind}{number}@contoso.example"
            if live is not None:
                marketplace.put(email, **{"name": "N", **live})
            entries.append({"email": email, **wanted})
    return marketplace, entries


def when(kind: str, number: int | None = None, **more: Any) -> dict[str, Any]:
    about = {} if number is None else {"email": f"{kind}{number}@contoso.example"}
    return {**KINDS[kind][2], **about, **more}


def everything() -> dict[str, str]:
    return {f"{kind}{number}": kind for kind in KINDS if kind != "unchanged" for number in range(EACH)}


def heals(marketplace: Marketplace, entries: list[dict[str, Any]], **options: Any) -> None:
    """Without faults a second run converges, and a third one changes nothing."""
    marketplace.simulator.clear_faults()
    again = marketplace.run("swo_contacts", contacts=entries, **options)
    assert not again.failed, again.values["msg"]
    reset_journal(marketplace)
    third = marketplace.run("swo_contacts", contacts=entries, **options)
    assert (third.failed, third.values["changed"], marketplace.writes()) == (False, False, [])


@pytest.mark.parametrize("status", [400, 403, 404, 409, 415, 500, 503])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unchanged"])
def test_one_bad_contact_does_not_hide_the_others(kind: str, status: int) -> None:
    marketplace, entries = mixed_account()
    marketplace.simulator.add_fault({"when": when(kind, 1), "do": {"status": status}})

    result = marketplace.run("swo_contacts", contacts=entries)

    assert result.failed
    found = outcomes(result)
    bad = found.pop(f"{kind}1")
    assert bad in (("failed", "unknown") if status >= 500 else ("failed",))
    expected = everything()
    del expected[f"{kind}1"]
    if kind != "deleted":
        expected |= {f"deleted{number}": "skipped" for number in range(EACH)}
    assert found == expected
    (line,) = [row for row in result.values["results"] if row["email"].startswith(f"{kind}1@")]
    assert line["status"] == status == result.values["failure"]["status"]
    assert line["reason"] in result.values["msg"]
    assert f"{kind}1@contoso.example" in result.values["msg"]
    assert result.values["counts"]["failed"] + result.values["counts"]["unknown"] == 1
    heals(marketplace, entries)


@pytest.mark.parametrize("kind", ["created", "updated", "blocked", "unblocked"])
def test_on_error_stop_skips_what_was_not_begun(kind: str) -> None:
    marketplace, entries = mixed_account()
    marketplace.simulator.add_fault({"when": when(kind, 0), "do": {"status": 400}})

    result = marketplace.run("swo_contacts", contacts=entries, on_error="stop", concurrency=1)

    assert result.failed
    # In a phase the contacts come in the order of their addresses, and blocking and unblocking are one phase.
    order = ["created", "updated", "blocked", "unblocked", "deleted"]
    at = order.index(kind)
    expected = {name: "skipped" if order.index(name[:-1]) >= at else name[:-1] for name in everything()}
    assert outcomes(result) == {**expected, f"{kind}0": "failed"}
    assert "on_error=stop" in result.values["msg"]
    assert all("on_error=stop" in row["reason"] for row in result.values["results"] if row["outcome"] == "skipped")
    heals(marketplace, entries)


def test_a_contact_stopped_between_its_two_writes_is_skipped_and_not_called_wrong() -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {"method": "POST", "email": address(2)}, "do": {"status": 400}})
    entries = [entry(1, state="blocked"), entry(2)]
    started = marketplace.clock.now

    result = marketplace.run("swo_contacts", contacts=entries, on_error="stop", concurrency=1)

    assert outcomes(result) == {"c0001": "skipped", "c0002": "failed"}
    (line, _failed) = result.values["results"]
    assert line["actions"] == ["create"]
    assert "on_error=stop" in line["reason"]
    assert result.values["changed"] is True
    assert marketplace.clock.now == started
    heals(marketplace, entries)


@pytest.mark.parametrize("after", range(12))
@pytest.mark.parametrize("workers", [1, 8])
def test_a_token_that_is_revoked_stops_the_run_at_once(workers: int, after: int) -> None:
    marketplace, entries = mixed_account()
    # Reading costs one page and one look for the three new ones.
    marketplace.simulator.add_fault({"when": {"after": 2 + after}, "do": {"status": 401}})

    result = marketplace.run("swo_contacts", contacts=entries, concurrency=workers)

    assert result.failed
    assert "Check api_token" in result.values["msg"]
    refused = [entry for entry in marketplace.simulator.journal.entries if entry.status == 401]
    assert 1 <= len(refused) <= workers
    done = [line for line in result.values["results"] if line["actions"]]
    committed = [entry for entry in marketplace.simulator.journal.writes() if entry.committed]
    assert sum(len(line["actions"]) for line in done) == len(committed)
    assert result.values["changed"] is bool(committed)
    assert set(outcomes(result).values()) <= {"created", "updated", "failed", "skipped", "blocked", "unblocked"}
    heals(marketplace, entries)


def test_a_token_that_may_not_write_is_noticed_after_five_contacts() -> None:
    marketplace = Marketplace()
    ids = people(marketplace, range(40))
    marketplace.simulator.add_fault({"when": {"method": ["POST", "PUT", "DELETE"]}, "do": {"status": 403}})

    result = marketplace.run("swo_contacts", contacts=[entry(n, state="absent") for n in range(40)], concurrency=4)

    assert result.failed
    assert "first 5 writes were all refused" in result.values["msg"]
    assert "Operations" in result.values["msg"]
    assert 5 <= len(marketplace.writes()) <= 5 + 4
    assert set(outcomes(result).values()) == {"failed", "skipped"}
    assert result.values["changed"] is False
    assert len(store_of(marketplace)) == len(ids)


def test_a_role_that_may_only_update_goes_on_with_updates() -> None:
    """As soon as one write is allowed, refusals are about single contacts."""
    marketplace, entries = mixed_account()
    marketplace.simulator.add_fault({"when": when("created"), "do": {"status": 403}})

    result = marketplace.run("swo_contacts", contacts=entries)

    assert [outcomes(result)[f"updated{number}"] for number in range(EACH)] == ["updated"] * EACH
    heals(marketplace, entries)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unchanged"])
@pytest.mark.parametrize("phase", ["before_commit", "after_commit"])
def test_lost_answers_are_looked_up_and_nothing_is_done_twice(kind: str, phase: str) -> None:
    marketplace, entries = mixed_account()
    marketplace.simulator.add_fault({"when": when(kind, phase=phase, every=2), "do": {"reset": True}})

    result = marketplace.run("swo_contacts", contacts=entries)

    assert not result.failed, result.values["msg"]
    assert outcomes(result) == everything()
    committed = [entry for entry in marketplace.simulator.journal.writes() if entry.committed]
    assert len(committed) == 5 * EACH
    heals(marketplace, entries)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unchanged"])
def test_what_can_not_be_looked_up_is_unknown_and_counts_as_changed(kind: str) -> None:
    marketplace = Marketplace()
    live, wanted, about = KINDS[kind]
    if live is not None:
        people(marketplace, [1], **live)
    marketplace.simulator.add_fault({"when": {**about, "phase": "after_commit"}, "do": {"reset": True}})
    first = marketplace.run("swo_contacts", contacts=[entry(1, **wanted)], check=True)
    looks = first.values["requests"]["GET"] + (kind != "created")
    reads = {"method": "GET", "after": looks}
    marketplace.simulator.add_fault({"when": reads, "do": {"status": 503}})

    result = marketplace.run("swo_contacts", contacts=[entry(1, **wanted)])

    assert result.failed
    assert outcomes(result) == {"c0001": "unknown"}
    assert result.values["changed"] is True
    assert result.values["counts"]["unknown"] == 1
    assert "could not be read back" in result.values["msg"]
    heals(marketplace, [entry(1, **wanted)])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unchanged"])
def test_a_write_that_is_answered_but_not_kept_is_noticed_at_the_end(kind: str) -> None:
    marketplace, entries = mixed_account()
    marketplace.simulator.add_fault({"when": when(kind, 1), "do": {"drop_write": True}})

    result = marketplace.run("swo_contacts", contacts=entries)

    assert result.failed
    expected = {**everything(), f"{kind}1": "failed"}
    assert outcomes(result) == expected
    assert "The API accepted the change" in result.values["msg"] or "gone again" in result.values["msg"]
    assert result.values["changed"] is True
    heals(marketplace, entries)


@pytest.mark.parametrize("lag", [200, 2000])
def test_a_read_that_lags_is_waited_for(lag: int) -> None:
    marketplace, entries = mixed_account(read_after_write_lag=str(lag))

    result = marketplace.run("swo_contacts", contacts=entries)

    assert not result.failed, result.values["msg"]
    assert outcomes(result) == everything()
    assert marketplace.clock.now - 1000.0 <= 4
    marketplace.simulator.advance(5)
    heals(marketplace, entries)


@pytest.mark.parametrize("retry_after", ["3", None, {"date_in": 3}, "soon"])
def test_a_storm_of_429_is_waited_out(retry_after: Any) -> None:
    marketplace, entries = mixed_account()
    wait = {} if retry_after is None else {"retry_after": retry_after}
    marketplace.simulator.add_fault({"when": {"p": 0.3, "seed": 5}, "do": {"status": 429, **wait}})

    result = marketplace.run("swo_contacts", contacts=entries)

    assert not result.failed, result.values["msg"]
    assert outcomes(result) == everything()
    assert marketplace.clock.now > 1000.5
    heals(marketplace, entries)


def test_a_storm_that_never_ends_is_not_answered_with_a_storm() -> None:
    marketplace = Marketplace()
    people(marketplace, range(100))
    marketplace.simulator.add_fault({"when": {"method": "PUT"}, "do": {"status": 429, "retry_after": "1"}})
    entries = [entry(number, name="M") for number in range(100)]

    result = marketplace.run("swo_contacts", contacts=entries)

    assert result.failed
    assert result.values["failure"]["status"] == 429
    assert (result.values["changed"], result.values["counts"]["failed"]) == (False, 100)
    # Four tries each while the quota of the run lasts, one each afterwards.
    assert len(marketplace.writes()) <= 100 + 500 // 5
    heals(marketplace, entries)


# What somebody else does between the list and the write. What shows right behind a refused write, and was not there
# right before it, counts as done: it may have been carried out and sent twice on the way.
MEANWHILE: dict[str, tuple[str, dict[str, Any], str]] = {
    "created by another": ("created", {"contact": {"email": address(1), "name": "Theirs"}}, "updated"),
    "created by another as wanted": ("created", {"contact": {"email": address(1), "name": "N"}}, "created"),
    "created by another and blocked": (
        "created",
        {"contact": {"email": address(1), "name": "N", "status": "Blocked"}},
        "unblocked",
    ),
    "changed by another": ("updated", {"contact": {"email": address(1), "optOuts": ["NTC-0000-0004"]}}, "updated"),
    "updated by another as wanted": ("updated", {"contact": {"email": address(1), "name": "N"}}, "unchanged"),
    "deleted before the update": ("updated", {"delete": address(1)}, "created"),
    "deleted before the block": ("blocked", {"delete": address(1)}, "created"),
    "deleted before the unblock": ("unblocked", {"delete": address(1)}, "created"),
    "deleted before the deletion": ("deleted", {"delete": address(1)}, "unchanged"),
    "blocked by another": ("blocked", {"contact": {"email": address(1), "status": "Blocked"}}, "blocked"),
    "unblocked by another": ("unblocked", {"contact": {"email": address(1), "status": "Active"}}, "unblocked"),
}


@pytest.mark.parametrize("case", MEANWHILE)
@pytest.mark.parametrize("unique", ["400", "409"])
def test_another_writer_between_the_list_and_the_write(case: str, unique: str) -> None:
    kind, change, outcome = MEANWHILE[case]
    live, wanted, about = KINDS[kind]
    marketplace = Marketplace(email_unique=unique)
    if live is not None:
        people(marketplace, [1], **live)
    # Updates and deletions look once more before they write: the change comes before that look.
    about = {"method": "GET", "path": ONE} if kind in ("updated", "deleted") else about
    marketplace.simulator.add_fault({"when": about, "do": {"mutate": [change]}, "times": 1})

    result = marketplace.run("swo_contacts", contacts=[entry(1, **wanted)], return_unchanged=True)

    assert marketplace.simulator.unfired_faults() == []
    assert not result.failed, result.values["msg"]
    assert outcomes(result) == {"c0001": outcome}
    assert result.values["changed"] is (outcome != "unchanged")
    if case == "changed by another":
        assert marketplace.live(address(1))[0]["optOuts"] == [{"id": "NTC-0000-0004"}]
    assert len(marketplace.live(address(1))) == (0 if kind == "deleted" else 1)
    heals(marketplace, [entry(1, **wanted)])


def test_another_writer_between_the_look_and_the_write_is_not_overwritten_in_silence() -> None:
    """There is no If-Match: what comes between is lost, but a difference that remains is told."""
    marketplace = Marketplace()
    people(marketplace, [1])
    change = {"contact": {"email": address(1), "name": "Theirs"}}
    marketplace.simulator.add_fault(
        {"when": {"method": "PUT", "phase": "after_commit"}, "do": {"mutate": [change]}, "times": 1}
    )

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="Ours")])

    assert result.failed
    assert "reading it back shows another name" in result.values["msg"]


def test_duplicates_that_appear_meanwhile_are_told_with_their_ids() -> None:
    marketplace = Marketplace(email_unique="off")
    change = {"contact": {"id": "CTT-7777-7777", "email": address(1), "name": "Theirs"}}
    marketplace.simulator.add_fault(
        {"when": {"method": "POST", "path": CONTACTS}, "do": {"mutate": [change]}, "times": 1}
    )

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="Ours"), entry(2)])

    assert result.failed
    assert outcomes(result) == {"c0001": "failed", "c0002": "created"}
    ids = [contact["id"] for contact in marketplace.live(address(1))]
    assert len(ids) == 2
    assert all(contact_id in result.values["msg"] for contact_id in ids)
    assert result.values["changed"] is True


@pytest.mark.parametrize("unmanaged", ["block", "delete"])
@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"delete": address(1)}, "unchanged"),
        ({"contact": {"email": address(1), "user": True}}, "failed"),
        ({"contact": {"email": address(1), "name": "Other"}}, None),
    ],
    ids=["gone", "linked", "renamed"],
)
def test_whoever_changes_while_being_removed(change: dict[str, Any], outcome: str | None, unmanaged: str) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    about = {"method": ["GET", "POST"], "path": ONE}
    marketplace.simulator.add_fault({"when": about, "do": {"mutate": [change]}, "times": 1})

    result = marketplace.run(
        "swo_contacts",
        contacts=[entry(2, state="absent")],
        unmanaged=unmanaged,
        max_removals=["1"],
        return_unchanged=True,
    )

    expected = outcome or {"block": "blocked", "delete": "deleted"}[unmanaged]
    assert outcomes(result)["c0001"] == expected, result.values
    if outcome == "failed":
        assert [contact["status"] for contact in marketplace.live(address(1))] == ["Active"]


def test_an_error_of_the_final_look_is_told_of_what_was_written() -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    marketplace.simulator.add_fault({"when": {"method": "GET", "after": 2}, "do": {"status": 503}})

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")])

    assert result.failed
    assert result.values["changed"] is True
    (line,) = result.values["results"]
    assert (line["outcome"], line["actions"], line["status"]) == ("failed", ["update"], 503)


def test_opt_outs_that_the_final_look_left_out_are_read_one_by_one() -> None:
    marketplace = Marketplace()
    people(marketplace, [1, 2])
    hidden = {"set": {"data.*.$meta": {"omitted": ["optOuts"]}}, "remove": ["data.*.optOuts"]}
    marketplace.simulator.add_fault({"when": {"query": "in(id"}, "do": {"edit": hidden}})

    result = marketplace.run("swo_contacts", contacts=[entry(number, name="M", opt_outs=[]) for number in (1, 2)])

    assert not result.failed, result.values["msg"]
    assert result.values["counts"]["updated"] == 2


def test_opt_outs_that_nothing_tells_any_more_are_told_of_what_was_written() -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1])
    hidden = {"set": {"$meta": {"omitted": ["optOuts"]}}, "remove": ["optOuts"]}
    marketplace.simulator.add_fault(
        {"when": {"method": "GET", "path": f"*/{contact_id}", "after": 1}, "do": {"edit": hidden}}
    )

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M", opt_outs=[])])

    assert result.failed
    assert result.values["changed"] is True
    assert "did not send the opt-outs" in result.values["msg"]


def test_a_page_that_never_comes_is_named_and_nothing_is_written() -> None:
    marketplace = Marketplace()
    people(marketplace, range(250))
    marketplace.simulator.add_fault({"when": {"query": "offset=198"}, "do": {"status": 503}})

    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")])

    assert result.failed
    assert "page 3 of 3" in result.values["msg"]
    assert (result.values["changed"], result.values["plan_hash"], marketplace.writes()) == (False, None, [])


def broken_entries() -> list[dict[str, Any]]:
    return [
        {"id": "CTT-9999-9999", "name": "Nobody"},
        entry(3, name="M"),
    ]


def test_entries_that_can_not_be_planned_fail_alike_in_check_mode() -> None:
    marketplace = Marketplace()
    people(marketplace, range(1, 4))

    predicted = marketplace.run("swo_contacts", contacts=broken_entries(), check=True)
    result: TaskResult = marketplace.run("swo_contacts", contacts=broken_entries())

    assert result.failed
    assert prediction(result) == prediction(predicted)
    assert outcomes(result) == {"CTT-9999-9999": "failed", "c0003": "updated"}


@pytest.mark.parametrize("unmanaged", ["block", "delete"])
def test_nobody_is_removed_while_an_entry_can_not_be_planned(unmanaged: str) -> None:
    """The entry with the wrong id may be about the very contact that would be removed."""
    marketplace = Marketplace()
    people(marketplace, range(1, 6))
    options = {"contacts": broken_entries(), "unmanaged": unmanaged, "max_removals": ["100%"]}

    predicted = marketplace.run("swo_contacts", check=True, **options)
    result = marketplace.run("swo_contacts", **options)

    assert prediction(result) == prediction(predicted)
    assert outcomes(result)["c0003"] == "updated"
    assert [contact["email"] for contact in result.values["unmanaged"]] == [
        address(1),
        address(2),
        address(4),
        address(5),
    ]
    assert {contact["status"] for contact in store_of(marketplace)} == {"Active"}


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_what_is_wrong_with_the_files_stops_the_run_before_the_first_write(tmp_path: Path, check: bool) -> None:
    """All at once, each with its place, and with the profile it comes from."""
    marketplace = Marketplace()
    (contact_id, *_others) = people(marketplace, range(1, 6))
    contacts = [
        f"- email: {address(1)}\n  opt_outs: [Invoyces, Ordres]",
        f"- email: {address(2)}\n  profiles: [desk]",
        f"- {{email: {address(3)}, profiles: [desk]}}",
        f"- {{email: {address(4)}, name: M}}",
        f"- {{id: {contact_id}, name: X}}",
    ]
    (tmp_path / "base.yml").write_text(
        "\n".join(["profiles:", "  desk:", "    opt_outs: [Security alerts]", "contacts:", *contacts])
    )

    result = marketplace.run("swo_contacts", src=[str(tmp_path)], check=check)

    assert result.failed
    assert (result.values["changed"], marketplace.writes()) == (False, [])
    name = tmp_path / "base.yml"
    problems = result.values["problems"]
    assert [
        problem.partition(": There")[0].partition(": The ")[0].partition(": Contact")[0] for problem in problems
    ] == [
        f"{name}:3 (profile 'desk'): opt_outs",
        f"{name}:6: opt_outs",
        f"{name}:11: email",
    ]
    assert "Did you mean 'Invoices'?" in problems[1]
    assert "Did you mean 'Orders'?" in problems[1]
    assert outcomes(result)["c0004"] == "skipped"
