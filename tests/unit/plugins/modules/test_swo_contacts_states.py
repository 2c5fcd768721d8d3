# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contacts does with a contact what swo_contact does with it: alone in a set, and among all the others."""

from __future__ import annotations

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import ALWAYS, outcomes, prediction, reset_journal, store_of
from tests.unit.plugins.modules.test_swo_contact_states import EMAIL, TABLE, WRITES_PER_ACTION, Row, twice

OUTCOMES = {
    (): "unchanged",
    ("create",): "created",
    ("create", "block"): "created",
    ("block",): "blocked",
    ("unblock",): "unblocked",
    ("delete",): "deleted",
}


def everyone() -> tuple[Marketplace, list[dict[str, str]]]:
    """One account with the live state of every row, and one entry for each."""
    marketplace, entries = Marketplace(), []
    for number, row in enumerate(TABLE):
        email = f"r{number:02d}@contoso.example"
        row.put(marketplace, email)
        entries.append({"email": email, **row.options})
    return marketplace, entries


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_set_of_one_is_what_swo_contact_does(row: Row) -> None:
    single, marketplace = Marketplace(), Marketplace()
    row.put(single)
    row.put(marketplace)
    alone = single.run("swo_contact", email=EMAIL, **row.options)
    options = {"contacts": [{"email": EMAIL, **row.options}], "return_unchanged": True}

    predicted = marketplace.run("swo_contacts", check=True, **options)
    assert marketplace.writes() == []
    result = marketplace.run("swo_contacts", **options)

    (line,) = result.values["results"]
    assert line["actions"] == alone.values["actions"] == list(row.actions)
    assert line["outcome"] == OUTCOMES[row.actions]
    assert bool(line["reason"]) is bool(result.warnings) is row.warns
    assert result.values["changed"] is alone.values["changed"]
    assert prediction(result) == prediction(predicted)
    assert store_of(marketplace, ids=False) == store_of(single, ids=False)
    assert [write.split()[0] for write in marketplace.writes()] == [WRITES_PER_ACTION[a] for a in row.actions]
    assert marketplace.run("swo_contacts", **options).values["changed"] is False


def test_all_rows_in_one_set() -> None:
    marketplace, entries = everyone()
    options = {"contacts": entries, "return_unchanged": True}

    predicted = marketplace.run("swo_contacts", check=True, **options)
    assert marketplace.writes() == []
    result = marketplace.run("swo_contacts", **options)

    assert not result.failed, result.values
    assert prediction(result) == prediction(predicted)
    assert result.values.keys() == predicted.values.keys() >= ALWAYS
    assert list(outcomes(result).values()) == [OUTCOMES[row.actions] for row in TABLE]
    assert [line["actions"] for line in result.values["results"]] == [list(row.actions) for row in TABLE]
    for row, wanted in zip(TABLE, entries, strict=True):
        assert [contact["status"] for contact in marketplace.live(wanted["email"])] == (
            [row.status] if row.status else []
        )
    reset_journal(marketplace)
    again = marketplace.run("swo_contacts", **options)
    assert (again.failed, again.values["changed"]) == (False, False)
    assert again.values["diff"] == {"prepared": ""}
    assert marketplace.writes() == []


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("state", ["present", "blocked", "absent"])
def test_duplicates_are_named_and_never_guessed(state: str, check: bool) -> None:
    marketplace = Marketplace()
    twice(marketplace)
    ids = [contact["id"] for contact in marketplace.live(EMAIL)]

    result = marketplace.run(
        "swo_contacts", check=check, contacts=[{"email": EMAIL, "state": state}, {"email": "new@contoso.example"}]
    )

    assert result.failed
    assert all(contact_id in result.values["msg"] for contact_id in ids)
    assert outcomes(result) == {"ann": "failed", "new": "created"}
    assert [contact["id"] for contact in marketplace.live(EMAIL)] == ids
    assert result.values["unmanaged"] == []


def test_ids_tell_duplicates_apart() -> None:
    marketplace = Marketplace()
    twice(marketplace)
    first, second = (contact["id"] for contact in marketplace.live(EMAIL))

    result = marketplace.run("swo_contacts", contacts=[{"id": second, "state": "absent"}, {"id": first}])

    assert not result.failed, result.values
    assert [(line["id"], line["outcome"]) for line in result.values["results"]] == [(second, "deleted")]
    assert [contact["id"] for contact in marketplace.live(EMAIL)] == [first]


def test_one_contact_by_its_id_and_by_its_address_is_one_too_many() -> None:
    marketplace = Marketplace()
    contact_id = marketplace.put(EMAIL, name="Ann")

    result = marketplace.run("swo_contacts", contacts=[{"id": contact_id, "name": "A"}, {"email": EMAIL, "name": "B"}])

    assert result.failed
    assert "declared twice, once by its id and once by its address" in result.values["msg"]
    assert marketplace.writes() == []


def test_an_address_moves_only_to_where_nobody_is() -> None:
    marketplace = Marketplace()
    first = marketplace.put(EMAIL)
    marketplace.put("taken@contoso.example")

    result = marketplace.run("swo_contacts", contacts=[{"id": first, "email": "taken@contoso.example"}])
    assert result.failed
    assert "cannot get the address" in result.values["msg"]
    assert marketplace.writes() == []

    result = marketplace.run("swo_contacts", contacts=[{"id": first, "email": "free@contoso.example"}])
    assert not result.failed, result.values
    assert [contact["id"] for contact in marketplace.live("free@contoso.example")] == [first]


def test_results_are_in_the_order_of_the_addresses() -> None:
    marketplace = Marketplace()
    entries = [{"email": f"{name}@contoso.example"} for name in ("mia", "Ann", "zoe", "bob")]

    result = marketplace.run("swo_contacts", contacts=entries)

    assert [(line["email"].partition("@")[0], line["index"]) for line in result.values["results"]] == [
        ("Ann", 1),
        ("bob", 3),
        ("mia", 0),
        ("zoe", 2),
    ]
