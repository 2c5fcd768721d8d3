# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the live account to files in git and back: export, provision, drift, heal; the simulator is the judge."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lab import Account
from tests.integration.workplace import Workplace, writes

LEGACY = "NTC-0000-0008"


@pytest.fixture
def checkout(account: Account, tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, account)


def edited(checkout: Workplace, file: str, number: int, **fields: Any) -> str:
    """Change an entry of a file; returns its address."""
    entries = checkout.entries(file)
    entries[number].update(fields)
    checkout.write(file, {"contacts": entries})
    return str(entries[number]["email"])


def test_from_an_empty_folder_to_a_green_check(account: Account, checkout: Workplace) -> None:
    account.reset(contacts=300)
    before = account.contacts()
    assert [contact["status"] for contact in before].count("Deleted") == 1

    export = checkout.play("export", swo_contacts_dest="contacts", swo_contacts_split="domain")
    assert export.shown_by("Prove that the files say what is live") == "300 contacts exported, 0 differences."
    files = {path: path.read_bytes() for path in sorted((checkout.folder / "contacts").iterdir())}
    again = checkout.play("export", swo_contacts_dest="contacts", swo_contacts_split="domain")
    assert (again.changed, {path: path.read_bytes() for path in files}) == (0, files)
    # As one file, and asked for by texts, as they are given on a command line.
    checkout.play("export", "-e", "swo_contacts_dest=all.yml")
    addresses = [entry["email"].lower() for entry in checkout.entries("all.yml")]
    assert addresses == sorted(c["email"].lower() for c in before if c["status"] != "Deleted")
    assert not re.search(r"CTT-\d|NTC-\d", (checkout.folder / "all.yml").read_text())

    provisioned = checkout.play("provision", swo_contacts_src=["contacts"])
    assert (provisioned.changed, writes(account.journal())) == (0, [])
    assert (checkout.play("drift", swo_contacts_src="contacts").changed, checkout.report()["status"]) == (0, "clean")

    one, two = (str(path.relative_to(checkout.folder)) for path in list(files)[:2])
    expected = {
        edited(checkout, one, 0, name="Changed In Git"): ["name"],
        edited(checkout, two, 1, opt_outs=["Renewals", "Statements"]): ["opt_outs"],
    }
    drift = checkout.play("drift", swo_contacts_src="contacts", code=2)
    report = checkout.report()
    assert report["status"] == "drift"
    assert {row["email"]: [change["field"] for change in row["fields"]] for row in report["results"]} == expected
    assert report["counts"]["unchanged"] == 298
    assert "The account is not what the files say: 2 changed; 298 unchanged." in drift.printed
    assert "drift localhost: 2 changed; 298 unchanged" in drift.printed
    assert writes(account.journal()) == []

    healed = checkout.play("provision", swo_contacts_src="contacts")
    assert healed.changed == 1
    ids = {row["email"]: row["id"] for row in report["results"]}
    assert sorted(writes(account.journal())) == sorted(f"PUT /{contact_id}" for contact_id in ids.values())
    touched = {contact["id"] for contact in account.contacts() if contact not in before}
    assert touched == set(ids.values())
    assert (checkout.play("drift", swo_contacts_src="contacts").changed, checkout.report()["results"]) == (0, [])


def test_a_difference_says_what_from_to_who_and_when(account: Account, checkout: Workplace) -> None:
    checkout.write(
        "contacts.yml", {"contacts": [{"email": "ann@contoso.example", "name": "Ann", "opt_outs": ["Orders"]}]}
    )
    checkout.play("provision", swo_contacts_src="contacts.yml")
    stranger = account.put(email="stranger@contoso.example", name="Str Anger")
    wanted = {"email": "ann@contoso.example", "name": "Ann Example", "opt_outs": ["Renewals"]}
    checkout.write("contacts.yml", {"contacts": [wanted]})
    (live,) = account.live("ann@contoso.example")
    written = max(live["audit"].values(), key=lambda event: event["at"])

    run = checkout.play("drift", swo_contacts_src="contacts.yml", swo_contacts_reports="d.json, d.md,d.html", code=2)

    report = checkout.report("d.json")
    (row,) = report["results"]
    assert [(field["field"], field["before"], field["after"]) for field in row["fields"]] == [
        ("name", "Ann", "Ann Example"),
        ("opt_outs", ["Orders"], ["Renewals"]),
    ]
    assert {field["source"].partition(":")[0] for field in row["fields"]} == {"contacts.yml"}
    assert row["last_written"] == {"by": written["by"]["name"], "at": written["at"], "writer": "our_token"}
    assert {path.name for path in checkout.folder.glob("d.*")} == {"d.json", "d.md", "d.html"}
    assert (
        f"Changed (1) ~ ann@contoso.example ({live['id']}) name: file says Ann Example, live says Ann "
        "opted out of, unlike the files: Orders not opted out of, unlike the files: Renewals "
    ) in run.printed
    assert f"contacts.yml:2 last written by our token, {written['by']['name']} at {written['at']}, " in run.printed
    assert run.shown_by("Show what became of each account") == [
        "drift    localhost: 1 changed; 1 in no file",
        *[f"         report: d.{ending}" for ending in ("json", "md", "html")],
        "accounts: 1, drift: 1",
    ]
    assert [row["id"] for row in report["unmanaged"]] == [stranger]


