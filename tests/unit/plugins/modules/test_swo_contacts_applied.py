# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three ways: the files, what is live, and the record of what was applied, which may be lost."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS, RENEWALS, Account, address, reset_journal

ANN = address(1)
BOB = address(2)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def row_of(result: TaskResult, email: str) -> dict[str, Any]:
    return next(row for row in result.values["results"] if row["email"] == email)


def at_least(*names: str, **fields: Any) -> dict[str, Any]:
    return {"email": ANN, "opt_outs": list(names), "opt_outs_mode": "at_least", **fields}


def test_what_was_applied_is_written_whole_and_for_the_owner_alone(account: Account) -> None:
    account.marketplace.put(ANN, optOuts=[ORDERS])
    result = account.run(at_least("Orders", "Invoices", name="Ann"))
    assert not result.failed
    assert account.record.stat().st_mode & 0o777 == 0o600
    assert account.recorded() == {
        ANN: {"email": ANN, "name": "Ann", "status": "Active", "opt_outs": {ORDERS: False, INVOICES: True}}
    }


def test_a_record_that_came_with_a_checkout_is_made_private(account: Account) -> None:
    account.run({"email": ANN})
    account.record.chmod(0o644)
    account.run({"email": ANN})
    assert account.record.stat().st_mode & 0o777 == 0o600


def test_check_mode_reads_the_record_and_never_writes_it(account: Account) -> None:
    account.run({"email": ANN}, check=True)
    assert not account.record.exists()
    account.run({"email": ANN, "name": "Ann"})
    before = account.record.read_bytes()
    assert account.run({"email": ANN, "name": "Anna"}, check=True).values["status"] == "pending"
    assert account.record.read_bytes() == before


def test_a_run_without_changes_leaves_the_same_record(account: Account) -> None:
    account.run(at_least("Orders", name="Ann"))
    before = account.record.read_bytes()
    assert account.run(at_least("Orders", name="Ann")).values["changed"] is False
    assert account.record.read_bytes() == before


@pytest.mark.parametrize(
    ("files", "live", "label", "status"),
    [
        ("Ann", "Ann", "unchanged", "clean"),
        ("Ann", "Anna", "drift", "drift"),
        ("Annie", "Ann", "pending", "pending"),
        ("Annie", "Annie", "unchanged", "clean"),
        ("Annie", "Anna", "conflict", "drift"),
    ],
)
def test_whose_change_a_value_is(account: Account, files: str, live: str, label: str, status: str) -> None:
    account.run({"email": ANN, "name": "Ann"})
    account.patch(ANN, name=live)
    result = account.run({"email": ANN, "name": files}, check=True, return_unchanged=True)
    row = row_of(result, ANN)
    assert (row["label"], result.values["status"]) == (label, status)
    assert [field["label"] for field in row["fields"]] == ([] if label == "unchanged" else [label])
    counts = result.values["counts"]
    assert [name for name in ("pending", "drift", "conflict") if counts[name]] == [label] * (label != "unchanged")


def test_without_a_record_every_difference_is_drift(account: Account) -> None:
    account.marketplace.put(ANN, name="Anna")
    result = account.run({"email": ANN, "name": "Ann"}, check=True)
    assert (result.values["status"], row_of(result, ANN)["label"]) == ("drift", None)


def test_each_category_has_a_label_of_its_own(account: Account) -> None:
    account.run(at_least("Orders", "Invoices"))
    account.patch(ANN, optOuts=[INVOICES])
    result = account.run(at_least("Orders", "Renewals"), check=True)
    fields = {field["label"]: (field["before"], field["after"]) for field in row_of(result, ANN)["fields"]}
    assert fields == {
        "drift": (["Invoices"], ["Invoices", "Orders"]),
        "pending": (["Invoices", "Orders"], ["Orders", "Renewals"]),
    }
    assert (row_of(result, ANN)["label"], result.values["status"]) == ("drift", "drift")


