# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report as JUnit XML, for the test views of CI systems.

One test case per contact that the report lists, and one for the run itself, so that a run that ended in an error before
it came to the contacts never reads as passed.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, Mapping, NamedTuple

from .._text import one_line
from . import wording as words

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(NamedTuple):
    name: str
    verdict: str  # passed, failure, error or skipped
    message: str
    text: str


def render(report: Mapping[str, Any]) -> str:
    """The whole file."""
    host = words.host_of(report["api_url"])
    cases = [
        _contact_case(row, report["mode"]) for rows in words.worst_first(report["results"]).values() for row in rows
    ]
    cases.insert(0, _run_case(report, cases))
    totals = [("tests", str(len(cases)))]
    totals += [(name, str(_count(cases, verdict))) for name, verdict in _TOTALS]
    totals.append(("time", "{:.3f}".format(report["duration_seconds"])))
    suite = [("name", f"contacts of {host}"), *totals]
    # The schemas of JUnit readers know no time zone.
    suite += [("timestamp", report["created_at"].rstrip("Z")), ("hostname", host)]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _tag("testsuites", [("name", report["collection"]), *totals])]
    lines += ["  " + _tag("testsuite", suite), *_properties(report)]
    lines += [_case_xml(case, host) for case in cases]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>", ""])


_TOTALS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def _count(cases: list[_Case], verdict: str) -> int:
    return sum(case.verdict == verdict for case in cases)


def _run_case(report: Mapping[str, Any], cases: list[_Case]) -> _Case:
    lines = [report["message"] or "", *report["problems"], *(f"warning: {text}" for text in report["warnings"])]
    lines += ["in no file: {} {} ({})".format(row["email"], row["id"], row["status"]) for row in report["unmanaged"]]
    verdict = "passed"
    if report["status"] == "error":
        verdict = "error"
    elif report["status"] == "drift" and not any(case.verdict in ("failure", "error") for case in cases):
        verdict = "failure"
    return _Case("the run", verdict, report["message"] or words.headline(report), _lines(lines))


def _contact_case(row: Mapping[str, Any], mode: str) -> _Case:
    known_by = words.identity(row)
    name = f"{row['email']} ({known_by})" if known_by else row["email"]
    verdict = "passed"
    if row["outcome"] in words.TROUBLE:
        verdict = "error"
    elif row["outcome"] == "skipped":
        verdict = "skipped"
    elif row["outcome"] in words.DIFFERENCES and mode == "check":
        verdict = "failure"
    label = words.outcome_label(row["outcome"], mode)
    lines = [_change(change) for change in words.changes_of(row)]
    lines += [*words.why_of(row), *(f"{name} {text}" for name, text in words.notes_of(row))]
    message = row["reason"] or (f"{label}: {'; '.join(lines)}" if lines else label)
    return _Case(name, verdict, message, _lines(lines))


def _change(change: words.Change) -> str:
    if change.is_list:
        signs = [f"- {text}" for text in change.removed] + [f"+ {text}" for text in change.added]
        return f"{change.field}: {', '.join(signs)}"
    before, after = (", ".join(side) if side else "none" for side in (change.removed, change.added))
    return f"{change.field}: {before} -> {after}"


def _lines(texts: list[str]) -> str:
    return "\n".join(one_line(text, 2_000) for text in texts if text)


def _properties(report: Mapping[str, Any]) -> list[str]:
    pairs = [("mode", report["mode"]), ("status", report["status"]), ("plan_hash", report["plan_hash"] or "")]
    pairs += [(f"contacts.{name}", str(count)) for name, count in report["counts"].items()]
    pairs += [(f"requests.{verb}", str(count)) for verb, count in report["requests"].items()]
    lines = ["      " + _tag("property", [("name", name), ("value", value)], "/") for name, value in pairs]
    return ["    <properties>", *lines, "    </properties>"]


def _case_xml(case: _Case, host: str) -> str:
    start = "    " + _tag("testcase", [("classname", host), ("name", case.name), ("time", "0.000")])
    if case.verdict == "passed":
        body = f"<system-out>{_text(case.text)}</system-out>" if case.text else ""
    elif case.verdict == "skipped":
        body = _tag("skipped", [("message", case.message)], "/")
    else:
        attributes = [("message", case.message), ("type", case.verdict)]
        body = f"{_tag(case.verdict, attributes)}{_text(case.text)}</{case.verdict}>"
    return f"{start}{body}</testcase>"


def _tag(name: str, attributes: list[tuple[str, str]], end: str = "") -> str:
    pairs = "".join(f' {key}="{_text(one_line(value, 1_000))}"' for key, value in attributes)
    return f"<{name}{pairs}{end}>"


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("", text))
