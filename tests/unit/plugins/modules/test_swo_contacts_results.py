# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What swo_contacts returns and reports: the same keys whatever happened, and no crash that reads as clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import NotSentError
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.rows import COUNTS
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.wording import OUTCOMES
from tests.harness import InProcessTransport, Marketplace

FILES = ("reports", "undo_file", "adopt_file")
from tests.unit.contact_sets import ALWAYS, INVOICES, ORDERS, address, entry, outcomes, people

ROW = {
    "index",
    "email",
    "id",
    "outcome",
    "label",
    "actions",
    "fields",
    "kept",
    "reason",
    "status",
    "trace_id",
    "source",
    "note",
    "last_written",
}
ENDINGS = ("json", "md", "html", "xml")


def account() -> Marketplace:
    marketplace = Marketplace()
    people(marketplace, range(4))
    return marketplace


# How a run ends: options of the task, a fault, and the status of its reports when it is applied and checked.
ENDS: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str, str]] = {
    "no change": ({"contacts": [entry(1, name="N")]}, None, "clean", "clean"),
    "a change": ({"contacts": [entry(1, name="M")]}, None, "applied", "drift"),
    "nothing desired": ({"contacts": []}, None, "clean", "clean"),
    "strays are drift": ({"contacts": [], "unmanaged": "drift"}, None, "drift", "drift"),
    "a bad contact": ({"contacts": [{"id": "CTT-9999-9999"}, entry(2, name="M")]}, None, "error", "error"),
    "a wrong category": ({"contacts": [entry(1, opt_outs=["Nope"]), entry(2, name="M")]}, None, "error", "error"),
    "too many removals": ({"contacts": [entry(1)], "unmanaged": "delete"}, None, "error", "error"),
    "another plan": ({"contacts": [entry(1, name="M")], "expect_plan": "0" * 64}, None, "error", "error"),
    "an empty file": ({"contacts": [], "unmanaged": "delete"}, None, "error", "error"),
    "faults in the file": ({"contacts": [{"email": "no address"}, {"id": "/"}]}, None, "error", "error"),
    "no such file": ({"src": ["/no/such/file.yml"]}, None, "error", "error"),
    "a wrong limit": ({"contacts": [entry(1)], "max_removals": ["ten"]}, None, "error", "error"),
    "too many workers": ({"contacts": [entry(1)], "concurrency": 65}, None, "error", "error"),
    "no worker": ({"contacts": [entry(1)], "concurrency": 0}, None, "error", "error"),
    "no token": ({"contacts": [entry(1)], "api_token": ""}, None, "error", "error"),
    "a token that is refused": ({"contacts": [entry(1)]}, {"status": 401}, "error", "error"),
    "a server in trouble": ({"contacts": [entry(1)]}, {"status": 503}, "error", "error"),
    "a web page": ({"contacts": [entry(1)]}, {"status": 200, "html": True}, "error", "error"),
    "no answer": ({"contacts": [entry(1)]}, {"reset": True}, "error", "error"),
}


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("end", ENDS)
def test_keys_and_reports_are_the_same_however_a_run_ends(end: str, check: bool, tmp_path: Path) -> None:
    options, fault, applied, checked = ENDS[end]
    marketplace = account()
    if fault is not None:
        marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": fault})
    reports = [tmp_path / f"report.{ending}" for ending in ENDINGS]

    result = marketplace.run("swo_contacts", check=check, reports=[str(path) for path in reports], **options)

    status = checked if check else applied
    assert result.failed is (status == "error")
    extra = {"msg", "failure"} if result.failed else set()
    assert result.values.keys() - {"problems", "faults"} == ALWAYS | {"status", "summary", *FILES} | extra
    assert set(result.values["counts"]) == set(COUNTS)
    assert all(row.keys() == ROW for row in result.values["results"])
    assert all(row["outcome"] in OUTCOMES for row in result.values["results"])
    assert set(result.values["requests"]) == {"GET", "POST", "PUT", "DELETE"}
    assert sum(result.values["requests"].values()) == len(marketplace.simulator.journal.entries)
    assert all(path.stat().st_size for path in reports)
    report = json.loads(reports[0].read_text())
    assert report["status"] == status == result.values["status"]
    assert report["mode"] == ("check" if check else "apply")
    assert report["message"] == result.values.get("msg")
    assert report["counts"] == result.values["counts"]
    assert report["results"] == result.values["results"]
    assert report["unmanaged"] == result.values["unmanaged"]
    assert report["plan_hash"] == result.values["plan_hash"]
    assert report["problems"] == result.values.get("problems", [])
    assert report["faults"] == result.values.get("faults", [])
    assert len(report["faults"]) == len(report["problems"])
    assert bool(result.values.get("problems")) is (end in ("a wrong category", "faults in the file", "no such file"))


def test_a_run_without_a_connection_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: InProcessTransport, request: Request) -> Any:
        raise NotSentError("The API cannot be reached.")

    monkeypatch.setattr(InProcessTransport, "send", refuse)
    path = tmp_path / "report.json"

    result = account().run("swo_contacts", contacts=[entry(1)], reports=[str(path)])

    assert result.failed
    assert "cannot be reached" in result.values["msg"]
    assert (result.values["changed"], result.values["counts"]["desired"]) == (False, 1)
    assert json.loads(path.read_text())["status"] == "error"


