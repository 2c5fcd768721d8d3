# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contact_info finds exactly the contacts that are there, whatever the server does with filters and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.simulator.model import JsonObject
from tests.simulator.switches import SWITCHES
from tests.unit.unknowns import WORLDS

INVOICES = "NTC-0000-0002"
CONTACTS = "*/notifications/contacts"
KEYS = {"id", "email", "name", "status", "blocked_reason", "opt_outs", "linked", "user_id", "revision", "audit"}

Condition = Callable[[JsonObject], bool]


def is_live(contact: JsonObject) -> bool:
    return contact["status"] != "Deleted"


def has_opted_out(contact: JsonObject) -> bool:
    return INVOICES in [item["id"] for item in contact["optOuts"]]


FILTERS: dict[str, tuple[dict[str, Any], Condition]] = {
    "nothing": ({}, is_live),
    "active": ({"status": "active"}, lambda contact: contact["status"] == "Active"),
    "blocked": ({"status": "blocked"}, lambda contact: contact["status"] == "Blocked"),
    "email": ({"email": " LIAM.O'brien@Contoso.Example "}, lambda c: c["email"] == "liam.o'brien@contoso.example"),
    "name": ({"name": "zoë müller-ŁUKASZEWSKA 山田"}, lambda c: (c["name"] or "").startswith("Zoë Müller")),
    "name with quotes": ({"name": 'Ann "The Desk" Example'}, lambda c: c["email"] == "Ann.Example@Northwind.Example"),
    "end of the email": ({"email_like": "*@CONTOSO.example"}, lambda c: is_live(c) and "@contoso.ex" in c["email"]),
    "start of the email": ({"email_like": "ops+*"}, lambda c: c["email"].startswith("ops+")),
    "both ends": ({"email_like": "j*.doe@*"}, lambda contact: contact["email"] == "jane.doe@contoso.example"),
    "middle": ({"email_like": "*+news@*"}, lambda contact: is_live(contact) and "+news@" in contact["email"]),
    "whole email": ({"email_like": "GONE@fabrikam.example"}, lambda c: c["email"] == "gone@fabrikam.example"),
    "category": ({"opted_out_of": "invoices"}, lambda c: is_live(c) and has_opted_out(c)),
    "category id": ({"opted_out_of": INVOICES}, lambda c: is_live(c) and has_opted_out(c)),
    "not the category": ({"not_opted_out_of": "invoices"}, lambda c: is_live(c) and not has_opted_out(c)),
    "reached": (
        {"status": "active", "not_opted_out_of": INVOICES},
        lambda c: c["status"] == "Active" and not has_opted_out(c),
    ),
    "several": (
        {"status": "active", "opted_out_of": "Invoices", "email_like": "*@fabrikam.example"},
        lambda c: c["status"] == "Active" and has_opted_out(c) and c["email"].endswith("@fabrikam.example"),
    ),
    "nobody": ({"email": "nobody@contoso.example"}, lambda _contact: False),
}


def truth(marketplace: Marketplace, condition: Condition = is_live) -> list[str]:
    """The ids of the contacts in the store that fulfil the condition."""
    return [record.data["id"] for record in marketplace.simulator.store.ordered() if condition(record.data)]


def read(marketplace: Marketplace, **options: Any) -> dict[str, Any]:
    """The values of a run that has to succeed and to write nothing."""
    result = marketplace.run("swo_contact_info", **options)
    assert not result.failed, result.values["msg"]
    assert result.values["changed"] is False
    assert marketplace.writes() == []
    return result.values


def ids(values: dict[str, Any]) -> list[str]:
    return [contact["id"] for contact in values["contacts"]]


def refusal(marketplace: Marketplace, **options: Any) -> str:
    """The message of a run that has to fail without a contact in its result."""
    result = marketplace.run("swo_contact_info", **options)
    assert result.failed
    assert (result.values["contacts"], result.values["total"], result.values["changed"]) == ([], None, False)
    assert "\n" not in result.values["msg"]
    return result.values["msg"]


@pytest.fixture(scope="module")
def many() -> Marketplace:
    """An account for tests that change nothing."""
    return Marketplace(contacts=230)


