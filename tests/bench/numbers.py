# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers to hold, each as a ratio within this run, and whether it is held."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.plan import (
    BARE,
    CONTACT_LOOP,
    CONTACT_SHIPPED,
    EMPTY,
    IMPORT,
    NO_CHANGE,
    SET_CONTACTS,
    SET_SRC,
    URI_GET,
    URI_LOOP,
    Case,
    Plan,
)
from tests.bench.results import Results, due_writes

MET, MISSED = "met", "**missed**"
MODULES = (SET_SRC, SET_CONTACTS)
# How much more a contact may cost in a set ten times the size and still count as the same.
LINEAR = 1.25


@dataclass(frozen=True)
class Number:
    """One row: ``measured`` is a sentence; ``verdict`` says why where there is none."""

    what: str
    limit: str
    measured: str
    verdict: str


def numbers(plan: Plan, results: Results) -> list[Number]:
    makers: tuple[Callable[[Plan, Results], Number], ...] = (
        _requests,
        _writes,
        _whole_set,
        _against_uri,
        _creates,
        _shipped,
        _local_loop,
        _memory,
        _growth,
    )
    return [maker(plan, results) for maker in makers]


def _requests(_plan: Plan, results: Results) -> Number:
    cases = results.where(lambda case: case.method in MODULES and case.scenario == NO_CHANGE)
    found: dict[int, int] = {}
    for case in sorted(cases, key=lambda case: case.contacts):
        most = max(run.reads for run in results.runs[case])
        found[case.contacts] = max(most, found.get(case.contacts, 0))
    wrote = any(run.writes for case in cases for run in results.runs[case])
    is_met = not wrote and all(count <= _allowed(size) for size, count in found.items())
    shown = ", ".join(f"{count:,} of {_allowed(size):,} at {size:,}" for size, count in found.items())
    writes = "writes as well" if wrote else "no write"
    return _judged(
        "requests of a no-change run over T live contacts",
        "at most ceil(T/100) + 2, no write",
        f"{shown}; {writes}" if found else "",
        is_met,
    )


def _allowed(contacts: int) -> int:
    return math.ceil(contacts / 100) + 2


def _writes(_plan: Plan, results: Results) -> Number:
    cases = results.where(lambda case: case.method in (*MODULES, CONTACT_LOOP))
    wrong = [case for case in cases if any(run.writes != due_writes(case) for run in results.runs[case])]
    runs = sum(len(results.runs[case]) for case in cases)
    due = sum(sum(due_writes(case).values()) * len(results.runs[case]) for case in cases)
    sent = sum(sum(run.writes.values()) for case in cases for run in results.runs[case])
    measured = f"{sent:,} sent, {due:,} needed, in {runs} runs; {len(wrong)} cases differ"
    return _judged("writes for k changed contacts", "exactly the minimal set", measured if cases else "", not wrong)


def _whole_set(plan: Plan, results: Results) -> Number:
    size = max(plan.sizes)
    cases = [Case(method, NO_CHANGE, size) for method in (SET_SRC, EMPTY, BARE)]
    whole, start, pages = map(results.seconds, cases)
    text, is_met = "", False
    if whole and start and pages:
        ratio = whole / (start + pages)
        own, least = results.cpu(cases[0]), results.cpu(cases[1]) + results.cpu(cases[2])
        text = (
            f"{ratio:.2f} x: {whole:.2f} s against {start:.2f} + {pages:.2f} s{_at(size, 10_000)}; "
            f"in processor time {own / least:.2f} x"
        )
        is_met = ratio <= 1.5
    return _judged(
        "`swo_contacts`, 10,000 unchanged contacts from `src`, whole `ansible-playbook`",
        "at most 1.5 x (an empty playbook + a bare `requests` script that fetches the same pages)",
        text,
        is_met,
        size == 10_000,
    )


def _against_uri(plan: Plan, results: Results) -> Number:
    loop, whole = (results.seconds(Case(method, NO_CHANGE, plan.loop)) for method in (URI_LOOP, SET_SRC))
    text, is_met = "", False
    if loop and whole:
        text = f"{loop / whole:.0f} x: {loop:.1f} s against {whole:.2f} s{_at(plan.loop, 200)}"
        is_met = loop / whole >= 50
    return _judged(
        "`swo_contacts` against a loop of `ansible.builtin.uri` doing the same, 200 contacts, whole `ansible-playbook`",
        "at least 50 x faster",
        text,
        is_met,
        plan.loop == 200,
    )


