# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules in force, and what they make of one request (faults, section 9)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.simulator.model import View, WireFault
from tests.simulator.presets import preset_rules
from tests.simulator.rules import ANSWERS, CLOSERS, Facts, Rule, parse_rule
from tests.simulator.switches import SwitchSet

_WIRE = (*CLOSERS, "cut", "drip", "trickle", "garbage", "interim", "delay")
_VIEW = (
    "blank_list",
    "ignore_filter",
    "unknown_is_true",
    "lag",
    "page_drift",
    "limit",
    "offset",
    "endless",
    "total",
    "cut_rows",
)


@dataclass(frozen=True)
class Plan:
    """The rules that hit one request, in the order in which they were added. Of two that say the same, the first."""

    rules: tuple[Rule, ...] = ()

    def first(self, *keys: str) -> Rule | None:
        return next((rule for rule in self.rules if any(key in rule.do for key in keys)), None)

    def value(self, key: str) -> Any:
        rule = self.first(key)
        return rule.do[key] if rule else None

    @property
    def skipping(self) -> Rule | None:
        """The rule that keeps the request away from the API."""
        return next((rule for rule in self.rules if rule.skips_commit), None)

    @property
    def answering(self) -> Rule | None:
        """The rule that replaces the answer of a request that has been carried out."""
        return next((rule for rule in self.rules if any(key in rule.do for key in ANSWERS)), None)

    @property
    def view(self) -> View:
        changes = {key: self.value(key) for key in _VIEW if self.first(key)}
        flapping = self.first("flap")
        # Odd hits see the past: the very first read after a write is the one that misleads.
        if flapping and flapping.fired % 2:
            changes["lag"] = float(flapping.do["flap"])
        return View(**changes)

    def wire(self, seq: int) -> WireFault | None:
        rule = self.first(*_WIRE)
        return wire_fault(rule, seq) if rule else None

    def mutating(self, *, early: bool) -> list[Rule]:
        """The rules that change the store before or after the request is carried out."""
        return [
            rule for rule in self.rules if "mutate" in rule.do and (rule.phase in ("accept", "before_commit")) == early
        ]


def wire_fault(rule: Rule, seq: int) -> WireFault:
    """What the transport has to do."""
    do = rule.do
    fault = WireFault(phase=rule.phase, delay=float(do.get("delay", 0)), interim=do.get("interim", 0))
    closer = next((key for key in CLOSERS if do.get(key)), None)
    if "cut" in do:
        return replace(fault, action=closer or "fin", count=int(do["cut"]), framing=do.get("framing", "length"))
    if "garbage" in do:
        return replace(fault, action="garbage", data=_garbage(do["garbage"], seq))
    if "drip" in do:
        return replace(fault, action="drip", rate=float(do["drip"]))
    if "trickle" in do:
        return replace(fault, action="trickle", part=do["trickle"], rate=float(do.get("rate", 4)))
    return replace(fault, action=closer)


def _garbage(what: int | str, seq: int) -> bytes:
    return random.Random(seq).randbytes(what) if isinstance(what, int) else what.encode()


class Faults:
    """``rules``: those added by hand. Those of the switches come after them and start counting when a switch is set."""

    def __init__(self, switches: SwitchSet) -> None:
        self.rules: list[Rule] = []
        self._next = 0
        self._switches = switches
        self._generation = -1
        self._presets: list[Rule] = []

    def add(self, rule: Mapping[str, Any]) -> Rule:
        """Adds a rule in its JSON form; ``FaultError`` if it cannot be understood."""
        self._next += 1
        parsed = parse_rule(self._next, rule)
        self.rules.append(parsed)
        return parsed

    def clear(self) -> None:
        self.rules.clear()

    def unfired(self) -> list[Rule]:
        """Rules that never hit anything: a test that leaves some has proved nothing with them."""
        return [rule for rule in self.rules if not rule.fired]

    def active(self) -> list[Rule]:
        if self._generation != self._switches.generation:
            self._generation = self._switches.generation
            presets = preset_rules(self._switches["faults"], self._switches["commit_then_fail"])
            self._presets = [parse_rule(0, rule) for rule in presets]
        return self.rules + self._presets if self._presets else self.rules

    def plan(self, facts: Facts, *, has_connection: bool) -> Plan:
        """Which rules hit this request. With a connection, rules about connections had their turn at ``accept``."""
        candidates = [
            rule
            for rule in self.active()
            if not (has_connection and rule.is_about_connections) and rule.meets(facts) and rule.is_due()
        ]
        return Plan(tuple(_fired(candidates)))

    def accept(self) -> WireFault | None:
        """What happens to a connection that has just been accepted."""
        due = [rule for rule in self.active() if rule.is_about_connections and rule.is_due()]
        for rule in _fired(due):
            return wire_fault(rule, rule.matched)
        return None


def _fired(due: list[Rule]) -> Iterator[Rule]:
    """The first rule that settles a request, and all that only bend it: the others keep their turn."""
    is_settled = False
    for rule in due:
        if rule.settles and is_settled:
            continue
        is_settled = is_settled or rule.settles
        rule.fired += 1
        yield rule
