# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields swo_contact writes, which it leaves alone, and what it says about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace

EMAIL = "ann@contoso.example"
ORDERS, INVOICES, UPDATES, RENEWALS = "NTC-0000-0001", "NTC-0000-0002", "NTC-0000-0003", "NTC-0000-0004"
NOTHING_SENT = {"GET": 0, "POST": 0, "PUT": 0, "DELETE": 0}


@pytest.fixture(params=["partial", "replace", "email_required"])
def marketplace(request: pytest.FixtureRequest) -> Marketplace:
    """Under each way in which the server may understand a PUT."""
    return Marketplace(put_mode=request.param)


def stored(marketplace: Marketplace) -> dict[str, Any]:
    (contact,) = marketplace.live(EMAIL)
    return {"name": contact["name"], "opt_outs": {item["id"] for item in contact["optOuts"]}}


def test_what_is_left_out_is_kept(marketplace: Marketplace) -> None:
    marketplace.put(EMAIL, name="Ann", optOuts=[INVOICES, RENEWALS])
    marketplace.run("swo_contact", email=EMAIL, name="Ann B")
    assert stored(marketplace) == {"name": "Ann B", "opt_outs": {INVOICES, RENEWALS}}
    marketplace.run("swo_contact", email=EMAIL, opt_outs=["Orders"])
    assert stored(marketplace) == {"name": "Ann B", "opt_outs": {ORDERS}}


@pytest.mark.parametrize("schema", ["5.x", "both"])
@pytest.mark.parametrize("put_mode", ["partial", "replace"])
def test_fields_of_a_newer_schema_survive_an_update(schema: str, put_mode: str) -> None:
    marketplace = Marketplace(schema=schema, put_mode=put_mode)
    marketplace.put(EMAIL, name="Ann", chat=True, directories=[{"id": "DIR-0000-0001"}])
    result = marketplace.run("swo_contact", email=EMAIL, name="Ann B")
    assert not result.failed, result.values
    (contact,) = marketplace.live(EMAIL)
    assert contact["chat"] is True
    assert [item["id"] for item in contact["directories"]] == ["DIR-0000-0001"]


@pytest.mark.parametrize(
    ("live", "options", "expected"),
    [
        ([INVOICES], {"opt_outs": ["Renewals"]}, {RENEWALS}),
        ([INVOICES], {"opt_outs": ["Renewals"], "opt_outs_mode": "at_least"}, {INVOICES, RENEWALS}),
        ([INVOICES], {"opt_outs": ["Renewals"], "opt_outs_mode": "on_create"}, {INVOICES}),
        ([INVOICES], {"opt_outs": []}, set()),
        ([INVOICES], {"opt_outs": [], "opt_outs_mode": "at_least"}, {INVOICES}),
        ([INVOICES, ORDERS], {"opt_ins": ["Orders"]}, {INVOICES}),
        ([INVOICES], {"opt_ins": ["Orders"]}, {INVOICES}),
        ([INVOICES, ORDERS], {"opt_outs": ["Renewals"], "opt_ins": ["orders"], "opt_outs_mode": "at_least"},
         {INVOICES, RENEWALS}),
        ([INVOICES, ORDERS], {"opt_outs": ["Renewals"], "opt_ins": ["Orders"], "opt_outs_mode": "on_create"},
         {INVOICES}),
        ([], {"opt_outs": [INVOICES, "  renewals "]}, {INVOICES, RENEWALS}),
        ([], {"opt_outs": ["INVOICES"]}, {INVOICES}),
    ],
)  # fmt: skip
def test_opt_outs(marketplace: Marketplace, live: list[str], options: dict[str, Any], expected: set[str]) -> None:
    marketplace.put(EMAIL, name="Ann", optOuts=live)
    result = marketplace.run("swo_contact", email=EMAIL, **options)
    assert not result.failed, result.values
    assert stored(marketplace) == {"name": "Ann", "opt_outs": expected}
    assert result.values["changed"] is (set(live) != expected)


def test_the_diff_names_the_fields_that_change_and_no_others(marketplace: Marketplace) -> None:
    marketplace.put(EMAIL, name="Ann", optOuts=[INVOICES, UPDATES])
    result = marketplace.run("swo_contact", check=True, email=EMAIL, name="Ann", opt_outs=["Renewals", "Invoices"])
    assert result.values["diff"]["before"] == {"opt_outs": ["Invoices", "Technical updates"]}
    assert result.values["diff"]["after"] == {"opt_outs": ["Invoices", "Renewals"]}
    assert EMAIL in result.values["diff"]["before_header"]


def test_without_diff_mode_there_is_no_diff(marketplace: Marketplace) -> None:
    assert "diff" not in marketplace.run("swo_contact", diff=False, email=EMAIL).values


def test_an_address_that_differs_in_case_only_is_not_rewritten(marketplace: Marketplace) -> None:
    marketplace.put("Ann@Contoso.Example", name="Ann")
    result = marketplace.run("swo_contact", email="  ann@contoso.example ", name="Ann")
    assert (result.values["changed"], result.values["contact"]["email"]) == (False, "Ann@Contoso.Example")


def test_an_id_names_the_contact_whose_address_changes(marketplace: Marketplace) -> None:
    contact_id = marketplace.put("old@contoso.example", name="Ann", optOuts=[INVOICES])
    result = marketplace.run("swo_contact", id=contact_id, email=EMAIL)
    assert result.values["actions"] == ["update"]
    assert marketplace.live(EMAIL)[0]["id"] == contact_id
    assert stored(marketplace) == {"name": "Ann", "opt_outs": {INVOICES}}
    assert marketplace.run("swo_contact", id=contact_id, email=EMAIL).values["changed"] is False


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("refused", "Could not update contact"),
        ("ignored", "reading it back shows another email"),
    ],
)
def test_a_server_that_does_not_change_addresses_is_told_so(setting: str, sentence: str) -> None:
    marketplace = Marketplace(email_change=setting)
    contact_id = marketplace.put("old@contoso.example", name="Ann")
    result = marketplace.run("swo_contact", id=contact_id, email=EMAIL)
    assert result.failed
    assert sentence in result.values["msg"]


