# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers and other writers that lie, and inputs that nobody would think of: promises that they must not break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request, Response
from tests.harness import InProcessTransport, Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS, Account, address

ANN, BOB = address(1), address(2)
DAY = 24 * 60 * 60


def block_anew(account: Account) -> None:
    """Lift the block of Ann, and set another."""
    simulator = account.marketplace.simulator
    for action in ("unblock", "block"):
        path = f"/public/v1/notifications/contacts/{account.live(ANN)['id']}/{action}"
        assert simulator.handle("POST", path, {"Authorization": f"Bearer {simulator.tokens['ops']}"}).status == 200


def lists(*names: str) -> dict[str, Any]:
    return {"email": ANN, "opt_outs": list(names), "opt_outs_mode": "at_least"}


def dated(monkeypatch: pytest.MonkeyPatch, date: str) -> None:
    """Let all answers tell this date."""
    send = InProcessTransport.send

    def lie(self: InProcessTransport, request: Request) -> Response:
        response = send(self, request)
        return Response(response.status, response.reason, {**response.headers, "date": date}, response.body)

    monkeypatch.setattr(InProcessTransport, "send", lie)


def test_a_choice_between_a_write_and_its_proof_is_not_ours(tmp_path: Path) -> None:
    account = Account(tmp_path, schema="5.x")
    account.run({"email": ANN})
    methods: list[str] = []

    def choose(request: Request) -> None:
        if methods.count("PUT") == 1 and methods[-1] == "PUT":
            account.patch(ANN, optOuts=[])
            account.patch(ANN, optOuts=[ORDERS])
        methods.append(request.method)

    account.marketplace.watch(choose)
    account.run(lists("Orders"))
    assert methods.count("PUT") == 1
    account.run(lists())
    assert account.live(ANN)["optOuts"] == [ORDERS]


def test_a_choice_right_before_a_write_is_not_ours(tmp_path: Path) -> None:
    account = Account(tmp_path, schema="5.x")
    account.run({"email": ANN})
    account.marketplace.meanwhile("PUT", "/contacts/", lambda: account.patch(ANN, optOuts=[ORDERS]))
    account.run(lists("Orders", "Invoices"))
    account.run(lists())
    assert account.live(ANN)["optOuts"] == [ORDERS, INVOICES]


@pytest.mark.parametrize(
    ("switches", "act"),
    [
        ({}, block_anew),
        ({"schema": "5.x"}, block_anew),
        ({"schema": "5.x", "withheld": "audit"}, block_anew),
        ({}, lambda account: account.patch(ANN, blockedReason="bounced")),
    ],
)
def test_a_block_that_somebody_set_meanwhile_is_not_ours_to_retire(
    tmp_path: Path, switches: dict[str, object], act: Callable[[Account], None]
) -> None:
    account = Account(tmp_path, **switches)
    account.run({"email": ANN}, {"email": BOB})
    account.run({"email": BOB}, unmanaged="retire")
    (contact,) = account.marketplace.live(ANN)
    account.marketplace.simulator.advance(20 * DAY)
    account.marketplace.meanwhile("GET", contact["id"], lambda: act(account))
    result = account.run({"email": BOB}, unmanaged="retire")
    assert "is not the one any more that was to be removed" in result.values["msg"]
    assert account.marketplace.live(ANN)


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Mon, 01 Jan 0100 00:00:00 GMT",
        "Fri, 01 Jan 0500 00:00:00 GMT",
    ],
)
def test_a_clock_at_the_ends_of_the_calendar_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    account = Account(tmp_path, withheld="audit")
    account.run({"email": ANN}, {"email": BOB})
    with monkeypatch.context() as lying:
        dated(lying, date)
        assert not account.run({"email": BOB, "expires": "2999-12-31"}, unmanaged="retire").failed
    assert not account.run({"email": BOB}).failed


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize(
    ("module", "option", "ending"),
    [
        ("swo_contacts", "snapshot", ".json"),
        ("swo_contacts_export", "dest", ".yml"),
        ("swo_contacts_export", "categories_dest", ".yml"),
        ("swo_contacts_export", "snapshot_dest", ".json"),
        ("swo_contacts_overview", "dest", ".json"),
    ],
)
def test_what_can_be_no_file_is_one_sentence(tmp_path: Path, name: str, module: str, option: str, ending: str) -> None:
    path: Any = str(tmp_path / name) + ending
    options: dict[str, dict[str, Any]] = {
        "swo_contacts": {"contacts": [{"email": ANN}]},
        "swo_contacts_export": {"dest": str(tmp_path / "live.yml")},
        "swo_contacts_overview": {"accounts": {}},
    }
    given = {**options[module], option: [path] if module == "swo_contacts_overview" else path}
    result = Marketplace().run(module, check=True, **given)
    assert "cannot be the name of a file" in result.values["msg"]


@pytest.mark.parametrize("option", ["adopt_file", "reports"])
def test_a_path_of_thousands_of_folders_is_no_crash(tmp_path: Path, option: str) -> None:
    path = str(tmp_path) + "/a" * 3000 + ".json"
    account = Account(tmp_path)
    result = account.run({"email": ANN}, check=True, **{option: [path] if option == "reports" else path})
    assert "could not write" in result.values["msg"] or "cannot be written" in result.values["msg"]


def test_who_is_opted_out_of_a_category_that_is_gone_can_be_adopted(tmp_path: Path) -> None:
    account = Account(tmp_path)
    account.marketplace.put(ANN, optOuts=["NTC-9999-9999", ORDERS])
    adopted = tmp_path / "adopted.yml"
    options = {"contacts": [{"email": ANN, "opt_outs": ["Invoices"]}], "adopt_file": str(adopted)}
    account.run(check=True, **options)
    text = adopted.read_text(encoding="utf-8")
    assert "Orders" in text
    assert "NTC-9999-9999" not in text
