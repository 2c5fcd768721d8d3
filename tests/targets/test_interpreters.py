# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says on an interpreter, or with a library, that is too old. ``make targets`` names the interpreter."""

from __future__ import annotations

import pytest

from tests.integration.conftest import account, play, served
from tests.integration.lab import Account, Player

__all__ = ["account", "play", "served"]

PLAYBOOK = """\
- name: Read with an interpreter that is too old, or with a library that is
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Read
      softwareone.marketplace.swo_contact_info:
        api_url: "{{ simulator.api_url }}"
        api_token: "{{ simulator.tokens.ops }}"
    - name: Read files
      softwareone.marketplace.swo_contact_files_info:
        src: ["{{ playbook_dir }}/people.yml"]
"""


@pytest.fixture
def playbook(play: Player) -> str:
    path = play.folder / "read.yml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    (play.folder / "people.yml").write_text("contacts: [{email: ann@contoso.example}]\n", encoding="utf-8")
    return str(path)


def test_python_is_too_old(account: Account, play: Player, playbook: str) -> None:
    run = play(playbook, shipped=True, code=2)
    assert "and the collection needs 3.8 or newer. Set ansible_python_interpreter" in run["Read"].result["msg"]
    assert account.journal() == []


def test_requests_is_too_old(account: Account, play: Player, playbook: str) -> None:
    account.put(email="ann@contoso.example")
    run = play(playbook, shipped=True, warns=["requests is version .*, and older than 2.32.4"])
    assert run["Read"].result["total"] == 1
    assert run["Read files"].status == "ok"


def test_requests_lacks_a_library(account: Account, play: Player, playbook: str) -> None:
    run = play(playbook, shipped=True, code=2)
    message = run["Read"].result["msg"]
    assert "required Python library (requests)" in message
    assert "which lacks idna" in message
    assert account.journal() == []