@pytest.mark.parametrize("check", [False, True], ids=["apply", "check"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_all_that_fits(many: Marketplace, name: str, check: bool) -> None:
    options, condition = FILTERS[name]
    values = read(many, check=check, **options)
    assert ids(values) == truth(many, condition)
    assert values["total"] == len(values["contacts"])
    assert bool(values["contacts"]) is (name != "nobody")
    assert all(set(contact) == KEYS for contact in values["contacts"])


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_that_the_server_ignores_holds_all_the_same(name: str) -> None:
    options, condition = FILTERS[name]
    marketplace = Marketplace(contacts=120)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"ignore_filter": True}})
    values = read(marketplace, **options)
    assert ids(values) == truth(marketplace, condition)
    assert values["total"] == len(values["contacts"])
    assert marketplace.simulator.unfired_faults() == []


@pytest.mark.parametrize("ignored", [False, True], ids=["kept", "ignored"])
def test_a_limit_counts_the_contacts_that_fit(ignored: bool) -> None:
    options, condition = FILTERS["category"]
    marketplace = Marketplace(contacts=120)
    if ignored:
        marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"ignore_filter": True}})
    fitting = truth(marketplace, condition)
    values = read(marketplace, **options, limit=2)
    assert ids(values) == fitting[:2]
    assert values["total"] == len(fitting)


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (99, 1), (100, 1), (101, 2), (230, 3), (1000, 3)])
def test_a_limit_costs_no_more_pages_than_it_needs(many: Marketplace, limit: int, requests: int) -> None:
    values = read(many, limit=limit)
    assert ids(values) == truth(many)[:limit]
    assert values["total"] == 230
    assert values["requests"] == {"GET": requests, "POST": 0, "PUT": 0, "DELETE": 0}


def test_a_limit_under_a_server_that_counts_nothing() -> None:
    marketplace = Marketplace(contacts=30, total_null="on")
    assert read(marketplace, limit=5)["total"] is None
    assert read(marketplace, limit=50)["total"] == 30


PAGING = [
    (switch, value)
    for switch in ("default_limit", "max_limit", "limit_echo", "total_null", "unordered_lists", "item_meta")
    for value in SWITCHES[switch].values
]


@pytest.mark.parametrize(
    "more", [{}, {"total_null": "on"}, {"max_limit": "100_error", "unordered_lists": "shuffled"}], ids=str
)
@pytest.mark.parametrize(("switch", "value"), PAGING)
def test_a_list_is_complete_however_pages_are_served(switch: str, value: str, more: dict[str, str]) -> None:
    marketplace = Marketplace(contacts=230, **{**more, switch: value})
    assert ids(read(marketplace)) == truth(marketplace)
    assert ids(read(marketplace, limit=150)) == truth(marketplace)[:150]


@pytest.mark.parametrize("total_null", ["off", "on"])
@pytest.mark.parametrize("served", [1, 7, 100, 101, "all"])
def test_a_list_is_complete_whatever_page_size_the_server_chooses(served: int | str, total_null: str) -> None:
    marketplace = Marketplace(contacts=110, total_null=total_null)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"limit": served}})
    assert ids(read(marketplace)) == truth(marketplace)
    assert ids(read(marketplace, limit=3)) == truth(marketplace)[:3]


@pytest.mark.parametrize("mode", ["delete", "insert", "both"])
def test_a_list_that_moves_once_is_read_again(mode: str) -> None:
    marketplace = Marketplace(contacts=230)
    before = set(truth(marketplace))
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"page_drift": mode}, "times": 1})
    found = set(ids(read(marketplace)))
    after = set(truth(marketplace))
    assert before & after <= found <= before | after
    if mode != "both":  # the total tells
        assert found == after


@pytest.mark.parametrize("mode", ["delete", "insert"])
def test_a_list_that_always_moves_is_never_passed_off_as_complete(mode: str) -> None:
    marketplace = Marketplace(contacts=230)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"page_drift": mode}})
    assert "pages did not fit together in 3 readings" in refusal(marketplace)


@pytest.mark.parametrize(
    ("do", "nth"), [({"blank_list": True}, 2), ({"offset": 0}, 2), ({"offset": 150}, 2), ({"limit": 0}, 3)], ids=str
)
def test_a_page_that_lies_once_is_noticed(do: dict[str, Any], nth: int) -> None:
    marketplace = Marketplace(contacts=230)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS, "nth": nth}, "do": do})
    assert ids(read(marketplace)) == truth(marketplace)
    assert marketplace.simulator.unfired_faults() == []


