# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration fails, with one sentence, whatever a run of a playbook does wrong."""

from __future__ import annotations

import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo import story
from demo.account import Account, simulated
from demo.screen import Screen
from demo.story import Drift, Story
from tests.unit.demo.fakes import CONTACTS, Runs, failed, told, write_below

tell, failure = partial(told, Story), partial(failed, Story)
ANN = "ann@contoso.example"
# The numbers of the runs.
VALIDATE, PLAN, PROVISION, REPEAT, DRIFT, HEAL, CLEAN, EXPORT = range(1, 9)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    write_below(tmp_path, monkeypatch, story, "REPORT", "HEALED", "EXPORT")
    return Runs()


@pytest.fixture
def account() -> Any:
    with simulated() as served:
        yield served


def without(*emails: str) -> list[dict[str, Any]]:
    return [contact for contact in CONTACTS if not contact["email"].startswith(emails)]


def put_after(runs: Runs, account: Account, number: int, **members: Any) -> None:
    """Somebody else changes a contact while run ``number`` goes on."""
    runs.after = lambda current: account.put([members] if current == number else [])


def test_all_steps(account: Account, runs: Runs) -> None:
    shown = tell(account, runs)
    assert runs.number == EXPORT
    assert "the service received no request" in shown
    assert "11 writes, each one needed: 5 created (1 of them blocked), 2 updated, 1 blocked, 1 unbl" in shown
    assert "exactly the 10 contacts that the plan named" in shown
    assert "reception@contoso.example is not in the file and was left alone" in shown
    assert "exactly the fields that drifted: name, opt_outs, status" in shown
    assert "the report says drift" in shown
    assert "3 writes, each one needed: 2 updated, 1 blocked" in shown
    assert "the report says clean" in shown
    assert "the file holds all 10 live contacts as the service has them" in shown


def test_validating_asks_the_service(account: Account, runs: Runs) -> None:
    def ask(number: int) -> None:
        if number == VALIDATE:
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{account.api_url}/notifications/contacts")

    runs.before = ask
    assert failure(account, runs) == "The check of the file sent requests."


def test_the_plan_writes(account: Account, runs: Runs) -> None:
    runs.check[PLAN] = False
    assert failure(account, runs).endswith("; needed are none.")


def test_the_plan_changes_without_a_write(account: Account, runs: Runs) -> None:
    put_after(runs, account, PLAN, email="reception@contoso.example", name="Front desk")
    assert failure(account, runs) == "The account changed in check mode."


@pytest.mark.parametrize("spoil", [lambda text: "", lambda text: text.replace("~ hotline@", "  hotline@")])
def test_the_plan_names_too_few(account: Account, runs: Runs, spoil: Any) -> None:
    runs.output = lambda number, text: spoil(text) if number == PLAN else text
    assert failure(account, runs).startswith("Written were accounts.payable@contoso.example, ann@")


def test_the_plan_names_too_many(account: Account, runs: Runs) -> None:
    runs.contacts[PLAN] = [*CONTACTS, {"email": "more@contoso.example"}]
    assert "more@contoso.example" in failure(account, runs).partition("planned were")[2]


# The trainee is absent before and after.
@pytest.mark.parametrize("email", [contact["email"] for contact in CONTACTS if "trainee" not in contact["email"]])
def test_a_contact_that_is_not_provisioned(account: Account, runs: Runs, email: str) -> None:
    runs.contacts[PROVISION] = without(email)
    assert f"The account is not what the file says: {email} " in failure(account, runs)


def test_provisioning_touches_another_contact(account: Account, runs: Runs) -> None:
    put_after(runs, account, PROVISION, email="reception@contoso.example", name="Front desk")
    assert "update reception@contoso.example" in failure(account, runs)


def test_provisioning_writes_too_much(account: Account, runs: Runs) -> None:
    """A contact that is provisioned with another name first takes one write more."""

    def twice(number: int) -> None:
        if number == PROVISION:
            other = Runs()
            other.contacts[1] = [{"email": ANN, "name": "Another"}]
            other({"SWO_API_URL": account.api_url, "SWO_API_TOKEN": account.token}, Screen(), "provision")

    runs.before = twice
    assert f"create {ANN}, " in failure(account, runs)


def test_the_second_run_says_that_it_changed_something(account: Account, runs: Runs) -> None:
    runs.output = lambda number, text: text.replace("changed=0", "changed=1")
    assert failure(account, runs) == "The second run says that {'localhost': 1} tasks changed something."


def test_the_second_run_shows_no_recap(account: Account, runs: Runs) -> None:
    runs.output = lambda number, text: "" if number == REPEAT else text
    assert failure(account, runs) == "The second run says that {} tasks changed something."


