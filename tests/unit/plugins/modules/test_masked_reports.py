# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No piece of an address is in the masked reports of a run, whatever becomes of its contacts; and the search finds."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.integration.canary import Canary

ENDINGS = ("json", "md", "html", "xml")
DOMAIN = "x.example"


def canaries() -> dict[str, Canary]:
    """A person for each thing that can become of a contact, with an address that nothing else looks like."""
    chance = random.Random("addresses")
    what = ("created", "updated", "blocked", "deleted", "failed", "refused", "stray", "renamed", "unchanged")
    return {name: Canary("".join(chance.choices(string.ascii_lowercase, k=24))) for name in what}


def email(canary: Canary) -> str:
    return f"{canary.token}@{DOMAIN}"


def run(people: dict[str, Canary], folder: Path, privacy: str, check: bool) -> dict[str, bytes]:
    marketplace = Marketplace()
    for name in ("updated", "blocked", "deleted", "failed", "stray", "unchanged"):
        marketplace.put(email(people[name]), name=f"Mail {email(people[name])}")
    renamed = marketplace.put(email(people["renamed"]))
    for name, method in (("failed", "PUT"), ("refused", "POST")):
        do = {"status": 400, "detail": f"no {email(people[name])} here"}
        marketplace.simulator.add_fault({"when": {"method": method, "email": email(people[name])}, "do": do})
    contacts: list[dict[str, Any]] = [
        {"email": email(people["created"]), "reason": f"asked for by {email(people['created'])}"},
        {"email": email(people["updated"]), "name": "New"},
        {"email": email(people["blocked"]), "state": "blocked"},
        {"email": email(people["deleted"]), "state": "absent"},
        {"email": email(people["failed"]), "name": "New"},
        {"email": email(people["refused"])},
        {"email": "z" + email(people["renamed"]), "id": renamed},
        {"email": email(people["unchanged"])},
    ]
    paths = [folder / f"report.{ending}" for ending in ENDINGS]
    result = marketplace.run(
        "swo_contacts", check=check, contacts=contacts, reports=[str(path) for path in paths], report_privacy=privacy
    )
    assert result.failed is not check
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.parametrize("check", [False, True])
def test_no_piece_of_an_address_is_in_a_masked_report(tmp_path: Path, check: bool) -> None:
    people = canaries()
    reports = run(people, tmp_path, "masked", check)
    found = {
        (name, report): canary.excerpt(data)
        for name, canary in people.items()
        for report, data in reports.items()
        if canary.forms_in(data)
    }
    assert found == {}


def test_the_search_finds_each_address_in_a_report_that_is_not_masked(tmp_path: Path) -> None:
    people = canaries()
    reports = run(people, tmp_path, "full", check=False)
    # Who stays as he is needs no other report than that of a test case.
    hidden = {("unchanged", f"report.{ending}") for ending in ("json", "md", "html")}
    missed = {
        (name, report)
        for name, canary in people.items()
        for report, data in reports.items()
        if not canary.forms_in(data)
    }
    assert missed == hidden