def test_what_a_person_chose_is_kept_and_what_we_added_is_given_back(account: Account) -> None:
    account.run(at_least("Orders", "Invoices"))
    account.patch(ANN, optOuts=[ORDERS, INVOICES, RENEWALS])
    result = account.run(at_least("Orders"))
    assert account.live(ANN)["optOuts"] == [ORDERS, RENEWALS]
    assert [kept["after"] for kept in row_of(result, ANN)["kept"]] == [["Renewals"]]
    assert account.run(at_least("Orders")).values["changed"] is False


def test_what_was_there_before_us_is_not_ours(account: Account) -> None:
    account.marketplace.put(ANN, optOuts=[INVOICES])
    account.run(at_least("Orders", "Invoices"))
    account.run(at_least())
    assert account.live(ANN)["optOuts"] == [INVOICES]


def test_opt_ins_give_back_what_is_kept(account: Account) -> None:
    account.marketplace.put(ANN, optOuts=[INVOICES])
    account.run(at_least(opt_ins=["Invoices"]))
    assert account.live(ANN)["optOuts"] == []


def test_nothing_is_taken_away_without_the_record(account: Account) -> None:
    account.run(at_least("Orders"))
    account.record.unlink()
    assert account.run(at_least()).values["changed"] is False
    assert account.live(ANN)["optOuts"] == [ORDERS]


@pytest.mark.parametrize("writes", [1, 2])
def test_who_chose_what_we_had_added_keeps_it(tmp_path: Path, writes: int) -> None:
    account = Account(tmp_path, schema="5.x")
    account.run(at_least("Orders"))
    for number in range(writes):
        account.patch(ANN, optOuts=[] if number % 2 else [ORDERS])
    account.patch(ANN, optOuts=[ORDERS, RENEWALS])
    account.run(at_least())
    assert account.live(ANN)["optOuts"] == [ORDERS, RENEWALS]


class Killed(BaseException):
    """Nobody catches this: the process is gone."""


def test_what_a_killed_run_took_away_and_a_person_chose_is_theirs(account: Account) -> None:
    def entries(*names: str) -> list[dict[str, Any]]:
        return [at_least(*names, email=email) for email in (ANN, BOB)]

    def kill() -> None:
        raise Killed

    account.run(*entries("Orders"))
    account.marketplace.meanwhile("PUT", account.live(BOB)["id"], kill)
    with pytest.raises(Killed):
        account.run(*entries(), concurrency=1)
    assert account.live(ANN)["optOuts"] == []
    account.patch(ANN, optOuts=[ORDERS])
    account.run(*entries())
    assert account.live(ANN)["optOuts"] == [ORDERS]


def test_a_field_that_is_left_out_is_not_managed_any_more(account: Account) -> None:
    account.run(at_least("Orders", name="Ann"))
    account.run({"email": ANN})
    assert account.recorded()[ANN] == {"email": ANN, "status": "Active"}
    assert account.live(ANN)["optOuts"] == [ORDERS]


def test_somebody_who_was_deleted_is_drift_and_somebody_new_is_pending(account: Account) -> None:
    account.run({"email": ANN})
    account.patch(ANN, status="Deleted")
    result = account.run({"email": ANN}, {"email": BOB}, check=True)
    assert {row["email"]: row["label"] for row in result.values["results"]} == {ANN: "drift", BOB: "pending"}
    assert not account.run({"email": ANN}, {"email": BOB}).failed
    assert sorted(account.recorded()) == [ANN, BOB]


@pytest.mark.parametrize("unmanaged", ["report", "ignore"])
def test_an_address_changed_by_hand_is_drift_of_that_contact(account: Account, unmanaged: str) -> None:
    account.run({"email": ANN})
    contact_id = account.live(ANN)["id"]
    account.marketplace.simulator.patch_contact({"match": ANN, "email": BOB})
    result = account.run({"email": ANN}, check=True, unmanaged=unmanaged)
    row = row_of(result, BOB)
    assert (row["label"], row["id"], row["actions"]) == ("drift", contact_id, ["update"])
    account.run({"email": ANN}, unmanaged=unmanaged)
    assert account.live(ANN)["id"] == contact_id
    assert account.marketplace.live(BOB) == []


