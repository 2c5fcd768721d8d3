# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is removed because no file declares them: nobody by surprise, and never more than the limits allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness import Marketplace
from tests.unit.contact_sets import address, entry, outcomes, people, prediction, reset_journal, store_of

KEPT = [entry(number) for number in range(3)]
OUTCOME = {"block": "blocked", "delete": "deleted"}


def account(**switches: Any) -> Marketplace:
    """c0000 to c0002 are declared; strays: two of contoso, one of fabrikam, one blocked, one of a platform user."""
    marketplace = Marketplace(**switches)
    people(marketplace, range(3))
    for email, members in (
        ("stray1@contoso.example", {}),
        ("stray2@contoso.example", {"optOuts": ["NTC-0000-0002"]}),
        ("stray3@fabrikam.example", {}),
        ("stray4@fabrikam.example", {"status": "Blocked"}),
        ("stray5@contoso.example", {"user": True}),
    ):
        marketplace.put(email, **{"name": "Stray", **members})
    return marketplace


def gone(marketplace: Marketplace) -> set[str]:
    """Strays that are not as they were."""
    left = {row["email"].partition("@")[0]: row["status"] for row in store_of(marketplace)}
    before = {f"stray{n}": "Blocked" if n == 4 else "Active" for n in range(1, 6)}
    return {name for name, status in before.items() if left.get(name) != status}


# Options of the scope, and the strays that it is about.
SCOPES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "everybody": ({}, {"stray1", "stray2", "stray3", "stray4"}),
    "users, too": ({"scope": {"linked": True}}, {"stray1", "stray2", "stray3", "stray4", "stray5"}),
    "one domain": ({"scope": {"emails": ["*@contoso.example"]}}, {"stray1", "stray2"}),
    "two patterns": ({"scope": {"emails": ["stray2@*", "stray3@*"]}}, {"stray2", "stray3"}),
    "patterns without case": ({"scope": {"emails": ["STRAY1@Contoso.Example"]}}, {"stray1"}),
    "nobody fits": ({"scope": {"emails": ["*@northwind.example"]}}, set()),
    "no patterns at all": ({"scope": {"emails": []}}, set()),
    "excluded": ({"scope": {"exclude": ["stray1@*", "*@fabrikam.example"]}}, {"stray2"}),
    "everybody excluded": ({"scope": {"exclude": ["*"]}}, set()),
    "excluded in scope": ({"scope": {"emails": ["*@contoso.example"], "exclude": ["stray1@*"]}}, {"stray2"}),
}


@pytest.mark.parametrize("schema", ["4.x", "5.x", "both"])
@pytest.mark.parametrize("unmanaged", ["report", "ignore", "drift", "block", "delete"])
@pytest.mark.parametrize("case", SCOPES)
def test_only_strays_in_scope_are_removed(case: str, unmanaged: str, schema: str) -> None:
    options, strays = SCOPES[case]
    marketplace = account(schema=schema)
    task = {"contacts": KEPT, "unmanaged": unmanaged, "max_removals": ["100%"], **options}

    predicted = marketplace.run("swo_contacts", check=True, **task)
    assert marketplace.writes() == []
    result = marketplace.run("swo_contacts", **task)

    assert not result.failed, result.values["msg"]
    assert prediction(result) == prediction(predicted)
    removed = strays if unmanaged in OUTCOME else set()
    if unmanaged == "block":
        removed = removed - {"stray4"}
    assert gone(marketplace) == removed
    assert outcomes(result) == dict.fromkeys(sorted(removed), OUTCOME.get(unmanaged))
    assert {row["note"] for row in result.values["results"]} <= {"in no file"}
    assert {row["index"] for row in result.values["results"]} <= {None}
    assert [row["email"] for row in store_of(marketplace)][:3] == [address(number) for number in range(3)]
    reset_journal(marketplace)
    again = marketplace.run("swo_contacts", **task)
    assert (again.failed, again.values["changed"], marketplace.writes()) == (False, False, [])


def test_report_tells_of_strays_and_leaves_them_alone() -> None:
    result = account().run("swo_contacts", contacts=KEPT, scope={"exclude": ["stray2@*"]})

    assert [row["email"] for row in result.values["unmanaged"]] == [
        "stray1@contoso.example",
        "stray3@fabrikam.example",
        "stray4@fabrikam.example",
        "stray5@contoso.example",
    ]
    assert [row["linked"] for row in result.values["unmanaged"]] == [False, False, False, True]
    assert result.values["counts"]["unmanaged"] == 4


def test_users_stay_and_are_told_of() -> None:
    result = account().run("swo_contacts", contacts=KEPT, unmanaged="delete", max_removals=["100%"])

    assert [row["email"] for row in result.values["unmanaged"]] == ["stray5@contoso.example"]


