# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules: when something goes wrong, and what (faults, section 9)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote_plus

from tests.simulator.model import JsonObject
from tests.simulator.store import fold

PHASES = ("accept", "before_commit", "after_commit", "headers", "body")
# Actions that end the connection without a whole answer; they may stand with cut, which says after how many bytes.
CLOSERS = ("reset", "fin", "hang")
DRIFTS = ("delete", "insert", "both")
# Where an answer can go on for ever.
PARTS = ("status_line", "headers", "header_lines", "continue", "chunk_extension", "chunks", "trailers", "body")
# Actions that answer in place of the API.
ANSWERS = ("status", "redirect", "echo_headers", "gzip_bomb")
_SETTLING = (*CLOSERS, *ANSWERS, "garbage", "cut", "drip", "trickle", "delay_commit")
_DETAILS = {
    "status": ("body", "detail", "html", "headers", "content_type", "reason", "retry_after", "keep_body"),
    "redirect": ("status",),
    "cut": ("framing", *CLOSERS),
    "trickle": ("rate",),
}
DO = {
    "status": "answer with this status; body, detail, html, headers, content_type, reason, retry_after, keep_body",
    "redirect": "answer 302 (or status) with this Location",
    "echo_headers": "answer 500 (or status) with a body that repeats the request's headers",
    "gzip_bomb": "answer 200 with this many MiB, gzip-compressed",
    "reset": "RST",
    "fin": "orderly close without the rest of the answer",
    "hang": "nothing more, the connection stays open",
    "cut": "close (fin, reset or hang) after n bytes of the headers or the body; framing: length, close, chunked",
    "drip": "headers or body at n bytes per second",
    "trickle": "an answer without end, 4 (rate) pieces a second in: " + ", ".join(PARTS),
    "interim": "an informational answer with this status (103) before the real one",
    "garbage": "n random bytes, or this text, in place of the answer",
    "delay": "the answer comes n seconds late, the commit does not",
    "delay_commit": "commit and answer come n seconds late",
    "repeat": "the request is carried out twice, as by a gateway or two writers; the first or the last answer is given",
    "swap_body": "the answer shows another contact",
    "swap_id": "the answer shows the id of another contact, or this id, and is right in all else",
    "edit": "changes the JSON answer: {set: {path: value}, remove: [path], raw: {path: JSON text}}; *: every row",
    "blank_list": "lists are empty",
    "ignore_filter": "lists ignore the filter",
    "unknown_is_true": "lists take a field that does not exist for true instead of refusing the filter",
    "page_drift": "after a page a contact goes, comes or both: delete, insert, both",
    "limit": "lists serve n rows, or 'all', whatever was asked",
    "offset": "lists start at row n, whatever was asked",
    "endless": "lists never end: the same contacts under new ids",
    "total": "lists claim this total: a number, null, or 'rows' for the number of rows on the page",
    "cut_rows": "a stream ends after n rows, at the end of a line, though its headers have promised more",
    "lag": "reads show the state of n seconds ago",
    "flap": "every second read shows the state of n seconds ago",
    "mutate": "changes the store behind the back: list of {contact: {}}, {category: {}}, {delete: id}, {remove: id}",
    "late_commit": "with an answer or a broken connection of before_commit: carried out n seconds after all",
    "drop_write": "the write is answered as done, but not kept",
}
_WHOLE = {"status", "interim", "cut", "cut_rows", "offset", "gzip_bomb"}
_NUMBERS = {*_WHOLE, "drip", "rate", "delay", "delay_commit", "late_commit", "lag", "flap"}
_CHOICES = {
    "page_drift": DRIFTS,
    "framing": ("length", "close", "chunked"),
    "trickle": PARTS,
    "repeat": ("first", "last"),
}
_DETAIL_NAMES = {name for names in _DETAILS.values() for name in names}
_WHEN = ("method", "path", "id", "email", "role", "query", "nth", "every", "after", "p", "seed", "phase")
_CONDITIONS = ("method", "path", "id", "email", "role", "query")


class FaultError(ValueError):
    """A rule that cannot be understood; the message says what is allowed."""


@dataclass(frozen=True)
class Facts:
    """What rules look at. ``contact_email``: of the contact that the path names."""

    method: str
    path: str
    raw_query: str
    body: Any
    role: str | None
    contact_id: str | None
    contact_email: str | None


@dataclass
class Rule:
    """``matched``: requests that met the conditions; ``fired``: those that were hit."""

    number: int
    when: JsonObject
    do: JsonObject
    times: int | None = None
    name: str | None = None
    matched: int = 0
    fired: int = 0
    phase: str = field(init=False)

    def __post_init__(self) -> None:
        self.phase = self.when.get("phase") or _default_phase(self.do)

    @property
    def skips_commit(self) -> bool:
        """Whether the request never reaches the API."""
        return self.phase in ("accept", "before_commit") and any(
            key in self.do for key in (*CLOSERS, *ANSWERS, "garbage", "trickle")
        )

    @property
    def is_about_connections(self) -> bool:
        """Whether the rule can be decided when a connection is accepted, before any request is known."""
        return self.phase == "accept" and not any(key in self.when for key in _CONDITIONS)

    @property
    def settles(self) -> bool:
        """Whether the rule decides how the request ends; of such rules only one hits a request."""
        return any(key in self.do for key in _SETTLING)

    def meets(self, facts: Facts) -> bool:
        return _meets(self.when, facts)

    def is_due(self) -> bool:
        """One more request met the conditions; whether it is one of those to hit depends on its number only."""
        self.matched += 1
        return (self.times is None or self.fired < self.times) and _is_due(self.when, self.matched)

    def as_dict(self) -> JsonObject:
        return {
            "number": self.number,
            "name": self.name,
            "when": self.when,
            "do": self.do,
            "times": self.times,
            "matched": self.matched,
            "fired": self.fired,
        }


