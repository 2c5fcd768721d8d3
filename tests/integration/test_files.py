# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact files through a real ansible-playbook: checked alone, reported beside their lines, and encrypted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.lab import Account
from tests.integration.workplace import Ended, Workplace, writes

PASSWORD = "correct horse battery staple"
PEOPLE = "contacts:\n  - email: ann.secret@contoso.example\n    name: Ann Secret\n"
FAULTY = f"{PEOPLE}    opt_out: [Orders]\n  - {{email: hush hush, name: 4711}}\n"
# What no message about an encrypted file may have in it.
VALUES = ("ann.secret", "Ann Secret", "hush hush", "4711")
OPENED_BY_NONE = "is encrypted with ansible-vault, and none of the vault passwords opens it; give its password with"
ELSEWHERE = (
    "is encrypted with ansible-vault, which is read only by a task that runs on the controller itself; run it on"
)
WITHOUT_NETWORK = """
import sys
for name in ("requests", "urllib3"):
    sys.modules[name] = None
import socket
real = socket.socket.connect
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise AssertionError("a connection was asked for")
    return real(self, address)
socket.socket.connect = connect
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Workplace:
    checkout = Workplace(tmp_path)
    checkout.write("password", PASSWORD)
    checkout.write("wrong", "wrong")
    return checkout


def encrypt(checkout: Workplace, text: str, label: str | None = None) -> Path:
    vault = VaultLib([(label or "default", VaultSecret(PASSWORD.encode()))])
    return checkout.write("contacts/people.yml", vault.encrypt(text, vault_id=label).decode("ascii"))


def assert_nothing_decrypted_is_left(checkout: Workplace, run: Ended | None = None) -> None:
    """Neither on the disk, the temporary folders of the runs included, nor on the screen."""
    for path in checkout.folder.parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(value.encode() in content for value in VALUES), path
    if run is not None:
        assert not any(value in run.stdout + run.stderr for value in VALUES)


def test_validate_needs_neither_requests_nor_a_network(checkout: Workplace) -> None:
    checkout.write("site/sitecustomize.py", WITHOUT_NETWORK)
    checkout.write("contacts/people.yml", PEOPLE)
    site = {"PYTHONPATH": str(checkout.folder / "site")}
    absent = subprocess.run(
        [sys.executable, "-c", "import requests"], env=checkout.environment(site), capture_output=True, check=False
    )
    assert absent.returncode == 1
    run = checkout.play("validate", env=site, swo_contacts_src="contacts", swo_contacts_reports="r/files.html")
    assert "1 contact in the files, without a fault" in run.stdout
    assert "No faults" in (checkout.folder / "r" / "files.html").read_text(encoding="utf-8")
    # Where it is shipped, it needs no more.
    checkout.write("shipped.yml", [play(environment={"OF": "this task"}, src=["contacts"])])
    assert '"total": 1' in checkout.play("shipped.yml", env=site).stdout


def play(environment: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = [
        {
            "name": "Read",
            "softwareone.marketplace.swo_contact_files_info": options,
            "environment": environment or {},
            "register": "files",
        },
        {"name": "Show", "ansible.builtin.debug": {"var": "files"}},
    ]
    return {"name": "Files", "hosts": "localhost", "gather_facts": False, "tasks": tasks}


def test_the_reports_of_validate(checkout: Workplace) -> None:
    checkout.write("contacts/people.yml", "contacts:\n  - {email: ann@contoso.example, opt_out: [Orders]}\n")
    reports = ["r/a.html", "r/a.md", "r/a.json", "r/a.xml", "r/a.annotations.txt", "r/a.codequality.json"]
    run = checkout.play("validate", code=2, swo_contacts_src="contacts", swo_contacts_reports=reports)
    said = "contacts/people.yml:2: opt_out: is not known here; did you mean opt_outs?"
    assert said in run.stdout + run.stderr
    report = checkout.report("r/a.json")
    assert report["account"]["host"] == "localhost"
    assert report["problems"] == [said]
    assert report["faults"] == [
        {
            "file": "contacts/people.yml",
            "line": 2,
            "field": "opt_out",
            "message": "is not known here; did you mean opt_outs?",
        }
    ]
    folder = checkout.folder / "r"
    assert (folder / "a.annotations.txt").read_text().startswith("::error file=contacts/people.yml,line=2,")
    (item,) = json.loads((folder / "a.codequality.json").read_text())
    assert item["location"] == {"path": "contacts/people.yml", "lines": {"begin": 2}}
    # A refused variable leaves no report of an earlier run behind.
    checkout.write("contacts/people.yml", "contacts: []\n")
    checkout.play("validate", swo_contacts_src="contacts", swo_contacts_reports=reports)
    assert checkout.report("r/a.json")["status"] == "clean"
    checkout.play("validate", code=2, swo_contacts_src="contacts", swo_contacts_reports=reports, swo_contacts_srcs="x")
    assert checkout.report("r/a.json")["status"] == "error"


@pytest.mark.parametrize("label", [None, "team"])
def test_an_encrypted_file_is_read_with_its_password(account: Account, label: str | None, tmp_path: Path) -> None:
    checkout = Workplace(tmp_path, account)
    checkout.write("password", PASSWORD)
    encrypt(checkout, PEOPLE, label)
    given = ["--vault-id", f"{label}@password"] if label else ["--vault-password-file", "password"]

    run = checkout.play("validate", *given, swo_contacts_src="contacts")
    assert "1 contact in the files, without a fault" in run.stdout
    assert_nothing_decrypted_is_left(checkout, run)

    checkout.play("drift", *given, code=2, swo_contacts_src="contacts", swo_contacts_report_privacy="full")
    (row,) = [row for row in checkout.report()["results"] if row["outcome"] == "created"]
    assert (row["email"], row["source"]) == ("ann.secret@contoso.example", "contacts/people.yml:2")
    checkout.play("provision", *given, swo_contacts_src="contacts")
    assert [contact["name"] for contact in account.live("ann.secret@contoso.example")] == ["Ann Secret"]
    assert writes(account.journal()) == ["POST"]


def test_faults_of_an_encrypted_file_are_told_without_its_values(checkout: Workplace) -> None:
    encrypt(checkout, FAULTY)
    reports = ["r/a.html", "r/a.md", "r/a.json", "r/a.xml", "r/a.annotations.txt", "r/a.codequality.json"]
    given = ["--vault-password-file", "password"]
    run = checkout.play(
        "validate",
        *given,
        code=2,
        swo_contacts_src="contacts",
        swo_contacts_reports=reports,
        swo_contacts_report_privacy="full",
    )
    assert_nothing_decrypted_is_left(checkout, run)
    faults = checkout.report("r/a.json")["faults"]
    assert [(fault["line"], fault["field"]) for fault in faults] == [(4, ""), (5, "email"), (5, "name")]


@pytest.mark.parametrize("given", [[], ["--vault-password-file", "wrong"]], ids=["no password", "a wrong password"])
@pytest.mark.parametrize("playbook", ["validate", "provision"])
def test_a_file_that_no_password_opens(checkout: Workplace, playbook: str, given: list[str]) -> None:
    encrypt(checkout, PEOPLE)
    run = checkout.play(playbook, *given, code=2, swo_contacts_src="contacts", swo_contacts_reports="r.json")
    assert f"contacts/people.yml: {OPENED_BY_NONE}" in run.stdout + run.stderr
    (fault,) = checkout.report("r.json")["faults"]
    assert (fault["file"], fault["line"]) == ("contacts/people.yml", None)
    assert_nothing_decrypted_is_left(checkout, run)


@pytest.mark.parametrize("body", ["", "zzzz\n", "6162\n", "  \u00e9\n", "\n!unsafe x: {{ 1 }}\n"])
def test_a_file_that_only_looks_encrypted(checkout: Workplace, body: str) -> None:
    checkout.write("contacts/people.yml", f"$ANSIBLE_VAULT;1.1;AES256\n{body}")
    given = ["--vault-password-file", "password"]
    run = checkout.play("validate", *given, code=2, swo_contacts_src="contacts")
    assert f"contacts/people.yml: {OPENED_BY_NONE}" in run.stdout + run.stderr


def test_a_shipped_task_says_where_encrypted_files_are_read(checkout: Workplace) -> None:
    encrypt(checkout, PEOPLE)
    checkout.write("shipped.yml", [play(environment={"OF": "this task"}, src=["contacts"])])
    run = checkout.play("shipped.yml", "--vault-password-file", "password", code=2)
    assert f"contacts/people.yml: {ELSEWHERE}" in run.stdout + run.stderr
    assert_nothing_decrypted_is_left(checkout, run)
