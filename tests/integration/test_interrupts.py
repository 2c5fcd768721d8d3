# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is interrupted, killed, or not alone: what it leaves is told, and the next run brings it to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lab import Account, Player, simulator
from tests.tools.devtree import ROOT, TREE

PEOPLE = 300
LATENCY = 0.05
MODULE = ROOT / "plugins" / "modules" / "swo_contacts.py"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A server that takes its time for each request."""
    with simulator(tmp_path_factory.mktemp("slow") / "stderr", "--latency-ms", str(int(LATENCY * 1000))) as account:
        yield account


@pytest.fixture
def account(slow: Account) -> Account:
    slow.reset()
    return slow


class Bench:
    """A folder with a set of contacts, and ways to apply it that can be interrupted."""

    def __init__(self, folder: Path, account: Account, play: Player) -> None:
        self.account = account
        self.report, self.undo = folder / "report.json", folder / "undo.yml"
        self.options: dict[str, Any] = {
            "api_url": account.api_url,
            "api_token": account.tokens["ops"],
            "src": [str(folder / "people.json")],
            "undo_file": str(self.undo),
            "reports": [str(self.report)],
            "concurrency": 4,
        }
        people = [{"email": f"p{number}@contoso.example", "name": f"P {number}"} for number in range(PEOPLE)]
        (folder / "people.json").write_text(json.dumps({"contacts": people}))
        task = {"name": "Apply", "softwareone.marketplace.swo_contacts": self.options}
        self.playbook = folder / "play.json"
        self.playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        self._play = play
        # Short enough for sockets.
        self._left = play.folder / "bench"

    def start(self, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        """Start ansible-playbook in a process group of its own."""
        self._left.mkdir(parents=True, exist_ok=True)
        (self._left / "witness").touch()
        number = len(list(self._left.iterdir()))
        environment = self._play._environment(self._left / str(number), self._left / "witness")
        command = [sys.executable, str(Path(sys.executable).with_name("ansible-playbook")), str(self.playbook)]
        return subprocess.Popen(
            [*command, *arguments],
            env={**environment, **how.pop("env", {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **how,
        )

    def start_module(self, **options: Any) -> subprocess.Popen[str]:
        """Start the module as it is started where it was shipped to."""
        arguments = {"ANSIBLE_MODULE_ARGS": {**self.options, **options, "_ansible_diff": True}}
        process = subprocess.Popen(
            [sys.executable, str(MODULE)],
            env={**os.environ, "PYTHONPATH": str(TREE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(arguments))
        process.stdin.close()
        process.stdin = None
        return process

    def writes(self) -> list[dict[str, Any]]:
        return [entry for entry in self.account.journal() if entry["method"] not in ("GET", "HEAD")]

    def wait_for(self, is_there: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not is_there():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def wait_for_writes(self, count: int = PEOPLE // 5) -> None:
        self.wait_for(lambda: len(self.writes()) >= count)

    def settle(self) -> int:
        """The number of writes once nothing is written any more."""
        count = -1
        while count != (count := len(self.writes())):
            time.sleep(0.6)
        return count

    def wait_for_workers(self) -> None:
        """Until no worker of ansible-playbook is left; it has its command line."""
        wanted = str(self.playbook).encode()
        self.wait_for(lambda: not any(wanted in _read(path) for path in Path("/proc").glob("[0-9]*/cmdline")))

    def told(self) -> dict[str, Any]:
        return json.loads(self.report.read_text())

    def emails(self) -> Counter[str]:
        return Counter(item["email"] for item in self.account.contacts() if item["status"] != "Deleted")

    def finish(self) -> None:
        """Run again, and once more: the set is complete, nobody is there twice, and nothing is left to do."""
        before = len(self.writes())
        done, errors = self.start_module().communicate(timeout=90)
        result = json.loads(done)
        assert not result.get("failed"), result["msg"] + errors
        assert self.emails() == {f"p{number}@contoso.example": 1 for number in range(PEOPLE)}
        assert result["counts"]["created"] == len(self.writes()) - before
        assert json.loads(self.start_module().communicate(timeout=60)[0])["changed"] is False
        assert self.told()["status"] == "clean"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def bench(tmp_path: Path, account: Account, play: Player) -> Bench:
    return Bench(tmp_path, account, play)


# What a run is interrupted by where no signal told it to end.
ORPHANED = "the end of its Ansible task"


def assert_partial(bench: Bench, report: dict[str, Any], name: str) -> None:
    """The report names the signal and tells what was done and what was not."""
    assert report["message"].startswith(f"The run was interrupted by {name}")
    counts = report["counts"]
    assert counts["created"] == len(bench.emails()) == len(bench.writes())
    assert 0 < counts["created"] < PEOPLE
    assert counts["created"] + counts["skipped"] == PEOPLE
    assert counts["failed"] == counts["unknown"] == 0
    assert report["status"] == "error"
    assert bench.undo.read_text().count("absent") == counts["created"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_module_that_is_interrupted(name: str, bench: Bench) -> None:
    with bench.start_module() as module:
        bench.wait_for_writes()
        module.send_signal(getattr(signal, name))
        began = time.monotonic()
        done, errors = module.communicate(timeout=30)

    assert time.monotonic() - began < 12
    assert (module.returncode, errors) == (1, "")
    result = json.loads(done)
    assert (result["failed"], result["changed"]) == (True, True)
    assert len(result["results"]) == PEOPLE
    report = bench.told()
    assert (result["msg"], result["counts"]) == (report["message"], report["counts"])
    assert_partial(bench, report, name)
    if name == "SIGTERM":
        bench.finish()


def test_a_module_that_is_interrupted_while_it_reads(bench: Bench) -> None:
    bench.account.call("POST", "/faults", [{"when": {"method": "GET"}, "do": {"hang": True}}])
    with bench.start_module() as module:
        bench.wait_for(bench.account.journal)
        module.terminate()
        done, errors = module.communicate(timeout=10)

    result = json.loads(done)
    assert (result["failed"], result["changed"], errors) == (True, False, "")
    assert "interrupted by SIGTERM before it changed anything" in result["msg"]
    assert (bench.told()["status"], bench.told()["message"]) == ("error", result["msg"])


def test_a_second_signal_ends_at_once(bench: Bench) -> None:
    bench.account.call("POST", "/faults", [{"when": {"method": "POST", "nth": 5}, "do": {"hang": True}}])
    with bench.start_module() as module:
        bench.wait_for_writes(40)
        module.terminate()
        time.sleep(0.3)
        module.terminate()
        assert module.wait(3) == -signal.SIGTERM
    assert bench.told()["message"] == "The run did not get to its end."


def test_nobody_reads_the_result(bench: Bench) -> None:
    """As after a task's timeout, or when ansible-playbook was killed."""
    with bench.start_module() as module:
        bench.wait_for_writes()
        assert module.stdout is not None
        module.stdout.close()
        assert module.wait(12) != 0

    assert_partial(bench, bench.told(), ORPHANED)
    count = len(bench.writes())
    assert bench.settle() == count


