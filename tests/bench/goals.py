# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The goals, each as a ratio within this run, and whether it is held."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.plan import (
    ACCOUNTS,
    APART,
    BARE,
    CONTACT_LOOP,
    CONTACT_SHIPPED,
    EMPTY,
    IMPORT,
    NO_CHANGE,
    RICH,
    SET_CONTACTS,
    SET_NOTHING,
    SET_RECORD,
    SET_SRC,
    THREADED,
    URI_GET,
    URI_LOOP,
    Case,
    Plan,
)
from tests.bench.results import Results, due_writes

MET, MISSED = "met", "**missed**, see [PROFILE.md](PROFILE.md)"
MODULES = (SET_SRC, SET_CONTACTS)
# How much more a contact may cost in a larger set and still count as the same.
LINEAR = 1.10
SIZES = Plan()


@dataclass(frozen=True)
class Goal:
    """One row: ``measured`` is a sentence; ``verdict`` says why where there is none."""

    what: str
    limit: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Ratio:
    """A goal: the time of ``case`` is at most ``most`` times that of ``least``, one after the other.

    :param least: cases, and seconds that no program could avoid
    :param in_words: what ``least`` is
    :param is_full_size: judged at all
    """

    what: str
    most: float
    case: Case
    least: tuple[Case | float, ...]
    in_words: str
    is_full_size: bool


def goals(plan: Plan, results: Results) -> list[Goal]:
    makers: tuple[Callable[[Plan, Results], Goal], ...] = (
        _requests,
        _writes,
        _import_requests,
        _against_uri,
        _shipped,
        _local_loop,
        _memory,
        _growth,
        _import_growth,
    )
    return [*(maker(plan, results) for maker in makers), *(_ratio(goal, results) for goal in _ratios(plan))]


def _ratios(plan: Plan) -> Iterator[Ratio]:
    fetched = "an empty playbook + a bare `requests` script that fetches the same pages"
    most, is_full = plan.most, plan.most == SIZES.most
    warm, cold, large = (
        tuple(Case(method, NO_CHANGE, size, cold=cold) for method in (EMPTY, BARE, SET_SRC))
        for size, cold in ((most, False), (most, True), (plan.large, False))
    )
    unchanged = f"{most:,} unchanged contacts from `src`, whole `ansible-playbook`"
    yield Ratio(unchanged, 1.5, warm[2], warm[:2], fetched, is_full)
    yield Ratio(f"{unchanged}, pages that the server has not listed before", 1.5, cold[2], cold[:2], fetched, is_full)
    rich = Case(SET_SRC, NO_CHANGE, most, form=RICH)
    yield Ratio(f"{unchanged}, YAML {RICH}", 1.5, rich, warm[:2], fetched, is_full)
    is_large = plan.large == SIZES.large
    yield Ratio(f"{plan.large:,} unchanged contacts from `src`", 1.5, large[2], large[:2], fetched, is_large)
    waiting = Case(SET_SRC, NO_CHANGE, most, 50)
    pages = math.ceil(most / 100) * 0.05 / 8
    ideal = "an empty playbook + pages x 50 ms / 8"
    yield Ratio(f"{most:,} unchanged at 50 ms, 8 at a time", 1.2, waiting, (warm[0], pages), ideal, is_full)
    creates = Case(SET_SRC, IMPORT, plan.creates, 50, 16)
    ideal = f"{plan.creates:,} x 50 ms / 16"
    is_enough = plan.creates == SIZES.creates
    what = f"{plan.creates:,} creates at 50 ms, concurrency 16"
    yield Ratio(what, 1.15, creates, (plan.creates * 0.05 / 16,), ideal, is_enough)
    first, peer = (Case(method, IMPORT, most) for method in (SET_SRC, THREADED))
    script = "a bare threaded `requests` script with the same creates"
    yield Ratio(f"first import of {most:,} at no latency", 1.2, first, (peer,), script, is_full)
    slow = Case(SET_SRC, IMPORT, most, 50)
    ideal = f"{most:,} x 50 ms / 8"
    yield Ratio(f"first import of {most:,} at 50 ms, 8 at a time", 1.15, slow, (most * 0.05 / 8,), ideal, is_full)
    variables, nothing = (Case(method, NO_CHANGE, most) for method in (SET_CONTACTS, SET_NOTHING))
    what = f"{most:,} unchanged contacts in `contacts:`"
    ideal = "an action that does nothing with the same variables + a bare fetch"
    yield Ratio(what, 1.2, variables, (nothing, warm[1]), ideal, is_full)
    record = Case(SET_RECORD, NO_CHANGE, most)
    yield Ratio(f"{most:,} unchanged with `applied_file`", 1.1, record, (warm[2],), "the same without it", is_full)
    count, each = plan.accounts[-1], plan.each
    ours, apart = (Case(method, NO_CHANGE, each, accounts=count) for method in (ACCOUNTS, APART))
    what = f"drift over {count} accounts of {each:,} contacts, forks 8"
    is_full = (count, each) == (SIZES.accounts[-1], SIZES.each)
    yield Ratio(what, 1.3, ours, (apart,), "as many empty playbooks + fetches, 8 at a time", is_full)


