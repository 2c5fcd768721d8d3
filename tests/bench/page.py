# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.bench.numbers import numbers
from tests.bench.plan import BARE, EMPTY, LOOPS, METHODS, NO_CHANGE, SCENARIOS, SET_CONTACTS, SET_SRC, Case, Plan
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
- "1 % drift": somebody has changed the name or the opt-outs of one contact in a hundred, at least of one.
- Latency is what the simulator waits before each answer. It runs on the same machine and takes its share of it.

`make bench` measures all this again, `make bench ARGS=--quick` in less time with smaller sets, and
`make bench ARGS=--large` with 100,000 contacts, too. [results.json](results.json) has every single run.
"""


def page(plan: Plan, results: Results, machine: Mapping[str, str], profile: Sequence[str] = ()) -> str:
    """The whole page, in Markdown."""
    lines = [_HEAD, *_numbers(plan, results)]
    for latency in plan.latencies:
        for scenario in SCENARIOS:
            lines += ["", *_table(plan, results, scenario, latency)]
    lines += [_READING.format(repeat=plan.repeat).rstrip(), "", "## Memory", "", *_memory(results)]
    if profile:
        lines += ["", "## Where the time goes", "", *profile]
    lines += ["", "## Machine", "", *(f"- {name}: {value}" for name, value in machine.items()), ""]
    return "\n".join(lines)


def _numbers(plan: Plan, results: Results) -> Iterator[str]:
    yield "## Numbers to hold"
    yield ""
    yield "| what | number | measured | |"
    yield "|---|---|---|---|"
    for number in numbers(plan, results):
        yield f"| {number.what} | {number.limit} | {number.measured} | {number.verdict} |"


def _table(plan: Plan, results: Results, scenario: str, latency: int) -> Iterator[str]:
    sizes = sorted({*plan.sizes, *([plan.large] if plan.large and not latency and scenario == NO_CHANGE else [])})
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