def test_an_address_that_another_entry_has_is_not_taken(account: Account) -> None:
    account.run({"email": ANN})
    account.marketplace.simulator.patch_contact({"match": ANN, "email": BOB})
    result = account.run({"email": ANN}, {"email": BOB})
    assert not result.failed
    assert row_of(result, ANN)["actions"] == ["create"]


@pytest.mark.parametrize("unmanaged", ["block", "delete"])
def test_only_who_was_in_a_file_is_removed(account: Account, unmanaged: str) -> None:
    account.marketplace.put("stranger@contoso.example")
    account.run({"email": ANN}, {"email": BOB})
    result = account.run({"email": ANN}, unmanaged=unmanaged)
    assert {row["email"]: row["label"] for row in result.values["results"]} == {BOB: "removed"}
    assert [(row["email"], row["label"]) for row in result.values["unmanaged"]] == [
        ("stranger@contoso.example", "never_managed")
    ]


def test_nobody_is_removed_once_the_record_is_lost(account: Account) -> None:
    account.run({"email": ANN}, {"email": BOB})
    account.record.unlink()
    result = account.run({"email": ANN}, unmanaged="delete")
    assert [row["email"] for row in result.values["unmanaged"]] == [BOB]


def test_a_conflict_is_left_alone_and_the_others_are_applied(account: Account) -> None:
    account.run({"email": ANN, "name": "Ann"})
    account.patch(ANN, name="Anna")
    result = account.run({"email": ANN, "name": "Annie"}, {"email": BOB})
    assert result.failed
    assert "file says 'Annie', live says 'Anna'" in result.values["msg"]
    assert account.live(ANN)["name"] == "Anna"
    assert account.live(BOB)
    assert account.recorded()[ANN]["name"] == "Ann"
    assert not account.run({"email": ANN, "name": "Annie"}, {"email": BOB}, on_conflict="git").failed
    assert account.live(ANN)["name"] == "Annie"


def test_several_conflicts_are_told_once_with_both_names_of_the_option(account: Account) -> None:
    account.run({"email": ANN, "name": "Ann"}, {"email": BOB, "name": "Bob"})
    account.patch(ANN, name="Anna")
    account.patch(BOB, name="Bobo")
    message = account.run({"email": ANN, "name": "Annie"}, {"email": BOB, "name": "Bobby"}).values["msg"]
    assert message.count("on_conflict (swo_contacts_on_conflict of the playbooks) to git") == 1
    assert message.endswith("The same with 1 more.")


def test_what_failed_keeps_its_earlier_entry(account: Account) -> None:
    account.run({"email": ANN, "name": "Ann"}, {"email": BOB, "name": "Bob"})
    before = account.recorded()
    contact_id = account.live(ANN)["id"]
    fault = {"when": {"method": "PUT", "path": f"*/{contact_id}"}, "do": {"status": 400}}
    account.marketplace.simulator.add_fault(fault)
    assert account.run({"email": ANN, "name": "A"}, {"email": BOB, "name": "B"}).failed
    assert account.recorded() == {ANN: before[ANN], BOB: {**before[BOB], "name": "B"}}


def test_the_record_is_written_although_the_run_was_stopped(account: Account) -> None:
    fault = {"when": {"method": "POST", "nth": 2}, "do": {"status": 400}}
    account.marketplace.simulator.add_fault(fault)
    assert account.run({"email": ANN}, {"email": BOB}, on_error="stop", concurrency=1).failed
    assert list(account.recorded()) == [ANN]