def _ratio(goal: Ratio, results: Results) -> Goal:
    terms = [each if isinstance(each, float) else results.seconds(each) for each in goal.least]
    known = [term for term in terms if term]
    whole = results.seconds(goal.case)
    text, is_met = "", False
    if whole and len(known) == len(terms):
        ratio, runs = whole / sum(known), len(results.runs[goal.case])
        shown = " + ".join(f"{term:.2f}" for term in known)
        text = f"{ratio:.2f} x: {whole:.2f} s against {shown} s, {runs} {'runs' if runs > 1 else 'run'}"
        is_met = ratio <= goal.most
    return _judged(goal.what, f"at most {goal.most:g} x ({goal.in_words})", text, is_met, goal.is_full_size)


def _requests(_plan: Plan, results: Results) -> Goal:
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


def _writes(_plan: Plan, results: Results) -> Goal:
    cases = results.where(lambda case: case.method in (*MODULES, CONTACT_LOOP))
    wrong = [case for case in cases if any(run.writes != due_writes(case) for run in results.runs[case])]
    runs = sum(len(results.runs[case]) for case in cases)
    due = sum(sum(due_writes(case).values()) * len(results.runs[case]) for case in cases)
    sent = sum(sum(run.writes.values()) for case in cases for run in results.runs[case])
    measured = f"{sent:,} sent, {due:,} needed, in {runs} runs; {len(wrong)} cases differ"
    return _judged("writes for k changed contacts", "exactly the minimal set", measured if cases else "", not wrong)


def _import_requests(plan: Plan, results: Results) -> Goal:
    runs = results.runs.get(Case(SET_SRC, IMPORT, plan.most), [])
    allowed = plan.most + 2 * math.ceil(plan.most / 100) + 4
    sent = max((sum(run.requests.values()) for run in runs), default=0)
    return _judged(
        f"requests of a first import of {plan.most:,}",
        "the creates + at most 2 x pages + 4",
        f"{sent:,} of {allowed:,}" if runs else "",
        sent <= allowed,
        plan.most == SIZES.most,
    )


def _against_uri(plan: Plan, results: Results) -> Goal:
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


def _shipped(plan: Plan, results: Results) -> Goal:
    text, is_met = "", False
    each = _of_each(results, plan.tasks, CONTACT_SHIPPED, URI_GET)
    if each:
        mine, other = each
        text = f"{mine / other:.2f} x: {mine * 1000:.0f} ms against {other * 1000:.0f} ms, mean of {plan.tasks}"
        is_met = mine / other <= 1.08
    return _judged(
        "`swo_contact`, one no-change task, shipped as a module",
        "at most 1.08 x one `ansible.builtin.uri` GET task",
        text,
        is_met,
    )


