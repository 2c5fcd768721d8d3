# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.bench.goals import goals
from tests.bench.plan import (
    ACCOUNTS,
    APART,
    BARE,
    DRIFT,
    EMPTY,
    IMPORT,
    LOOPS,
    METHODS,
    NO_CHANGE,
    RUNNERS,
    SCENARIOS,
    SET_CONTACTS,
    SET_SRC,
    VENDOR,
    Case,
    Plan,
)
from tests.bench.results import Cell, Results

# In pieces, so that this file is not taken for one under two copyrights.
_HEAD = f"""<!--
Copyright (c) softwareone.marketplace contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
{"SPDX"}-License-Identifier: GPL-3.0-or-later
-->
<!-- Written by `make bench`; do not edit. -->
# What it costs

Several ways to bring the notification contacts of an account to what a file declares, side by side, against the
simulator of this repository. Each number is the wall-clock time of a whole process, `ansible-playbook` or a script,
from its start to its end; requests are those that the simulator counted.

![Seconds by the number of contacts](plot.svg)
"""

_READING = """
## How to read this

- The cases of a comparison ran in turns, {repeat} times each; shown is the median, and behind ± how far the farthest
  run was from it. Without ± there was one run: whatever takes more than 20 s is not repeated, unless a number above is
  held to it.
- **≈ was not measured at this size.** It is computed from a loop of as many items as the column "measured" says: what
  an empty playbook takes, plus the time per item.
- The loop of `ansible.builtin.uri` reads each contact by its address, compares name and opt-outs in the playbook, and
  sends a PUT or POST where they differ. After every run the contacts in the simulator are compared with the file.
- The script with eight threads reads the same file and the same pages, compares, and sends the same writes, and trusts
  what it is told. The one with `mpt-api-client`, SoftwareOne's own client, writes one contact after the other{without}.
- "1 % drift": somebody has changed the name or the opt-outs of one contact in a hundred, at least of one.
- Latency is what the simulator waits before each answer. It runs on the same machine and takes its share of it.

`make bench` measures all this again in at most 25 minutes, `make bench ARGS=--quick` in 3 with smaller sets.
`make bench ARGS="--only growth --keep"` measures some groups, which `ARGS=--list` names, `ARGS=--resume` what is still
missing, and `ARGS=--accounts` 200 accounts on four ansible-runners. [results.json](results.json) has every single run,
and [what comes of it past one machine](../scale.md) is a page of its own.
"""


def page(plan: Plan, results: Results, machine: Mapping[str, str]) -> str:
    """The whole page, in Markdown."""
    lines = [_HEAD, *_goals(plan, results)]
    for latency in plan.latencies:
        for scenario in SCENARIOS:
            lines += ["", *_table(plan, results, scenario, latency)]
    lines += ["", *_growth(plan, results)]
    has_client = any(case.method == VENDOR for case in results.runs)
    without = "" if has_client else "; here it was not measured: it needs Python 3.12"
    lines += [_READING.format(repeat=plan.repeat, without=without).rstrip(), "", "## Memory", "", *_memory(results)]
    lines += ["", "## Machine", "", *(f"- {name}: {value}" for name, value in machine.items()), ""]
    return "\n".join(lines)


def _goals(plan: Plan, results: Results) -> Iterator[str]:
    yield "## Goals"
    yield ""
    yield "| what | goal | measured | |"
    yield "|---|---|---|---|"
    for goal in goals(plan, results):
        yield f"| {goal.what} | {goal.limit} | {goal.measured} | {goal.verdict} |"


