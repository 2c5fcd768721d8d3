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
from dataclasses import dataclass
from pathlib import Path

from demo.account import Account
from demo.screen import Screen, without_color
from tests.tools.devtree import TREE

HERE = Path(__file__).resolve().parent
PLAYBOOK = "demo/playbook.yml"

Field = tuple[str, str]  # e-mail address, field

_RECAP = re.compile(r"^localhost +: .*\bchanged=(\d+)", re.MULTILINE)
_STARS = re.compile(r" \*{4,}")
_ZEROS = re.compile(r" (unreachable|skipped|rescued|ignored)=0")
_DIFF_HEAD = re.compile(r"^\+\+\+ after: contact (\S+)")
_DIFF_FIELD = re.compile(r'^[ +-]    "(\w+)":')


@dataclass(frozen=True)
class Run:
    """One run of the playbook: its exit code and its output without colour."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """How many tasks changed something, by the recap; -1 if there is none."""
        found = _RECAP.search(self.output)
        return int(found[1]) if found else -1

    @property
    def fields(self) -> set[Field]:
        """Every field that a diff names, with its contact."""
        found = set()
        email = ""
        for line in self.output.splitlines():
            head = _DIFF_HEAD.match(line)
            field = _DIFF_FIELD.match(line)
            if head:
                email = head[1]
            elif field and email:
                found.add((email, field[1]))
        return found


def run(account: Account, screen: Screen, *options: str, only_changes: bool = False) -> Run:
    """Runs the playbook on the account and shows its output line by line.

    :param only_changes: leave out the contacts that are as they should be
    """
    screen.command(" ".join(["ansible-playbook", PLAYBOOK, *options]))
    lines = []
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        environment = {**_environment(account, screen, folder), "ANSIBLE_DISPLAY_OK_HOSTS": str(not only_changes)}
        command = [sys.executable, "-m", "ansible", "playbook", str(HERE / "playbook.yml"), *options]
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                lines.append(without_color(line))
                _show(line.rstrip(), screen)
    return Run(process.returncode, "".join(lines))


def _show(line: str, screen: Screen) -> None:
    """One line of Ansible, without empty lines, stars and the zeros that fill the recap."""
    if line and without_color(line).startswith("localhost "):
        line = _ZEROS.sub("", re.sub(" {2,}", " ", line))
    if line:
        screen.output(_STARS.sub("", line))


def _environment(account: Account, screen: Screen, folder: str) -> dict[str, str]:
    """This user's environment without a configuration of Ansible and without a token of a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SWO_", "MPT_"))}
    if locale.nl_langinfo(locale.CODESET).upper() not in ("UTF-8", "UTF8"):
        kept["LC_ALL"] = "C.UTF-8"
    return {
        **kept,
        "SWO_API_URL": account.api_url,
        "SWO_API_TOKEN": account.token,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(TREE),
        "ANSIBLE_HOME": folder,
        "ANSIBLE_REMOTE_TEMP": folder,
        "ANSIBLE_NOCOWS": "true",
        "ANSIBLE_FORCE_COLOR" if screen.color else "ANSIBLE_NOCOLOR": "true",
    }
