# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration fails, with one sentence, whatever a run of the playbook does wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._argspec import SWO_CONTACT
from ansible_collections.softwareone.marketplace.plugins.module_utils._runner import Task, run_contact
from demo.account import Account
from demo.playbook import HERE, Run
from demo.screen import Screen
from demo.story import Drift, StepError, Story

CONTACTS: list[dict[str, Any]] = yaml.safe_load((HERE / "contacts.yml").read_text(encoding="utf-8"))["contacts"]
ANN = "ann@contoso.example"


class Runs:
    """Plays the playbook's part: same tasks and same output, without the seconds that Ansible takes to start."""

    def __init__(self) -> None:
        self.number = 0
        self.contacts: dict[int, list[dict[str, Any]]] = {}
        self.check: dict[int, bool] = {}
        self.output: Callable[[int, str], str] = lambda _number, text: text
        self.after: Callable[[int, Account], None] = lambda _number, _account: None
        self.codes: dict[int, int] = {}

    def __call__(self, account: Account, _screen: Screen, *options: str, only_changes: bool) -> Run:
        self.number += 1
        check = self.check.get(self.number, "--check" in options)
        results = [_applied(account, contact, check) for contact in self.contacts.get(self.number, CONTACTS)]
        lines = [line for result in results for line in _diff(result) if "--diff" in options]
        lines.append(f"localhost : ok=1 changed={int(any(result['changed'] for result in results))} failed=0")
        self.after(self.number, account)
        return Run(self.codes.get(self.number, 0), self.output(self.number, "\n".join(lines)))


def _applied(account: Account, contact: dict[str, Any], check: bool) -> dict[str, Any]:
    options = {"api_url": account.api_url, "api_token": account.token, **contact}
    params = ArgumentSpecValidator(SWO_CONTACT.argument_spec()).validate(options).validated_parameters
    result = run_contact(Task(params, check, diff=True))
    assert not result.failed, result.values
    return result.values


def _diff(result: dict[str, Any]) -> Iterator[str]:
    if result["changed"]:
        yield f"+++ after: {result['diff']['after_header']}"
        text = json.dumps(result["diff"]["after"], indent=4)
        yield from (" " + line for line in text.splitlines())


@pytest.fixture
def runs() -> Runs:
    return Runs()


def tell(runs: Runs) -> str:
    stream = io.StringIO()
    with Account() as account:
        Story(account, Screen(stream), runs).tell()
    assert not account.is_running
    return stream.getvalue()


def test_all_steps(runs: Runs) -> None:
    shown = tell(runs)
    assert runs.number == 4
    assert "11 writes, each one needed: 5 created, 2 updated, 2 blocked, 1 unblocked, 1 deleted" in shown
    assert "reception@contoso.example is not in the file and was left alone" in shown
    assert "exactly the fields that drifted: name, opt_outs, status" in shown
    assert "3 writes, each one needed: 2 updated, 1 blocked" in shown


def failure(runs: Runs) -> str:
    with pytest.raises(StepError) as caught:
        tell(runs)
    return str(caught.value)


def without(email: str) -> list[dict[str, Any]]:
    return [contact for contact in CONTACTS if contact["email"] != email]


def put_after(runs: Runs, number: int, **members: Any) -> None:
    """Somebody else changes a contact while run ``number`` goes on."""

    def change(current: int, account: Account) -> None:
        if current == number:
            account.put([members])

    runs.after = change


# The trainee is absent before and after.
@pytest.mark.parametrize("email", [contact["email"] for contact in CONTACTS if "trainee" not in contact["email"]])
def test_a_contact_that_is_not_provisioned(runs: Runs, email: str) -> None:
    runs.contacts[1] = without(email)
    assert f"The account is not what the file says: {email} " in failure(runs)


def test_provisioning_touches_another_contact(runs: Runs) -> None:
    put_after(runs, 1, email="reception@contoso.example", name="Front desk")
    assert "update reception@contoso.example" in failure(runs)


def test_provisioning_writes_too_much(runs: Runs) -> None:
    runs.contacts[1] = [{"email": ANN, "name": "Another"}, *CONTACTS]
    assert f"create {ANN}, " in failure(runs)


def test_the_second_run_says_that_it_changed_something(runs: Runs) -> None:
    runs.output = lambda number, text: text.replace("changed=0", "changed=1")
    assert failure(runs) == "The second run says changed=1."


def test_the_second_run_shows_no_recap(runs: Runs) -> None:
    runs.output = lambda number, text: ""
    assert failure(runs) == "The second run says changed=-1."


def test_the_second_run_writes_in_secret(runs: Runs) -> None:
    runs.contacts[2] = [{"email": ANN, "name": "Another"}, *CONTACTS]
    runs.output = lambda number, text: text.replace("changed=1", "changed=0")
    assert failure(runs) == f"The service received the writes update {ANN}, update {ANN}; needed are none."


def test_the_drift_is_not_seen(runs: Runs) -> None:
    runs.contacts[3] = without(ANN)
    sentence = failure(runs)
    assert sentence.startswith("The diff names accounts.payable@contoso.example opt_outs, closed.mailbox@contoso.examp")
    assert f"drifted are accounts.payable@contoso.example opt_outs, {ANN} name, closed" in sentence


def test_the_diff_names_one_field_more(runs: Runs) -> None:
    runs.output = lambda number, text: text.replace('     "name":', '     "audit": 1,\n     "name":')
    assert f"{ANN} audit" in failure(runs)


def test_check_mode_writes(runs: Runs) -> None:
    runs.check[3] = False
    assert "The service received the writes block closed.mailbox@contoso.example, update acc" in failure(runs)


def test_check_mode_changes_without_a_write(runs: Runs) -> None:
    put_after(runs, 3, email="reception@contoso.example", name="Front desk")
    assert failure(runs) == "The account changed in check mode."


@pytest.mark.parametrize("drift", ["ann@", "accounts.payable@", "closed.mailbox@"])
def test_a_drift_that_is_not_healed(runs: Runs, drift: str) -> None:
    runs.contacts[4] = [contact for contact in CONTACTS if not contact["email"].startswith(drift)]
    assert failure(runs).startswith("The service received the writes ")


def test_another_contact_is_changed_while_healing(runs: Runs) -> None:
    put_after(runs, 4, email="reception@contoso.example", name="Front desk")
    assert failure(runs) == "Not healed: update reception@contoso.example."


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_ansible_fails(runs: Runs, number: int) -> None:
    runs.codes[number] = 2
    assert failure(runs) == "ansible-playbook ended with code 2."


def test_a_drift_that_is_none(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.story.DRIFTS", [Drift("nothing", ANN, "name", {"name": "Ann Example"})])
    assert failure(runs) == "The drift is none."
