# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what all reports for people say in the same words and the same order."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Mapping, NamedTuple, Sequence
from urllib.parse import urlsplit

from .._contacts.applied import NEVER_MANAGED, REMOVED
from .._contacts.coverage import ALREADY_BROKEN, BROKEN, HOLDS, NOT_SENT, UNKNOWN
from .._contacts.scope import TAKEN_OUT
from .effects import DRIFT, FILES, Effect, opt_out_effects, outcome_label, view_of, writer_text
from .effects import category_lines as category_lines_of

# Worst first: what needs a person, then what cannot be taken back, then the rest.
OUTCOMES = ("failed", "unknown", "deleted", "blocked", "updated", "unblocked", "created", "skipped", "unchanged")
DIFFERENCES = ("deleted", "blocked", "updated", "unblocked", "created")
TROUBLE = ("failed", "unknown")

# The kind of a difference that only the files have made, among those of the account.
WAITING = "pending"

# None of these is drawn as an emoji.
SYMBOLS = {
    "failed": "\u2717",
    "unknown": "?",
    "deleted": "\u2212",
    "blocked": "\u2298",
    "updated": "~",
    "unblocked": "\u25cb",
    "created": "+",
    "skipped": "\u00b7",
    "unchanged": "=",
    WAITING: "\u2192",
}
# What is missing, extra, or was blocked by somebody, where a plan would create, delete, or unblock.
_DRIFT_SYMBOLS = {"deleted": "+", "created": "\u2212", "blocked": "\u25cb", "unblocked": "\u2298"}
STATUS_SYMBOLS = {"clean": "\u2713", "applied": "\u2713", "pending": "\u2192", "drift": "\u2260", "error": "\u2717"}

# Whose change it was.
LABELS = {
    "pending": "not applied yet",
    "drift": "changed in the account",
    "conflict": "changed both in the files and in the account",
}
# Whether a contact in no file was in one.
PASTS = {REMOVED: TAKEN_OUT, NEVER_MANAGED: "never in the files"}

_FIELDS = {"opt_outs": "opt-outs", "blocked_reason": "blocked reason"}


_DESIRED = "file says"
SEPARATOR = " \u00b7 "
# How the place in a file is introduced.
PLACE = "in"


class Change(NamedTuple):
    """One field of one contact, from -> to. A list shows only what goes and what comes.

    ``effects`` say what that means, where the bare values do not.
    """

    field: str
    removed: list[str]
    added: list[str]
    is_list: bool
    effects: list[Effect]


def symbol(outcome: str, view: str) -> str:
    """The sign of an outcome, which like its label depends on the point of view."""
    return _DRIFT_SYMBOLS.get(outcome, SYMBOLS[outcome]) if view == DRIFT else SYMBOLS[outcome]


def account_of(report: Mapping[str, Any]) -> str:
    """What tells the account apart: its inventory host, and what was proven or is public of it."""
    account = report["account"]
    known = [account["host"], account["name"], account["id"], account["token"]]
    return SEPARATOR.join(text for text in known if text) or _host_of(report["api_url"])