def _table(plan: Plan, results: Results, scenario: str, latency: int) -> Iterator[str]:
    sizes = sorted({*plan.sizes, *([plan.large] if not latency and scenario == NO_CHANGE else [])})
    yield f"## {scenario[:1].upper()}{scenario[1:]}, {latency} ms of latency"
    yield ""
    yield "| seconds for ... contacts | measured | " + " | ".join(f"{size:,} | requests" for size in sizes) + " |"
    yield "|---|---|" + "--:|--:|" * len(sizes)
    for method, name in METHODS.items():
        if scenario != NO_CHANGE and method in (BARE, EMPTY):
            continue
        cells = [results.cell(Case(method, scenario, size, latency)) for size in sizes]
        samples = {f"{cell.sample:,} items" for cell in cells if cell and cell.sample}
        measured = ", ".join(samples) if method in LOOPS else ""
        yield f"| {name} | {measured} | " + " | ".join(map(_cell, cells)) + " |"


def _growth(plan: Plan, results: Results) -> Iterator[str]:
    """Tables of one line each: what a run costs by one thing that grows."""
    size = sorted(plan.sizes)[-2] if len(plan.sizes) > 1 else plan.most
    everything = sorted({*plan.sizes, plan.large})
    accounts, runners = plan.accounts, (plan.runners or 200,)
    yield "## How cost grows"
    rows: tuple[tuple[str, dict[str, Case]], ...] = (
        ("contacts, without a change", {f"{n:,}": Case(SET_SRC, NO_CHANGE, n) for n in everything}),
        (f"changes among {plan.most:,}", {f"{n:,}": Case(SET_SRC, DRIFT, plan.most, changes=n) for n in plan.changes}),
        (f"ms of latency, {size:,} contacts", {f"{n}": Case(SET_SRC, NO_CHANGE, size, n) for n in plan.waits}),
        (
            f"accounts of {plan.each:,}, `drift`, forks 8",
            {f"{n}": Case(ACCOUNTS, NO_CHANGE, plan.each, accounts=n) for n in accounts},
        ),
        (
            "as many empty playbooks and fetches, 8 at a time",
            {f"{n}": Case(APART, NO_CHANGE, plan.each, accounts=n) for n in accounts},
        ),
        (
            f"accounts of {plan.small}, `provision`, then `drift`, on 4 ansible-runners",
            {
                f"{n}, {scenario}": Case(RUNNERS, scenario, plan.small, accounts=n)
                for n in runners
                for scenario in (IMPORT, NO_CHANGE)
            },
        ),
    )
    for name, cases in rows:
        cells = [results.cell(case) for case in cases.values()]
        yield ""
        yield f"| {name} | " + " | ".join(cases) + " |"
        yield "|---|" + "--:|" * len(cases)
        yield "| seconds | " + " | ".join(_cell(cell).partition(" | ")[0] for cell in cells) + " |"
        yield "| requests | " + " | ".join(_cell(cell).partition(" | ")[2] for cell in cells) + " |"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "- | -"
    if cell.sample is not None:
        return f"≈ {cell.seconds:,.0f} | ≈ {cell.requests:,}"
    spread = f" ± {cell.spread:.2f}" if cell.runs > 1 else ""
    return f"{cell.seconds:.2f}{spread} | {cell.requests:,}"


def _memory(results: Results) -> Iterator[str]:
    yield "The most that was seen, in MiB. Where only the largest process was looked at, it is not the sum of all."
    yield ""
    yield "| contacts | case | largest process | all processes |"
    yield "|--:|---|--:|--:|"
    shown = (SET_SRC, SET_CONTACTS, EMPTY)
    cases = results.where(lambda case: case.method in shown and not case.latency and case.concurrency == 8)
    smallest = min((case.contacts for case in cases), default=0)
    for case in sorted(cases, key=lambda case: (case.contacts, case.method, case.scenario, case.watch)):
        is_needed = case.scenario == NO_CHANGE or case.watch
        if is_needed and (case.method != EMPTY or case.contacts == smallest):
            runs = results.runs[case]
            tree = max((run.tree_kib or 0) for run in runs) // 1024
            largest = max(run.largest_kib for run in runs) // 1024
            what = f"{METHODS[case.method]}, {case.scenario}{', check mode' if case.check else ''}"
            yield f"| {case.contacts:,} | {what} | {largest} | {tree or '-'} |"
