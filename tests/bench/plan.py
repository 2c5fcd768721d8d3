# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, as data: methods, cases, and the groups of cases that are run in turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

NO_CHANGE, IMPORT, DRIFT = "no change", "first import", "1 % drift"
SCENARIOS = (NO_CHANGE, IMPORT, DRIFT)

SET_SRC, SET_CONTACTS, SET_NOTHING, SET_RECORD = "set_src", "set_contacts", "set_nothing", "set_record"
CONTACT_LOOP, URI_LOOP = "contact_loop", "uri_loop"
CONTACT_SHIPPED, URI_GET = "contact_shipped", "uri_get"
THREADED, VENDOR = "threaded", "vendor"
BARE, EMPTY = "fetch_pages", "empty"
# Over many accounts, each a simulator of its own.
ACCOUNTS, APART, RUNNERS = "accounts", "apart", "runners"

# In the order of the tables.
METHODS = {
    SET_SRC: "`swo_contacts` with `src`",
    SET_CONTACTS: "`swo_contacts` with `contacts:`",
    CONTACT_LOOP: "loop of `swo_contact`",
    URI_LOOP: "loop of `ansible.builtin.uri`",
    THREADED: "script with `requests` and eight threads",
    VENDOR: "script with `mpt-api-client`",
    BARE: "bare `requests` script, reading only",
    EMPTY: "empty playbook",
}
LOOPS = (CONTACT_LOOP, URI_LOOP)
# Those that only look, or nothing at all.
READERS = (BARE, EMPTY, URI_GET, SET_NOTHING, APART)
# Spellings of the same contact file.
PLAIN, RICH = "plain", "with quotes, comments and profiles"


@dataclass(frozen=True)
class Case:
    """One thing to measure: a method at work on ``contacts`` declared ones.

    :param latency: milliseconds that the server adds to each answer
    :param check: in check mode
    :param watch: look at the memory of the whole process tree, which costs time
    :param cold: the server has not listed these contacts before
    :param form: how the file is written
    :param changes: so many contacts have drifted, instead of one in a hundred
    :param accounts: so many, with ``contacts`` each
    """

    method: str
    scenario: str
    contacts: int
    latency: int = 0
    concurrency: int = 8
    check: bool = False
    watch: bool = False
    cold: bool = False
    form: str = PLAIN
    changes: int = 0
    accounts: int = 1


@dataclass(frozen=True)
class Group:
    """Cases that take turns, so that a busy machine hits them alike.

    :param is_held: a number is held to them, so even slow ones are repeated
    """

    name: str
    cases: tuple[Case, ...]
    repeat: int
    is_held: bool = False