def test_a_run_for_some_contacts_leaves_the_others_in_the_record(account: Account) -> None:
    both = ({"email": ANN, "name": "Ann"}, {"email": BOB, "name": "Bob"})
    account.run(*both)
    before = account.recorded()
    account.run(*both, only=[ANN])
    assert account.recorded() == before


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"schema_version": 1}'])
def test_a_record_that_cannot_be_read_stops_the_run(account: Account, content: bytes) -> None:
    account.record.write_bytes(content)
    result = account.run({"email": ANN})
    assert "cannot be read as a record" in result.values["msg"]
    assert "Without it nothing is lost in the account" in result.values["msg"]
    assert account.record.read_bytes() == content
    assert account.marketplace.writes() == []


def test_the_record_of_another_account_stops_the_run(account: Account, tmp_path: Path) -> None:
    other = Account(tmp_path / "other")
    other.record.parent.mkdir()
    other.marketplace.simulator.reset(seed=7)
    other.run({"email": ANN})
    account.record.write_bytes(other.record.read_bytes())
    result = account.run({"email": ANN})
    assert result.failed
    assert "but this run is of token" in result.values["msg"]
    assert account.marketplace.writes() == []


def test_a_record_that_cannot_be_written_is_told(account: Account) -> None:
    account.record.mkdir()
    assert account.run({"email": ANN}).failed


def test_no_request_more_than_without(tmp_path: Path) -> None:
    def requests(**options: Any) -> dict[str, int]:
        account = Account(tmp_path)
        for number in range(250):
            account.marketplace.put(address(number), name="N")
        for _run in range(2):
            result = account.run(*({"email": address(number), "name": "N"} for number in range(250)), **options)
        found: dict[str, int] = result.values["requests"]
        return found

    assert requests() == requests(applied_file=None)
    assert requests(unmanaged="ignore") == requests(unmanaged="ignore", applied_file=None)


@pytest.mark.parametrize("mode", ["at_least", "exact", "on_create"])
def test_the_record_changes_no_request_of_any_kind_of_run(tmp_path: Path, mode: str) -> None:
    """Provision, drift by hand and by the files, healing, retiring and the end of who was retired."""

    def journal(**options: Any) -> list[list[tuple[str, str, Any]]]:
        account = Account(tmp_path)
        journal = account.marketplace.simulator.journal
        ann = {"email": ANN, "name": "Ann", "opt_outs": ["Orders"], "opt_outs_mode": mode}
        bob = {"email": BOB, "name": "Bob"}
        found = []

        def run(*contacts: dict[str, Any], **more: Any) -> TaskResult:
            before = len(journal.entries)
            result = account.run(*contacts, concurrency=1, **options, **more)
            assert not result.failed
            entries = journal.entries[before:]
            # With a record the lists are asked for the audit, too.
            found.append([(entry.method, entry.target.replace("%2Baudit,", ""), entry.body) for entry in entries])
            return result

        run(ann, bob)
        account.patch(ANN, name="Anna")
        bobby = {**bob, "name": "Bobby"}
        assert run(ann, bobby, view="drift", check=True).values["status"] == "drift"
        run(ann, bobby)
        run(ann, unmanaged="retire", view="drift", check=True)
        run(ann, unmanaged="retire")
        account.marketplace.simulator.advance(14 * DAY)
        run(ann, unmanaged="retire", view="drift", check=True)
        run(ann, unmanaged="retire")
        assert account.marketplace.live(BOB) == []
        return found

    with_record = journal()
    assert with_record == journal(applied_file=None)
    assert [sorted({method for method, _address, _body in run} - {"GET"}) for run in with_record] == [
        ["POST"],
        [],
        ["PUT"],
        [],
        ["POST"],
        [],
        ["DELETE"],
    ]


def test_requests_tell_which_plan_they_belong_to(account: Account) -> None:
    agents: list[str] = []
    account.marketplace.watch(lambda request: agents.append(request.headers["User-Agent"]))
    result = account.run({"email": ANN}, concurrency=2)
    assert agents[-1].endswith(f" (plan {result.values['plan_hash']})")
    assert "plan" not in agents[0]