def _creates(plan: Plan, results: Results) -> Number:
    case = Case(SET_SRC, IMPORT, plan.creates, latency=50, concurrency=16)
    whole, start = results.seconds(case), results.seconds(Case(EMPTY, NO_CHANGE, plan.creates))
    text, is_met = "", False
    if whole and start:
        ideal = plan.creates * 0.050 / 16
        text = (
            f"{whole / ideal:.2f} x: {whole:.2f} s for the whole `ansible-playbook` against {ideal:.2f} s; "
            f"{(whole - start) / ideal:.2f} x without the {start:.2f} s of an empty playbook{_at(plan.creates, 2_000)}"
        )
        is_met = whole / ideal <= 1.25
    return _judged(
        "2,000 creates at 50 ms server latency, concurrency 16",
        "at most 1.25 x (2,000 x 50 ms / 16)",
        text,
        is_met,
        plan.creates == 2_000,
    )


def _shipped(plan: Plan, results: Results) -> Number:
    start = results.seconds(Case(EMPTY, NO_CHANGE, plan.tasks))
    ours, theirs = (results.seconds(Case(method, NO_CHANGE, plan.tasks)) for method in (CONTACT_SHIPPED, URI_GET))
    text, is_met = "", False
    if start and ours and theirs:
        mine, other = (ours - start) / plan.tasks, (theirs - start) / plan.tasks
        text = f"{mine / other:.2f} x: {mine * 1000:.0f} ms against {other * 1000:.0f} ms, mean of {plan.tasks}"
        is_met = mine / other <= 1.3
    return _judged(
        "`swo_contact`, one no-change task, shipped as a module",
        "at most 1.3 x one `ansible.builtin.uri` GET task",
        text,
        is_met,
    )


def _local_loop(plan: Plan, results: Results) -> Number:
    start = results.seconds(Case(EMPTY, NO_CHANGE, plan.loop))
    ours, theirs = (results.seconds(Case(method, NO_CHANGE, plan.loop)) for method in (CONTACT_LOOP, URI_LOOP))
    text, is_met = "", False
    if start and ours and theirs:
        mine, other = (ours - start) / plan.loop, (theirs - start) / plan.loop
        text = f"1/{other / mine:.1f}: {mine * 1000:.1f} ms against {other * 1000:.0f} ms{_at(plan.loop, 200)}"
        is_met = mine <= other / 8
    return _judged(
        "`swo_contact` in a loop, run locally, per item",
        "at most 1/8 of a `uri` loop's item",
        text,
        is_met,
        plan.loop == 200,
    )


def _memory(plan: Plan, results: Results) -> Number:
    parts = []
    most = 0.0
    for case in results.where(lambda case: case.watch and case.contacts == plan.memory):
        mebibytes = max(run.mebibytes for run in results.runs[case])
        most = max(most, mebibytes)
        parts.append(f"{mebibytes:.0f} MiB {'to plan a first import' if case.check else 'without a change'}")
    return _judged(
        "memory, 50,000 contacts, all processes of `ansible-playbook` together",
        "at most 512 MiB",
        ", ".join(parts) + _at(plan.memory, 50_000) if parts else "",
        most <= 512,
        plan.memory == 50_000,
    )


def _growth(plan: Plan, results: Results) -> Number:
    sizes = sorted({*plan.sizes, *([plan.large] if plan.large else [])})
    costs = {}
    for small, big in pairwise(sizes):
        before, after = (results.seconds(Case(SET_SRC, NO_CHANGE, size)) for size in (small, big))
        if before and after:
            costs[f"{small:,} to {big:,}"] = (after - before) / (big - small)
    steps = list(costs.values())
    # Between small sets the difference drowns in what a start costs.
    is_met = len(steps) > 1 and steps[-1] <= LINEAR * steps[-2]
    shown = ", ".join(f"{cost * 1e6:.0f} µs from {name}" for name, cost in costs.items())
    return _judged(
        "cost growth",
        "linear from 100 to 100,000 contacts",
        f"each further contact costs {shown}" if len(steps) > 1 else "",
        is_met,
        sizes[-1] == 100_000,
    )


def _at(size: int, required: int) -> str:
    return "" if size == required else f", at {size:,}"


def _judged(what: str, limit: str, measured: str, is_met: bool, is_full_size: bool = True) -> Number:
    if not measured:
        return Number(what, limit, "not measured", "")
    if not is_full_size:
        return Number(what, limit, measured, "not judged at this size")
    return Number(what, limit, measured, MET if is_met else MISSED)