@pytest.mark.parametrize("total_null", ["off", "on"])
def test_a_list_that_starts_over_and_over_is_not_read_for_ever(total_null: str) -> None:
    marketplace = Marketplace(contacts=230, total_null=total_null)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"offset": 0}})
    assert "pages did not fit together" in refusal(marketplace)
    assert len(marketplace.simulator.journal.entries) == 6


@pytest.mark.parametrize("total_null", ["off", "on"])
def test_a_list_that_never_ends_is_an_error(total_null: str) -> None:
    marketplace = Marketplace(contacts=3, total_null=total_null)
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"endless": True}})
    assert "pages did not fit together" in refusal(marketplace)


def test_order() -> None:
    marketplace = Marketplace(contacts=60)
    contacts = [record.data for record in marketplace.simulator.store.live()]
    by_email = sorted((contact["email"] for contact in contacts), key=str.lower)
    assert [c["email"] for c in read(marketplace, order="email")["contacts"]] == by_email
    assert [c["email"] for c in read(marketplace, order=" -email , name")["contacts"]] == by_email[::-1]
    created = sorted(contacts, key=lambda contact: contact["audit"]["created"]["at"], reverse=True)
    newest = read(marketplace, order="-audit.created.at", limit=5)
    assert ids(newest) == [contact["id"] for contact in created[:5]]


@pytest.mark.parametrize("audit_in_list", ["omitted", "present"])
def test_audit_is_returned_to_those_who_ask(audit_in_list: str) -> None:
    marketplace = Marketplace(contacts=5, audit_in_list=audit_in_list)
    stored = {record.data["id"]: record.data["audit"] for record in marketplace.simulator.store.live()}
    asked = read(marketplace, audit=True)["contacts"]
    assert {contact["id"]: contact["audit"]["created"]["at"] for contact in asked} == {
        contact_id: audit["created"]["at"] for contact_id, audit in stored.items()
    }
    assert [contact["audit"] for contact in read(marketplace)["contacts"]] == [None] * 5


@pytest.mark.parametrize("behaviour", SWITCHES["audit_filter_without_select"].values)
def test_a_filter_by_audit_needs_no_other_option(behaviour: str) -> None:
    marketplace = Marketplace(contacts=40, audit_filter_without_select=behaviour)
    moment = "2025-01-06T08:20:00.000Z"
    late = truth(marketplace, lambda c: is_live(c) and c["audit"]["created"]["at"] >= moment)
    assert 0 < len(late) < 40
    assert ids(read(marketplace, rql=f'ge(audit.created.at,"{moment}")')) == late


@pytest.mark.parametrize("select_unknown", SWITCHES["select_unknown"].values)
@pytest.mark.parametrize("link", SWITCHES["link_user_by_email"].values)
@pytest.mark.parametrize("schema", SWITCHES["schema"].values)
def test_linked(schema: str, link: str, select_unknown: str) -> None:
    marketplace = Marketplace(contacts=40, schema=schema, link_user_by_email=link, select_unknown=select_unknown)
    user_of = marketplace.simulator.world.user_of
    linked = read(marketplace, linked=True)
    assert ids(linked) == truth(marketplace, lambda c: is_live(c) and user_of(c) is not None)
    assert bool(linked["contacts"]) is (link == "on")
    assert all(contact["linked"] is True and contact["user_id"] for contact in linked["contacts"])
    assert ids(read(marketplace, linked=False)) == truth(marketplace, lambda c: is_live(c) and user_of(c) is None)


@pytest.mark.parametrize("visibility", SWITCHES["deleted_visibility"].values)
def test_deleted_contacts_are_history(visibility: str) -> None:
    marketplace = Marketplace(contacts=20, deleted_visibility=visibility)
    deleted = truth(marketplace, lambda contact: contact["status"] == "Deleted")
    assert len(deleted) == 1
    assert deleted[0] not in ids(read(marketplace))
    assert ids(read(marketplace, email="former@contoso.example")) == []
    assert ids(read(marketplace, status="deleted")) == ([] if visibility == "hidden" else deleted)
    assert ids(read(marketplace, id=deleted[0])) == []


