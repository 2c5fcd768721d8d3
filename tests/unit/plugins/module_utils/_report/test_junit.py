# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML: a difference is a failure, trouble is an error, and an error of the run never reads as passed."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.unit.reports import EVIL, hostile, rendered, report, row, stray, typical


def suite_of(made: dict[str, Any], masked: bool = False) -> ElementTree.Element:
    root = ElementTree.fromstring(rendered(made, ".xml", masked).encode())
    assert root.tag == "testsuites"
    (suite,) = root
    for name in ("tests", "failures", "errors", "skipped", "time"):
        assert root.get(name) == suite.get(name)
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(name) == str(len(suite.findall(f"testcase/{tag}")))
    assert [child.tag for child in suite] == ["properties"] + ["testcase"] * len(cases)
    return suite


def verdicts(suite: ElementTree.Element) -> dict[str, str]:
    found = {}
    for case in suite.findall("testcase"):
        tags = [child.tag for child in case if child.tag != "system-out"]
        found[str(case.get("name"))] = tags[0] if tags else "passed"
    return found


def test_every_contact_is_a_case() -> None:
    suite = suite_of(typical())
    assert suite.get("timestamp") == "2026-11-21T02:50:00"
    assert {case.get("classname") for case in suite.findall("testcase")} == {"contoso \u00b7 TKN-1234-5678"}
    assert verdicts(suite) == {
        "the run": "passed",
        "bad@contoso.example (CTT-1-6)": "error",
        "lost@contoso.example (CTT-1-5)": "error",
        "old@contoso.example (CTT-1-4)": "failure",
        "desk@contoso.example (CTT-1-3)": "failure",
        "ann@contoso.example (CTT-1-2)": "failure",
        "back@contoso.example (CTT-1-1)": "failure",
        "new@contoso.example (entry 3)": "failure",
        "late@contoso.example (entry 9)": "skipped",
        "same@contoso.example (CTT-1-0)": "passed",
    }
    (failure,) = suite.findall("testcase[@name='ann@contoso.example (CTT-1-2)']/failure")
    assert failure.text is not None
    assert failure.text.splitlines() == [
        "name: Ann Exampel -> Ann Example",
        "no longer opted out of Invoices, opts out of Technical updates",
        "last written by Dana Reyes, 2026-11-02",
    ]


def test_a_case_says_where_the_contact_is_declared() -> None:
    rows = [
        row("a@x.example", "unchanged", id="CTT-1", source="contacts/prod.yml:14"),
        row("b@x.example", "created", source="contacts/hr.csv"),
    ]
    places = [(case.get("file"), case.get("line")) for case in suite_of(report(*rows)).findall("testcase")]
    assert places == [(None, None), ("contacts/hr.csv", None), ("contacts/prod.yml", "14")]


def test_what_was_applied_has_passed() -> None:
    found = verdicts(suite_of(typical(mode="apply", status="applied")))
    assert found["ann@contoso.example (CTT-1-2)"] == "passed"
    assert found["bad@contoso.example (CTT-1-6)"] == "error"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"status": "clean"}, "passed"),
        ({"status": "error", "message": "no answer"}, "error"),
        ({"status": "drift", "unmanaged": [stray("who@x.example")]}, "failure"),
    ],
)
def test_the_run_itself_is_a_case(values: dict[str, Any], verdict: str) -> None:
    assert verdicts(suite_of(report(**values))) == {"the run": verdict}


@pytest.mark.parametrize("text", [EVIL, "]]> & \"'", "\x00\x0b\x1b\ufffe\uffff\ud800", "a\nb\tc"])
def test_whatever_people_wrote_stays_text(text: str) -> None:
    suite = suite_of(hostile(text))
    assert suite.find(".//script") is None


def test_masked_names_still_differ() -> None:
    found = verdicts(suite_of(typical(), masked=True))
    assert "l***2@contoso.example (CTT-1-5)" in found
    assert "l***1@contoso.example (entry 9)" in found