def test_what_is_not_applied_yet_is_no_drift_and_the_record_may_be_lost(account: Account, checkout: Workplace) -> None:
    def declare(**fields: Any) -> None:
        entry = {"email": "ann@contoso.example", "opt_outs_mode": "at_least", **fields}
        checkout.write("contacts.yml", {"contacts": [entry]})

    given = {"swo_contacts_src": "contacts.yml", "swo_contacts_applied_file": "records/applied.json"}
    declare(name="Ann", opt_outs=["Orders"])
    checkout.play("provision", **given)
    record = checkout.folder / "records" / "applied.json"
    assert record.stat().st_mode & 0o777 == 0o600

    declare(name="Ann Example", opt_outs=["Renewals"])
    waiting = checkout.play("drift", swo_contacts_reports="d.json, d.xml", **given)
    assert checkout.report("d.json")["status"] == "pending"
    assert "Pending: 1 to update" in waiting.printed
    assert "pending localhost: 1 to update" in waiting.printed
    assert 'failures="0"' in (checkout.folder / "d.xml").read_text()

    account.put(email="ann@contoso.example", optOuts=["NTC-0000-0001", "NTC-0000-0002"])
    checkout.play("provision", **given)
    (live,) = account.live("ann@contoso.example")
    assert sorted(item["id"] for item in live["optOuts"]) == ["NTC-0000-0002", "NTC-0000-0004"]

    account.put(email="ann@contoso.example", name="Anna")
    drifted = checkout.play("drift", swo_contacts_adopt_file="adopted.yml", code=2, **given)
    assert "adopt file: adopted.yml" in drifted.printed
    assert [(entry["email"], entry["name"]) for entry in checkout.entries("adopted.yml")] == [
        ("ann@contoso.example", "Anna")
    ]
    record.unlink()
    declare(name="Anna", opt_outs=[])
    checkout.play("provision", **given)
    (live,) = account.live("ann@contoso.example")
    assert len(live["optOuts"]) == 2


def test_who_is_in_no_file_is_told_and_is_drift_only_if_asked(account: Account, checkout: Workplace) -> None:
    account.reset(contacts=30)
    checkout.write("contacts.yml", {"contacts": []})

    told = checkout.play("drift", swo_contacts_src="contacts.yml")
    assert (checkout.report()["status"], checkout.report()["counts"]["unmanaged"]) == ("clean", 30)
    assert "clean localhost: no contact of the files differs; 30 in no file" in told.printed
    assert "Extra (30)" not in told.printed
    asked = checkout.play("drift", "-v", swo_contacts_src="contacts.yml")
    assert (asked.printed.count("Extra (30): in no file"), asked.changed) == (1, 0)

    red = checkout.play("drift", "-e", "swo_contacts_src=contacts.yml swo_contacts_unmanaged=drift", code=2)
    assert (checkout.report()["status"], checkout.report()["results"]) == ("drift", [])
    assert "Extra (30): in no file" in red.printed
    assert "and 20 more, which -v shows" in red.printed
    assert "The account is not what the files say: no contact of the files differs; 30 in no file." in red.printed

    lenient = {"swo_contacts_unmanaged": "drift", "swo_contacts_fail_on_drift": False}
    checkout.play("drift", swo_contacts_src="contacts.yml", **lenient)
    assert checkout.report()["status"] == "drift"


def test_an_export_names_what_it_cannot_say_and_loses_nothing(account: Account, checkout: Workplace) -> None:
    account.reset(email_unique="off")
    account.put(email="fine@contoso.example", name="Fine", optOuts=["NTC-0000-0001"])
    account.put(email="old@contoso.example", name="Old", optOuts=["NTC-0000-0001", LEGACY])
    account.put(email='"odd one"@contoso.example', name="Odd")
    twice = [account.put(id=f"CTT-9999-000{number}", email="twice@contoso.example") for number in (1, 2)]
    before = account.contacts()

    run = checkout.play("export", swo_contacts_dest="contacts.yml", code=2)

    lines = run.shown_by("Show what the files do not say of what is live")
    assert [re.sub(r" \(CTT-.*?\)", "", line) for line in lines] == [
        '"odd one"@contoso.example: not to be expressed: email: has characters that are not allowed before the at sign',
        "old@contoso.example: not to be expressed: opt_outs: The notification category 'Legacy reports' "
        "(NTC-0000-0008) is not published (status Unpublished).",
        *["twice@contoso.example: not to be expressed: email: another live contact has the same address"] * 2,
    ]
    assert all(contact_id in run.stdout for contact_id in twice)
    assert "2 contacts exported, but the files do not say all that is live." in run.printed
    assert checkout.play("provision", swo_contacts_src="contacts.yml").changed == 0
    assert account.contacts() == before


