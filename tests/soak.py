# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provisions again and again over a bad line while people change things: python -m tests.soak

The simulator is a process of its own and is spoken to over HTTP. The first and the last run are a real
ansible-playbook; those in between are tasks in this process, so that what they leave behind adds up. Before each,
people change one contact in twenty; one request in twenty fails. A run that ends with an error is started again, as a
pipeline would do, at most twice. After each round the faults pause, and a run must find nothing to do.

Measured after each round, once garbage is collected: resident memory, open descriptors and threads of this process.
Descriptors and threads must be as many as before the first round, and memory must not grow by more than a megabyte a
round, which is the slope of the line through all rounds but the first two.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools import devtree

devtree.isolate()

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()

from ansible_collections.softwareone.marketplace.plugins.module_utils._run import contacts, specs
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task
from tests.bench import people
from tests.integration.lab import READS, Account, simulator

SHORT, LONG = (2_000, 6), (10_000, 20)
MOST_RERUNS = 2
MEGABYTES_PER_ROUND = 1.0
# Rounds in which memory may still grow: pools and caches fill.
WARM_UP = 2
STRANGERS = "@elsewhere.example"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_POLL = 0.05

# One request in a hundred, unless it says otherwise: never carried out, carried out and not answered, and so on.
FAULTS: dict[str, dict[str, Any]] = {
    "answer lost, carried out": {"when": {"p": 0.005, "phase": "after_commit"}, "do": {"reset": True}},
    "answer lost, not carried out": {"when": {"p": 0.005, "phase": "before_commit"}, "do": {"reset": True}},
    "503": {"when": {"p": 0.01}, "do": {"status": 503}},
    "504 web page, carried out": {
        "when": {"p": 0.01, "phase": "after_commit"},
        "do": {"status": 504, "html": True},
    },
    "429": {"when": {"p": 0.01}, "do": {"status": 429, "retry_after": "0"}},
    "drip": {"when": {"p": 0.005}, "do": {"drip": 20_000}},
    "cut": {"when": {"p": 0.005}, "do": {"cut": 40, "reset": True}},
}


class SoakError(Exception):
    """Something that must hold does not."""


@dataclass(frozen=True)
class Figures:
    """What this process holds: megabytes of resident memory, open descriptors, threads."""

    memory: float
    descriptors: int
    threads: int

    @classmethod
    def now(cls) -> Figures:
        gc.collect()
        memory = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE / 1e6
        return cls(memory, len(os.listdir("/proc/self/fd")), threading.active_count())


@dataclass
class Round:
    """Runs until the account was as declared, and what they met and left."""

    runs: int
    requests: int
    faults: int
    writes: int
    seconds: float
    figures: Figures


