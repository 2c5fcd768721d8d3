# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in a play of one's own, and all of it as it is installed from a tarball."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.lab import Account
from tests.integration.workplace import Workplace, writes
from tests.tools.devtree import ROOT

SITE = """
- name: Provision, then look
  hosts: localhost
  gather_facts: false
  roles:
    - role: softwareone.marketplace.contacts
      vars: {swo_contacts_src: [contacts.yml]}
    - role: softwareone.marketplace.contacts_drift
      vars: {swo_contacts_src: [contacts.yml]}
"""
WANTED = [
    {"email": "ann@contoso.example", "name": "Ann Example"},
    {"email": "gone@contoso.example", "state": "absent"},
    {"email": "desk@contoso.example", "state": "blocked"},
]


@pytest.fixture
def checkout(account: Account, tmp_path: Path) -> Workplace:
    account.put(email="gone@contoso.example", name="Gone")
    account.put(email="unknown@contoso.example", name="In No File")
    checkout = Workplace(tmp_path, account)
    checkout.write("contacts.yml", {"contacts": WANTED})
    checkout.write("site.yml", SITE)
    return checkout


def test_roles_apply_once_and_remove_nobody_by_default(account: Account, checkout: Workplace) -> None:
    before = account.contacts()
    checked = checkout.play("site.yml", "--check", code=2)
    assert "The account is not what the files say: " in checked.printed
    assert (writes(account.journal()), account.contacts()) == ([], before)

    first = checkout.play("site.yml")
    assert (first.changed, checkout.report()["status"]) == (1, "clean")
    assert sorted(write.split()[0] for write in writes(account.journal())) == ["DELETE", "POST", "POST", "POST"]
    assert [contact["status"] for contact in account.live("unknown@contoso.example")] == ["Active"]

    done = account.contacts()
    assert checkout.play("site.yml").changed == 0
    assert checkout.play("site.yml", "--check").changed == 0
    assert account.contacts() == done


@pytest.mark.parametrize(
    ("role", "variables", "messages"),
    [
        (
            "contacts",
            {"swo_contacts_contacts": [{"email": "a@contoso.example", "opt_out": ["Orders"]}]},
            [
                "swo_contacts_contacts.opt_out",
                "Supported parameters include: email, expires, id, name, opt_ins, opt_outs",
            ],
        ),
        (
            "contacts",
            {"swo_contacts_unmanaged": "purge"},
            ["swo_contacts_unmanaged must be one of: report, ignore, drift"],
        ),
        (
            "contacts_drift",
            {"swo_contacts_scope": {"email": ["*"]}},
            ["swo_contacts_scope.email", "emails, exclude, linked"],
        ),
    ],
)
def test_a_slip_in_a_variable_is_named_and_nothing_is_sent(
    account: Account, checkout: Workplace, role: str, variables: dict[str, object], messages: list[str]
) -> None:
    play = {"hosts": "localhost", "gather_facts": False, "roles": [f"softwareone.marketplace.{role}"]}
    checkout.write("slip.yml", [play])
    run = checkout.play(
        "slip.yml", "-v", code=2, swo_contacts_src=["contacts.yml"], swo_api_token="s3cr3t", **variables
    )
    for message in messages:
        assert message in run.printed
    assert "s3cr3t" not in run.printed
    assert account.journal() == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a collection of this checkout is installed, stripped of all that is not needed to run it."""
    top = tmp_path_factory.mktemp("installed")
    galaxy = [sys.executable, Path(sys.executable).with_name("ansible-galaxy"), "collection"]
    subprocess.run([*galaxy, "build", "--output-path", top, ROOT], check=True, capture_output=True)
    (tarball,) = top.glob("*.tar.gz")
    subprocess.run([*galaxy, "install", "--offline", "--force", "-p", top, tarball], check=True, capture_output=True)
    collection = top / "ansible_collections" / "softwareone" / "marketplace"
    for path in collection.iterdir():
        if path.name not in ("meta", "plugins", "roles", "playbooks"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return top


def test_what_is_installed_works_without_the_rest(account: Account, checkout: Workplace, installed: Path) -> None:
    env: dict[str, str | None] = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    src = {"swo_contacts_src": "contacts.yml"}
    checkout.play("validate", env={**env, "SWO_API_TOKEN": None}, **src)
    provisioned = checkout.play("provision", env=env, **src)
    assert (provisioned.changed, len(writes(account.journal()))) == (1, 4)
    assert str(installed) in provisioned.stdout
    checkout.play("drift", env=env, **src)
    assert checkout.report()["status"] == "clean"
    checkout.play("drift", env={**env, "SWO_API_TOKEN": None}, **src, code=2)
    assert checkout.report()["status"] == "error"
    exported = checkout.play("export", env=env, swo_contacts_dest="live.yml")
    assert "3 contacts exported, 0 differences." in exported.printed