def _host_of(api_url: str | None) -> str:
    """The host of the API, or its address where it has none."""
    address = api_url or "no address"
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def number_of(count: int, noun: str) -> str:
    """``1 contact``, ``2 contacts``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def differences(report: Mapping[str, Any]) -> int:
    """How many contacts are, or were, different from what is desired."""
    return sum(report["counts"][outcome] for outcome in DIFFERENCES)


def kind_of(row: Mapping[str, Any], view: str) -> str:
    """The outcome of a row, or that it only waits for being applied."""
    return row["outcome"] if view_of(row["label"], view) == view or row["outcome"] not in DIFFERENCES else WAITING


def tally(report: Mapping[str, Any]) -> dict[str, int]:
    """How many contacts there are of each kind."""
    waiting = Counter(row["outcome"] for row in report["results"] if kind_of(row, report["view"]) == WAITING)
    counts = {outcome: report["counts"][outcome] - waiting[outcome] for outcome in OUTCOMES}
    return {**counts, WAITING: sum(waiting.values())}


def kind_label(kind: str, view: str) -> str:
    """The words for a kind of rows."""
    return LABELS[WAITING] if kind == WAITING else outcome_label(kind, view)


def headline(report: Mapping[str, Any]) -> str:
    """The verdict in a few words; never clean where something went wrong."""
    counts, count = report["counts"], differences(report)
    waiting = tally(report)[WAITING]
    trouble = sum(counts[outcome] for outcome in TROUBLE)
    bad = f"{number_of(trouble, 'contact')} failed or unknown" if trouble else ""
    if report["status"] == "error":
        bad = faults_line(report["faults"]) or bad
        return f"Error: {bad}" if bad else "Error"
    if report["view"] == FILES:
        return "No faults"
    if report["status"] == "applied":
        good = f"Applied: {number_of(count, 'contact')} changed"
    elif report["status"] == "pending":
        good = f"{number_of(count, 'contact')} not applied yet"
    elif report["status"] == "drift":
        broken = broken_contracts(report["coverage"])
        other = f"coverage: {broken}" if broken else f"{number_of(counts['unmanaged'], 'contact')} in no file"
        good = number_of(count - waiting, "difference") if count > waiting else other
        good += f", {waiting:,} not applied yet" if waiting else ""
    else:
        good = "No differences"
    return f"{good}, {bad}" if bad else good


def faults_line(faults: Sequence[Mapping[str, Any]]) -> str:
    """``44 faults in 3 files``; nothing if there is none."""
    files = {fault["file"] for fault in faults if fault["file"]}
    told = number_of(len(faults), "fault") if faults else ""
    return f"{told} in {number_of(len(files), 'file')}" if files else told


def subline(report: Mapping[str, Any]) -> str:
    """How the report came about, in one sentence without a user's text."""
    counts = report["counts"]
    if report["view"] == FILES:
        told = "" if report["status"] == "error" else f": {number_of(counts['desired'], 'contact')}"
        return f"Contact files only, the account was not asked{told}."
    if report["faults"]:
        return "The run stopped before its first write: what is wrong in the contact files has to be mended first."
    mode = "Check mode, nothing was written" if report["mode"] == "check" else "Apply mode"
    return f"{mode}: {number_of(counts['live'], 'live contact')}, {counts['desired']:,} desired."


def requests_line(report: Mapping[str, Any]) -> str:
    """``GET 9, POST 0, ...``."""
    return ", ".join(f"{verb} {count:,}" for verb, count in report["requests"].items())