def test_where_the_api_does_not_tell_of_users_nobody_is_removed() -> None:
    """A 5.x server that refuses fields which it does not know is asked again without; it may leave out identity."""
    marketplace = account(schema="5.x")
    marketplace.simulator.add_fault({"when": {"query": "+identity"}, "do": {"status": 400}})

    result = marketplace.run("swo_contacts", contacts=KEPT, unmanaged="delete", max_removals=["100%"])

    assert not result.failed, result.values["msg"]
    assert marketplace.writes() == []
    assert {row["linked"] for row in result.values["unmanaged"]} == {None}


# What makes a list lie.
LIES: dict[str, dict[str, Any]] = {
    "serves 50": {"limit": 50},
    "serves 7": {"limit": 7},
    "serves all": {"limit": "all"},
    "serves nothing": {"limit": 0},
    "always from the start": {"offset": 0},
    "always from row 30": {"offset": 30},
    "blank": {"blank_list": True},
    "one goes between pages": {"page_drift": "delete"},
    "one comes between pages": {"page_drift": "insert"},
    "goes and comes": {"page_drift": "both"},
    "endless": {"endless": True},
}


@pytest.mark.parametrize("total_null", ["off", "on"])
@pytest.mark.parametrize("nth", [None, 1, 2], ids=["always", "first", "second"])
@pytest.mark.parametrize("lie", LIES)
def test_a_list_that_lies_removes_no_declared_contact(lie: str, nth: int | None, total_null: str) -> None:
    marketplace = Marketplace(total_null=total_null)
    people(marketplace, range(250))
    when = {"path": "*/notifications/contacts", "query": "limit=", **({"nth": nth} if nth else {})}
    marketplace.simulator.add_fault({"when": {**when, "method": "GET"}, "do": LIES[lie]})
    entries = [entry(number) for number in range(249)]

    result = marketplace.run("swo_contacts", contacts=entries, unmanaged="delete", max_removals=["5"])

    deleted = [entry.path for entry in marketplace.simulator.journal.writes() if entry.method == "DELETE"]
    allowed = {contact["id"] for contact in store_of(marketplace)}
    assert len(deleted) <= 1 or all(path.rsplit("/", 1)[1] not in allowed for path in deleted)
    missing = {item["email"] for item in entries} - {contact["email"] for contact in store_of(marketplace)}
    # Those whom the drift of the server itself took away may be missing.
    assert not missing or "page_drift" in LIES[lie]
    assert len(marketplace.live(address(249))) == 0 or result.values["changed"] is False or result.failed
    if result.failed:
        assert deleted == []


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("unmanaged", ["block", "delete"])
@pytest.mark.parametrize("form", ["contacts", "yaml", "csv", "json", "folder"])
def test_an_empty_file_removes_nobody(form: str, unmanaged: str, check: bool, tmp_path: Path) -> None:
    marketplace = account()
    texts = {"yaml": "contacts: []\n", "csv": "email,name\n", "json": '{"contacts": []}'}
    for kind in texts if form == "folder" else [form]:
        if kind in texts:
            (tmp_path / f"empty.{kind}").write_text(texts[kind])
    given = {"contacts": []} if form == "contacts" else {"src": [str(tmp_path)]}

    result = marketplace.run("swo_contacts", check=check, unmanaged=unmanaged, max_removals=["100%"], **given)

    assert result.failed
    assert f"unmanaged={unmanaged} would {unmanaged} every contact" in result.values["msg"]
    assert "state: absent" in result.values["msg"]
    assert (result.values["changed"], marketplace.simulator.journal.entries) == (False, [])
    assert gone(marketplace) == set()


def test_an_account_is_emptied_by_declaring_so() -> None:
    marketplace = account()
    absent = [{"email": row["email"], "state": "absent"} for row in store_of(marketplace)]

    result = marketplace.run("swo_contacts", contacts=absent, unmanaged="delete")

    assert not result.failed, result.values["msg"]
    assert store_of(marketplace) == []


@pytest.mark.parametrize("unmanaged", ["report", "ignore", "drift"])
def test_an_empty_set_is_harmless_where_nobody_is_removed(unmanaged: str) -> None:
    result = account().run("swo_contacts", contacts=[], unmanaged=unmanaged)

    assert (result.failed, result.values["changed"]) == (False, False)


