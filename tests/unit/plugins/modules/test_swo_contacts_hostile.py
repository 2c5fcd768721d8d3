# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever others put into a name or an answer forges no output of ours, and a reader sees that it is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Marketplace
from tests.unit.contact_sets import address, entry

FORGED = "+ fake@x.example (CTT-6-6)"
HOSTILE = {
    "escape": "evil\x1b[2K\x1b[1A\x9b31m",
    "lines": f"evil\n{FORGED}\r\n{FORGED}\u2028{FORGED}",
    "orders to CI": "evil ::error::pwned ##vso[task.complete] ##[error]x",
    "orders to CI on a line": "evil\n::error::pwned\n##vso[task.complete]",
    "direction": "evil\u202egnp.exe",
    "nothing": "evil\x00\u200b\ufeff",
}
# Nothing of ours ever holds these; tabs and line feeds are left to judge by the lines.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
ORDER = re.compile(r"(?m)^\s*::\w|##(vso)?\[")


def hostile_account(text: str) -> Marketplace:
    marketplace = Marketplace()
    # One with the text as its name, one with it as the reason of its block, and one in no file.
    marketplace.put(address(1), name=text)
    marketplace.put(address(2), name="N", status="Blocked", blockedReason=text)
    marketplace.put(address(3), name=text)
    return marketplace


def is_safe(text: str) -> bool:
    forged = any(line.strip().startswith((FORGED, "fake@")) for line in text.splitlines())
    return not RAW.search(text) and not ORDER.search(text) and not forged


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts_of(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("verbosity", [0, 1, 3])
@pytest.mark.parametrize("view", ["plan", "drift"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_printed_is_safe(kind: str, view: str, verbosity: int) -> None:
    entries = [entry(1, name="Ann", reason="evil\u202e ::error::x"), entry(2)]
    result = hostile_account(HOSTILE[kind]).run(
        "swo_contacts", contacts=entries, check=True, view=view, audit=True, verbosity=verbosity
    )
    printed = [result.values["diff"]["prepared"], result.values["summary"], *result.warnings]
    assert [text for text in printed if not is_safe(text)] == []
    assert "evil" in printed[0]
    assert "evil" in printed[2]
    # What is returned is data and stays as it is.
    assert result.values["results"][0]["fields"][0]["before"] == HOSTILE[kind]


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_diff_of_one_contact_is_safe(kind: str) -> None:
    result = hostile_account(HOSTILE[kind]).run("swo_contact", email=address(1), name="Ann", check=True)
    assert [text for text in texts_of(result.values["diff"]) if not is_safe(text)] == []
    assert all(len(text.splitlines()) <= 1 for text in texts_of(result.values["diff"]))
    (warned,) = hostile_account(HOSTILE[kind]).run("swo_contact", email=address(2), check=True).warnings
    assert is_safe(warned)


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_the_api_says_is_safe(kind: str) -> None:
    marketplace = hostile_account("N")
    problem = {"title": HOSTILE[kind], "detail": HOSTILE[kind], "errors": {"x": [HOSTILE[kind]]}}
    marketplace.simulator.add_fault({"when": {"method": "PUT"}, "do": {"status": 400, "body": problem}})
    result = marketplace.run("swo_contacts", contacts=[entry(1, name="Ann")])
    assert result.failed
    assert is_safe(result.values["msg"])
    assert is_safe(result.values["diff"]["prepared"])
    assert "evil" in result.values["msg"]


@pytest.mark.parametrize("privacy", ["full", "masked"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_written_is_safe(kind: str, privacy: str, tmp_path: Path) -> None:
    paths = {ending: tmp_path / f"report.{ending}" for ending in ("json", "md", "html", "xml")}
    undo = tmp_path / "undo.yml"
    hostile_account(HOSTILE[kind]).run(
        "swo_contacts",
        contacts=[entry(1, name="Ann"), entry(2)],
        reports=[str(path) for path in paths.values()],
        report_privacy=privacy,
        undo_file=str(undo),
    )
    for ending in ("md", "xml"):
        assert is_safe(paths[ending].read_text("utf-8")), ending
    # In a page a line means nothing, and nobody's log gets to see it.
    assert not RAW.search(paths["html"].read_text("utf-8"))
    json.loads(paths["json"].read_text("utf-8"))
    assert not RAW.search(undo.read_text("utf-8"))
    # A name that no contact file may have is left out.
    assert yaml.safe_load(undo.read_text("utf-8"))["contacts"][0].get("name", HOSTILE[kind]) == HOSTILE[kind]
    assert not any(line.startswith(FORGED) for line in undo.read_text("utf-8").splitlines())


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_exported_is_safe(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.yml"
    hostile_account(HOSTILE[kind]).run("swo_contacts_export", dest=str(path))
    text = path.read_text("utf-8")
    assert not RAW.search(text)
    assert not any(line.startswith(FORGED) for line in text.splitlines())