def _local_loop(plan: Plan, results: Results) -> Goal:
    text, is_met = "", False
    each = _of_each(results, plan.loop, CONTACT_LOOP, URI_LOOP)
    if each:
        mine, other = each
        text = f"1/{other / mine:.1f}: {mine * 1000:.1f} ms against {other * 1000:.0f} ms{_at(plan.loop, 200)}"
        is_met = mine <= other / 60
    return _judged(
        "`swo_contact` in a loop, run locally, per item",
        "at most 1/60 of a `uri` loop's item",
        text,
        is_met,
        plan.loop == 200,
    )


def _of_each(results: Results, count: int, method: str, peer: str) -> tuple[float, float] | None:
    """The seconds that each of so many tasks takes one way and the other, without the start of a playbook."""
    start = results.seconds(Case(EMPTY, NO_CHANGE, count))
    ours, theirs = (results.seconds(Case(each, NO_CHANGE, count)) for each in (method, peer))
    return ((ours - start) / count, (theirs - start) / count) if start and ours and theirs else None


def _memory(plan: Plan, results: Results) -> Goal:
    parts = []
    most = 0.0
    for case in results.where(lambda case: case.watch):
        mebibytes = max(run.mebibytes for run in results.runs[case])
        most = max(most, mebibytes / (512 if case.contacts == plan.memory else 400))
        what = "to plan a first import" if case.check else "without a change"
        parts.append(f"{mebibytes:.0f} MiB {what} at {case.contacts:,}")
    return _judged(
        "memory of all processes of `ansible-playbook` together",
        "at most 512 MiB with 50,000 contacts, 400 MiB with 100,000 unchanged",
        ", ".join(parts),
        most <= 1,
        (plan.memory, plan.large) == (SIZES.memory, SIZES.large),
    )


def _growth(plan: Plan, results: Results) -> Goal:
    """What a contact costs beyond an empty playbook, in processor time, which a wait or a neighbour changes little."""
    costs = {}
    for size in sorted({*plan.sizes, plan.large}):
        case, start = Case(SET_SRC, NO_CHANGE, size), Case(EMPTY, NO_CHANGE, size)
        if case in results.runs and start in results.runs:
            costs[size] = (results.cpu(case) - results.cpu(start)) / size
    steps = [later / earlier for (small, earlier), (_big, later) in pairwise(costs.items()) if small >= 1_000]
    shown = ", ".join(f"{cost * 1e6:.0f} µs at {size:,}" for size, cost in costs.items())
    return _judged(
        "growth of a run without a change, processor time per contact beyond an empty playbook",
        "at most 10 % more from each size to the next, from 1,000 to 100,000 contacts",
        shown if steps else "",
        all(step <= LINEAR for step in steps),
        plan.large == SIZES.large,
    )


def _import_growth(plan: Plan, results: Results) -> Goal:
    small, big = sorted(plan.sizes)[-2:] if len(plan.sizes) > 1 else (0, 0)
    before, after = (results.per_item(Case(SET_SRC, IMPORT, size)) if size else None for size in (small, big))
    text, is_met = "", False
    if before and after:
        text = f"{before * 1e3:.2f} ms a contact at {small:,}, {after * 1e3:.2f} ms at {big:,}"
        is_met = after <= LINEAR * before
    return _judged(
        "growth of a first import, beyond an empty playbook", "linear", text, is_met, plan.most == SIZES.most
    )


def _at(size: int, required: int) -> str:
    return "" if size == required else f", at {size:,}"


def _judged(what: str, limit: str, measured: str, is_met: bool, is_full_size: bool = True) -> Goal:
    if not measured:
        return Goal(what, limit, "not measured", "")
    if not is_full_size:
        return Goal(what, limit, measured, "not judged at this size")
    return Goal(what, limit, measured, MET if is_met else MISSED)