# Live contacts, strays among them, limits, and how many removals those allow.
LIMITS = [
    (20, 10, ["10"], 10),
    (20, 10, ["9"], 9),
    (20, 10, ["50%"], 10),
    (20, 10, ["49%"], 9),
    (20, 10, ["10", "50%"], 10),
    (20, 10, ["10", "10%"], 2),
    (20, 10, ["100%", "3"], 3),
    (3, 1, ["10", "10%"], 0),
    (3, 1, ["1"], 1),
    (1, 1, ["99%"], 0),
    (1, 1, ["100%"], 1),
    (5, 1, ["0"], 0),
    (5, 0, ["0"], 0),
]


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("unmanaged", ["block", "delete"])
@pytest.mark.parametrize(("live", "strays", "limits", "allowed"), LIMITS)
def test_limits_are_judged_on_the_plan(
    live: int, strays: int, limits: list[str], allowed: int, unmanaged: str, check: bool
) -> None:
    marketplace = Marketplace()
    people(marketplace, range(live))
    options: dict[str, Any] = {
        "contacts": [entry(number) for number in range(strays, live)] or [entry(5000, state="absent")],
        "unmanaged": unmanaged,
    }

    result = marketplace.run("swo_contacts", check=check, max_removals=limits, **options)

    if strays <= allowed:
        assert not result.failed, result.values["msg"]
        assert list(outcomes(result).values()) == [OUTCOME[unmanaged]] * strays
        return
    assert result.failed
    assert f"removes {strays} of {live} live contacts" in result.values["msg"]
    assert f"set max_removals (swo_contacts_max_removals of the playbooks) to {strays}." in result.values["msg"]
    assert (result.values["changed"], marketplace.writes()) == (False, [])
    # The whole plan is shown, and what it says would let it pass does.
    assert list(outcomes(result).values()) == ["skipped"] * strays
    assert result.values["diff"]["prepared"].count("@contoso.example (CTT-") == strays
    assert result.values["plan_hash"]
    passed = marketplace.run("swo_contacts", check=check, max_removals=[str(strays)], **options)
    assert not passed.failed
    assert passed.values["plan_hash"] == result.values["plan_hash"]


def test_the_default_limit_also_holds_for_short_lists_and_for_empty_values() -> None:
    marketplace = account()
    for limits in ({}, {"max_removals": []}):
        result = marketplace.run("swo_contacts", contacts=KEPT, unmanaged="delete", **limits)
        assert result.failed
        assert "max_removals (10 and 10%) allows 0" in result.values["msg"]


def test_declared_removals_do_not_count_as_surprise() -> None:
    marketplace = Marketplace()
    people(marketplace, range(30))

    result = marketplace.run("swo_contacts", contacts=[entry(n, state="absent") for n in range(30)], unmanaged="delete")

    assert not result.failed, result.values["msg"]
    assert result.values["counts"]["deleted"] == 30


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
def test_max_changes_counts_everything_but_creations(check: bool) -> None:
    marketplace = Marketplace()
    people(marketplace, range(10))
    entries = [
        *(entry(number, name="M") for number in range(4)),
        *(entry(number, state="blocked") for number in (4, 5)),
        entry(6, state="absent"),
        *(entry(number) for number in range(20, 40)),
    ]

    refused = marketplace.run("swo_contacts", check=check, contacts=entries, max_changes=["6", "90%"])
    assert refused.failed
    assert "changes 7 of 10 live contacts" in refused.values["msg"]
    assert "set max_changes (swo_contacts_max_changes of the playbooks) to 7." in refused.values["msg"]
    assert refused.values["counts"]["skipped"] == 27
    assert marketplace.writes() == []

    result = marketplace.run("swo_contacts", check=check, contacts=entries, max_changes=["7"])
    assert not result.failed, result.values["msg"]
    assert result.values["counts"]["created"] == 20


def test_both_limits_are_told_at_once() -> None:
    result = account().run("swo_contacts", contacts=KEPT, unmanaged="delete", max_removals=["1"], max_changes=["2"])

    assert "set max_removals (swo_contacts_max_removals of the playbooks) to 4." in result.values["msg"]
    assert "set max_changes (swo_contacts_max_changes of the playbooks) to 4." in result.values["msg"]


@pytest.mark.parametrize("value", ["ten", "-1", "101%", "1.5", "10 %", ""])
@pytest.mark.parametrize("option", ["max_removals", "max_changes"])
def test_a_limit_that_is_none_is_refused_before_any_request(option: str, value: str) -> None:
    marketplace = account()

    result = marketplace.run("swo_contacts", contacts=KEPT, **{option: [value]})

    assert result.failed
    assert option in result.values["msg"]
    assert marketplace.simulator.journal.entries == []


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    live=st.integers(0, 24),
    strays=st.integers(0, 24),
    number=st.integers(0, 24),
    percent=st.integers(0, 100),
    unmanaged=st.sampled_from(["block", "delete"]),
    linked=st.sets(st.integers(0, 24)),
)
def test_whatever_the_numbers_no_more_is_removed_than_allowed(
    live: int, strays: int, number: int, percent: int, unmanaged: str, linked: set[int]
) -> None:
    marketplace = Marketplace()
    for place in range(live):
        marketplace.put(address(place), name="N", user=place in linked)
    before = store_of(marketplace)

    result = marketplace.run(
        "swo_contacts",
        contacts=[entry(place) for place in range(strays, live)] or [entry(5000, state="absent")],
        unmanaged=unmanaged,
        max_removals=[str(number), f"{percent}%"],
    )

    removed = [row for row in before if row not in store_of(marketplace)]
    assert len(removed) <= min(number, live * percent // 100)
    wanted = [place for place in range(min(strays, live)) if place not in linked]
    assert [row["email"] for row in removed] == ([] if result.failed else [address(place) for place in wanted])
    assert len(marketplace.writes()) == len(removed)
