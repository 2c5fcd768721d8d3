# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold after every fault: the judges are the simulator's store and journal, not what the task says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.catalogue import DONE, TOLD, Fault
from tests.matrix.operations import BULK, OTHERS, Operation
from tests.matrix.wire import HOST, Sent
from tests.simulator.model import JournalEntry

# A read is sent four times at most. A write is sent three times, and after each there are up to three looks.
MOST_READS_EACH = 4
MOST_REQUESTS_PER_WRITE = 3 + 3 * 3 * MOST_READS_EACH
# The longest that one request may cost: its time limit, or a Retry-After that is still obeyed.
SECONDS_PER_REQUEST = 60.0
WINDOW = 8
LONGEST_MESSAGE = 4000
# What gives away that a text was not written for a user.
_RAW = re.compile(
    r"Traceback|urllib3|HTTPSConnectionPool|MaxRetry|ProtocolError|ConnectionReset|Errno|\bException\b"
    r"|Error\(|SSL:|Internal error|object at 0x|</?[a-z]+>",
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ACTIONS = {"POST": "create", "PUT": "update", "DELETE": "delete", "block": "block", "unblock": "unblock"}

Store = dict[str, dict[str, Any]]


@dataclass
class Run:
    """One task: what it returned, what it sent and wrote, and the account before and after it, by id of the contact."""

    values: dict[str, Any]
    failed: bool
    warnings: list[str]
    journal: list[JournalEntry]
    before: Store
    after: Store
    seconds: float
    sinks: dict[str, str] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    @property
    def commits(self) -> list[tuple[str, str]]:
        """Action and address of each write that was carried out."""
        return [self._named(entry) for entry in self.journal if entry.committed]

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The same of all that were sent."""
        return [self._named(entry) for entry in self.journal if entry.method != "GET"]

    @property
    def answered_as_done(self) -> list[tuple[str, str]]:
        """The same of those that were not carried out, but answered with success."""
        return [self._named(entry) for entry in self._undone if entry.status is not None and entry.status < 300]

    @property
    def is_open(self) -> bool:
        """Whether a write was sent, not carried out, and not refused in so many words; a 404 may be a gateway's."""
        statuses = [entry.status if entry.sent_fully else None for entry in self._undone]
        return any(status is None or not 400 <= status < 500 or status in (404, 408) for status in statuses)

    @property
    def _undone(self) -> list[JournalEntry]:
        return [entry for entry in self.journal if entry.method != "GET" and not entry.committed]

    def _named(self, entry: JournalEntry) -> tuple[str, str]:
        contact_id, _sep, verb = entry.path.partition("/contacts/")[2].partition("/")
        if not contact_id:
            return "create", str(entry.body.get("email") if isinstance(entry.body, dict) else None).lower()
        known = self.before.get(contact_id) or self.after.get(contact_id) or {}
        return _ACTIONS[verb or entry.method], str(known.get("email", contact_id)).lower()


@dataclass
class Story:
    """A cell: a run with the fault, one without, one more, and the way back; ``reference`` had no fault at all."""

    operation: Operation
    fault: Fault
    reference: Run
    first: Run
    again: Run
    third: Run
    back: Run | None
    unfired: list[str]
    token: str
    secrets: list[str]
    gap: float | None = None
    tries: int = 0


def live(store: Store) -> list[tuple[Any, ...]]:
    """What a client can manage of each live contact; ids and dates are the server's."""
    rows = (
        (
            str(data["email"]).lower(),
            data["name"] or None,
            data["status"],
            data["blockedReason"],
            tuple(sorted(item["id"] for item in data["optOuts"])),
        )
        for data in store.values()
        if data["status"] != "Deleted"
    )
    return sorted(rows, key=str)


def no_duplicates(story: Story) -> Iterator[str]:
    """I1: no address has more live contacts than it had, unless it had none."""
    before = Counter(row[0] for row in live(story.first.before))
    for run in (story.first, story.again, story.third):
        for email, count in Counter(row[0] for row in live(run.after)).items():
            if count > max(1, before[email]):
                yield f"{count} live contacts of {email}"


def only_what_was_planned(story: Story) -> Iterator[str]:
    """I2: what was carried out was due, each of it once, and nobody else's contact was touched."""
    due = Counter(story.reference.commits)
    done = Counter([*story.first.commits, *story.again.commits, *story.third.commits])
    for write, count in done.items():
        if count > due[write] and not (story.fault.late and due[write]):
            yield f"{' '.join(write)} was carried out {count} times and due {due[write]} times"
    for write in sorted(set(story.first.writes) - due.keys()):
        yield f"{' '.join(write)} was sent and not due"
    for contact_id, data in story.first.before.items():
        if str(data["email"]).endswith(OTHERS) and story.third.after.get(contact_id) != data:
            yield f"{data['email']} is nobody's business and was changed"


def the_truth_is_told(story: Story) -> Iterator[str]:
    """I3: what is reported as done is done, what was done is reported, and an ok means all of it."""
    run, values = story.first, story.first.values
    if story.operation.only_reads:
        yield from _right_contacts(story)
    elif not run.failed and live(run.after) != live(story.reference.after):
        yield "ok, but the account is not as declared"
    if run.commits and not values["changed"]:
        yield f"not changed, but carried out: {run.commits}"
    if values["changed"] and not run.commits and not (run.failed and run.is_open):
        yield "changed, but nothing was carried out, and every answer said so"
    reported = _reported(story)
    # A write that was answered as done, and is told not to have stuck, was done as far as anybody can see.
    believed = run.answered_as_done if run.failed else []
    lied = Counter(reported) - Counter(run.commits) - Counter(believed)
    if lied and not story.fault.late:
        yield f"reported and not carried out: {sorted(lied)}"
    untold = Counter(run.commits) - Counter(reported)
    if untold and not run.failed and not story.fault.late:
        yield f"carried out and not reported: {sorted(untold)}"
    if values["requests"] != _requests(run) and not story.fault.wire and not story.fault.environment:
        yield f"{values['requests']} requests reported, {_requests(run)} received"
    report = json.loads(run.sinks.get("report.json", "null"))
    for name in ("results", "counts", "requests", "plan_hash", "status") if report else ():
        if report[name] != values[name]:
            yield f"{name} of the report differs from that of the result"


def it_ends(story: Story) -> Iterator[str]:
    """I4: a bounded number of requests, within a bounded time."""
    wanted = len(story.reference.journal)
    due = len(story.reference.commits)
    most = MOST_READS_EACH * wanted + MOST_REQUESTS_PER_WRITE * due
    sent = len(story.first.sent)
    if sent > most:
        yield f"{sent} requests, at most {most} expected"
    if story.first.seconds > SECONDS_PER_REQUEST * sent + 1:
        yield f"{story.first.seconds:.0f} s for {sent} requests"
    low, high = story.fault.waits or (0.0, float("inf"))
    if story.gap is not None and not low <= story.gap <= high:
        yield f"waited {story.gap} s, {low} to {high} expected"
    if story.fault.tries is not None and story.operation.mode != BULK and story.tries > story.fault.tries:
        yield f"{story.tries} tries, at most {story.fault.tries} expected"


def no_secret_leaves(story: Story) -> Iterator[str]:
    """I5: no piece of a secret in anything that is shown, written or sent elsewhere."""
    runs = {
        "first": story.first,
        "again": story.again,
        "third": story.third,
        **({"back": story.back} if story.back else {}),
    }
    for when, run in runs.items():
        texts = {"values": json.dumps(run.values, default=repr), "warnings": repr(run.warnings), **run.sinks}
        for where, text in texts.items():
            for secret in story.secrets:
                if any(secret[start : start + WINDOW] in text for start in range(len(secret) - WINDOW + 1)):
                    yield f"a piece of a secret in {where} of the {when} run"
        for sent in run.sent:
            if sent.host != HOST:
                yield f"a request to {sent.host}"
            if sent.authorization != "Bearer " + story.token:
                yield "a request with another token"


def one_clear_result(story: Story) -> Iterator[str]:
    """I6: one JSON object with the usual keys; an error is a text of ours, on one line, and says what to do."""
    for run in (story.first, story.again, story.third):
        values = run.values
        try:
            json.dumps(values, allow_nan=False).encode()
        except (TypeError, ValueError):
            yield "the result is not JSON"
        missing = story.reference.values.keys() - values.keys() - {"diff"}
        if missing:
            yield f"the result lacks {sorted(missing)}"
        if run.failed != ("msg" in values):
            yield "a message and no failure, or the other way round"
        for text in (*([str(values["msg"])] if "msg" in values else []), *run.warnings):
            if _RAW.search(text):
                yield f"raw text: {text[:200]!r}"
            if _UNSAFE.search(text):
                yield f"unsafe characters: {text[:200]!r}"
            if not text.endswith((".", "!")) or len(text) > LONGEST_MESSAGE:
                yield f"not a sentence of a readable length: {text[-200:]!r}"
    if story.first.failed and story.fault.says not in story.first.values["msg"]:
        yield f"{story.fault.says!r} is not said: {story.first.values['msg'][:300]!r}"


def it_converges(story: Story) -> Iterator[str]:
    """I7: the next run does what is missing, the one after it nothing, and the undo files lead back."""
    ends = story.fault.ends(story.operation)
    if ends == DONE and story.first.failed:
        yield f"had to end well: {story.first.values['msg'][:300]}"
    if ends == TOLD and not story.first.failed:
        yield "had to end with an error"
    if story.again.failed:
        yield f"the next run fails: {story.again.values['msg'][:300]}"
    if live(story.again.after) != live(story.reference.after):
        yield "the next run does not converge"
    if story.third.failed or story.third.values["changed"] or story.third.writes:
        yield f"the run after it is not idle: {story.third.writes}"
    if story.back is not None and not story.fault.lies:
        if story.back.failed:
            yield f"the way back fails: {story.back.values['msg'][:300]}"
        kept = {row[0] for row in live(story.first.before)}
        unsure = _unsure(story.back)
        found = [row for row in live(story.back.after) if row[0] in kept or row[0] not in unsure]
        if found != live(story.first.before):
            yield "the way back leads elsewhere"


INVARIANTS: dict[str, Callable[[Story], Iterator[str]]] = {
    "I1": no_duplicates,
    "I2": only_what_was_planned,
    "I3": the_truth_is_told,
    "I4": it_ends,
    "I5": no_secret_leaves,
    "I6": one_clear_result,
    "I7": it_converges,
}


def broken(story: Story) -> list[str]:
    """What does not hold of a cell; empty if everything does."""
    found = [f"{name}: {text}" for name, holds in INVARIANTS.items() for text in holds(story)]
    return found + [f"proves nothing: {name} never happened" for name in story.unfired]


def _unsure(run: Run) -> set[str]:
    """Who was created by who knows whom, and is therefore left there, as the undo files say."""
    text = "\n".join(text for name, text in run.sinks.items() if name.startswith("undo"))
    notes = [line for line in text.lower().splitlines() if "#" in line and "is not removed" in line]
    return {row[0] for row in live(run.before) if any(row[0] in note for note in notes)}


def _right_contacts(story: Story) -> Iterator[str]:
    if story.first.failed:
        return
    shown = [[row["id"] for row in run.values["contacts"]] for run in (story.first, story.reference)]
    if sorted(shown[0]) != sorted(shown[1]):
        yield "ok, but other contacts than there are"


def _reported(story: Story) -> list[tuple[str, str]]:
    values = story.first.values
    if "results" in values:
        return [(action, row["email"].lower()) for row in values["results"] for action in row["actions"]]
    email = str(story.operation.options.get("email", "")).lower()
    return [(action, email) for action in values.get("actions", ())]


def _requests(run: Run) -> dict[str, int]:
    counts = Counter(entry.method for entry in run.journal)
    return {method: counts[method] for method in ("GET", "POST", "PUT", "DELETE")}