def test_the_second_run_writes_in_secret(account: Account, runs: Runs) -> None:
    runs.contacts[REPEAT] = [{"email": ANN, "name": "Another"}]
    runs.output = lambda number, text: text.replace("changed=1", "changed=0")
    assert failure(account, runs) == f"The service received the writes update {ANN}; needed are none."


def test_the_drift_is_not_seen(account: Account, runs: Runs) -> None:
    runs.contacts[DRIFT] = without(ANN)
    sentence = failure(account, runs)
    assert sentence.startswith("The diff names accounts.payable@contoso.example opt_outs, closed.mailbox@contoso.examp")
    assert f"drifted are accounts.payable@contoso.example opt_outs, {ANN} name, closed" in sentence


def test_the_diff_names_one_field_more(account: Account, runs: Runs) -> None:
    runs.output = lambda number, text: text.replace("    name: Ann", "    audit: 1\n    name: Ann")
    assert f"{ANN} audit" in failure(account, runs)


def test_the_drift_is_green(account: Account, runs: Runs) -> None:
    runs.codes[DRIFT] = 0
    assert failure(account, runs) == "ansible-playbook ended with code 0, not 2."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('data-status="drift"', 'data-status="clean"', "clean: accounts.payable@"),
        ('data-status="drift"', "", "unreadable: accounts.payable@"),
        ("ann<wbr>@", "anna<wbr>@", "drift: accounts.payable@contoso.example, anna@contoso.example, closed."),
        ('data-outcome="updated"', 'data-outcome="unchanged"', "drift: closed.mailbox@contoso.example."),
    ],
)
def test_the_report_of_the_drift_is_wrong(account: Account, runs: Runs, old: str, new: str, said: str) -> None:
    runs.report = lambda number, text: text.replace(old, new)
    assert failure(account, runs).startswith(f"The report says {said}")


def test_there_is_no_report(account: Account, runs: Runs) -> None:
    runs.report = lambda number, text: ""
    assert failure(account, runs).startswith("There is no ")


def test_looking_for_drift_writes(account: Account, runs: Runs) -> None:
    runs.check[DRIFT] = False
    runs.report = lambda number, text: text.replace('data-status="applied"', 'data-status="drift"')
    assert "The service received the writes block closed.mailbox@contoso.example, update acc" in failure(account, runs)


def test_looking_for_drift_changes_without_a_write(account: Account, runs: Runs) -> None:
    put_after(runs, account, DRIFT, email="reception@contoso.example", name="Front desk")
    assert failure(account, runs) == "The account changed while it was only looked at."


@pytest.mark.parametrize("drift", ["ann@", "accounts.payable@", "closed.mailbox@"])
def test_a_drift_that_is_not_healed(account: Account, runs: Runs, drift: str) -> None:
    runs.contacts[HEAL] = without(drift)
    assert failure(account, runs).startswith("The service received the writes ")


def test_another_contact_is_changed_while_healing(account: Account, runs: Runs) -> None:
    put_after(runs, account, HEAL, email="reception@contoso.example", name="Front desk")
    assert failure(account, runs) == "Not healed: update reception@contoso.example."


def test_drift_after_healing(account: Account, runs: Runs) -> None:
    runs.before = lambda number: account.put([{"email": ANN, "name": "Anna"}] if number == CLEAN else [])
    assert failure(account, runs) == "ansible-playbook ended with code 2."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Reception", "name: Receptoin"),
        ("    state: blocked\n", ""),
        ("      - Statements\n", "      - Renewals\n"),
        ("  - email: zoe.mueller@contoso.example\n    name: Zoë Müller\n    opt_outs:\n      - Product news\n", ""),
    ],
)
def test_the_export_is_not_what_is_live(account: Account, runs: Runs, old: str, new: str) -> None:
    def respell(number: int, text: str) -> str:
        assert number != EXPORT or old in text
        return text.replace(old, new) if number == EXPORT else text

    runs.report = respell
    assert failure(account, runs).startswith("To get from the account to the export takes ")


def test_there_is_no_export(account: Account, runs: Runs) -> None:
    runs.report = lambda number, text: "" if number == EXPORT else text
    assert failure(account, runs).startswith("There is no ")


@pytest.mark.parametrize("number", [VALIDATE, PLAN, PROVISION, REPEAT, HEAL, CLEAN, EXPORT])
def test_ansible_fails(account: Account, runs: Runs, number: int) -> None:
    runs.codes[number] = 4
    assert failure(account, runs) == "ansible-playbook ended with code 4."


def test_a_drift_that_is_none(account: Account, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.story.DRIFTS", [Drift("nothing", ANN, "name", {"name": "Ann Example"})])
    assert failure(account, runs) == "The drift is none."
