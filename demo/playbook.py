# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the real ansible-playbook and reads what it printed."""

from __future__ import annotations

import locale
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.account import Account
from demo.screen import Screen
from demo.trim import Trim, without_color
from tests.tools.devtree import TREE

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent
OUT = HERE / "out"
PREFIX = "softwareone.marketplace."

Field = tuple[str, str]  # e-mail address, field

_RECAP = re.compile(r"^(\S+) +: .*\bchanged=(\d+)", re.MULTILINE)
_VERDICT = re.compile(r'^ +"(clean|not applied yet|plan|applied|drift|error) +([^ :]+): ', re.MULTILINE)
_GROUP = re.compile(r"^([A-Z][a-z ]+) \([\d,]+\)(?:: .*)?$")
_CONTACT = re.compile(r"^[~+!?.-] (\S+@\S+)(?: \([^)]+\))?$")
_FIELD = re.compile(r"^      (\w+): ")
_OPT_OUTS = re.compile(r"^  .*(?:opts|opted) out of")
# The field that a group says by its name.
_SAID_BY = {
    **dict.fromkeys(("To create", "Missing"), "email"),
    **dict.fromkeys(("To delete", "To block", "To unblock", "Blocked", "Not blocked"), "status"),
}


@dataclass(frozen=True)
class Run:
    """One run of a playbook: its exit code and its output without colour."""

    code: int
    output: str

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host, by the recap."""
        return {host: int(number) for host, number in _RECAP.findall(self.output)}

    @property
    def verdicts(self) -> dict[str, str]:
        """The status of each host in the summary."""
        return {host: status for status, host in _VERDICT.findall(self.output)}

    @property
    def fields(self) -> set[Field]:
        """Every field that a diff names, with its contact."""
        found = set()
        email, shared = "", ""
        for line in self.output.splitlines():
            group, contact, field = _GROUP.match(line), _CONTACT.match(line), _FIELD.match(line)
            if group:
                email, shared = "", _SAID_BY.get(group[1], "")
            elif contact:
                email = contact[1]
                found |= {(email, shared)} if shared else set()
            elif field and email:
                found.add((email, field[1]))
            elif _OPT_OUTS.match(line) and email:
                found.add((email, "opt_outs"))
        return found


def run(environment: Mapping[str, str], screen: Screen, name: str, *options: str) -> Run:
    """Runs a playbook of the collection from the folder above this one and shows what it prints."""
    screen.command(" ".join(["ansible-playbook", PREFIX + name, *options]))
    lines = []
    trim = Trim()
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        command = [sys.executable, "-m", "ansible", "playbook", PREFIX + name, *options]
        with subprocess.Popen(
            command,
            cwd=FOLDER,
            env={**_environment(screen, folder), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                lines.append(without_color(line))
                for text, style in trim.lines(line):
                    screen.output(text, style)
            for text, style in trim.end():
                screen.output(text, style)
    screen.text()
    return Run(process.returncode, "".join(lines))


def variables(account: Account) -> dict[str, str]:
    """What the modules read to reach one account."""
    return {"SWO_API_URL": account.api_url, "SWO_API_TOKEN": account.token}


def _environment(screen: Screen, folder: str) -> dict[str, str]:
    """This user's environment without a configuration of Ansible and without a token of a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SWO_", "MPT_"))}
    if locale.nl_langinfo(locale.CODESET).upper() not in ("UTF-8", "UTF8"):
        kept["LC_ALL"] = "C.UTF-8"
    return {
        **kept,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(TREE),
        "ANSIBLE_HOME": folder,
        "ANSIBLE_REMOTE_TEMP": folder,
        "ANSIBLE_NOCOWS": "true",
        "ANSIBLE_FORCE_COLOR" if screen.color else "ANSIBLE_NOCOLOR": "true",
    }