def worst_first(results: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of each outcome that has any, worst outcome first, by address within."""
    groups: dict[str, list[Mapping[str, Any]]] = {outcome: [] for outcome in OUTCOMES}
    for row in results:
        groups[row["outcome"]].append(row)
    return {outcome: sorted(rows, key=_by_address) for outcome, rows in groups.items() if rows}


def _by_address(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return (row["email"].lower(), row["id"] or "", -1 if row["index"] is None else row["index"])


def identity(row: Mapping[str, Any]) -> str:
    """What tells two masked addresses apart: the id, or the place in the input, from 1 on."""
    if row["id"]:
        return str(row["id"])
    return "" if row["index"] is None else "entry {:,}".format(row["index"] + 1)


def changes_of(row: Mapping[str, Any], view: str) -> list[Change]:
    """The fields of a row, ready to be shown; of a contact that is not live, what cannot go without saying."""
    if row["outcome"] != "created":
        return [_change(item, view) for item in row["fields"]]
    told = [item for item in row["fields"] if item["field"] != "email" and item["after"] != "Active"]
    # What is missing is missing as a whole; no part of it differs.
    return [_missing(item) if view == DRIFT else _change(item, view) for item in told]


def _missing(item: Mapping[str, Any]) -> Change:
    declared = _texts(item["after"])
    return Change(_named(item), [], declared, False, [Effect(_DESIRED, tuple(declared) or ("nothing",))])


def _named(item: Mapping[str, Any]) -> str:
    field: str = item["field"]
    return _FIELDS.get(field, field.replace("_", " "))


def _change(item: Mapping[str, Any], view: str) -> Change:
    view = view_of(item["label"], view)
    field = _named(item)
    before, after = item["before"], item["after"]
    if isinstance(before, (list, tuple)) or isinstance(after, (list, tuple)):
        old, new = _texts(before), _texts(after)
        effects = opt_out_effects(old, new, view) if item["field"] == "opt_outs" else []
        gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
        return Change(field, gone, come, True, effects)
    live, desired = _texts(before), _texts(after)
    # What a run would change is, seen as drift, what the account has instead of what the files say.
    pairs = [(_DESIRED, desired), ("live says", live)] if view == DRIFT else []
    return Change(field, live, desired, False, [Effect(words, tuple(texts) or ("nothing",)) for words, texts in pairs])


def category_lines(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each category by its name, which others wrote, and what becomes of it."""
    return category_lines_of(report["categories"], report["impact"], report["view"])


def coverage_line(report: Mapping[str, Any]) -> str:
    """How many coverage contracts hold, in a sentence without a user's text; empty where there are none."""
    rows = report["coverage"]
    if not rows:
        return ""
    found = [(word, sum(1 for row in rows if row["verdict"] in verdicts)) for word, verdicts in _VERDICTS]
    parts = ", ".join(f"{number:,} {word}" for word, number in found if number)
    return f"Coverage, by contract and category: {parts}. {NOT_SENT}"


# A contract that is broken is named by a message or a warning.
_VERDICTS = (("hold", (HOLDS,)), ("broken", (BROKEN, ALREADY_BROKEN)), ("unknown", (UNKNOWN,)))


def run_lines(report: Mapping[str, Any]) -> list[str]:
    """What there is to say of the run as a whole besides how it came about."""
    return [text for text in (snapshot_line(report), coverage_line(report)) if text]


def broken_contracts(rows: Sequence[Mapping[str, Any]]) -> str:
    """``1 contract broken``, or nothing."""
    places = {(row["source"], row["rule"]) for row in rows if row["verdict"] in (BROKEN, ALREADY_BROKEN)}
    return f"{number_of(len(places), 'contract')} broken" if places else ""


def snapshot_line(report: Mapping[str, Any]) -> str:
    """From when the snapshot is that the plan was made of; empty where it was made of the live account."""
    snapshot = report["snapshot"]
    if snapshot is None:
        return ""
    return f"Planned from a snapshot that is {age(snapshot['age_seconds'])} old, without asking the API."


def age(seconds: int) -> str:
    """``5 minutes``, ``3 hours``, ``2 days``."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return number_of(seconds // size, noun)
    return number_of(max(seconds, 0), "second")


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, (list, tuple)) else [value]
    return [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in values]


def why_of(row: Mapping[str, Any]) -> list[str]:
    """The texts that explain an outcome; the reason of a conflict says what its label does."""
    label = None if row["label"] == "conflict" and row["reason"] else LABELS.get(row["label"])
    return [text for text in (label, row["reason"], row["note"]) if text]


def notes_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of our words and the texts of others: what the API answered, who wrote last, where it stands."""
    written = row["last_written"]
    by = writer_text(written) if written and written["at"] else None
    at = ((written or {}).get("at") or "")[:10]
    pairs = [
        ("HTTP", None if row["status"] is None else str(row["status"])),
        ("trace", row["trace_id"]),
        ("last written by", f"{by}, {at}" if by else None),
        (PLACE, row["source"]),
    ]
    return [(words, text) for words, text in pairs if text]