def test_an_earlier_address_makes_a_rename(account: Account) -> None:
    account.marketplace.put(ANN, optOuts=[ORDERS])
    contact_id = account.live(ANN)["id"]
    reset_journal(account.marketplace)
    account.run({"email": BOB, "previous_emails": [ANN]})
    assert [text.split()[0] for text in account.marketplace.writes()] == ["PUT"]
    assert account.live(BOB)["id"] == contact_id
    assert account.live(BOB)["optOuts"] == [ORDERS]
    assert account.run({"email": BOB, "previous_emails": [ANN]}).values["changed"] is False


def test_both_addresses_live_is_a_failure_of_that_contact(account: Account) -> None:
    account.marketplace.put(ANN)
    account.marketplace.put(BOB)
    result = account.run({"email": BOB, "previous_emails": [ANN]}, unmanaged="delete", applied_file=None)
    assert "are both live" in result.values["msg"]
    assert account.live(ANN)


def test_who_looks_like_a_rename_is_not_removed(account: Account) -> None:
    account.marketplace.put(ANN, name="Ann Example")
    result = account.run({"email": BOB, "name": "Ann Example"}, unmanaged="delete", applied_file=None)
    assert account.live(ANN)
    assert f"previous_emails: [{ANN}]" in " ".join(result.warnings)


def test_an_entry_counts_through_its_last_day(account: Account) -> None:
    world = account.marketplace.simulator.world
    last = world.wall().date().isoformat()
    entries = ({"email": ANN, "expires": last}, {"email": BOB})
    account.run(*entries)
    assert account.run(*entries, unmanaged="block").values["expired"] == []
    account.marketplace.simulator.advance(86_400)
    result = account.run(*entries, unmanaged="block")
    assert [row["email"] for row in result.values["expired"]] == [ANN]
    assert account.live(ANN)["status"] == "Blocked"


DAY = 86_400


def test_retired_contacts_are_blocked_then_deleted(account: Account) -> None:
    account.run({"email": ANN}, {"email": BOB})
    account.run({"email": BOB}, unmanaged="retire")
    assert account.live(ANN)["status"] == "Blocked"
    account.marketplace.simulator.advance(14 * DAY - 60)
    result = account.run({"email": BOB}, unmanaged="retire", return_unchanged=True)
    assert "it is deleted from" in row_of(result, ANN)["note"]
    assert account.live(ANN)
    account.marketplace.simulator.advance(60)
    account.run({"email": BOB}, unmanaged="retire")
    assert account.marketplace.live(ANN) == []
    assert list(account.recorded()) == [BOB]


@pytest.mark.parametrize("form", ["md", "html"])
def test_reports_tell_who_is_retired_and_who_was_never_ours(account: Account, tmp_path: Path, form: str) -> None:
    report = tmp_path / f"report.{form}"
    account.marketplace.put("somebody@else.example")
    account.run({"email": ANN}, {"email": BOB})
    account.run({"email": BOB}, unmanaged="retire", reports=[str(report)])
    assert "never in the files" in report.read_text("utf-8")
    # It is blocked by now, and nothing differs.
    account.run({"email": BOB}, unmanaged="retire", reports=[str(report)], check=True)
    assert "taken out of the files; we blocked it on" in report.read_text("utf-8")
    assert "it is deleted from" in report.read_text("utf-8")
    account.run({"email": BOB}, unmanaged="report", reports=[str(report)], check=True)
    assert report.read_text("utf-8").count("taken out of the files") == 1


