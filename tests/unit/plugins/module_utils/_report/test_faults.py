# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults beside their lines: nothing that a file says can end a message, forge another, or be taken for markup."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._files.problems import (
    fault_at,
    what_and_advice,
    withheld,
)
from tests.unit.reports import faulty, rendered, report

FORGED = "x,line=1::\n::error file=a.yml::forged\r##vso[task.complete]%0A\u2028\x1b[2K\u202e"


def fault(file: str | None, line: int | None, field: str, message: str) -> dict[str, Any]:
    return {"file": file, "line": line, "field": field, "message": message}


def test_an_annotation_cannot_be_forged() -> None:
    text = rendered(faulty(FORGED), ".annotations.txt", masked=False)
    lines = text.splitlines()
    assert len(lines) == 3
    for line in lines:
        properties, _colons, message = line.removeprefix("::error ").partition("::")
        names = [part.partition("=")[0] for part in properties.split(",")]
        assert names in (["file", "line", "title"], ["title"])
        assert "::error" not in message
        assert "##vso[" not in line
        assert "%0A" not in line.replace("%250A", "")
    assert not set("\x1b\r\u2028\u202e") & set(text)


def test_properties_and_messages_are_escaped_as_github_reads_them() -> None:
    made = report(status="error", faults=[fault("a,b:c%.yml", 7, "", "100% wrong, really: yes")])
    assert rendered(made, ".annotations.txt", masked=False) == (
        "::error file=a%2Cb%3Ac%25.yml,line=7,title=softwareone.marketplace::100%25 wrong, really: yes\n"
    )


def test_code_quality_tells_the_same_faults_apart_and_knows_one_that_moved() -> None:
    def fingerprints(*lines: int) -> list[str]:
        made = report(status="error", faults=[fault("a.yml", line, "name", "is wrong") for line in lines])
        return [item["fingerprint"] for item in json.loads(rendered(made, ".codequality.json", masked=False))]

    assert len(set(fingerprints(2, 3, 4))) == 3
    assert fingerprints(2, 3) == fingerprints(7, 9)


def test_a_run_that_failed_without_a_fault_never_reads_as_one_without_faults() -> None:
    made = report(status="error", message="The token was refused.")
    assert rendered(made, ".annotations.txt", masked=False).endswith("::The token was refused.\n")
    (item,) = json.loads(rendered(made, ".codequality.json", masked=False))
    assert (item["description"], item["location"]) == ("The token was refused.", {"path": ".", "lines": {"begin": 1}})


@pytest.mark.parametrize("kind", [".html", ".md", ".xml"])
def test_what_a_file_says_stays_text(kind: str) -> None:
    text = rendered(faulty("<script>|`x`|</script>\u202e"), kind, masked=False)
    assert text.count("<script>") == (1 if kind == ".html" else 0) or kind == ".md"
    assert "\u202e" not in text
    if kind == ".md":
        rows = [line for line in text.splitlines() if line.startswith("| `&lt;") or "<script>" in line]
        assert all("`<script>`&#124;" in row for row in rows)


def test_masks_hide_addresses_in_what_is_wrong_and_in_keys() -> None:
    made = report(status="error", faults=[fault("a.yml", 1, "ann@contoso.example", "'bob@contoso.example' is bad")])
    for kind in (".json", ".html", ".md", ".xml", ".annotations.txt", ".codequality.json"):
        text = rendered(made, kind, masked=True).replace("<wbr>", "")
        assert "ann@" not in text
        assert "bob@" not in text
        assert "b***@contoso.example" in text


@pytest.mark.parametrize(
    ("message", "halves"),
    [
        ("is not known here; did you mean opt_outs?", ("is not known here", "Did you mean opt_outs?")),
        (
            "'a; b' is not allowed; it must be x; did you mean x?",
            ("'a; b' is not allowed", "It must be x; did you mean x?"),
        ),
        ("There is no category 'A. B'. Did you mean 'C'?", ("There is no category 'A. B'", "Did you mean 'C'?")),
        ('"it\'s; so" is wrong', ('"it\'s; so" is wrong', "")),
        ("a file's name; odd", ("a file's name; odd", "")),
        ("has no value", ("has no value", "")),
    ],
)
def test_what_is_wrong_is_told_apart_from_what_to_do(message: str, halves: tuple[str, str]) -> None:
    assert what_and_advice(message) == halves


def test_a_value_is_withheld_however_it_is_quoted() -> None:
    assert withheld("'it is' and \"it's\" both name 'x\\'y'") == "'...' and '...' both name '...'"
    assert withheld("2026-01-01 is read as a date; quote it") == "'...' is read as a date; quote it"
    assert withheld('must be a text, or "" to clear it') == 'must be a text, or "" to clear it'


@pytest.mark.parametrize(
    ("place", "known"),
    [
        ("a:b.yml:12", ("a:b.yml", 12, "opt_outs")),
        ("a.yml:12 (profile 'x')", ("a.yml", 12, "opt_outs")),
        ("contacts[3]", (None, None, "contacts[3].opt_outs")),
    ],
)
def test_a_place_is_taken_apart(place: str, known: tuple[Any, ...]) -> None:
    assert tuple(fault_at(place, "opt_outs", "said").values()) == (*known, "said")