ODD = [
    "a+b@contoso.example", "a&b@contoso.example", "50%@contoso.example", "50%25@contoso.example",
    "o'brien@contoso.example", 'q"uote@contoso.example', "(p)@contoso.example", "x,y@contoso.example",
    "*@contoso.example", "a*@contoso.example", "#1@contoso.example", "a=b@contoso.example", "a;b|c@contoso.example",
    "a\\b@contoso.example", "\\@contoso.example", "zoë@contoso.example", "用户@例子.example", "'\"@contoso.example",
    "in(x)@contoso.example", "null()@contoso.example", "a b@contoso.example", "true", "İ@contoso.example",
]  # fmt: skip


@pytest.mark.parametrize("strictness", SWITCHES["rql_strictness"].values)
@pytest.mark.parametrize("text", ODD)
def test_odd_characters_are_ordinary_ones(text: str, strictness: str) -> None:
    marketplace = Marketplace(rql_strictness=strictness)
    for decoy in ("ann@contoso.example", "ab@contoso.example", "a@contoso.example", "50@contoso.example"):
        marketplace.put(decoy, name=decoy)
    wanted = marketplace.put(text, name=text)
    assert ids(read(marketplace, email=text)) == [wanted]
    assert ids(read(marketplace, name=text)) == [wanted]
    assert ids(read(marketplace, name=f"  {text} ")) == [wanted]
    if "*" not in text and not {"'", '"'} <= set(text):
        assert ids(read(marketplace, email_like=text)) == [wanted]
        assert wanted in ids(read(marketplace, email_like=f"*{text}"))
        assert wanted in ids(read(marketplace, email_like=f"{text[:2]}*{text[2:]}*"))


def test_a_pattern_with_both_kinds_of_quotes_finds_what_fits() -> None:
    marketplace = Marketplace(contacts=3)
    wanted = marketplace.put("o'\"brien@contoso.example")
    assert ids(read(marketplace, email_like="*'\"brien*")) == [wanted]


def test_a_star_stands_for_any_text_in_patterns_only() -> None:
    marketplace = Marketplace()
    star, other = marketplace.put("*@contoso.example"), marketplace.put("ann@contoso.example")
    assert ids(read(marketplace, email="*@contoso.example")) == [star]
    assert ids(read(marketplace, email_like="*@contoso.example")) == sorted([star, other])
    assert ids(read(marketplace, email_like="*")) == sorted([star, other])


@pytest.mark.parametrize(
    ("rql", "condition"),
    [
        ("eq(status,Blocked)", lambda c: c["status"] == "Blocked"),
        ("eq(status,Blocked)|eq(name,\"Jane Doe\")", lambda c: c["status"] == "Blocked" or c["name"] == "Jane Doe"),
        ("or( eq(status,Blocked) , eq(status,'Active') )", is_live),
        (f'any(optOuts,eq(id,"{INVOICES}"))', lambda c: is_live(c) and has_opted_out(c)),
        ("ilike(email,*@contoso.example)&ne(status,Blocked)", lambda c: is_live(c) and "@contoso." in c["email"]),
        ('eq(name,"Zoë Müller-Łukaszewska 山田")', lambda c: c["email"] == "zoe.mueller@fabrikam.example"),
        ("", is_live),
    ],
)  # fmt: skip
def test_rql(many: Marketplace, rql: str, condition: Condition) -> None:
    assert ids(read(many, rql=rql)) == truth(many, condition)


def test_alternatives_in_rql_do_not_loosen_the_other_filters(many: Marketplace) -> None:
    values = read(many, status="blocked", rql='eq(name,"Jane Doe")|eq(name,"Hard Bounce")')
    assert [contact["name"] for contact in values["contacts"]] == ["Hard Bounce"]