def test_an_address_of_another_contact_is_refused_before_any_write(marketplace: Marketplace) -> None:
    other = marketplace.put(EMAIL, name="Other")
    contact_id = marketplace.put("old@contoso.example", name="Ann")
    result = marketplace.run("swo_contact", id=contact_id, email=EMAIL)
    assert result.failed
    assert other in result.values["msg"]
    assert marketplace.writes() == []


@pytest.mark.parametrize("live", [None, "Deleted"])
@pytest.mark.parametrize("state", ["present", "blocked"])
def test_an_id_that_does_not_exist_is_an_error(marketplace: Marketplace, state: str, live: str | None) -> None:
    contact_id = marketplace.put(EMAIL, status=live) if live else "CTT-9999-9999"
    result = marketplace.run("swo_contact", id=contact_id, state=state)
    assert result.failed
    assert contact_id in result.values["msg"]
    assert marketplace.writes() == []
    assert marketplace.run("swo_contact", id=contact_id, state="absent").values["changed"] is False


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"opt_outs": ["Invoice"]}, "Did you mean 'Invoices'?"),
        ({"opt_ins": ["Reneval"]}, "Did you mean 'Renewals'?"),
        ({"opt_outs": ["Security alerts"]}, "cannot be opted out of"),
        ({"opt_outs": ["Legacy reports"]}, "is not published"),
        ({"opt_outs": ["Invoices"], "opt_ins": [INVOICES]}, "both name 'Invoices'"),
        ({"opt_outs": ["Twin"]}, "NTC-1111-1111, NTC-2222-2222"),
    ],
)
def test_a_category_that_cannot_be_meant_is_refused_before_any_write(options: dict[str, Any], sentence: str) -> None:
    marketplace = Marketplace()
    for category_id in ("NTC-1111-1111", "NTC-2222-2222"):
        marketplace.simulator.store.put_category(
            {
                "id": category_id,
                "name": "Twin",
                "status": "Published",
                "optOutAllowed": True,
                "audit": {},
                "revision": 1,
            }
        )
    for check in (True, False):
        result = marketplace.run("swo_contact", check=check, email=EMAIL, name="Ann", **options)
        assert result.failed
        assert sentence in result.values["msg"]
        assert result.values["changed"] is False
    assert marketplace.writes() == []


@pytest.mark.parametrize(
    "options",
    [
        {"id": "../../accounts/ACC-1"},
        {"id": ".."},
        {"id": "CTT-1?x=1"},
        {"id": "CTT-1#"},
        {"id": "CTT 1"},
        {"id": "CTT-1\r\nX: y"},
        {"id": ""},
        {"email": ""},
        {"email": "   "},
        {"email": "nobody"},
        {"email": 'x"),ne(id,"'},
        {"email": 'a"b@contoso.example'},
        {"email": "a\u0000@contoso.example"},
        {"email": "ann@contoso.example\r\nX: y"},
        {"email": "ann@con toso.example"},
        {"email": "ann@"},
        {"email": "@contoso.example"},
        {"email": EMAIL, "name": "Ann\nBcc: all"},
        {"email": EMAIL, "name": "   "},
        {"email": EMAIL, "name": "\ud800"},
        {"email": EMAIL, "opt_outs": ["Orders", " "]},
        {"email": EMAIL, "opt_outs": ["Orders"], "opt_ins": ["orders"]},
        {"email": EMAIL, "api_token": "short"},
        {"email": EMAIL, "api_token": "idt:TKN-1111-1111:secret\nsecret"},
        {"email": EMAIL, "api_token": ""},
        {"email": EMAIL, "api_url": "http://api.platform.softwareone.com"},
        {"email": EMAIL, "api_url": "https://user:word@api.platform.softwareone.com"},
        {"email": EMAIL, "api_timeout": 0},
        {"email": EMAIL, "ca_path": "/nonexistent/ca.pem"},
    ],
    ids=repr,
)
def test_bad_input_sends_nothing_and_gets_one_sentence(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SWO_API_TOKEN", "MPT_API_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    marketplace = Marketplace()
    result = marketplace.run("swo_contact", **options)
    assert result.failed
    assert len(result.values["msg"].split()) > 2
    assert "\n" not in result.values["msg"]
    assert "secret" not in result.values["msg"]
    assert "word" not in result.values["msg"]
    assert result.values["requests"] == NOTHING_SENT
    assert marketplace.simulator.journal.entries == []


@pytest.mark.parametrize(
    "email",
    [
        "ann+news@contoso.example",
        "o'brien@contoso.example",
        "a&b=c@contoso.example",
        "50%@contoso.example",
        "a*b@contoso.example",
        "*@contoso.example",
        "#1@contoso.example",
        "zoë@contoso.example",
        "用户@例子.example",
        "ann@bücher.example",
    ],
)
def test_unusual_addresses_are_found_again_exactly(email: str) -> None:
    marketplace = Marketplace()
    marketplace.put("ann@contoso.example", name="Somebody else")
    marketplace.put("annXnews@contoso.example", name="Somebody else")
    assert marketplace.run("swo_contact", email=email, name="Ann").values["actions"] == ["create"]
    assert marketplace.run("swo_contact", email=email, name="Ann").values["changed"] is False
    assert marketplace.run("swo_contact", email=email, state="absent").values["actions"] == ["delete"]
    assert len(list(marketplace.simulator.store.live())) == 2
