# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: contracts on who is not opted out of a category, judged on what people there are before and after a plan.

Only active contacts count. What is not known of somebody is neither held for nor against a contract.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Callable, Iterable, Mapping, NamedTuple, Sequence

from .._text import visible
from .email_address import canonical_email

EVERY = "*"
HOLDS, BROKEN, ALREADY_BROKEN, UNKNOWN = "holds", "broken", "already_broken", "unknown"
NOT_SENT = "Whether mail is sent depends on subscribers, too."
_MOST_NAMED = 5
# What makes a contract hold.
_ADD = "declare those contacts that are not there yet"
_OPT_IN = "list the category under opt_ins of contacts that are opted out"
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Contract:
    """One entry of ``coverage``: a category by name or id, or ``*`` for every published one, and one of three rules.

    ``place_of`` finds ``file:line``; it has to read the file again. ``source`` is the file.
    """

    category: str
    at_least: int | None = None
    among: tuple[str, ...] | None = None
    include: tuple[str, ...] | None = None
    opted_out_at_most: int | None = None
    reason: str | None = None
    source: str = ""
    place_of: Callable[[], str] = str

    @property
    def rule(self) -> str:
        """What has to hold, in words."""
        if self.include is not None:
            return "includes {}".format(", ".join(map(visible, self.include)))
        if self.opted_out_at_most is not None:
            return f"opted out at most {self.opted_out_at_most}"
        among = " among {}".format(", ".join(map(visible, self.among))) if self.among is not None else ""
        return f"at least {self.at_least}{among}"

    @property
    def patterns(self) -> tuple[str, ...] | None:
        """Whom it is about, as patterns of addresses; None for everybody."""
        return self.include if self.include is not None else self.among


@dataclass(frozen=True)
class Person:
    """What is known of one contact.

    ``is_active`` is None where that is not known. ``opted_out`` and ``opted_in`` are keys of categories of which it is
    known; with ``is_settled`` the contact is opted in to all that ``opted_out`` does not name.
    """

    key: str
    label: str
    is_active: bool | None
    opted_out: frozenset[str] = frozenset()
    opted_in: frozenset[str] = frozenset()
    is_settled: bool = True

    def is_reached(self, category: str) -> bool | None:
        """True for an active contact that is not opted out."""
        return self._is(True, category)

    def is_opted_out(self, category: str) -> bool | None:
        """True for an active contact that is opted out."""
        return self._is(False, category)

    def _is(self, opted_in: bool, category: str) -> bool | None:
        if self.is_active is False:
            return False
        if category in self.opted_out:
            found = False
        elif self.is_settled or category in self.opted_in:
            found = True
        else:
            return None
        return False if found is not opted_in else self.is_active


class Move(NamedTuple):
    """What a plan makes of one contact; None where there is none. ``place`` finds the entry in a file."""

    before: Person | None
    after: Person | None
    place: Callable[[], str | None]


@dataclass(frozen=True)
class World:
    """Who there is before and after a plan; with ``is_whole``, nobody else is.

    ``moves`` are those whom the plan changes: ``after`` is ``before`` with these replaced.
    """

    before: Sequence[Person]
    after: Sequence[Person]
    moves: Sequence[Move] = ()
    is_whole: bool = True


class Culprit(NamedTuple):
    """An entry of the plan because of which a contract is broken."""

    label: str
    place: str | None


@dataclass(frozen=True)
class Judgement:
    """One contract for one category: ``before`` and ``after`` count those that the rule is about.

    ``missing`` are addresses that the rule asks for and that are not reached after the plan; ``remedies`` say how the
    contract could hold. ``place`` is the file, or
    the line where something is to be mended.
    """

    contract: Contract
    category: str
    name: str
    verdict: str
    before: int
    after: int
    missing: tuple[str, ...] = ()
    culprits: tuple[Culprit, ...] = ()
    remedies: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        return self.contract.source if self.verdict == HOLDS else self.contract.place_of()


class _State(NamedTuple):
    """How far a rule is fulfilled: ``lack`` is by how much it surely is not."""

    holds: bool | None
    number: int
    lack: int
    missing: frozenset[str]
    remedies: frozenset[str] = frozenset()


def judge(contract: Contract, categories: Mapping[str, str], world: World) -> list[Judgement]:
    """The contract for each of these categories, which are names by key."""
    rule = _Rule(contract, world.is_whole)
    before = rule.about(world.before)
    after = rule.about(world.after) if world.moves else before
    found = []
    for key, name in categories.items():
        old = rule.state(key, before)
        new = rule.state(key, after) if world.moves else old
        verdict = _verdict(old, new)
        culprits = rule.culprits(key, world.moves) if verdict == BROKEN else ()
        found.append(
            Judgement(
                contract, key, name, verdict, old.number, new.number, tuple(sorted(new.missing)), culprits, new.remedies
            )
        )
    return found


def _verdict(before: _State, after: _State) -> str:
    if after.holds is not False:
        return HOLDS if after.holds else UNKNOWN
    is_worse = after.lack > before.lack or bool(after.missing - before.missing)
    return BROKEN if before.holds is not False or is_worse else ALREADY_BROKEN


