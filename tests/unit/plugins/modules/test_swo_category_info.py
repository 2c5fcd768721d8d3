# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_category_info finds exactly the categories that are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.simulator.model import JsonObject
from tests.unit.unknowns import WORLDS

CATEGORIES = "*/notifications/categories"

FILTERS: dict[str, tuple[dict[str, Any], Callable[[JsonObject], bool]]] = {
    "nothing": ({}, lambda _category: True),
    "id": ({"id": "NTC-0000-0002"}, lambda category: category["id"] == "NTC-0000-0002"),
    "name": ({"name": " TECHNICAL updates "}, lambda category: category["name"] == "Technical updates"),
    "published": ({"status": "published"}, lambda category: category["status"] == "Published"),
    "unpublished": ({"status": "unpublished"}, lambda category: category["status"] == "Unpublished"),
    "choices": ({"opt_out_allowed": True}, lambda category: category["optOutAllowed"]),
    "for everybody": ({"opt_out_allowed": False}, lambda category: not category["optOutAllowed"]),
    "several": (
        {"opt_out_allowed": True, "status": "published"},
        lambda category: category["optOutAllowed"] and category["status"] == "Published",
    ),
    "unknown": ({"name": "Invoces"}, lambda _category: False),
    "unknown id": ({"id": "../contacts"}, lambda _category: False),
}


def truth(marketplace: Marketplace, condition: Callable[[JsonObject], bool]) -> list[dict[str, Any]]:
    """The categories in the store as they have to be returned."""
    found = [
        {
            "id": category["id"],
            "name": category["name"],
            "description": category["description"],
            "status": category["status"],
            "opt_out_allowed": category["optOutAllowed"],
        }
        for category in marketplace.simulator.store.categories.values()
        if condition(category)
    ]
    return sorted(found, key=lambda category: category["name"])


def read(marketplace: Marketplace, **options: Any) -> dict[str, Any]:
    """The values of a run that has to succeed and to write nothing."""
    result = marketplace.run("swo_category_info", **options)
    assert not result.failed, result.values["msg"]
    assert result.values["changed"] is False
    assert result.values["total"] == len(result.values["categories"])
    assert marketplace.writes() == []
    return result.values


def add_categories(marketplace: Marketplace, count: int) -> None:
    for number in range(count):
        category = {"id": f"NTC-1000-{number:04d}", "name": f"Category {number:04d}", "description": None}
        marketplace.simulator.patch_category(category)


@pytest.mark.parametrize("check", [False, True], ids=["apply", "check"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_all_that_fits(name: str, check: bool) -> None:
    options, condition = FILTERS[name]
    marketplace = Marketplace()
    values = read(marketplace, check=check, **options)
    assert values["categories"] == truth(marketplace, condition)
    assert bool(values["categories"]) is not name.startswith("unknown")
    assert values["requests"] == {"GET": 1, "POST": 0, "PUT": 0, "DELETE": 0}


@pytest.mark.parametrize("total_null", ["off", "on"])
def test_many_categories_are_all_read(total_null: str) -> None:
    marketplace = Marketplace(total_null=total_null)
    add_categories(marketplace, 230)
    assert read(marketplace)["categories"] == truth(marketplace, lambda _category: True)


def test_two_categories_of_one_name_are_both_found() -> None:
    marketplace = Marketplace()
    for category_id in ("NTC-2222-2222", "NTC-1111-1111"):
        marketplace.simulator.patch_category({"id": category_id, "name": "Twin", "description": "Twin"})
    found = read(marketplace, name="twin")["categories"]
    assert [category["id"] for category in found] == ["NTC-1111-1111", "NTC-2222-2222"]


@pytest.mark.parametrize("name", ["A & B, 50%", "(all) \"news\" 'now'", "a|b;c=d*", "山田", "ÄÖÜ", "\\"])
def test_odd_characters_are_ordinary_ones(name: str) -> None:
    marketplace = Marketplace()
    marketplace.simulator.patch_category({"id": "NTC-1111-1111", "name": name, "description": None})
    assert [category["id"] for category in read(marketplace, name=name)["categories"]] == ["NTC-1111-1111"]


@pytest.mark.parametrize(
    "do", [{"status": 503}, {"reset": True}, {"cut": 9}, {"status": 429, "retry_after": "1"}], ids=str
)
def test_one_fault_is_survived(do: dict[str, Any]) -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {"path": CATEGORIES}, "do": do, "times": 1})
    assert read(marketplace)["requests"]["GET"] == 2
    assert marketplace.simulator.unfired_faults() == []


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        ({"set": {"data": {}}}, "not a list"),
        ({"remove": ["data"]}, "not a list"),
        ({"remove": ["data.0.id"]}, "a row that has no id"),
        ({"set": {"data.1.id": "NTC-0000-0001"}}, "pages did not fit together"),
    ],
)
def test_a_list_that_cannot_be_right_is_an_error(edit: dict[str, Any], sentence: str) -> None:
    marketplace = Marketplace()
    marketplace.simulator.add_fault({"when": {"path": CATEGORIES}, "do": {"edit": edit}})
    result = marketplace.run("swo_category_info")
    assert result.failed
    assert sentence in result.values["msg"]
    assert (result.values["categories"], result.values["total"]) == ([], None)


@pytest.mark.parametrize("role", ["ops", "vendor", "client"])
def test_every_account_may_read(role: str) -> None:
    # Unpublished categories are shown to an Operations account only.
    assert read(Marketplace(), role=role)["total"] == (8 if role == "ops" else 7)


# What no client can bring about, and the sentence that the user gets instead.
IMPOSSIBLE = {
    ("base_path", "/other/v1"): "Check api_url",
    ("token_warmup", "60"): "a new one takes a minute to work",
}


@pytest.mark.parametrize(("switch", "value"), WORLDS)
def test_every_filter_tells_the_truth_under_every_switch(switch: str, value: str) -> None:
    marketplace = Marketplace(**{switch: value})
    add_categories(marketplace, 120)
    if (switch, value) in IMPOSSIBLE:
        result = marketplace.run("swo_category_info")
        assert result.failed
        assert IMPOSSIBLE[switch, value] in result.values["msg"]
        return
    for name, (options, condition) in FILTERS.items():
        assert read(marketplace, **options)["categories"] == truth(marketplace, condition), name