def test_a_file_that_an_earlier_export_left_shows(account: Account, checkout: Workplace) -> None:
    account.reset(contacts=9)
    checkout.write("out/gone.example.yml", {"contacts": [{"email": "gone@gone.example"}]})
    run = checkout.play("export", swo_contacts_dest="out", swo_contacts_split="domain", code=2)
    assert run.shown_by("Show what the files do not say of what is live") == [
        "gone@gone.example (not live): different: email, status"
    ]


@pytest.mark.parametrize(
    ("guard", "value", "said"),
    [
        ("swo_contacts_expect_plan", "", "so no plan can be the reviewed one"),
        # As jq writes it where a report has no plan.
        ("swo_contacts_expect_plan", None, "so no plan can be the reviewed one"),
        ("swo_contacts_max_changes", None, "is neither a number"),
        ("swo_contacts_only", "", "there is no pattern in the list"),
        ("swo_expect_account", None, "expect_account is not the id of an account"),
    ],
)
def test_a_guard_that_turned_out_empty_does_not_let_the_run_pass(
    account: Account, checkout: Workplace, guard: str, value: str | None, said: str
) -> None:
    checkout.write("contacts.yml", {"contacts": [{"email": "ann@contoso.example"}]})

    run = checkout.play("provision", "-e", json.dumps({guard: value}), code=2, swo_contacts_src="contacts.yml")

    assert said in run.printed
    assert writes(account.journal()) == []


@pytest.mark.parametrize("playbook", ["validate", "provision"])
@pytest.mark.parametrize("src", ["ok.yml,", ",ok.yml", ["ok.yml", ""], " "], ids=["last", "first", "list", "blank"])
def test_an_empty_source_is_not_the_current_directory(
    account: Account, checkout: Workplace, src: object, playbook: str
) -> None:
    checkout.write("ok.yml", {"contacts": [{"email": "ann@contoso.example"}]})
    checkout.write("meant_for_nobody.yml", {"contacts": [{"email": "bob@contoso.example"}]})

    run = checkout.play(playbook, "-e", json.dumps({"swo_contacts_src": src}), code=2)

    assert "src: has an empty entry; name a file or directory" in run.printed
    assert len(account.journal()) == 0


@pytest.mark.parametrize("limit", [0, "0", [0]])
def test_a_limit_of_no_change_at_all_is_a_limit(account: Account, checkout: Workplace, limit: object) -> None:
    account.put(email="ann@contoso.example", name="Anna")
    wanted = [{"email": "ann@contoso.example", "name": "Ann"}, {"email": "new@contoso.example"}]
    for entries, code in ((wanted, 2), (wanted[1:], 0)):
        checkout.write("contacts.yml", {"contacts": entries})
        run = checkout.play(
            "provision",
            "-e",
            json.dumps({"swo_contacts_max_changes": limit}),
            code=code,
            swo_contacts_src="contacts.yml",
        )
        assert ("max_changes (swo_contacts_max_changes of the playbooks)" in run.printed) == (code == 2), run.printed
        assert len(writes(account.journal())) == (0 if code else 1)


def test_provision_adopts_in_check_mode_only(account: Account, checkout: Workplace) -> None:
    account.put(email="ann@contoso.example", name="Anna")
    checkout.write("contacts.yml", {"contacts": [{"email": "ann@contoso.example", "name": "Ann"}]})
    given = {"swo_contacts_src": "contacts.yml", "swo_contacts_adopt_file": "adopted.yml"}

    run = checkout.play("provision", code=2, **given)

    assert "what somebody changed is adopted in check mode only; nothing was written." in run.printed
    assert writes(account.journal()) == []
    checkout.play("provision", "--check", **given)
    assert [entry["name"] for entry in checkout.entries("adopted.yml")] == ["Anna"]


