# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells of the matrix, made from the catalogue and the operations, and how one is played."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from tests.matrix.catalogue import FAULTS, Fault
from tests.matrix.invariants import Run, Store, Story, broken
from tests.matrix.operations import ALWAYS, BULK, OPERATIONS, Operation
from tests.matrix.wire import PROXY_PASSWORD, Account, LocalFault
from tests.simulator.rules import Rule

_REPORTS = ("report.json", "report.md", "report.html", "report.xml")
_FOREIGN = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")
# Longer than any fault delays what it carries out.
_MUCH_LATER = 60.0


@dataclass(frozen=True)
class Cell:
    """One fault in one operation."""

    fault: Fault
    operation: Operation

    def __str__(self) -> str:
        return f"{self.fault} in {self.operation}"


def all_cells() -> list[Cell]:
    """Every cell that there is; what is left out says why in ``Fault.why_not``."""
    return [Cell(fault, operation) for fault in FAULTS for operation in OPERATIONS if not fault.why_not(operation)]


def left_out() -> list[tuple[Cell, str]]:
    """The cells that cannot be, with the reason."""
    pairs = ((Cell(fault, operation), fault.why_not(operation)) for fault in FAULTS for operation in OPERATIONS)
    return [(cell, why) for cell, why in pairs if why]


def some_cells(count: int, seed: int) -> list[Cell]:
    """A sample in which every fault occurs at least once."""
    chance = random.Random(seed)
    cells = all_cells()
    chosen = {str(cell): cell for cell in (chance.choice([c for c in cells if c.fault == f]) for f in FAULTS)}
    rest = [cell for cell in cells if str(cell) not in chosen]
    more = chance.sample(rest, max(0, count - len(chosen)))
    return [*chosen.values(), *more]


def play(cell: Cell) -> Story:
    """The run with the fault, the next one, one more, and back."""
    fault, operation = cell.fault, cell.operation
    account = operation.account()
    with tempfile.TemporaryDirectory() as folder:
        rules, local = _arm(account, cell)
        undo = Path(folder) / "undo.yml"
        with _environment(fault, folder):
            first = run(account, operation, Path(folder), **dict(fault.options))
        tries, gap = _tries(account, cell, rules, local)
        unfired = [str(rule.do) for rule in rules if not rule.fired]
        unfired += [hit.name for hit in local if not hit.rule.fired]
        account.simulator.clear_faults()
        account.local.clear()
        account.simulator.advance(_MUCH_LATER)
        with _environment(None, folder):
            again = run(account, operation, Path(folder))
            third = run(account, operation, Path(folder))
            back = _way_back(account, undo) if operation.mode == BULK else None
    token = account.simulator.tokens["ops"]
    # What is before the last colon of a token is its id, which is shown.
    secrets = [token.rpartition(":")[2], PROXY_PASSWORD]
    return Story(operation, fault, reference(operation), first, again, third, back, unfired, token, secrets, gap, tries)


@cache
def reference(operation: Operation) -> Run:
    """The same task without any fault."""
    with tempfile.TemporaryDirectory() as folder, _environment(None, folder):
        return run(operation.account(), operation, Path(folder))


def run(account: Account, operation: Operation, folder: Path, **more: Any) -> Run:
    """The task of an operation, and all that can be seen of it."""
    options = {**operation.options, **ALWAYS, **more}
    if operation.mode == BULK and operation.module == "swo_contacts":
        options.update(undo_file=str(folder / "undo.yml"), reports=[str(folder / name) for name in _REPORTS])
    return _run(account, operation.module, folder, options)


def _run(account: Account, module: str, folder: Path, options: dict[str, Any]) -> Run:
    before, began, entries = _store(account), account.clock.now, len(account.simulator.journal.entries)
    account.sent.clear()
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        result = account.run(module, **options)
    sinks = {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}
    journal = account.simulator.journal.entries[entries:]
    return Run(
        result.values,
        result.failed,
        result.warnings,
        journal,
        before,
        _store(account),
        account.clock.now - began,
        {**sinks, "output": output.getvalue()},
        list(account.sent),
    )


def _way_back(account: Account, undo: Path) -> Run:
    """What the undo files lead to, the latest first."""
    files = [str(path) for path in sorted(undo.parent.glob("undo*.yml"), key=_number)]
    if not files:
        files = [str(undo)]
        undo.write_text("contacts: []\n", "utf-8")
    return _run(account, "swo_contacts", undo.parent, {**ALWAYS, "src": files})


def _number(path: Path) -> float:
    number = path.name.split(".")[1]
    return -int(number) if number.isdigit() else float("-inf")


def _arm(account: Account, cell: Cell) -> tuple[list[Rule], list[LocalFault]]:
    fault, target = cell.fault, cell.operation.target
    rules: list[dict[str, Any]] = []
    if fault.do:
        when = {**target, **({"phase": fault.phase} if fault.phase else {})}
        rules.append({"when": when, "do": fault.do, "times": fault.times})
    if fault.looks_fail:
        rules.append({"when": {"method": "GET", "after": _reads_before(cell.operation)}, "do": {"status": 503}})
    added = [account.simulator.add_fault(rule) for rule in (*rules, *fault.rules)]
    if fault.wire:
        account.local.append(LocalFault.parse(fault.wire, target, fault.times))
    return added, list(account.local)


def _reads_before(operation: Operation) -> int:
    """Reads that a run without faults does before the first request of the target."""
    journal = reference(operation).journal
    first = next(number for number, entry in enumerate(journal) if entry.method == operation.target["method"])
    return sum(1 for entry in journal[:first] if entry.method == "GET")


def _tries(account: Account, cell: Cell, rules: list[Rule], local: list[LocalFault]) -> tuple[int, float | None]:
    """How often the target was hit, and how long it took from there to the next request."""
    hits = [rule.fired for rule in rules[:1]] if cell.fault.do else [hit.rule.fired for hit in local]
    gap = None
    if cell.fault.waits is not None:
        entries = account.simulator.journal.entries
        hit = next(number for number, entry in enumerate(entries) if entry.status == 429)
        gap = entries[hit + 1].t - entries[hit].t
    return (hits[0] if hits else 0), gap


@contextlib.contextmanager
def _environment(fault: Fault | None, folder: str) -> Iterator[None]:
    """Nothing of the machine's own, but what the fault has."""
    kept = {name: value for name, value in os.environ.items() if name.upper() not in _FOREIGN}
    changed = dict(fault.environment) if fault else {}
    with tempfile.TemporaryDirectory() as elsewhere:
        netrc = Path(elsewhere) / "netrc"
        netrc.write_text((fault.netrc if fault else "") + "\n", "utf-8")
        with mock.patch.dict(os.environ, {**kept, **changed, "NETRC": str(netrc)}, clear=True):
            yield


def _store(account: Account) -> Store:
    return {record.id: copy.deepcopy(record.data) for record in account.simulator.store.contacts.values()}


def verdict(cell: Cell) -> list[str]:
    """What does not hold of a cell, which is nothing at best."""
    return broken(play(cell))