def parse_rule(number: int, rule: Mapping[str, Any]) -> Rule:
    """A rule from its JSON form ``{when: {...}, do: {...}, times: n, name: text}``, or ``FaultError``."""
    _check_names("rule", rule, ("when", "do", "times", "name"))
    when, do = dict(rule.get("when", {})), dict(rule.get("do", {}))
    _check_names("when", when, _WHEN)
    _check_names("do", do, (*DO, *_DETAIL_NAMES))
    if not set(do) & set(DO):
        raise FaultError(f"do: nothing to do; known: {', '.join(DO)}")
    if when.get("phase", "body") not in PHASES:
        raise FaultError(f"phase {when['phase']!r} is not allowed; allowed: {', '.join(PHASES)}")
    _check_values(do)
    parsed = Rule(number, when, do, rule.get("times"), rule.get("name"))
    _check_phase(parsed)
    return parsed


def _check_names(where: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise FaultError(f"{where}: unknown {', '.join(unknown)}; allowed: {', '.join(allowed)}")


def _check_values(do: JsonObject) -> None:
    """Refuses what would only show as a crash when the rule fires."""
    for name in _NUMBERS & do.keys():
        value = do[name]
        kinds = (int,) if name in _WHOLE else (int, float)
        if type(value) not in kinds or value < 0 or (name in ("drip", "rate") and not value):
            raise FaultError(
                f"do: {name} must be a number of 0 or more, whole unless a time or rate (drip, rate: above 0)"
            )
    for name, allowed in _CHOICES.items():
        if name in do and do[name] not in allowed:
            raise FaultError(f"{name} {do[name]!r} is not allowed; allowed: {', '.join(allowed)}")
    total = do.get("total")
    if total not in (None, "rows") and (isinstance(total, bool) or not isinstance(total, int)):
        raise FaultError(f"total {total!r} is not allowed; allowed: a whole number, null, rows")
    for change in do.get("mutate", []):
        _check_mutation(change)


def _check_mutation(change: JsonObject) -> None:
    _check_names("mutate", change, ("contact", "category", "delete", "remove"))
    if "contact" in change and not change["contact"].keys() & {"id", "email", "match"}:
        raise FaultError("mutate: the contact needs an id, an email, or the id or email it has now as match")
    if "category" in change and "id" not in change["category"]:
        raise FaultError("mutate: the category needs an id")


def _check_phase(rule: Rule) -> None:
    if rule.phase == "accept" and not set(rule.do) <= {*CLOSERS, "delay", "garbage"}:
        raise FaultError("phase accept allows only reset, fin, hang, garbage and delay")
    if ("cut" in rule.do or "drip" in rule.do) and rule.phase not in ("headers", "body"):
        raise FaultError("cut and drip need phase headers or body")
    if "late_commit" in rule.do and not rule.skips_commit:
        raise FaultError("late_commit needs phase before_commit and an answer, reset, fin, hang or garbage")


def _default_phase(do: JsonObject) -> str:
    if "cut" in do or "drip" in do:
        return "body"
    if do.get("keep_body"):
        return "after_commit"
    is_early = any(key in do for key in (*CLOSERS, *ANSWERS, "garbage", "mutate"))
    return "before_commit" if is_early else "after_commit"


def _is_due(when: JsonObject, index: int) -> bool:
    nth = when.get("nth")
    if nth is not None and index not in (nth if isinstance(nth, list) else [nth]):
        return False
    if index % when.get("every", 1) or index <= when.get("after", 0):
        return False
    chance = when.get("p")
    return chance is None or random.Random(f"{when.get('seed', 1)}:{index}").random() < chance


def _meets(when: JsonObject, facts: Facts) -> bool:
    methods = when.get("method", facts.method)
    return (
        facts.method in (methods if isinstance(methods, list) else [methods])
        and fnmatchcase(facts.path, when.get("path", "*"))
        and when.get("id", facts.contact_id) == facts.contact_id
        and when.get("role", facts.role) == facts.role
        and when.get("query", "") in unquote_plus(facts.raw_query)
        and _names_email(when.get("email"), facts)
    )


def _names_email(email: str | None, facts: Facts) -> bool:
    """Whether the request is about this e-mail: in its body, its query, or of the contact in its path."""
    if email is None:
        return True
    wanted = fold(email)
    body_email = facts.body.get("email") if isinstance(facts.body, dict) else None
    return wanted in (fold(facts.contact_email), fold(body_email if isinstance(body_email, str) else None)) or (
        wanted in fold(unquote_plus(facts.raw_query))
    )
