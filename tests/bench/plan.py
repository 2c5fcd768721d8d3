# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, as data: methods, cases, and the groups of cases that are run in turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

NO_CHANGE, IMPORT, DRIFT = "no change", "first import", "1 % drift"
SCENARIOS = (NO_CHANGE, IMPORT, DRIFT)

SET_SRC, SET_CONTACTS = "set_src", "set_contacts"
CONTACT_LOOP, URI_LOOP = "contact_loop", "uri_loop"
CONTACT_SHIPPED, URI_GET = "contact_shipped", "uri_get"
BARE, EMPTY = "fetch_pages", "empty"

# In the order of the tables.
METHODS = {
    SET_SRC: "`swo_contacts` with `src`",
    SET_CONTACTS: "`swo_contacts` with `contacts:`",
    CONTACT_LOOP: "loop of `swo_contact`",
    URI_LOOP: "loop of `ansible.builtin.uri`",
    BARE: "bare `requests` script, reading only",
    EMPTY: "empty playbook",
}
LOOPS = (CONTACT_LOOP, URI_LOOP)


@dataclass(frozen=True)
class Case:
    """One thing to measure: a method at work on ``contacts`` declared ones.

    :param latency: milliseconds that the server adds to each answer
    :param check: in check mode
    :param watch: look at the memory of the whole process tree, which costs time
    """

    method: str
    scenario: str
    contacts: int
    latency: int = 0
    concurrency: int = 8
    check: bool = False
    watch: bool = False


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
    :param large: also at this size, once
    """

    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    latencies: tuple[int, ...] = (0, 50)
    repeat: int = 3
    loop: int = 200
    samples: tuple[int, int] = (25, 100)
    tasks: int = 20
    creates: int = 2_000
    memory: int = 50_000
    large: int | None = None

    def groups(self) -> Iterator[Group]:
        yield from self._held()
        for latency in self.latencies:
            for scenario in SCENARIOS:
                for size in self.sizes:
                    yield self._set(scenario, size, latency)
                yield from self._loops(scenario, latency)
        yield self._memory()
        if self.large is not None:
            cases = tuple(Case(method, NO_CHANGE, self.large) for method in (EMPTY, BARE, SET_SRC))
            yield Group("large", cases, self.repeat, is_held=True)

    def _held(self) -> Iterator[Group]:
        cases = tuple(Case(method, NO_CHANGE, self.loop) for method in (EMPTY, SET_SRC, CONTACT_LOOP, URI_LOOP))
        yield Group("loops, no change", cases, self.repeat, is_held=True)
        cases = tuple(Case(method, NO_CHANGE, self.tasks) for method in (EMPTY, URI_GET, CONTACT_SHIPPED))
        yield Group("single tasks", cases, self.repeat, is_held=True)
        creates = Case(SET_SRC, IMPORT, self.creates, latency=50, concurrency=16)
        yield Group("creates", (Case(EMPTY, NO_CHANGE, self.creates), creates), self.repeat, is_held=True)

    def _set(self, scenario: str, size: int, latency: int) -> Group:
        methods = (EMPTY, BARE, SET_SRC, SET_CONTACTS) if scenario == NO_CHANGE else (SET_SRC, SET_CONTACTS)
        cases = tuple(Case(method, scenario, size, latency) for method in methods)
        is_held = scenario == NO_CHANGE and latency == 0
        return Group(f"set, {scenario}, {latency} ms, {size}", cases, self.repeat, is_held)

    def _loops(self, scenario: str, latency: int) -> Iterator[Group]:
        sample, longer = self.samples
        if scenario == NO_CHANGE and latency == 0:
            return  # held to a number, so measured already
        slow = sample if scenario != DRIFT else longer
        cases = (Case(CONTACT_LOOP, scenario, longer, latency), Case(URI_LOOP, scenario, slow, latency))
        yield Group(f"loops, {scenario}, {latency} ms", cases, self.repeat)

    def _memory(self) -> Group:
        unchanged = Case(SET_SRC, NO_CHANGE, self.memory, watch=True)
        planned = Case(SET_SRC, IMPORT, self.memory, check=True, watch=True)
        return Group("memory", (unchanged, planned), 1)


QUICK = Plan(
    sizes=(100, 1_000), latencies=(0,), repeat=1, loop=25, samples=(10, 25), tasks=5, creates=500, memory=5_000
)