def test_a_run_that_is_killed_leaves_an_error_and_not_an_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    marketplace = account()
    marketplace.run("swo_contacts", contacts=[entry(1)], reports=[str(path)])
    assert json.loads(path.read_text())["status"] == "clean"

    def die(self: InProcessTransport, request: Request) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(InProcessTransport, "send", die)
    with pytest.raises(KeyboardInterrupt):
        marketplace.run("swo_contacts", contacts=[entry(1)], reports=[str(path)])

    report = json.loads(path.read_text())
    assert (report["status"], report["message"]) == ("error", "The run did not get to its end.")


def test_a_report_that_cannot_be_written_is_known_before_the_first_request(tmp_path: Path) -> None:
    marketplace = account()

    for path in (tmp_path, tmp_path / "report.txt"):
        result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")], reports=[f"{path}"])
        assert result.failed
        assert "reports" in result.values["msg"]
        assert (result.values["changed"], marketplace.simulator.journal.entries) == (False, [])


def test_unchanged_rows_are_returned_where_asked_for() -> None:
    entries = [entry(1, name="N"), entry(2, name="M")]

    assert outcomes(account().run("swo_contacts", contacts=entries)) == {"c0002": "updated"}
    result = account().run("swo_contacts", contacts=entries, return_unchanged=True)
    assert outcomes(result) == {"c0001": "unchanged", "c0002": "updated"}
    assert (result.values["counts"]["unchanged"], result.values["counts"]["updated"]) == (1, 1)


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_counts_add_up(check: bool) -> None:
    entries = [
        entry(0, name="N"),
        entry(1, name="M"),
        entry(2, state="blocked"),
        entry(3, state="absent"),
        entry(4, state="blocked"),
        {"id": "CTT-9999-9999"},
    ]
    result = account().run("swo_contacts", contacts=entries, check=check, return_unchanged=True)

    counts = result.values["counts"]
    assert sum(counts[name] for name in OUTCOMES) == len(entries) == counts["desired"]
    assert {
        name: counts[name]
        for name in ("live", "unchanged", "updated", "blocked", "deleted", "created", "failed", "skipped")
    } == {
        "live": 4,
        "unchanged": 1,
        "updated": 1,
        "blocked": 1,
        "deleted": 0,
        "created": 1,
        "failed": 1,
        "skipped": 1,
    }
    assert counts["unmanaged"] == 0


def test_the_diff_names_what_changes_and_ends_with_totals() -> None:
    entries = [entry(1, name="M", opt_outs=["Orders"]), entry(2, state="absent"), entry(9, name="New")]

    result = account().run("swo_contacts", contacts=entries, check=True)

    text = result.values["diff"]["prepared"]
    assert f"~ {address(1)}" in text
    assert "      name: N -> M\n      opts out of Orders\n" in text
    assert f"- {address(2)}" in text
    assert f"+ {address(9)}\n      name: New\n" in text
    assert text.splitlines()[-2:] == [
        "Orders: 1 more opted out; not opted out: 4 -> 3",
        "Plan: 1 to create, 1 to update, 1 to delete; 2 in no file",
    ]
    assert "diff" not in account().run("swo_contacts", contacts=entries, check=True, diff=False).values


def test_reasons_and_files_are_told(tmp_path: Path) -> None:
    path = tmp_path / "desk.yml"
    path.write_text(f"contacts:\n  - {{email: {address(1)}, state: blocked, reason: 'mailbox closed, ticket 4711'}}\n")

    (row,) = account().run("swo_contacts", src=[str(path)]).values["results"]

    assert (row["source"], row["note"], row["index"]) == (f"{path}:2", "mailbox closed, ticket 4711", 0)
    assert [(field["field"], field["source"]) for field in row["fields"]] == [("status", f"{path}:2")]


def test_warnings_are_few_and_say_how_many_there_are() -> None:
    marketplace = Marketplace()
    people(marketplace, range(9), status="Blocked", blockedReason="bounces")

    result = marketplace.run("swo_contacts", contacts=[entry(number) for number in range(9)])

    assert (result.failed, result.values["changed"], len(result.warnings)) == (False, False, 6)
    assert result.warnings[-1] == "4 more warnings of this kind, see results."


def test_many_failures_are_summed_up() -> None:
    entries = [{"id": f"CTT-9999-{number:04d}"} for number in range(200)]

    result = account().run("swo_contacts", contacts=entries)

    assert "200 of 200 contacts are not as they should be (200 failed)" in result.values["msg"]
    assert result.values["msg"].endswith("The same with 199 more.")
    assert len(result.values["msg"]) < 1500


