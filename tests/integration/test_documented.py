# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that README.md and the guides show, run as they stand on the simulator."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from demo.account import Account, simulated
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import README, Snippet, snippets

GUIDES = ROOT / "docs" / "docsite" / "rst"
SCENARIO = GUIDES / "contacts_as_code.rst"
BULK = GUIDES / "guide_bulk.rst"
AUTHENTICATION = GUIDES / "authentication.rst"


def run(folder: Path, account: Account, playbook: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", playbook, *options],
        cwd=folder,
        env={**os.environ, "SWO_API_URL": account.api_url, "SWO_API_TOKEN": account.token},
        capture_output=True,
        text=True,
        check=False,
    )


def save(folder: Path, snippet: Snippet) -> None:
    (folder / snippet.name).write_text(snippet.text, encoding="utf-8")


def commands(path: Path) -> list[str]:
    """The lines with ansible-playbook that a page shows, in order."""
    text = path.read_text(encoding="utf-8")
    return [line.strip(" $") for line in text.splitlines() if line.strip(" $").startswith("ansible-playbook ")]


def run_line(folder: Path, account: Account, line: str, *more: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(line)
    return run(folder, account, words[1], *words[2:], *more)


def test_first_steps(tmp_path: Path, own: Account) -> None:
    """Export, check, see, apply, and a comparison that fails only after somebody changed something."""
    export, _plan, validate, plan, provision, drift = [line for line in commands(README) if "inventory" not in line][:6]
    own.put([{"email": "temp@fabrikam.example"}, {"email": "zoe@contoso.example", "name": "Zoë"}])
    exported = run_line(tmp_path, own, export)
    assert exported.returncode == 0, exported.stdout
    assert len(yaml.safe_load((tmp_path / "contacts.yml").read_text(encoding="utf-8"))["contacts"]) == 2

    (declared,) = [snippet for snippet in snippets(README) if snippet.name == "contacts.yml"]
    save(tmp_path, declared)
    checked = run_line(tmp_path, own, validate)
    assert "5 contacts in the files, without a fault." in checked.stdout
    seen = run_line(tmp_path, own, plan)
    assert (seen.returncode, own.writes()) == (0, [])
    applied = run_line(tmp_path, own, provision)
    assert applied.returncode == 0, applied.stdout
    assert {email: state.status for email, state in own.states().items()} == {
        "ann@contoso.example": "Active",
        "accounts.payable@contoso.example": "Active",
        "liam.obrien@contoso.example": "Active",
        "closed.mailbox@contoso.example": "Blocked",
        "zoe@contoso.example": "Active",
    }
    assert own.states()["ann@contoso.example"].opt_outs == ("Invoices", "Renewals")
    assert own.states()["accounts.payable@contoso.example"].opt_outs == ("Product news", "Technical updates")
    assert len(own.writes()) == 6

    clean = run_line(tmp_path, own, drift)
    assert clean.returncode == 0, clean.stdout
    own.put([{"email": "ann@contoso.example", "name": "Ann Exmaple"}])
    drifted = run_line(tmp_path, own, drift, "--diff")
    assert drifted.returncode == 2
    assert "\n      name: file says Ann Example, live says Ann Exmaple\n" in drifted.stdout
    assert 'data-status="drift"' in (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert own.writes() == []


def test_contacts_that_are_there_become_declarations(tmp_path: Path, own: Account) -> None:
    """The scenario's export, checked, planned, provisioned and compared by its other lines, changes nothing."""
    own.put(
        [
            {"email": "zoe@contoso.example", "name": "Zoë O'Brien", "optOuts": ["Invoices", "Orders"]},
            {"email": "nobody+x@contoso.example"},
            {"email": "closed@contoso.example", "name": "yes", "status": "Blocked"},
        ]
    )
    (tmp_path / "contacts").mkdir()
    lines = commands(SCENARIO)
    assert [line.split()[1].rpartition(".")[2] for line in lines] == [
        "export",
        "validate",
        "provision",
        "provision",
        "drift",
    ]
    for line in lines:
        done = run_line(tmp_path, own, line)
        assert done.returncode == 0, done.stdout
    assert len(yaml.safe_load((tmp_path / "contacts" / "all.yml").read_text(encoding="utf-8"))["contacts"]) == 3
    assert own.writes() == []


def test_undo(tmp_path: Path, own: Account) -> None:
    """The guide's way back after the README's provision."""
    before = [{"email": "ann@contoso.example", "name": "Ann"}, {"email": "temp@fabrikam.example"}]
    own.put(before)
    states = own.states()
    (declared,) = [snippet for snippet in snippets(README) if snippet.name == "contacts.yml"]
    save(tmp_path, declared)
    done = run(
        tmp_path,
        own,
        "softwareone.marketplace.provision",
        "-e",
        "swo_contacts_src=contacts.yml",
        "-e",
        "swo_contacts_undo_file=undo.yml",
    )
    assert done.returncode == 0, done.stdout
    assert own.states() != states
    for line in commands(BULK):
        undone = run_line(tmp_path, own, line)
        assert undone.returncode == 0, undone.stdout
    assert own.states() == states


def test_token_of_several_accounts(tmp_path: Path, own: Account) -> None:
    """The inventory of the guide, and what happens where it names no token."""
    inventory = next(snippet for snippet in snippets(AUTHENTICATION) if "swo_api_token:" in snippet.text)
    (tmp_path / "inventory.yml").write_text(inventory.text, encoding="utf-8")
    (tmp_path / "contacts").mkdir()
    (tmp_path / "contacts" / "all.yml").write_text("contacts: []\n", encoding="utf-8")
    (line,) = [line for line in commands(AUTHENTICATION) if "inventory.yml" in line]
    with simulated(2) as contoso, simulated(3) as fabrikam:
        variables = {
            "vault_contoso_token": contoso.token,
            "vault_fabrikam_token": fabrikam.token,
            "urls": {"contoso": contoso.api_url, "fabrikam": fabrikam.api_url},
            "swo_api_url": "{{ urls[inventory_hostname] }}",
        }
        done = run_line(tmp_path, own, line, "-e", json.dumps(variables))
        assert done.returncode == 0, done.stdout
        assert "accounts: 2, clean: 2" in done.stdout
        refused = run_line(tmp_path, own, line, "-e", json.dumps({**variables, "swo_api_token": ""}))
    assert refused.returncode == 2
    assert "fabrikam has no swo_api_token of its own" in refused.stdout
    assert own.requests() == 0