def test_an_empty_report_is_named_as_such(account: Account, checkout: Workplace) -> None:
    checkout.write("contacts.yml", {"contacts": [{"email": "ann@contoso.example"}]})
    given = {"swo_contacts_src": "contacts.yml", "swo_contacts_reports": "report.json,"}
    for playbook in ("validate", "provision", "drift"):
        run = checkout.play(playbook, code=2, **given)
        assert "reports (swo_contacts_reports of the playbooks) has an empty entry." in run.printed
        assert checkout.report("report.json")["status"] == "error"
    run = checkout.play("provision", code=2, swo_contacts_src="contacts.yml", swo_contacts_overview=["", "all.md"])
    assert "has an empty entry." in run.printed
    assert len(account.journal()) == 0


def test_check_mode_predicts_and_a_reviewed_plan_is_applied_exactly(account: Account, checkout: Workplace) -> None:
    ids = [account.put(email=f"{name}@contoso.example", name=name) for name in ("ann", "bob", "eve")]
    wanted = [{"email": f"{name}@contoso.example", "name": name.title()} for name in ("ann", "bob", "new")]
    checkout.write("contacts.yml", {"contacts": wanted})
    src = {"swo_contacts_src": "contacts.yml", "swo_contacts_undo_file": "undo.yml"}
    before = account.contacts()

    plan = checkout.play("provision", "--check", swo_contacts_reports="plan.json", **src)
    assert (plan.changed, writes(account.journal()), account.contacts()) == (1, [], before)
    assert not (checkout.folder / "undo.yml").exists()
    reviewed = checkout.report("plan.json")
    assert plan.shown_by("Show what became of each account") == [
        "plan     localhost: 1 to create, 2 to update; 1 in no file",
        "         report: plan.json",
        f"         plan hash: {reviewed['plan_hash']}",
        "accounts: 1, plan: 1",
    ]
    assert {row["email"]: row["outcome"] for row in reviewed["results"]} == {
        "ann@contoso.example": "updated",
        "bob@contoso.example": "updated",
        "new@contoso.example": "created",
    }

    # Somebody blocks a contact that the plan touches: it would write something else now.
    account.put(id=ids[0], email="ann@contoso.example", status="Blocked")
    refused = checkout.play("provision", swo_contacts_expect_plan=reviewed["plan_hash"], code=2, **src)
    assert "This is not the plan that was reviewed" in refused.printed
    assert writes(account.journal()) == []

    # A value that the files do not manage, or a contact that the plan does not touch, makes no difference.
    account.put(id=ids[0], email="ann@contoso.example", status="Active", optOuts=["NTC-0000-0001"])
    account.put(id=ids[2], email="eve@contoso.example", name="Eve")
    applied = checkout.play("provision", swo_contacts_expect_plan=reviewed["plan_hash"], **src)
    assert sorted(writes(account.journal())) == sorted(["POST", f"PUT /{ids[0]}", f"PUT /{ids[1]}"])
    assert applied.shown_by("Show what became of each account")[:2] == [
        "applied  localhost: 1 created, 2 updated; 1 in no file",
        "         undo file: undo.yml",
    ]

    checkout.play("provision", swo_contacts_src="undo.yml")
    assert [contact["name"] for contact in account.contacts() if contact["id"] in ids[:2]] == ["ann", "bob"]


def test_a_token_of_another_account_is_refused(account: Account, checkout: Workplace) -> None:
    checkout.write("contacts.yml", {"contacts": [{"email": "ann@contoso.example"}]})

    run = checkout.play("provision", swo_contacts_src="contacts.yml", swo_expect_account="ACC-9999-9999", code=2)

    assert "but expect_account is ACC-9999-9999" in run.printed
    assert [entry["path"] for entry in account.journal() if "api-tokens" not in entry["path"]] == []


def test_files_are_checked_without_a_token_or_a_network(account: Account, checkout: Workplace) -> None:
    checkout.write("good/a.yml", {"contacts": [{"email": "ann@contoso.example"}]})
    checkout.write("bad/a.yml", {"contacts": [{"email": "ann@contoso.example", "opt_out": ["Orders"]}]})
    checkout.write("bad/b.yml", {"contacts": [{"email": "ann@contoso.example", "state": "gone"}]})
    unshare = ["unshare", "--map-root-user", "--net"]
    isolated = (
        shutil.which("unshare") and subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    )
    lonely: dict[str, str | None] = {"SWO_API_TOKEN": None}
    before = unshare if isolated else []

    good = checkout.play("validate", swo_contacts_src="good", env=lonely, before=before)
    assert "1 contact in the files, without a fault." in good.printed
    # With a token in reach no request is sent either.
    bad = checkout.play("validate", swo_contacts_src="good,bad", code=2)
    for line in (
        "bad/a.yml:3: opt_out: is not known here; did you mean opt_outs?",
        "bad/b.yml:2: email: 'ann@contoso.example' is declared twice",
        "bad/b.yml:3: state: 'gone' is not allowed",
    ):
        assert line in bad.printed
    assert account.journal() == []
