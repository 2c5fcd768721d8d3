# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with contact files, as a checkout of them in CI, and the collection's playbooks run from there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._files.documents import reader_of
from tests.integration.lab import FOREIGN, READS, Account

PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
_RECAP = re.compile(r"^(\S+) +: (ok=.*)$", re.MULTILINE)
_TROUBLE = re.compile(r"Traceback \(most recent call last\)|MODULE FAILURE|Unexpected failure")


@dataclass(frozen=True)
class Ended:
    """A run that ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def printed(self) -> str:
        """Everything printed, with every run of white space as one space."""
        return " ".join(f"{self.stdout} {self.stderr}".split())

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """By host: how many tasks were ok, changed, failed and so on."""
        return {
            host: {name: int(number) for name, number in (part.split("=") for part in counts.split())}
            for host, counts in _RECAP.findall(self.stdout)
        }

    @property
    def changed(self) -> int:
        return sum(counts["changed"] for counts in self.recap.values())

    def shown_by(self, task: str) -> Any:
        """What the first debug task of this name has as its message."""
        shown = self.stdout.partition(f"{task}] ***")[2].partition("=> ")[2]
        return json.JSONDecoder().raw_decode(shown)[0]["msg"]


class Workplace:
    """``folder`` is where everything starts; beside it are the home and temporary folders of the runs."""

    def __init__(self, top: Path, account: Account | None = None) -> None:
        self.folder = top / "checkout"
        self.folder.mkdir()
        self._top = top
        self._account = account

    def environment(self, env: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The environment of a run; None takes a variable out."""
        kept = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
        for name in ("home", "tmp"):
            (self._top / name).mkdir(exist_ok=True)
        given: dict[str, str | None] = {
            "LC_ALL": "C.UTF-8",
            **kept,
            "HOME": str(self._top / "home"),
            "TMPDIR": str(self._top / "tmp"),
            "ANSIBLE_HOME": str(self._top / "home" / ".ansible"),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        if self._account is not None:
            given.update(SWO_API_URL=self._account.api_url, SWO_API_TOKEN=self._account.tokens["ops"])
        given.update(env or {})
        return {name: value for name, value in given.items() if value is not None}

    def command(self, playbook: str, *arguments: str, variables: Mapping[str, Any] | None = None) -> list[str]:
        name = playbook if playbook.endswith(".yml") else f"softwareone.marketplace.{playbook}"
        extra = ["-e", json.dumps(variables)] if variables else []
        return [sys.executable, str(PLAYBOOK), name, *extra, *arguments]

    def play(
        self,
        playbook: str,
        *arguments: str,
        code: int = 0,
        env: Mapping[str, str | None] | None = None,
        before: Sequence[str] = (),
        **variables: Any,
    ) -> Ended:
        """Run a playbook of the collection, or a file of the folder, which has to end with ``code``.

        :param before: a command that runs it
        """
        ended = subprocess.run(
            [*before, *self.command(playbook, *arguments, variables=variables)],
            cwd=self.folder,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        run = Ended(ended.returncode, ended.stdout, ended.stderr)
        assert run.code == code, run.stdout + run.stderr
        assert not _TROUBLE.search(run.stdout + run.stderr), run.stdout + run.stderr
        return run

    def write(self, name: str, content: Any) -> Path:
        """A file of the folder; what is no text becomes YAML."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return path

    def report(self, name: str = "contacts-drift-localhost.json") -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def entries(self, name: str) -> list[dict[str, Any]]:
        return reader_of(name)((self.folder / name).read_text(encoding="utf-8"), [])["contacts"]


def writes(journal: Sequence[Mapping[str, Any]]) -> list[str]:
    """Method and path of each write, below the path of all contacts."""
    return [
        f"{entry['method']} {entry['path'].partition('/notifications/contacts')[2]}".rstrip()
        for entry in journal
        if entry["method"] not in READS
    ]


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it started in its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(10)
