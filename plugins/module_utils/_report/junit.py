# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report as JUnit XML, for the test views of CI systems.

One test case per contact that the report lists, and one for the run itself, so that a run that ended in an error before
it came to the contacts never reads as passed.
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Tuple
from xml.etree.ElementTree import Element, SubElement, tostring

from .._contacts.applied import PENDING, REMOVED
from .._text import one_line
from . import wording as words
from .effects import DRIFT, outcome_label, view_of
from .faults import said

_Attributes = Iterable[Tuple[str, str]]


class _Case(NamedTuple):
    name: str
    verdict: str  # passed, failure, error or skipped
    message: str
    text: str
    place: str | None = None


def render(report: Mapping[str, Any]) -> Iterator[str]:
    """The whole file, in pieces."""
    account = words.account_of(report)
    cases = [_contact_case(row, report) for rows in words.worst_first(report["results"]).values() for row in rows]
    cases = [_run_case(report, cases), *_file_cases(report), *cases]
    totals = [("tests", str(len(cases)))]
    totals += [(name, str(_count(cases, verdict))) for name, verdict in _TOTALS]
    totals.append(("time", "{:.3f}".format(report["duration_seconds"])))
    root = Element("testsuites", _safe([("name", report["collection"]), *totals]))
    # The schemas of JUnit readers know no time zone.
    moment = ("timestamp", report["created_at"].rstrip("Z"))
    suite = _add(root, "testsuite", [("name", f"contacts of {account}"), *totals, moment, ("hostname", account)])
    _add_properties(suite, report)
    frame: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    start, end, rest = frame.decode("utf-8").rpartition("</testsuite>")
    yield start
    for case in cases:
        yield tostring(_case_element(case, account), encoding="unicode")
    yield f"{end}{rest}\n"


_TOTALS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def _count(cases: list[_Case], verdict: str) -> int:
    return sum(case.verdict == verdict for case in cases)


def _run_case(report: Mapping[str, Any], cases: list[_Case]) -> _Case:
    # Each fault has a case of its own.
    message = words.headline(report) if report["faults"] else report["message"]
    lines = [message or "", *words.run_lines(report), *(f"warning: {text}" for text in report["warnings"])]
    lines += ["in no file: {} {} ({})".format(row["email"], row["id"], row["status"]) for row in report["unmanaged"]]
    verdict = "passed"
    if report["status"] == "error":
        verdict = "error"
    elif report["status"] == "drift" and not any(case.verdict in ("failure", "error") for case in cases):
        verdict = "failure"
    return _Case("the run", verdict, message or words.headline(report), _lines(lines))


def _file_cases(report: Mapping[str, Any]) -> list[_Case]:
    """A case for each fault, and one for each file that has none."""
    cases = []
    for fault in report["faults"]:
        place = f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"]
        text = said(fault)
        cases.append(_Case(f"{place}: {text}" if place else text, "failure", text, text, place))
    faulty = {fault["file"] for fault in report["faults"]}
    return cases + [_Case(file, "passed", "", "", file) for file in report["files"] if file not in faulty]


def _contact_case(row: Mapping[str, Any], report: Mapping[str, Any]) -> _Case:
    known_by = words.identity(row)
    name = f"{row['email']} ({known_by})" if known_by else row["email"]
    verdict = "passed"
    if row["outcome"] in words.TROUBLE:
        verdict = "error"
    elif row["outcome"] == "skipped":
        verdict = "skipped"
    elif row["outcome"] in words.DIFFERENCES and report["mode"] == "check":
        # What only waits to be applied is nobody's fault.
        is_waiting = report["view"] == DRIFT and row["label"] in (PENDING, REMOVED)
        verdict = "skipped" if is_waiting else "failure"
    label = outcome_label(row["outcome"], view_of(row["label"], report["view"]))
    lines = [_change(change) for change in words.changes_of(row, report["view"])]
    lines += [*words.why_of(row), *(f"{name} {text}" for name, text in words.notes_of(row))]
    message = row["reason"] or (f"{label}: {'; '.join(lines)}" if lines else label)
    return _Case(name, verdict, message, _lines(lines), row["source"])


def _change(change: words.Change) -> str:
    if change.effects:
        told = ", ".join(f"{effect} {', '.join(values)}" for effect, values in change.effects)
        return told if change.is_list else f"{change.field}: {told}"
    if change.is_list:
        signs = [f"- {text}" for text in change.removed] + [f"+ {text}" for text in change.added]
        return f"{change.field}: {', '.join(signs)}"
    before, after = (", ".join(side) if side else "none" for side in (change.removed, change.added))
    return f"{change.field}: {before} -> {after}"


def _lines(texts: list[str]) -> str:
    return "\n".join(one_line(text, 2_000) for text in texts if text)


def _add_properties(suite: Element, report: Mapping[str, Any]) -> None:
    pairs = [("mode", report["mode"]), ("status", report["status"]), ("plan_hash", report["plan_hash"] or "")]
    pairs += [(f"contacts.{name}", str(count)) for name, count in report["counts"].items()]
    pairs += [(f"requests.{verb}", str(count)) for verb, count in report["requests"].items()]
    properties = _add(suite, "properties")
    for name, value in pairs:
        _add(properties, "property", [("name", name), ("value", value)])


def _case_element(case: _Case, host: str) -> Element:
    attributes = [("classname", host), ("name", case.name), ("time", "0.000"), *_place(case.place)]
    element = Element("testcase", _safe(attributes))
    element.tail = "\n"
    if case.verdict == "skipped":
        _add(element, "skipped", [("message", case.message)])
    elif case.verdict != "passed":
        _add(element, case.verdict, [("message", case.message), ("type", case.verdict)]).text = case.text
    elif case.text:
        _add(element, "system-out").text = case.text
    return element


def _place(source: str | None) -> _Attributes:
    """``file`` and ``line``, by which test views link to the entry, as far as they are known."""
    file, _colon, line = (source or "").rpartition(":")
    if file and line.isdigit():
        return [("file", file), ("line", line)]
    return [("file", source)] if source else []


def _add(parent: Element, tag: str, attributes: _Attributes = ()) -> Element:
    """A new element, each on a line of its own."""
    element = SubElement(parent, tag, _safe(attributes))
    parent.text, element.tail = parent.text or "\n", "\n"
    return element


def _safe(attributes: _Attributes) -> dict[str, str]:
    """The attributes without the characters that XML cannot carry, which are among those that are unsafe to show."""
    return {name: one_line(value, 1_000) for name, value in attributes}
