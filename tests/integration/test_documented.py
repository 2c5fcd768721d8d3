# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that README.md and the guides show, run as they stand on the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.account import Account, simulated
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import README, Snippet, snippets

SCENARIO = ROOT / "docs" / "docsite" / "rst" / "contacts_as_code.rst"


@pytest.fixture
def own() -> Iterator[Account]:
    with simulated() as account:
        yield account


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


def test_first_playbook(tmp_path: Path, own: Account) -> None:
    """See, apply, apply again, and a check that fails only after somebody changed something."""
    for snippet in snippets(README):
        if snippet.name in ("contacts.yml", "playbook.yml"):
            save(tmp_path, snippet)
    own.put([{"email": "temp@fabrikam.example"}])
    drift = ("--check", "--diff", "-e", "fail_on_drift=true")

    seen = run(tmp_path, own, "playbook.yml", "--check", "--diff")
    assert (seen.returncode, own.writes()) == (0, [])
    applied = run(tmp_path, own, "playbook.yml")
    assert applied.returncode == 0, applied.stdout
    assert {email: state.status for email, state in own.states().items()} == {
        "ann@contoso.example": "Active",
        "liam.obrien@contoso.example": "Active",
        "closed.mailbox@contoso.example": "Blocked",
    }
    assert own.states()["ann@contoso.example"].opt_outs == ("Invoices", "Renewals")
    assert len(own.writes()) == 5

    clean = run(tmp_path, own, "playbook.yml", *drift)
    assert clean.returncode == 0, clean.stdout
    own.put([{"email": "ann@contoso.example", "name": "Ann Exmaple"}])
    drifted = run(tmp_path, own, "playbook.yml", *drift)
    assert drifted.returncode == 2
    assert '-    "name": "Ann Exmaple"' in drifted.stdout
    assert "The account is not as declared." in drifted.stdout
    assert own.writes() == []


def test_contacts_that_are_there_become_declarations(tmp_path: Path, own: Account) -> None:
    """The scenario's export, applied by the scenario's playbook, changes nothing."""
    export, playbook = (snippet for snippet in snippets(SCENARIO) if "hosts:" in snippet.text)
    (tmp_path / "export.yml").write_text(export.text, encoding="utf-8")
    (tmp_path / "playbook.yml").write_text(playbook.text, encoding="utf-8")
    own.put(
        [
            {"email": "zoe@contoso.example", "name": "Zoë O'Brien", "optOuts": ["Invoices", "Orders"]},
            {"email": "nobody+x@contoso.example"},
            {"email": "closed@contoso.example", "name": "yes", "status": "Blocked"},
        ]
    )
    exported = run(tmp_path, own, "export.yml")
    assert exported.returncode == 0, exported.stdout
    contacts: dict[str, Any] = yaml.safe_load((tmp_path / "contacts.yml").read_text(encoding="utf-8"))
    assert len(contacts["contacts"]) == 3, json.dumps(contacts)
    applied = run(tmp_path, own, "playbook.yml", "-e", "fail_on_drift=true")
    assert applied.returncode == 0, applied.stdout
    assert own.writes() == []