class Soak:
    """One account and one contacts file, for as many rounds as wanted."""

    def __init__(self, account: Account, folder: Path, count: int, seed: int) -> None:
        self._account = account
        self._folder = folder
        self._count = count
        self._chance = random.Random(seed)
        self._file = folder / "contacts.yml"
        self._strangers: dict[str, str] = {}
        self.fired: Counter[str] = Counter()
        people.write_file(self._file, count)

    def fill(self) -> None:
        """The first import, by a playbook."""
        self._until_done(self._by_playbook)

    def round(self) -> Round:
        """Let people change things, and provision until the account is as declared.

        :raises SoakError: it does not come to that, or more was done than that
        """
        self._disturb()
        began = time.monotonic()
        runs, requests, faults, writes = self._until_done(self._by_task)
        return Round(runs, requests, faults, writes, time.monotonic() - began, Figures.now())

    def settle(self) -> None:
        """A playbook over a good line finds nothing to do."""
        self._expect_idle(self._by_playbook)

    def _until_done(self, start: Callable[[], bool]) -> tuple[int, int, int, int]:
        self._account.call("DELETE", "/journal")
        self._account.call("POST", "/faults", self._faults())
        runs = 1
        while not start():
            runs += 1
            if runs > 1 + MOST_RERUNS:
                raise SoakError(f"not converged after {MOST_RERUNS} reruns")
        rules = self._account.call("GET", "/faults")
        self._account.call("DELETE", "/faults")
        self.fired.update({rule["name"]: rule["fired"] for rule in rules})
        journal = self._account.journal()
        self._judge()
        self._expect_idle(self._by_task)
        writes = sum(1 for entry in journal if entry["method"] not in READS and entry["committed"])
        return runs, len(journal), sum(rule["fired"] for rule in rules), writes

    def _faults(self) -> list[dict[str, Any]]:
        """Other requests are hit in each round; each rule by numbers of its own."""
        return [
            {"name": name, "when": {**rule["when"], "seed": self._chance.randrange(10**6)}, "do": rule["do"]}
            for name, rule in FAULTS.items()
        ]

    def _by_task(self) -> bool:
        options = {
            "api_url": self._account.api_url,
            "api_token": self._account.tokens["ops"],
            "src": [str(self._file)],
            "undo_file": str(self._folder / "undo.yml"),
            "reports": [str(self._folder / "report.json")],
        }
        checked = ArgumentSpecValidator(specs.SWO_CONTACTS.argument_spec()).validate(options)
        result = contacts.run_contacts(Task(checked.validated_parameters))
        for path in self._folder.glob("undo*.yml"):
            path.unlink()
        return not result.failed

    def _by_playbook(self) -> bool:
        variables = {"swo_contacts_src": str(self._file), "swo_contacts_reports": []}
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        playbook = "softwareone.marketplace.provision"
        ended = subprocess.run(
            [sys.executable, program, playbook, "-e", json.dumps(variables)],
            cwd=self._folder,
            env={
                **os.environ,
                "LC_ALL": "C.UTF-8",
                "HOME": str(self._folder),
                "NO_PROXY": "127.0.0.1",
                "SWO_API_URL": self._account.api_url,
                "SWO_API_TOKEN": self._account.tokens["ops"],
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return ended.returncode == 0

    def _expect_idle(self, start: Callable[[], bool]) -> None:
        self._account.call("DELETE", "/journal")
        if not start():
            raise SoakError("a run over a good line fails")
        writes = [entry for entry in self._account.journal() if entry["method"] not in READS]
        if writes:
            raise SoakError(f"a run that has nothing to do writes {len(writes)} times")

    def _disturb(self) -> None:
        """People rename, block, delete and opt out contacts of the file, and add some of their own."""
        numbers = self._chance.sample(range(self._count), self._count // 20)
        kinds: list[dict[str, Any]] = [
            {"name": "Somebody Else"},
            {"optOuts": [people.CATEGORY_IDS["Orders"]]},
            {"status": "Blocked"},
            {"status": "Deleted"},
        ]
        ids = {contact["email"]: contact["id"] for contact in self._live()}
        changes = [{"id": ids[people.person(number)["email"]], **self._chance.choice(kinds)} for number in numbers]
        self._account.call("PUT", "/store?mode=patch", {"contacts": changes})
        for _one in range(3):
            email = f"stranger{len(self._strangers)}{STRANGERS}"
            self._strangers[email] = self._account.put(email=email, name="Stranger")

    def _live(self) -> list[dict[str, Any]]:
        return [contact for contact in self._account.contacts() if contact["status"] != "Deleted"]

    def _judge(self) -> None:
        """By the store: everybody is as declared, nobody is there twice, and strangers were left alone."""
        live = self._live()
        doubled = [email for email, count in Counter(contact["email"].lower() for contact in live).items() if count > 1]
        if doubled:
            raise SoakError(f"several live contacts for {doubled[:5]}")
        wrong = [email for email in people.differing(self._account, self._count) if not email.endswith(STRANGERS)]
        if wrong:
            raise SoakError(f"{len(wrong)} contacts are not as declared, such as {wrong[:5]}")
        found = {c["email"]: (c["id"], c["name"], c["status"]) for c in live if c["email"].endswith(STRANGERS)}
        if found != {email: (number, "Stranger", "Active") for email, number in self._strangers.items()}:
            raise SoakError("contacts in no file were touched")


def slope(values: list[float]) -> float:
    """By how much the line through ``values`` rises from one to the next."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    square = sum((x - middle) ** 2 for x in range(len(values)))
    return sum((x - middle) * (y - mean) for x, y in enumerate(values)) / square if square else 0.0


def left_over(base: Figures, rounds: list[Round]) -> list[str]:
    """What grew that must not."""
    last = rounds[-1].figures
    growth = slope([each.figures.memory for each in rounds[WARM_UP:]])
    found = []
    if growth > MEGABYTES_PER_ROUND:
        found.append(f"memory grows by {growth:.2f} MB a round, more than {MEGABYTES_PER_ROUND}")
    if last.descriptors > base.descriptors:
        found.append(f"{last.descriptors} descriptors are open, {base.descriptors} before")
    if last.threads > base.threads:
        found.append(f"{last.threads} threads run, {base.threads} before")
    return found


def _when_quiet(base: Figures) -> None:
    """A thread that was told to end may take a moment to do so."""
    deadline = time.monotonic() + 5
    while threading.active_count() > base.threads and time.monotonic() < deadline:
        time.sleep(_POLL)


def soak(count: int, number: int, seed: int) -> list[str]:
    """Play ``number`` rounds with ``count`` contacts; what does not hold."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as name, simulator(Path(name) / "simulator.log") as account:
        folder = Path(name) / "work"
        folder.mkdir()
        place = Soak(account, folder, count, seed)
        try:
            began = time.monotonic()
            place.fill()
            print(f"imported {count} contacts in {time.monotonic() - began:.1f} s", flush=True)
            print("round  runs  requests  faults  writes  seconds  memory MB  descriptors  threads")
            base = Figures.now()
            for each in range(1, number + 1):
                rounds.append(place.round())
                _when_quiet(base)
                done = rounds[-1]
                print(
                    f"{each:5} {done.runs:5} {done.requests:9} {done.faults:7} {done.writes:7} {done.seconds:8.1f}"
                    f" {done.figures.memory:10.1f} {done.figures.descriptors:12} {done.figures.threads:8}",
                    flush=True,
                )
            place.settle()
        except SoakError as error:
            return [str(error)]
        unused = [f"{name} never happened" for name in FAULTS if not place.fired[name]]
    growth = slope([each.figures.memory for each in rounds[WARM_UP:]])
    print(
        f"{sum(each.requests for each in rounds)} requests and {sum(place.fired.values())} faults ("
        + ", ".join(f"{count} {name}" for name, count in place.fired.items())
        + f"); {sum(each.runs - 1 for each in rounds)} reruns; memory {growth:+.2f} MB a round"
    )
    return unused + left_over(base, rounds)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--long", action="store_true", help="{:,} contacts, {} rounds".format(*LONG))
    parser.add_argument("--contacts", type=int, help=f"how many; {SHORT[0]} if left out")
    parser.add_argument("--rounds", type=int, help=f"how many; {SHORT[1]} if left out")
    parser.add_argument("--seed", type=int, default=1, help="decides what people change and which requests fail")
    arguments = parser.parse_args()
    count, rounds = LONG if arguments.long else SHORT
    # A proxy of the machine is for other hosts.
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    began = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        found = soak(arguments.contacts or count, arguments.rounds or rounds, arguments.seed)
        print("".join(f"does not hold: {text}\n" for text in found), end="")
        print(f"{'failed' if found else 'held'}, seed {arguments.seed}, {time.monotonic() - began:.0f} s")
        return int(bool(found))
    return 1


if __name__ == "__main__":
    sys.exit(main())