def test_drift_and_what_is_not_applied_yet_are_counted_apart(account: Account, tmp_path: Path) -> None:
    account.run({"email": ANN, "name": "Ann"}, {"email": BOB, "name": "Bob"})
    account.patch(ANN, name="Anna")
    reports = [tmp_path / "report.md", tmp_path / "report.html"]
    entries = ({"email": ANN, "name": "Ann"}, {"email": BOB, "name": "Bobby"})
    account.run(*entries, check=True, view="drift", reports=list(map(str, reports)))
    markdown, html = (report.read_text("utf-8") for report in reports)
    assert "1 difference, 1 not applied yet" in markdown
    assert "| Changed | 1 |\n| Not applied yet | 1 |" in markdown
    assert "1 difference, 1 not applied yet" in html
    tiles = re.findall(r'data-outcome="(\w+)" aria-pressed="false" disabled><b>(\d+)</b>', html)
    assert {"updated": "1", "pending": "1"}.items() <= dict(tiles).items()
    assert html.count('<tr data-outcome="pending">') == 1


def test_who_was_blocked_by_somebody_is_never_deleted(account: Account) -> None:
    account.run({"email": ANN}, {"email": BOB})
    account.patch(ANN, status="Blocked")
    for _run in range(2):
        account.marketplace.simulator.advance(100 * DAY)
        result = account.run({"email": BOB}, unmanaged="retire", return_unchanged=True)
    assert "not known that we blocked it" in row_of(result, ANN)["note"]
    assert account.live(ANN)


def test_our_block_is_lifted_for_who_is_back_in_a_file(account: Account) -> None:
    account.run({"email": ANN}, {"email": BOB})
    account.run({"email": BOB}, unmanaged="retire")
    account.run({"email": ANN, "unblock": "never"}, {"email": BOB}, unmanaged="retire")
    assert account.live(ANN)["status"] == "Active"


def test_retiring_without_a_record_goes_by_the_audit(account: Account) -> None:
    account.marketplace.put(ANN)
    account.marketplace.put("other@contoso.example", status="Blocked")
    entry = {"email": BOB}
    account.run(entry, unmanaged="retire", applied_file=None)
    account.marketplace.simulator.advance(15 * DAY)
    account.run(entry, unmanaged="retire", applied_file=None)
    assert account.marketplace.live(ANN) == []
    assert account.live("other@contoso.example")


