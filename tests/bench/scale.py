# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past one machine: a model that the benchmark calibrates, and the page that says what comes of it.

python -m tests.bench.scale writes docs/scale.md from docs/benchmarks/results.json; make bench does so as well.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.plan import ACCOUNTS, EMPTY, IMPORT, NO_CHANGE, RUNNERS, SET_SRC, Case, Plan
from tests.bench.results import Results
from tests.tools.devtree import ROOT

PAGE = ROOT / "docs" / "scale.md"
LATENCY = 0.05


@dataclass(frozen=True)
class Costs:
    """What the runs of a benchmark say; seconds of one core, MiB, and requests.

    :param start: an empty playbook
    :param account: a further account of the drift playbook, without its contacts
    :param contact: a further contact that is as declared
    :param create: a further contact that is created
    :param requests: what the creation of one takes, with the lists that prove it
    :param memory: of a run over nobody; ``memory_each``: of a further contact
    """

    start: float
    account: float
    contact: float
    create: float
    requests: float
    memory: float
    memory_each: float


@dataclass(frozen=True)
class Setup:
    """So many machines (runners, or nodes that take job slices), each with ``cores`` and ``forks`` accounts at once.

    :param concurrency: requests of one account at once
    """

    name: str
    machines: int
    cores: int
    forks: int
    concurrency: int = 8


@dataclass(frozen=True)
class Outcome:
    """:param memory: MiB of one machine"""

    requests: int
    seconds: float
    core_seconds: float
    memory: float

    @property
    def rate(self) -> float:
        """Requests a second that the platform has to answer."""
        return self.requests / self.seconds


def costs(plan: Plan, results: Results) -> Costs | None:
    """The model's constants, from medians of processor time; None where a run is missing."""
    empty, large = (Case(method, NO_CHANGE, plan.large) for method in (EMPTY, SET_SRC))
    created = Case(SET_SRC, IMPORT, plan.most)
    few, many = (Case(ACCOUNTS, NO_CHANGE, plan.each, accounts=count) for count in plan.accounts[-2:])
    watched = [Case(SET_SRC, NO_CHANGE, size, watch=True) for size in (plan.memory, plan.large)]
    if not {empty, large, created, few, many, *watched} <= set(results.runs):
        return None
    start = results.cpu(empty)
    contact = (results.cpu(large) - start) / plan.large
    further = (results.cpu(many) - results.cpu(few)) / (many.accounts - few.accounts)
    less, more = (max(run.mebibytes for run in results.runs[case]) for case in watched)
    each = (more - less) / (plan.large - plan.memory)
    return Costs(
        start=start,
        account=max(further - contact * plan.each, 0.0),
        contact=contact,
        create=(results.cpu(created) - start) / plan.most,
        requests=max(sum(run.requests.values()) for run in results.runs[created]) / plan.most,
        memory=more - each * plan.large,
        memory_each=each,
    )


def estimate(known: Costs, setup: Setup, accounts: int, contacts: int, is_import: bool = False) -> Outcome:
    """One run over all accounts at ``LATENCY``.

    An account is read by one process, so by one core. Reading waits for pages and then computes; an import computes
    while it waits. What an account costs beside its contacts is dealt out by the one process of ``ansible-playbook``.
    """
    pages = math.ceil(contacts / 100) + 2
    requests = math.ceil(known.requests * contacts) if is_import else pages
    waits = requests * LATENCY / setup.concurrency
    computes = contacts * (known.create if is_import else known.contact)
    alone = known.account + (max(waits, computes) if is_import else waits + computes)
    core_seconds = known.start * setup.machines + accounts * (known.account + computes)
    share = math.ceil(accounts / setup.machines)
    rounds, at_once = math.ceil(share / setup.forks), min(setup.forks, share)
    least = max(share * known.account, core_seconds / (setup.machines * setup.cores))
    seconds = known.start + max(rounds * alone, least)
    memory = known.memory + at_once * (known.memory + contacts * known.memory_each)
    return Outcome(accounts * requests, seconds, core_seconds, memory)