def test_opt_outs_that_no_file_names_are_kept_and_counted() -> None:
    marketplace = Marketplace()
    marketplace.put(address(1), name="N", optOuts=[{"id": ORDERS}, {"id": INVOICES}])
    wanted = entry(1, opt_outs=["Orders"], opt_outs_mode="at_least")

    result = marketplace.run("swo_contacts", contacts=[wanted], check=True, return_unchanged=True, verbosity=1)

    (row,) = result.values["results"]
    assert row["kept"] == [
        {"field": "opt_outs", "before": ["Invoices"], "after": ["Invoices"], "label": "kept", "source": None}
    ]
    assert (result.values["status"], result.values["counts"]["kept"], result.values["changed"]) == ("clean", 1, False)
    assert result.values["summary"] == "Clean: nothing to do; 1 unchanged; 1 keeps opt-outs that no file names"
    exact = marketplace.run("swo_contacts", contacts=[entry(1, opt_outs=["Orders"])], check=True)
    assert (exact.values["counts"]["kept"], exact.values["results"][0]["kept"]) == (0, None)
    assert exact.values["categories"] == [{"category": "Invoices", "more": 0, "fewer": 1}]


def test_a_refused_plan_is_returned_even_without_diff_mode() -> None:
    options = {"contacts": [entry(1)], "unmanaged": "delete", "max_removals": ["0"]}
    result = account().run("swo_contacts", diff=False, **options)

    assert result.values["diff"]["prepared"].splitlines()[0] == "To delete (3)"
    assert result.values["summary"] == ("Error: The plan removes 3 of 4 live contacts, but max_removals (0) allows 0")


@pytest.mark.parametrize(
    ("check", "options", "summary"),
    [
        (True, {}, "Plan: 1 to update; 3 in no file"),
        (True, {"view": "drift"}, "Drift: 1 changed; 3 in no file"),
        (False, {}, "Applied: 1 updated; 3 in no file"),
        (
            True,
            {"contacts": [entry(1, name="N")], "view": "drift"},
            "Clean: no contact of the files differs; 1 unchanged",
        ),
        (False, {"contacts": [entry(1, name="N")]}, "Clean: nothing to do; 1 unchanged; 3 in no file"),
        (True, {"contacts": [], "unmanaged": "drift", "view": "drift"}, "Drift: no contact of the files differs; 4 in"),
    ],
)
def test_the_summary_begins_with_the_one_word_for_its_run(check: bool, options: dict[str, Any], summary: str) -> None:
    result = account().run("swo_contacts", check=check, **{"contacts": [entry(1, name="M")], **options})
    assert result.values["summary"].startswith(summary)


def test_the_summary_tells_the_first_fault_without_its_hint_and_uncut() -> None:
    marketplace = account()
    marketplace.simulator.add_fault({"when": {"method": "PUT"}, "do": {"status": 403}})

    failed = marketplace.run("swo_contacts", contacts=[entry(1, name="M")], undo_file=None)
    wrong = marketplace.run("swo_contacts", check=True, view="drift", contacts=[entry(1), entry(5, opt_outs=["Ordrs"])])

    assert failed.values["summary"].startswith("Error: 1 failed; 3 in no file. Could not update contact CTT-")
    assert wrong.values["summary"] == (
        "Error: The option contacts has 1 fault: contacts[1]: opt_outs: There is no notification category 'Ordrs'"
    )
    assert wrong.values["diff"]["prepared"].splitlines()[-1].startswith("Drift: 1 failed; 1 unchanged")


def test_whoever_looks_for_drift_changes_nothing_and_reads_the_difference() -> None:
    result = account().run("swo_contacts", check=True, view="drift", contacts=[entry(1, name="M")])
    assert (result.values["changed"], result.values["status"]) == (False, "drift")
    assert result.values["diff"]["prepared"].splitlines()[0] == "Changed (1)"


def test_contacts_in_no_file_are_named_where_they_differ_or_more_is_asked_for() -> None:
    def heads(**options: Any) -> list[str]:
        result = account().run("swo_contacts", check=True, view="drift", contacts=[entry(1)], **options)
        return result.values["diff"]["prepared"].splitlines()[:1]

    assert heads() == []
    assert heads(verbosity=1) == heads(unmanaged="drift") == ["Extra (3): in no file"]


def test_the_files_that_a_run_has_written_are_named(tmp_path: Path) -> None:
    files = {"reports": [str(tmp_path / "r.json")], "undo_file": str(tmp_path / "undo.yml")}
    marketplace = account()

    def written(name: str, check: bool) -> tuple[Any, Any]:
        result = marketplace.run("swo_contacts", check=check, contacts=[entry(1, name=name)], **files)
        return result.values["reports"], result.values["undo_file"]

    assert written("M", check=True) == (files["reports"], None)
    assert written("M", check=False) == (files["reports"], files["undo_file"])
    # What is there is the way back from the run before.
    assert written("M", check=False) == (files["reports"], None)


def test_the_xml_report_has_a_case_for_each_contact(tmp_path: Path) -> None:
    paths = [tmp_path / "r.xml", tmp_path / "r.json"]
    account().run("swo_contacts", contacts=[entry(1), entry(2, name="M")], check=True, reports=list(map(str, paths)))

    assert f'name="{address(1)} (' in paths[0].read_text()
    assert [row["email"] for row in json.loads(paths[1].read_text())["results"]] == [address(2)]
