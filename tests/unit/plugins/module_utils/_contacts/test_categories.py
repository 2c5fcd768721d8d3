# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up notification categories by what people call them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import (
    Catalog,
    Category,
    category_from_api,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError, InvalidAnswerError

CATALOG = Catalog(
    [
        Category("NTC-1", "Orders"),
        Category("NTC-2", "Technical updates"),
        Category("NTC-3", "Straße"),
        Category("NTC-4", "News"),
        Category("NTC-5", "news "),
        Category("NTC-6", "Security", opt_out_allowed=False),
        Category("NTC-7", "Old", status="Unpublished"),
        Category("NTC-8", "Gone", status="Deleted"),
        Category("NTC-9", "NTC-1"),
        Category("NTC-10", "Unclear", status=None, opt_out_allowed=None),
        Category("NTC-11", "Lower", status="published"),
    ]
)


@pytest.mark.parametrize(
    ("reference", "category_id"),
    [
        ("NTC-2", "NTC-2"),
        ("NTC-1", "NTC-1"),
        ("Technical updates", "NTC-2"),
        ("ORDERS", "NTC-1"),
        (" orders ", "NTC-1"),
        ("technical UPDATES", "NTC-2"),
        ("STRASSE", "NTC-3"),
        ("NTC-5", "NTC-5"),
        ("Security", "NTC-6"),
        ("Old", "NTC-7"),
    ],
)
def test_a_category_is_found_by_its_id_or_by_its_name_in_any_case(reference: str, category_id: str) -> None:
    assert CATALOG.find(reference).id == category_id


UNKNOWN = {
    "Order": "Did you mean 'Lower' or 'Orders'?",
    "tecnical updates": "Did you mean 'Technical updates'?",
    "NEWZ": "Did you mean 'News' or 'news '?",
    "Gone": "Known are: ",
    "xyz": "Known are: Lower, NTC-1, News, Orders, Straße, Technical updates, Unclear, news .",
    "ntc-2": "Did you mean 'NTC-1'?",
}


@pytest.mark.parametrize("reference", UNKNOWN)
def test_an_unknown_category_is_refused_with_those_that_come_near(reference: str) -> None:
    with pytest.raises(InputError) as caught:
        CATALOG.find(reference)
    assert caught.value.message == f"There is no notification category {reference!r}."
    assert caught.value.hint.startswith(UNKNOWN[reference])


def test_an_account_without_categories_says_so() -> None:
    with pytest.raises(InputError) as caught:
        Catalog([Category("NTC-8", "Orders", status="Deleted")]).find("Orders")
    assert caught.value.hint == "The API lists none at all."


@pytest.mark.parametrize("status", ["Deleted", "deleted", "DELETED"])
def test_a_deleted_category_is_not_there(status: str) -> None:
    catalog = Catalog([Category("NTC-1", "Orders", status=status), Category("NTC-2", "Orders")])
    assert catalog.find("Orders").id == "NTC-2"
    assert catalog.name_of("NTC-1") is None


def test_an_ambiguous_name_is_refused_with_all_ids() -> None:
    with pytest.raises(InputError) as caught:
        CATALOG.find("NEWS")
    assert caught.value.message == "The category name 'NEWS' is used by several categories: NTC-4, NTC-5."
    assert caught.value.hint == "Name the one that is meant by its id."


@pytest.mark.parametrize("reference", ["orders", "NTC-4", "Unclear", "Lower"])
def test_references_are_ids_of_what_can_be_opted_out_of(reference: str) -> None:
    assert CATALOG.ids((reference,)) == {CATALOG.find(reference).id}
    assert CATALOG.ids((reference, "NTC-2", reference)) == {CATALOG.find(reference).id, "NTC-2"}
    assert CATALOG.ids(()) == frozenset()
    assert CATALOG.refusals(CATALOG.ids((reference, "NTC-2"))) == []


def test_all_references_that_cannot_be_meant_are_named() -> None:
    for _again in range(2):
        with pytest.raises(InputError, match=r"category 'Nope'\..* category name 'NEWS' is used by"):
            CATALOG.ids(("Orders", "Nope", "NEWS"))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("security", "The notification category 'Security' (NTC-6) cannot be opted out of."),
        ("NTC-7", "The notification category 'Old' (NTC-7) is not published (status Unpublished)."),
    ],
)
def test_a_contact_cannot_opt_out_of_what_does_not_allow_it(reference: str, message: str) -> None:
    assert CATALOG.refusals(CATALOG.ids(("Orders", reference))) == [message]


def test_names_are_known_by_id() -> None:
    assert CATALOG.name_of("NTC-2") == "Technical updates"
    assert CATALOG.name_of("NTC-99") is None


def test_a_category_as_the_api_sends_it() -> None:
    data = {"id": "NTC-1", "name": "Orders", "status": "Published", "optOutAllowed": True, "description": "All orders"}
    assert category_from_api(data) == Category("NTC-1", "Orders", "Published", True, "All orders")
    assert category_from_api({"id": "NTC-1", "shortDescription": "All"}) == Category("NTC-1", "", None, None, "All")


@pytest.mark.parametrize(
    "data", [None, [], "NTC-1", {}, {"id": 1}, {"id": ""}, {"id": "../x"}, {"id": "N\n"}], ids=repr
)
def test_what_is_no_category_is_refused(data: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="without a usable id"):
        category_from_api(data)


SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just("NTC-1"))
VALUE = st.one_of(SCALAR, st.lists(SCALAR, max_size=2), st.dictionaries(st.text(max_size=3), SCALAR, max_size=2))
KEYS = st.sampled_from(["id", "name", "status", "optOutAllowed", "description", "shortDescription"])


@given(members=st.dictionaries(KEYS, VALUE), reference=st.text(max_size=6))
def test_any_json_is_a_category_or_an_invalid_answer(members: dict[str, Any], reference: str) -> None:
    with suppress(InvalidAnswerError):
        catalog = Catalog([category_from_api({"id": "NTC-1", **members})])
        with suppress(InputError):
            found = catalog.find(reference)
            assert reference == found.id or reference.strip().casefold() == found.name.strip().casefold()
            assert catalog.ids((reference,)) == {found.id}


def test_the_same_category_by_name_and_id_is_named() -> None:
    with pytest.raises(
        InputError, match=r"^'Technical updates' and 'NTC-2' are the same category\. Keep one of them\."
    ):
        CATALOG.ids(("Technical updates", "NTC-2"))
