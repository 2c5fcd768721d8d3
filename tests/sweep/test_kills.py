# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real ansible-playbook is killed before and after each kind of request, in each way in which that happens.

Whatever was done by then, nothing is written once it is dead, nothing of it goes on running, the undo file has all
that was changed, and the next run brings the account to its end.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.lab import Account, Player, _other_name_of_python

EACH = 3
TIMEOUT = 2
# The longest that a run may need to end in order: a request that hangs, and reading back what became of it.
GRACE = 30

Rule = dict[str, Any]

# The requests of a run, by what they are for; the second one of its kind, so that something was done before it.
REQUESTS: dict[str, Rule] = {
    "listing": {"method": "GET", "path": "*/contacts", "query": "order=id"},
    "fresh read": {"method": "GET", "path": "*/contacts/*", "nth": 2},
    "create": {"method": "POST", "path": "*/contacts", "nth": 2},
    "update": {"method": "PUT", "nth": 2},
    "block": {"method": "POST", "path": "*/block", "nth": 2},
    "unblock": {"method": "POST", "path": "*/unblock", "nth": 2},
    "delete": {"method": "DELETE", "nth": 2},
}


@dataclass(frozen=True)
class Way:
    """How ansible-playbook is killed; ``ignored`` is a signal that it was started with ignored, as by nohup."""

    number: signal.Signals
    to_all: bool
    ignored: signal.Signals | None = None

    def send(self, process: subprocess.Popen[str]) -> None:
        (os.killpg if self.to_all else os.kill)(process.pid, self.number)

    def prepare(self) -> None:
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN if number == self.ignored else signal.SIG_DFL)


WAYS = {
    "SIGKILL": Way(signal.SIGKILL, to_all=False),
    "SIGKILL, nohup": Way(signal.SIGKILL, to_all=False, ignored=signal.SIGHUP),
    "SIGTERM": Way(signal.SIGTERM, to_all=True),
    "SIGINT": Way(signal.SIGINT, to_all=True),
    "SIGHUP": Way(signal.SIGHUP, to_all=True),
}
CASES = list(itertools.product(WAYS, REQUESTS, ("before_commit", "after_commit"), ("worker", "shipped")))


class Run:
    """A playbook with three contacts for each thing to do, and what is left of a run of it."""

    def __init__(self, folder: Path, account: Account, play: Player) -> None:
        self.account, self._play = account, play
        self.undo = folder / "undo.yml"
        self._report = folder / "report.json"
        contacts: list[dict[str, Any]] = []
        for number in range(EACH):
            for what in ("update", "block", "unblock", "delete"):
                account.put(email=f"{what}{number}@x.example", status="Blocked" if what == "unblock" else "Active")
            contacts += [
                {"email": f"create{number}@x.example", "name": "New"},
                {"email": f"update{number}@x.example", "name": "New"},
                {"email": f"block{number}@x.example", "state": "blocked"},
                {"email": f"unblock{number}@x.example"},
                {"email": f"delete{number}@x.example", "state": "absent"},
            ]
        options = {
            "api_url": account.api_url,
            "api_token": account.tokens["ops"],
            "api_timeout": TIMEOUT,
            "contacts": contacts,
            "undo_file": str(self.undo),
            "reports": [str(self._report)],
        }
        task = {"name": "Apply", "softwareone.marketplace.swo_contacts": options}
        self._playbook = folder / "play.json"
        self._playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        self._left = play.folder / "kill"

    def start(self, is_shipped: bool, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        self._left.mkdir(parents=True, exist_ok=True)
        (self._left / "witness").touch()
        place = self._left / str(len(list(self._left.iterdir())))
        interpreter = ["-e", f"ansible_python_interpreter={_other_name_of_python()}"] if is_shipped else []
        return subprocess.Popen(
            [
                sys.executable,
                str(Path(sys.executable).with_name("ansible-playbook")),
                str(self._playbook),
                *interpreter,
            ],
            env=self._play._environment(place, self._left / "witness"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=prepare,
        )

    def survivors(self) -> list[str]:
        """The processes that were started for this run and still are there; its folder is in their environment."""
        mark = str(self._left).encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and mark in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found

    def live(self) -> dict[str, dict[str, Any]]:
        return {item["email"]: item for item in self.account.contacts() if item["status"] != "Deleted"}

    def status(self) -> str:
        return str(json.loads(self._report.read_text())["status"])


def wait_for(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + GRACE
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def shape(contact: dict[str, Any] | None) -> object:
    return contact and (contact["name"], contact["status"], contact["optOuts"])


@pytest.mark.parametrize(("way", "request_kind", "phase", "where"), CASES, ids=[", ".join(case) for case in CASES])
def test_a_killed_run(
    way: str, request_kind: str, phase: str, where: str, tmp_path: Path, account: Account, play: Player
) -> None:
    run = Run(tmp_path, account, play)
    before = run.live()
    account.call("POST", "/faults", [{"when": {**REQUESTS[request_kind], "phase": phase}, "do": {"hang": True}}])

    with run.start(where == "shipped", WAYS[way].prepare) as process:
        wait_for(lambda: not account.unfired(), "the request was never sent")
        WAYS[way].send(process)
        process.communicate(timeout=GRACE)
    assert process.returncode != 0

    # One that was killed alone leaves its children to find that out.
    wait_for(lambda: not run.survivors(), "something goes on running")
    after = run.live()
    assert run.status() == "error"
    changed = {email for email in before.keys() | after.keys() if shape(before.get(email)) != shape(after.get(email))}
    assert changed <= in_undo_file(run, before)
    if request_kind == "listing":
        assert not changed

    account.call("DELETE", "/faults")
    # What was under way when the run was killed can have been all that was left to do.
    for expected in ({"applied", "clean"}, {"clean"}):
        with run.start(is_shipped=False) as process:
            output = process.communicate(timeout=60)[0]
        assert process.returncode == 0, output
        assert run.status() in expected
    # Nobody is there twice, and everybody who should be.
    assert len([item for item in account.contacts() if item["status"] != "Deleted"]) == len(run.live()) == EACH * 4
    statuses = {email: item["status"] for email, item in run.live().items()}
    assert {status for email, status in statuses.items() if not email.startswith("block")} == {"Active"}


def in_undo_file(run: Run, before: dict[str, dict[str, Any]]) -> set[str]:
    """The addresses of the contacts that the undo file takes back, or of which it says why it does not."""
    if not run.undo.exists():
        return set()
    addresses = {item["id"]: email for email, item in {**before, **run.live()}.items()}
    text = run.undo.read_text()
    taken_back = {entry.get("email") or addresses[entry["id"]] for entry in yaml.safe_load(text)["contacts"] or []}
    # A creation that was not confirmed may be somebody else's.
    doubtful = [line for line in text.splitlines() if line.strip().startswith("# Whether this run")]
    return taken_back | {email for email in addresses.values() if any(email in line for line in doubtful)}
