# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured: runs per case, their medians, and estimates for loops that would take too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.bench.people import drifted
from tests.bench.plan import DRIFT, EMPTY, IMPORT, LOOPS, READERS, Case


@dataclass(frozen=True)
class Run:
    """One process from start to end; ``requests`` are those that the simulator saw, by method."""

    seconds: float
    cpu: float
    largest_kib: int
    tree_kib: int | None
    requests: dict[str, int]

    @property
    def reads(self) -> int:
        return sum(self.requests.values()) - sum(self.writes.values())

    @property
    def writes(self) -> dict[str, int]:
        return {method: count for method, count in self.requests.items() if method not in ("GET", "HEAD")}

    @property
    def mebibytes(self) -> float:
        """Of the whole tree where that was looked at, else of its largest process."""
        return max(self.largest_kib, self.tree_kib or 0) / 1024


@dataclass(frozen=True)
class Cell:
    """One place of a table. ``sample``: items of the loop that this is computed from; None if it was measured."""

    seconds: float
    spread: float
    runs: int
    requests: int
    sample: int | None = None


def due_writes(case: Case) -> dict[str, int]:
    """The writes that are needed, and not one more."""
    if case.check or case.method in READERS:
        return {}
    if case.scenario == DRIFT:
        return {"PUT": case.accounts * (case.changes or drifted(case.contacts))}
    return {"POST": case.accounts * case.contacts} if case.scenario == IMPORT else {}


@dataclass
class Results:
    runs: dict[Case, list[Run]] = field(default_factory=dict)

    def add(self, case: Case, run: Run) -> None:
        self.runs.setdefault(case, []).append(run)

    def seconds(self, case: Case) -> float | None:
        """The median; None if the case was not measured."""
        runs = self.runs.get(case)
        return median(run.seconds for run in runs) if runs else None

    def cpu(self, case: Case) -> float:
        """The median of the processor time, which a busy machine changes little."""
        return median(run.cpu for run in self.runs[case])

    def per_item(self, case: Case) -> float | None:
        """Seconds per contact beyond what an empty playbook takes."""
        seconds, start = self.seconds(case), self._start()
        return None if seconds is None or start is None else (seconds - start) / case.contacts

    def cell(self, case: Case) -> Cell | None:
        """The case as measured, or as computed from a loop of another length."""
        runs = self.runs.get(case)
        if runs:
            times = [run.seconds for run in runs]
            middle = median(times)
            spread = max(abs(seconds - middle) for seconds in times)
            return Cell(middle, spread, len(runs), _requests(runs))
        return self._estimate(case) if case.method in LOOPS else None

    def _estimate(self, case: Case) -> Cell | None:
        key = _kind(case)
        known = [other for other in self.runs if _kind(other) == key]
        if not known:
            return None
        sample = max(known, key=lambda other: other.contacts)
        item, start = self.per_item(sample), self._start()
        if item is None or start is None:
            return None
        requests = round(_requests(self.runs[sample]) / sample.contacts * case.contacts)
        return Cell(start + item * case.contacts, 0.0, len(self.runs[sample]), requests, sample.contacts)

    def _start(self) -> float | None:
        times = [run.seconds for case, runs in self.runs.items() if case.method == EMPTY for run in runs]
        return median(times) if times else None

    def where(self, fits: Callable[[Case], bool]) -> list[Case]:
        return [case for case in self.runs if fits(case)]

    @classmethod
    def from_json(cls, cases: Iterable[Mapping[str, Any]]) -> Results:
        """What ``as_json`` made of earlier results."""
        results = cls()
        for given in cases:
            fields = dict(given)
            runs = [Run(**run) for run in fields.pop("runs")]
            results.runs[Case(**fields)] = runs
        return results

    def as_json(self) -> list[dict[str, Any]]:
        return [{**asdict(case), "runs": [asdict(run) for run in runs]} for case, runs in self.runs.items()]


def _kind(case: Case) -> tuple[str, str, int]:
    return case.method, case.scenario, case.latency


def _requests(runs: list[Run]) -> int:
    return max(sum(run.requests.values()) for run in runs)