class _Rule:
    """A contract, with its patterns compiled."""

    def __init__(self, contract: Contract, is_whole: bool) -> None:
        self._contract = contract
        self._is_whole = is_whole
        patterns = contract.patterns
        keys = [canonical_email(pattern) for pattern in patterns or ()]
        # An address that has to be there is one, whatever characters it has.
        forms = [re.escape(key) + r"\Z" if contract.include is not None else translate(key) for key in keys]
        self._fits = re.compile("|".join(forms) or r"(?!)").match if patterns is not None else None
        self._keys = keys

    def about(self, people: Iterable[Person]) -> list[Person]:
        """Those whom the rule is about."""
        if self._fits is None:
            return list(people)
        fits = self._fits
        return [person for person in people if fits(person.key)]

    def state(self, category: str, people: Sequence[Person]) -> _State:
        if self._contract.include is not None:
            return self._inclusion(category, people)
        if self._contract.opted_out_at_most is not None:
            return self._opt_outs(category, people, self._contract.opted_out_at_most)
        return self._minimum(category, people, self._contract.at_least or 0)

    def _minimum(self, category: str, people: Sequence[Person], needed: int) -> _State:
        verdicts = [person.is_reached(category) for person in people]
        sure, unsure = verdicts.count(True), verdicts.count(None)
        if sure >= needed:
            return _State(True, sure, 0, frozenset())
        possible = sure + unsure + self._others(people)
        is_broken = self._is_closed and possible < needed
        remedies = frozenset(([_ADD] if len(people) < needed else []) + ([_OPT_IN] if False in verdicts else []))
        return _State(False if is_broken else None, sure, needed - possible if is_broken else 0, frozenset(), remedies)

    def _opt_outs(self, category: str, people: Sequence[Person], allowed: int) -> _State:
        verdicts = [person.is_opted_out(category) for person in people]
        sure, unsure = verdicts.count(True), verdicts.count(None)
        if sure > allowed:
            return _State(False, sure, sure - allowed, frozenset(), frozenset([_OPT_IN]))
        is_certain = self._is_whole and sure + unsure <= allowed
        return _State(True if is_certain else None, sure, 0, frozenset())

    def _inclusion(self, category: str, people: Sequence[Person]) -> _State:
        reached: dict[str, list[bool | None]] = {key: [] for key in self._keys}
        for person in people:
            reached[person.key].append(person.is_reached(category))
        sure = sum(1 for verdicts in reached.values() if True in verdicts)
        missing = {
            key
            for key, verdicts in reached.items()
            if not {True, None}.intersection(verdicts) and (verdicts or self._is_whole)
        }
        holds = False if missing else True if sure == len(reached) else None
        remedies = frozenset(_OPT_IN if reached[key] else _ADD for key in missing)
        return _State(holds, sure, 0, frozenset(missing), remedies)

    @property
    def _is_closed(self) -> bool:
        """True if nobody but those known can count."""
        return self._is_whole or (self._fits is not None and not any(_WILD.search(key) for key in self._keys))

    def _others(self, people: Sequence[Person]) -> int:
        """How many may count of whom nothing is known: addresses that the rule names in full."""
        return 0 if self._is_whole else len(set(self._keys) - {person.key for person in people})

    def culprits(self, category: str, moves: Sequence[Move]) -> tuple[Culprit, ...]:
        found = []
        for move in moves:
            before, after = self._weight(category, move.before), self._weight(category, move.after)
            person = move.before or move.after
            if after < before and person is not None:
                found.append(Culprit(person.label, move.place()))
        return tuple(found)

    def _weight(self, category: str, person: Person | None) -> int:
        """How much a contact does for the rule."""
        if person is None or not self.about([person]):
            return 0
        if self._contract.opted_out_at_most is not None:
            return -1 if person.is_opted_out(category) else 0
        return 0 if person.is_reached(category) is False else 1


class Said(NamedTuple):
    """A verdict that somebody has to know of; ``text`` begins behind the place of the contract."""

    verdict: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"The coverage contract in {visible(self.place)} {self.text}"


def sentences(judgements: Iterable[Judgement], of_files: bool = False) -> list[Said]:
    """What is said of verdicts, one text for each contract.

    :param of_files: they are about files alone
    """
    groups: dict[tuple[int, str], list[Judgement]] = {}
    for judgement in judgements:
        if judgement.verdict != HOLDS:
            groups.setdefault((id(judgement.contract), judgement.verdict), []).append(judgement)
    return [
        Said(verdict, group[0].place, _sentence(verdict, group, of_files))
        for (_contract, verdict), group in groups.items()
    ]


_SAID = {
    BROKEN: "would be broken by this plan",
    ALREADY_BROKEN: "is broken already",
    UNKNOWN: "cannot be judged, because not all of the opt-outs or contacts are known",
}


def _sentence(verdict: str, group: Sequence[Judgement], of_files: bool) -> str:
    contract = group[0].contract
    reason = f"; {visible(contract.reason)}" if contract.reason else ""
    said = "is broken by the files" if of_files else _SAID[verdict]
    text = f"({contract.rule}{reason}) {said}"
    numbers = [_numbers(judgement) for judgement in group]
    missing = sorted({address for judgement in group for address in judgement.missing})
    if verdict != UNKNOWN:
        text += f": {_listed(numbers)}"
        text += f", without {_listed(missing)}" if missing else ""
    text += "."
    culprits = list(dict.fromkeys(culprit for judgement in group for culprit in judgement.culprits))
    if culprits:
        text += f" Because of {_listed([_named(culprit) for culprit in culprits])}."
    if verdict == ALREADY_BROKEN:
        remedies = sorted({remedy for judgement in group for remedy in judgement.remedies})
        text += f" To mend it, {' and '.join(remedies)}; only active contacts count."
    elif verdict == BROKEN:
        text += " Change what breaks it, or the contract if this is meant."
    return text


def _numbers(judgement: Judgement) -> str:
    before, after = judgement.before, judgement.after
    return f"{visible(judgement.name)} " + (f"{before} -> {after}" if before != after else str(after))


def _named(culprit: Culprit) -> str:
    return f"{culprit.label} ({culprit.place})" if culprit.place else f"{culprit.label} (in no file)"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_NAMED
    shown = [visible(text) for text in texts[:_MOST_NAMED]]
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