@pytest.mark.parametrize(
    "options",
    [
        {"rql": 'eq(name,"Ann"'},
        {"rql": "eq(name,Ann))"},
        {"rql": 'eq(name,"Ann)'},
        {"rql": 'eq(name,"A"nn")'},
        {"rql": "eq(name,Ann)eq(status,Active)"},
        {"rql": "name=eq(1,2)"},
        {"rql": "eq(name,\ud800)"},
        {"order": "name;drop"},
        {"order": "by name, please"},
        {"order": ","},
        {"limit": 0},
        {"limit": -1},
        {"id": "../categories"},
        {"id": ""},
        {"email": "\ud800@contoso.example"},
    ],
    ids=repr,
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(options: dict[str, Any]) -> None:
    marketplace = Marketplace(contacts=3)
    assert len(refusal(marketplace, **options).split()) > 2
    assert marketplace.simulator.journal.entries == []


@pytest.mark.parametrize(
    ("name", "sentence"), [("Invoces", "Did you mean 'Invoices'?"), ("NTC-9999-9999", "NTC-9999-9999"), ("", "")]
)
def test_an_unknown_category_is_an_error_and_not_an_empty_list(name: str, sentence: str) -> None:
    marketplace = Marketplace(contacts=3)
    assert sentence in refusal(marketplace, opted_out_of=name)
    assert [entry.path.rpartition("/")[2] for entry in marketplace.simulator.journal.entries] == ["categories"]


def test_by_id() -> None:
    marketplace = Marketplace(contacts=9)
    (blocked,) = truth(marketplace, lambda contact: contact["name"] == "Hard Bounce")
    assert ids(read(marketplace, id=blocked)) == [blocked]
    assert ids(read(marketplace, id=blocked, status="blocked")) == [blocked]
    assert ids(read(marketplace, id=blocked, status="active")) == []
    assert ids(read(marketplace, id="CTT-9999-9999")) == []


def test_every_value_comes_from_the_contact() -> None:
    marketplace = Marketplace(contacts=0, schema="both", revision="increments")
    contact_id = marketplace.put("ann@contoso.example", name="Ann", status="Blocked", blockedReason="bounces",
                                 optOuts=[INVOICES, "NTC-0000-0001"], user=True)  # fmt: skip
    (contact,) = read(marketplace)["contacts"]
    assert contact.pop("user_id").startswith("USR-")
    assert contact == {
        "id": contact_id,
        "email": "ann@contoso.example",
        "name": "Ann",
        "status": "Blocked",
        "blocked_reason": "bounces",
        "opt_outs": [{"id": INVOICES, "name": "Invoices"}, {"id": "NTC-0000-0001", "name": "Orders"}],
        "linked": True,
        "revision": 1,
        "audit": None,
    }


@pytest.mark.parametrize("where", ["$meta.omitted", "data.0.$meta"])
def test_a_row_without_opt_outs_is_not_taken_for_one_that_has_none(where: str) -> None:
    marketplace = Marketplace(contacts=3)
    said = {"$meta.omitted": ["optOuts"], "data.0.$meta": {"omitted": ["optOuts"]}}[where]
    edit = {"remove": ["data.0.optOuts"], "set": {where: said}}
    marketplace.simulator.add_fault({"when": {"path": CONTACTS}, "do": {"edit": edit}})
    assert "left out the opt-outs" in refusal(marketplace)


@pytest.mark.parametrize("role", ["ops", "vendor", "client"])
def test_every_account_may_read(role: str) -> None:
    marketplace = Marketplace(contacts=12)
    assert ids(read(marketplace, role=role)) == truth(marketplace)


def test_a_disabled_token_reads_nothing() -> None:
    assert "Check api_token" in refusal(Marketplace(contacts=3), role="disabled")


# What no client can bring about, and the sentence that the user gets instead.
IMPOSSIBLE = {
    ("redirect_list", "on"): "a redirect, which is not followed",
    ("base_path", "/other/v1"): "Check api_url",
    ("token_warmup", "60"): "a new one takes a minute to work",
    ("withheld", "optOuts_in_lists"): "left out the opt-outs",
    ("withheld", "optOuts"): "left out the opt-outs",
}
# There a filter misses what is stored in another case, and what a server does not send cannot be compared.
CASE_COUNTS = {("string_compare", "sensitive"), ("email_case", "sensitive")}


@pytest.mark.parametrize(("switch", "value"), WORLDS)
def test_every_filter_tells_the_truth_under_every_switch(switch: str, value: str) -> None:
    marketplace = Marketplace(contacts=120, **{switch: value})
    if (switch, value) in IMPOSSIBLE:
        assert IMPOSSIBLE[switch, value] in refusal(marketplace)
        return
    for name, (options, condition) in FILTERS.items():
        before = set(truth(marketplace, condition))
        found = ids(read(marketplace, **options))
        after = set(truth(marketplace, condition))
        # The account may change while it is read: what was there all the time has to be found.
        stays = before & after if (switch, value) not in CASE_COUNTS or _is_lower(options) else set()
        assert stays <= set(found) <= before | after, name
        assert len(set(found)) == len(found)


def _is_lower(options: dict[str, Any]) -> bool:
    return all(value == value.lower() for value in options.values())