def test_a_clock_of_the_machine_does_not_matter(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    account.run({"email": ANN}, {"email": BOB})
    account.run({"email": BOB}, unmanaged="retire", retire_after=0)
    assert account.live(ANN)["status"] == "Blocked"
    account.run({"email": BOB}, unmanaged="retire", retire_after=0)
    assert account.marketplace.live(ANN) == []


def test_the_record_can_be_a_file_in_a_folder_that_is_not_there_yet(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    account.run({"email": ANN}, applied_file=str(path))
    assert os.path.exists(path)


def test_what_somebody_changed_can_be_accepted(account: Account, tmp_path: Path) -> None:
    contacts, adopted = tmp_path / "contacts", tmp_path / "adopted.yml"
    contacts.mkdir()
    third = address(3)
    entries = [
        at_least("Orders", "Invoices", name="Ann"),
        {"email": BOB, "name": "Bob"},
        {"email": third},
    ]
    (contacts / "all.json").write_text(json.dumps({"contacts": entries}))
    src = [str(contacts)]
    account.run(contacts=None, src=src)
    account.patch(ANN, name="Anna", optOuts=[INVOICES])
    account.patch(BOB, status="Blocked")
    account.patch(third, status="Deleted")
    entries[0]["opt_outs"] = ["Orders", "Invoices", "Renewals"]
    entries[1]["name"] = "Bobby"
    (contacts / "all.json").write_text(json.dumps({"contacts": entries}))
    found = account.run(contacts=None, src=src, check=True, adopt_file=str(adopted))
    assert found.values["status"] == "drift"
    assert adopted.stat().st_mode & 0o777 == 0o600
    with_adopted = account.run(contacts=None, src=[*src, str(adopted)], check=True)
    assert with_adopted.values["status"] == "pending"
    account.run(contacts=None, src=[*src, str(adopted)])
    assert account.live(ANN)["name"] == "Anna"
    assert account.live(ANN)["optOuts"] == [INVOICES, RENEWALS]
    assert (account.live(BOB)["name"], account.live(BOB)["status"]) == ("Bobby", "Blocked")
    assert account.marketplace.live(third) == []


def test_an_address_changed_by_hand_is_accepted_by_a_person(account: Account, tmp_path: Path) -> None:
    adopted = tmp_path / "adopted.yml"
    account.run({"email": ANN})
    account.marketplace.simulator.patch_contact({"match": ANN, "email": BOB})
    account.run({"email": ANN}, check=True, adopt_file=str(adopted))
    assert f"{ANN} has the address {BOB} now" in adopted.read_text("utf-8")


def test_contacts_in_no_file_that_count_as_drift_can_be_accepted(account: Account, tmp_path: Path) -> None:
    adopted = tmp_path / "adopted.yml"
    account.marketplace.put(BOB, name="Bob")
    account.run({"email": ANN}, check=True, unmanaged="drift", adopt_file=str(adopted))
    assert f"email: {BOB}\n    name: Bob\n" in adopted.read_text("utf-8")


def test_what_no_contact_file_takes_is_left_out_of_what_is_adopted(tmp_path: Path) -> None:
    """Whoever puts the file last in src must be able to read it together with the others."""
    marketplace = Marketplace(email_unique="off")
    declared = marketplace.put(ANN, name="two\nlines")
    by_id = marketplace.put("by.id@contoso.example", name="I")
    marketplace.put("BY.ID@contoso.example", name="Namesake of one that is declared by its id")
    for email in ("odd'..@contoso.example", "twice@contoso.example", "TWICE@contoso.example", BOB):
        marketplace.put(email, name="ends\x07")
    src, adopted = tmp_path / "contacts.yml", tmp_path / "adopted.yml"
    entries = [{"email": ANN, "name": "Ann"}, {"id": by_id, "name": "I"}]
    src.write_text(json.dumps({"contacts": entries}), "utf-8")

    found = marketplace.run("swo_contacts", check=True, src=[str(src)], unmanaged="drift", adopt_file=str(adopted))

    assert not found.failed, found.values
    text = adopted.read_text("utf-8")
    assert text.count("is left out: email: another live contact has the same address") == 3
    assert text.count("is left out: email: ") == 4
    assert f"  # {ANN} ({declared}): name cannot be accepted: " in text
    assert f"  # Not said of {BOB}: name: " in text
    again = marketplace.run("swo_contacts", check=True, src=[str(src), str(adopted)], unmanaged="drift")
    assert not again.failed, again.values
    assert [contact["email"] for contact in yaml.safe_load(text)["contacts"]] == [BOB]


def test_what_an_apply_sets_back_is_not_adopted(account: Account, tmp_path: Path) -> None:
    marketplace = account.marketplace
    marketplace.put(ANN, name="Anna")
    sent = len(marketplace.simulator.journal.since())

    result = marketplace.run(
        "swo_contacts", contacts=[{"email": ANN, "name": "Ann"}], adopt_file=str(tmp_path / "adopted.yml")
    )

    assert result.failed
    assert "what somebody changed is adopted in check mode only; nothing was written" in result.values["msg"]
    assert len(marketplace.simulator.journal.since()) == sent
    assert not (tmp_path / "adopted.yml").exists()


@pytest.mark.parametrize("option", ["applied_file", "adopt_file"])
def test_no_output_replaces_a_file_that_is_read(account: Account, tmp_path: Path, option: str) -> None:
    path = tmp_path / "all.yml"
    path.write_text(f"contacts:\n  - email: {ANN}\n")
    result = account.run(contacts=None, src=[str(path)], check=True, **{option: str(path)})
    assert f"{option} (swo_contacts_{option} of the playbooks): {path} is a file that src reads" in result.values["msg"]
