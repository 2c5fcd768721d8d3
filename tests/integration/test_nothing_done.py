# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that looks at no account, or that a slip of the pen makes harmless, is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.lab import Account
from tests.integration.workplace import Workplace

INVENTORY = {"all": {"children": {"accounts": {"hosts": {"contoso": None}}, "web": {"hosts": {"shop": None}}}}}


@pytest.fixture
def checkout(account: Account, tmp_path: Path) -> Workplace:
    checkout = Workplace(tmp_path, account)
    checkout.write("contacts.yml", {"contacts": [{"email": "ann@contoso.example"}]})
    checkout.write("inventory.yml", INVENTORY)
    checkout.write("empty.yml", {"all": {"hosts": {}}})
    return checkout


@pytest.mark.parametrize(
    ("playbook", "arguments", "said"),
    [
        ("drift", "-i missing.yml -e target=accounts", "target=accounts"),
        ("provision", "-i empty.yml -e target=all", "target=all"),
        ("drift", "-i inventory.yml -e target=acounts", "target=acounts"),
        ("provision", "-i inventory.yml -e target=accounts --limit shop", "target=accounts and --limit shop"),
        ("drift", "-i inventory.yml --limit contoso", "target=localhost and --limit contoso"),
        ("export", "-i empty.yml -e target=all --limit contoso --tags always", "target=all and --limit contoso"),
    ],
)
def test_a_run_over_no_account_fails(
    account: Account, checkout: Workplace, playbook: str, arguments: str, said: str
) -> None:
    run = checkout.play(playbook, *arguments.split(), "-e", "swo_contacts_src=contacts.yml", code=4)
    assert f"No account is looked at: no host of the inventory fits {said}." in run.printed
    assert account.journal() == []


@pytest.mark.parametrize("tags", ["--tags=nosuch", "--tags=always", "--skip-tags=untagged"])
@pytest.mark.parametrize(
    ("playbook", "done"),
    [
        ("drift", "compared"),
        ("provision", "provisioned"),
        ("export", "exported"),
        ("validate", "checked"),
        ("explain", "explained"),
    ],
)
def test_tags_that_leave_the_work_out_fail_and_write_nothing(
    account: Account, checkout: Workplace, playbook: str, done: str, tags: str
) -> None:
    run = checkout.play(playbook, tags, code=2, swo_contacts_src="contacts.yml", swo_contacts_dest="live.yml")
    assert f"Nothing was {done}, because --tags or --skip-tags left the tasks out." in run.printed
    assert account.journal() == []


@pytest.mark.parametrize("playbook", ["drift", "provision", "export", "validate", "explain"])
def test_a_variable_that_is_misspelled_is_refused_with_the_name_that_was_meant(
    account: Account, checkout: Workplace, playbook: str
) -> None:
    given = ["-e", "swo_contacts_src=contacts.yml", "-e", "swo_contacts_dest=live.yml"]
    run = checkout.play(playbook, *given, "-e", "swo_contacts_max_change=0", code=2)
    assert "There is no variable swo_contacts_max_change; did you mean swo_contacts_max_changes?" in run.printed
    assert account.journal() == []


def test_a_variable_of_nobody_is_a_warning_and_a_missing_one_a_sentence(account: Account, checkout: Workplace) -> None:
    run = checkout.play("validate", "-e", "swo_contacts_team=blue", swo_contacts_src="contacts.yml")
    assert "The variable swo_contacts_team is not one of softwareone.marketplace, so it does nothing." in run.printed
    for playbook in ("validate", "provision", "drift"):
        run = checkout.play(playbook, code=2)
        assert "swo_contacts_src is not set. Name the contact files, as in -e swo_contacts_src=contacts." in run.printed
        assert "argument_spec_data" not in run.printed
    assert "swo_contacts_dest is not set." in checkout.play("export", code=2).printed
    assert account.journal() == []