WAYS = {
    "SIGINT to all": (os.killpg, signal.SIGINT, "SIGINT"),
    "SIGTERM to all": (os.killpg, signal.SIGTERM, "SIGTERM"),
    "SIGTERM to one": (os.kill, signal.SIGTERM, ""),
    "SIGKILL to one": (os.kill, signal.SIGKILL, ORPHANED),
}


@pytest.mark.parametrize("is_ignored", [False, True], ids=["", "nohup"])
def test_a_shipped_module_ends_with_ansible_playbook(is_ignored: bool, bench: Bench) -> None:
    """Killed alone, ansible-playbook leaves its worker and a shell between itself and the module."""

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.SIG_DFL)

    interpreter = Path(sys.executable).with_name("python3")
    with bench.start("-e", f"ansible_python_interpreter={interpreter}", preexec_fn=ignore) as process:
        bench.wait_for_writes()
        process.kill()
        process.communicate(timeout=30)
    bench.wait_for_workers()
    count = bench.settle()
    assert_partial(bench, bench.told(), ORPHANED)
    assert len(bench.writes()) == count
    bench.finish()


@pytest.mark.parametrize(("send", "number", "name"), WAYS.values(), ids=WAYS)
def test_ansible_playbook_that_is_interrupted(
    send: Callable[[int, int], None], number: signal.Signals, name: str, bench: Bench
) -> None:
    with bench.start() as process:
        bench.wait_for_writes()
        send(process.pid, number)
        # Whoever holds the standard output has not ended.
        process.communicate(timeout=30)
    assert process.returncode != 0
    bench.wait_for_workers()
    bench.settle()
    report = bench.told()
    assert report["status"] == "error"
    # Ansible may end its worker before the run has ended in order; then the report is still that of the beginning.
    if report["message"] != "The run did not get to its end.":
        assert_partial(bench, report, name)


def test_a_loop_ends_with_ansible_playbook(bench: Bench) -> None:
    """Its worker, which goes through the items, is not killed with it."""
    item = {key: bench.options[key] for key in ("api_url", "api_token")}
    task = {
        "softwareone.marketplace.swo_contact": {**item, "email": "p{{ item }}@contoso.example"},
        "loop": list(range(PEOPLE)),
    }
    bench.playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    with bench.start() as process:
        bench.wait_for_writes()
        process.kill()
        process.communicate(timeout=30)
    bench.wait_for_workers()
    assert len(bench.writes()) < PEOPLE


def test_killed(bench: Bench) -> None:
    with bench.start_module() as module:
        bench.wait_for_writes()
        module.kill()
        module.communicate()

    assert (bench.told()["status"], bench.told()["message"]) == ("error", "The run did not get to its end.")
    assert 0 < bench.settle() < PEOPLE
    bench.finish()


@pytest.mark.parametrize("unique", ["400", "off"])
def test_two_at_once(unique: str, bench: Bench) -> None:
    """Where the server refuses an address twice, nobody is there twice. Elsewhere whoever is gets reported."""
    bench.account.call("PATCH", "/switches", {"email_unique": unique})
    modules = [bench.start_module(reports=[]) for number in range(2)]
    results = [json.loads(module.communicate(timeout=90)[0]) for module in modules]

    emails = bench.emails()
    assert len(emails) == PEOPLE
    twice = sorted(email for email, count in emails.items() if count > 1)
    if unique == "400":
        assert twice == []
        # Who meets the other one while it writes may have to give up, and says so.
        assert [result["msg"] for result in results if result.get("failed") and "un again" not in result["msg"]] == []
        bench.finish()
        return
    rerun = json.loads(bench.start_module().communicate(timeout=60)[0])
    reported = {row["email"]: row["reason"] for row in rerun["results"] if row["outcome"] == "failed"}
    assert sorted(reported) == twice
    ids = {email: [item["id"] for item in bench.account.live(email)] for email in twice[:3]}
    assert all(contact_id in reported[email] for email, found in ids.items() for contact_id in found)
    assert bool(rerun.get("failed")) == bool(twice)
