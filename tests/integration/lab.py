# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator in a process of its own, and real playbooks against it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.tools.devtree import ROOT

HERE = Path(__file__).resolve().parent
PLAYBOOKS = HERE / "playbooks"
READS = ("GET", "HEAD", "OPTIONS")
TARGET_PYTHON = "TARGET_PYTHON"

_TROUBLE = re.compile(r"Traceback \(most recent call last\)|MODULE FAILURE|Internal error|Unexpected failure")
_WARNING = re.compile(r"\[(?:DEPRECATION )?WARNING\]")
# Of the machine that the tests run on, and meant for other programs.
FOREIGN = re.compile(r".*_proxy|SSL_CERT_.*|(?:REQUESTS|CURL)_CA_BUNDLE|PYTHONPATH", re.IGNORECASE)


class Account:
    """The simulated Marketplace, seen through its control API. ``log``: the file that its stderr goes to."""

    def __init__(self, hello: Mapping[str, Any], log: Path) -> None:
        self.hello = dict(hello)
        self.api_url: str = hello["api_url"]
        self.control_url: str = hello["control_url"]
        self.tokens: dict[str, str] = hello["tokens"]
        self.log = log

    def call(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control_url + path, content, method=method)
        with _OPENER.open(request, timeout=10) as answer:
            return json.load(answer)

    def reset(self, contacts: int = 0, **switches: str) -> None:
        self.call("POST", "/reset", {"contacts": contacts, "switches": switches})

    def journal(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call("GET", "/journal")
        return entries

    def contacts(self) -> list[dict[str, Any]]:
        """All contacts in the store, deleted ones included."""
        found: list[dict[str, Any]] = self.call("GET", "/store")["contacts"]
        return found

    def live(self, email: str) -> list[dict[str, Any]]:
        """The live contacts with this address, in any case."""
        wanted = email.lower()
        return [c for c in self.contacts() if c["status"] != "Deleted" and (c["email"] or "").lower() == wanted]

    def put(self, **members: Any) -> str:
        """Create or change a contact behind the back of the collection; returns its id. Members are the API's."""
        return str(self.call("POST", "/store/contacts", members)["id"])

    def remove(self, key: str) -> None:
        self.call("DELETE", f"/store/contacts/{quote(key, safe='')}")

    def fail(self, do: Mapping[str, Any], times: int | None = None, **when: Any) -> None:
        """Add a fault rule."""
        self.call("POST", "/faults", {"when": when, "do": do, "times": times})

    def unfired(self) -> list[dict[str, Any]]:
        """Fault rules that hit nothing, and so have proved nothing."""
        return [rule for rule in self.call("GET", "/faults") if not rule["fired"]]


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def simulator(log: Path, *options: str) -> Iterator[Account]:
    """A simulator that is ready; it ends with the block, or with this process, however that ends."""
    with serving("tests.simulator", "--exit-with-parent", *options, log=log) as hello:
        yield Account(hello, log)


@contextmanager
def serving(module: str, *options: str, log: Path) -> Iterator[Any]:
    """What a module of ours tells in its first line, as JSON; it ends with the block."""
    command = [sys.executable, "-m", module, *options]
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdout is not None
        first_line = process.stdout.readline()
        assert first_line, log.read_text()
        try:
            yield json.loads(first_line)
        finally:
            process.terminate()
            process.wait(10)


@dataclass(frozen=True)
class TaskRun:
    """One task as it ended. ``sent``: what the simulator saw of it, by its journal."""

    name: str
    status: str
    result: dict[str, Any]
    sent: list[dict[str, Any]]

    @property
    def writes(self) -> list[str]:
        """Method and path of each write, below the path of all contacts."""
        return [
            f"{entry['method']} {entry['path'].partition('/notifications/contacts')[2]}".rstrip()
            for entry in self.sent
            if entry["method"] not in READS
        ]

    @property
    def warnings(self) -> list[str]:
        return [str(text) for key in ("warnings", "deprecations") for text in self.result.get(key) or []]


@dataclass(frozen=True)
class PlayRun:
    """One run of ansible-playbook, and the folder with everything that it could leave behind."""

    code: int
    stdout: str
    stderr: str
    tasks: list[TaskRun]
    left: Path
    witness: Path

    def __getitem__(self, name: str) -> TaskRun:
        (task,) = (task for task in self.tasks if task.name == name)
        return task

    def named(self, beginning: str) -> list[TaskRun]:
        return [task for task in self.tasks if task.name.startswith(beginning)]

    @property
    def printed(self) -> str:
        """Everything printed, with every run of white space as one space."""
        return " ".join(f"{self.stdout} {self.stderr}".split())


@dataclass
class Player:
    """Runs playbooks of this folder with a home and temporary folders of their own."""

    account: Account
    folder: Path
    runs: int = field(default=0, init=False)

    def __call__(
        self,
        playbook: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        variables: Mapping[str, Any] | None = None,
        shipped: bool = False,
        code: int = 0,
        warns: Sequence[str] = (),
        may_crash: bool = False,
        meanwhile: Callable[[int], None] | None = None,
    ) -> PlayRun:
        """Run a playbook.

        :param variables: beside ``simulator``, which is what the simulator said of itself
        :param shipped: hand each module to a Python process of its own, as on any other host
        :param code: the exit code that ansible-playbook has to end with
        :param warns: patterns of the warnings that have to come; any other is a failure
        :param may_crash: accept tracebacks and warnings
        :param meanwhile: called with the id of the process of ansible-playbook while it runs
        """
        self.runs += 1
        place = self.folder / f"run{self.runs}"
        left, given = place / "left", place / "given"
        given.mkdir(parents=True)
        extra, witness = given / "variables.json", given / "witness.jsonl"
        interpreter = {"ansible_python_interpreter": _other_name_of_python()} if shipped else {}
        extra.write_text(json.dumps({"simulator": self.account.hello, **interpreter, **(variables or {})}))
        witness.touch()
        with subprocess.Popen(
            [
                sys.executable,
                Path(sys.executable).with_name("ansible-playbook"),
                PLAYBOOKS / playbook,
                f"-e@{extra}",
                *arguments,
            ],
            cwd=place,
            env={**self._environment(left, witness), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        ) as process:
            try:
                if meanwhile is not None:
                    meanwhile(process.pid)
                stdout, stderr = process.communicate(timeout=900)
            except BaseException:
                process.kill()
                raise
        tasks = [TaskRun(**json.loads(line)) for line in witness.read_text().splitlines()]
        run = PlayRun(process.returncode, stdout, stderr, tasks, left, witness)
        assert run.code == code, run.stdout + run.stderr
        if not may_crash:
            _refuse_noise(run, warns)
        return run

    def _environment(self, left: Path, witness: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
        folders = {
            "HOME": "home",
            "TMPDIR": "tmp",
            "ANSIBLE_HOME": "home/.ansible",
            "ANSIBLE_LOCAL_TEMP": "local",
            "ANSIBLE_REMOTE_TEMP": "remote",
            "ANSIBLE_ASYNC_DIR": "jobs",
        }
        for name in folders.values():
            (left / name).mkdir(parents=True)
        return {
            "LC_ALL": "C.UTF-8",
            **kept,
            **{variable: str(left / name) for variable, name in folders.items()},
            "ANSIBLE_LOG_PATH": str(left / "ansible.log"),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "WITNESS_FILE": str(witness),
            "WITNESS_CONTROL_URL": self.account.control_url,
        }


def _other_name_of_python() -> str:
    """This interpreter by another path: modules run here in Ansible's own process unless another one is asked for.

    ``make targets`` names another one.
    """
    if TARGET_PYTHON in os.environ:
        return os.environ[TARGET_PYTHON]
    here = Path(sys.executable)
    names = ("python", "python3", f"python3.{sys.version_info.minor}")
    return next(str(path) for name in names if (path := here.with_name(name)) != here and path.exists())


def _refuse_noise(run: PlayRun, warns: Sequence[str]) -> None:
    output = run.stdout + run.stderr
    assert not _TROUBLE.search(output), output
    said = {text for task in run.tasks for text in task.warnings}
    surprising = [text for text in said if not any(re.search(pattern, text) for pattern in warns)]
    assert not surprising
    for pattern in warns:
        assert re.search(pattern, run.printed), f"no warning {pattern!r} in {output}"
    # Ansible prints the same warning once only.
    assert len(_WARNING.findall(output)) <= len(said), output