MANY = (
    Setup("one machine, 2 cores, forks 8", 1, 2, 8),
    Setup("one machine, 16 cores, forks 32", 1, 16, 32),
    Setup("4 ansible-runners, 2 cores each, forks 8", 4, 2, 8),
    Setup("10 job slices of a controller, 2 cores each, forks 8", 10, 2, 8),
    Setup("50 job slices, 2 cores each, forks 8", 50, 2, 8),
)
ONE = tuple(Setup(f"`concurrency: {count}`", 1, 2, 1, count) for count in (8, 16, 64))


def _table(known: Costs, setups: tuple[Setup, ...], accounts: int, contacts: int, is_import: bool) -> Iterator[str]:
    yield "| | requests | minutes | core-hours | memory of a machine | requests a second |"
    yield "|---|--:|--:|--:|--:|--:|"
    for setup in setups:
        found = estimate(known, setup, accounts, contacts, is_import)
        yield (
            f"| {setup.name} | {found.requests:,} | {found.seconds / 60:,.1f} | {found.core_seconds / 3600:,.1f} "
            f"| {found.memory / 1024:,.1f} GiB | {found.rate:,.0f} |"
        )


TEMPLATE = Path(__file__).with_name("scale.template.md")


def page(plan: Plan, results: Results, machine: Mapping[str, str]) -> str | None:
    """The whole page, in Markdown; None where a run is missing that the model needs."""
    known = costs(plan, results)
    if known is None:
        return None
    lines = []
    for title, setups, accounts, contacts in (
        ("1,000 accounts of 10,000 contacts", MANY, 1_000, 10_000),
        ("One account of 1,000,000 contacts", ONE, 1, 1_000_000),
    ):
        for is_import, what in ((False, "without a change"), (True, "first import")):
            lines += [f"## {title}, {what}", "", *_table(known, setups, accounts, contacts, is_import), ""]
    return TEMPLATE.read_text(encoding="utf-8").format(
        run="\n".join(_run(known, results)),
        start=known.start,
        account=known.account,
        contact=known.contact * 1e6,
        create=known.create * 1e3,
        requests=known.requests,
        memory=known.memory,
        memory_each=known.memory_each * 1024,
        latency=LATENCY * 1000,
        date=machine["date"],
        processor=machine["processor"],
        tables="\n".join(lines),
    )


def _run(known: Costs, results: Results) -> Iterator[str]:
    """What was really run over many accounts, beside what the model says of unchanged ones."""
    yield "| on one machine with two cores | seconds | requests | by the model |"
    yield "|---|--:|--:|--:|"
    for case in sorted(results.runs, key=lambda case: (case.accounts, case.scenario == NO_CHANGE)):
        cell = results.cell(case)
        if case.method not in NAMES or cell is None:
            continue
        model = f"{_at_no_latency(known, case):.1f}" if case.method == ACCOUNTS else "-"
        name = NAMES[case.method].format(accounts=case.accounts, contacts=case.contacts, scenario=case.scenario)
        yield f"| {name} | {cell.seconds:.1f} | {cell.requests:,} | {model} |"


NAMES = {
    ACCOUNTS: "`drift`, forks 8: {accounts} x {contacts:,} contacts",
    RUNNERS: "4 ansible-runners, {scenario}: {accounts} x {contacts} contacts",
}


def _at_no_latency(known: Costs, case: Case) -> float:
    core_seconds = case.accounts * (known.account + case.contacts * known.contact)
    return known.start + max(core_seconds / min(2, case.accounts), case.accounts * known.account)


def main() -> int:
    data = json.loads((ROOT / "docs" / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    plan = Plan(**{name: tuple(value) if isinstance(value, list) else value for name, value in data["plan"].items()})
    if write(PAGE, plan, Results.from_json(data["cases"]), data["machine"]):
        return 0
    print("a run is missing that the model needs: make bench", file=sys.stderr)
    return 1


def write(path: Path, plan: Plan, results: Results, machine: Mapping[str, str]) -> bool:
    """Write the page; False, and nothing is written, where a run is missing that its model needs."""
    text = page(plan, results, machine)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return text is not None


if __name__ == "__main__":
    sys.exit(main())