@dataclass(frozen=True)
class Plan:
    """The sizes of a run of the benchmark.

    :param loop: items of the loops that a number is held to
    :param samples: items of the other loops: without and with drift, where a loop of that length is slow
    :param tasks: single tasks to take the mean of
    :param large: also at this size
    :param changes: so many drifted contacts in a set of the largest of ``sizes``
    :param waits: milliseconds of latency to show how cost grows with it
    :param accounts: so many at once, the last is held to a number; ``each``: contacts of one of them
    :param runners: accounts for four ansible-runners at once, with ``small`` contacts each; 0 for none
    """

    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    latencies: tuple[int, ...] = (0, 50)
    repeat: int = 3
    loop: int = 200
    samples: tuple[int, int] = (25, 100)
    tasks: int = 20
    creates: int = 2_000
    memory: int = 50_000
    large: int = 100_000
    changes: tuple[int, ...] = (1, 10, 100, 1_000)
    waits: tuple[int, ...] = (0, 20, 50, 200)
    accounts: tuple[int, ...] = (1, 10, 50)
    each: int = 1_000
    runners: int = 0
    small: int = 15

    @property
    def most(self) -> int:
        return max(self.sizes)

    def groups(self) -> Iterator[Group]:
        yield from self._held()
        for latency in self.latencies:
            for scenario in SCENARIOS:
                for size in self.sizes:
                    yield self._set(scenario, size, latency)
                yield from self._loops(scenario, latency)
        yield from self._growth()
        yield self._memory()
        cases = tuple(Case(method, NO_CHANGE, self.large) for method in (EMPTY, BARE, SET_SRC))
        yield Group("large", cases, self.repeat, is_held=True)
        if self.runners:
            yield self._runners()

    def _held(self) -> Iterator[Group]:
        cases = tuple(Case(method, NO_CHANGE, self.loop) for method in (EMPTY, SET_SRC, CONTACT_LOOP, URI_LOOP))
        yield Group("loops, no change", cases, self.repeat)
        cases = tuple(Case(method, NO_CHANGE, self.tasks) for method in (EMPTY, URI_GET, CONTACT_SHIPPED))
        yield Group("single tasks", cases, self.repeat, is_held=True)
        creates = Case(SET_SRC, IMPORT, self.creates, latency=50, concurrency=16)
        yield Group("creates", (Case(EMPTY, NO_CHANGE, self.creates), creates), self.repeat, is_held=True)
        cold = tuple(Case(method, NO_CHANGE, self.most, cold=True) for method in (EMPTY, BARE, SET_SRC))
        yield Group("cold", cold, self.repeat, is_held=True)

    def _set(self, scenario: str, size: int, latency: int) -> Group:
        methods = {
            NO_CHANGE: (EMPTY, BARE, SET_SRC, SET_CONTACTS, THREADED, VENDOR),
            # With `contacts:` the writes are the same, and waiting for them twice tells nothing.
            IMPORT: (SET_SRC, THREADED) if latency else (SET_SRC, SET_CONTACTS, THREADED, VENDOR),
            DRIFT: (SET_SRC, SET_CONTACTS, THREADED, VENDOR),
        }[scenario]
        cases = tuple(Case(method, scenario, size, latency) for method in methods)
        is_held = scenario == NO_CHANGE and not latency
        if is_held and size == self.most:
            unlike = (Case(method, scenario, size) for method in (SET_RECORD, SET_NOTHING))
            cases += (*unlike, Case(SET_SRC, scenario, size, form=RICH))
        return Group(f"set, {scenario}, {latency} ms, {size}", cases, self.repeat, is_held)

    def _loops(self, scenario: str, latency: int) -> Iterator[Group]:
        sample, longer = self.samples
        if scenario == NO_CHANGE and latency == 0:
            return  # held to a number, so measured already
        slow = sample if scenario != DRIFT else longer
        cases = (Case(CONTACT_LOOP, scenario, longer, latency), Case(URI_LOOP, scenario, slow, latency))
        yield Group(f"loops, {scenario}, {latency} ms", cases, self.repeat)

    def _growth(self) -> Iterator[Group]:
        drifted = tuple(Case(SET_SRC, DRIFT, self.most, changes=count) for count in self.changes)
        yield Group("growth, changes", drifted, self.repeat)
        size = sorted(self.sizes)[-2] if len(self.sizes) > 1 else self.most
        waiting = tuple(Case(method, NO_CHANGE, size, wait) for wait in self.waits for method in (SET_SRC, BARE))
        yield Group("growth, latency", waiting, self.repeat)
        for count in self.accounts:
            cases = tuple(Case(method, NO_CHANGE, self.each, accounts=count) for method in (ACCOUNTS, APART))
            yield Group(f"growth, accounts, {count}", cases, self.repeat, is_held=count == self.accounts[-1])

    def _memory(self) -> Group:
        unchanged = Case(SET_SRC, NO_CHANGE, self.memory, watch=True)
        planned = Case(SET_SRC, IMPORT, self.memory, check=True, watch=True)
        return Group("memory", (unchanged, planned, replace(unchanged, contacts=self.large)), 1)

    def _runners(self) -> Group:
        cases = tuple(Case(RUNNERS, scenario, self.small, accounts=self.runners) for scenario in (IMPORT, NO_CHANGE))
        return Group("runners", cases, 1)


QUICK = Plan(
    sizes=(100, 1_000),
    latencies=(0,),
    repeat=1,
    loop=10,
    samples=(5, 10),
    tasks=5,
    creates=500,
    memory=5_000,
    large=10_000,
    changes=(1, 10),
    waits=(0, 50),
    accounts=(1, 8),
    each=100,
)
