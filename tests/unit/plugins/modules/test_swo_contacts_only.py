# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contacts with only: a run that is about some of the desired contacts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace

CONTACTS = [{"email": f"{name}@contoso.example", "name": name} for name in ("ann", "bob", "chloe")]


def run(marketplace: Marketplace, only: list[str], **options: Any) -> TaskResult:
    return marketplace.run("swo_contacts", contacts=CONTACTS, only=only, **options)


def test_only_these_are_written_and_nobody_is_removed() -> None:
    marketplace = Marketplace()
    marketplace.put("stranger@contoso.example")

    result = run(marketplace, ["ANN@contoso.example", "c*@contoso.*"], unmanaged="delete", max_removals=["100%"])

    assert (result.failed, result.values["status"]) == (False, "applied")
    assert [row["email"] for row in result.values["results"]] == ["ann@contoso.example", "chloe@contoso.example"]
    assert (result.values["counts"]["desired"], result.values["unmanaged"]) == (2, [])
    assert marketplace.live("bob@contoso.example") == []
    assert len(marketplace.live("stranger@contoso.example")) == 1
    again = run(marketplace, ["ann@*"], unmanaged="drift", check=True)
    assert (again.values["status"], again.values["unmanaged"]) == ("clean", [])


def test_limits_are_about_these() -> None:
    marketplace = Marketplace()
    for contact in CONTACTS:
        marketplace.put(contact["email"], name="another")
    assert not run(marketplace, ["ann@*"], max_changes=["1"], check=True).failed
    assert run(marketplace, ["*"], max_changes=["1"], check=True).failed


@pytest.mark.parametrize(
    ("only", "said"),
    [
        (
            ["ann@*", "dora@*"],
            "only (swo_contacts_only of the playbooks): no desired contact fits 'dora@*'. Check the address and src.",
        ),
        (
            [],
            "only (swo_contacts_only of the playbooks): there is no pattern in the list. "
            "Leave it out to work on all contacts.",
        ),
    ],
)
def test_a_pattern_that_fits_nobody_is_an_error(only: list[str], said: str) -> None:
    marketplace = Marketplace()
    result = run(marketplace, only)
    assert (result.failed, result.values["status"], result.values["msg"]) == (True, "error", said)
    assert len(marketplace.simulator.journal.since()) == 0


def test_a_contact_without_an_address_is_found_by_its_id() -> None:
    marketplace = Marketplace()
    contact_id = marketplace.put("ann@contoso.example", name="another")
    contacts = [{"id": contact_id, "name": "Ann"}, CONTACTS[1]]
    result = marketplace.run("swo_contacts", contacts=contacts, only=[contact_id])
    assert [row["id"] for row in result.values["results"]] == [contact_id]
