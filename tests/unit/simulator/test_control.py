# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API, over HTTP and in process (faults, section 9)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.simulator import SWITCHES, Simulator, assert_no_duplicates
from tests.simulator.control import Control
from tests.simulator.threaded import serving
from tests.unit.simulator.api import BASE, MISSING, ORDERS, Api


class Caller:
    """Control calls in process."""

    def __init__(self, sim: Simulator) -> None:
        self.control = Control(sim)
        self.status = 0

    def __call__(self, method: str, target: str, body: Any = None) -> Any:
        reply = self.control.handle(method, target, json.dumps(body).encode() if body is not None else b"")
        self.status = reply.status
        return json.loads(reply.body)


@pytest.fixture
def api() -> Api:
    return Api(3)


@pytest.fixture
def call(api: Api) -> Caller:
    return Caller(api.sim)


def test_journal(api: Api, call: Caller) -> None:
    api.create(name="J")
    api.get("/contacts?limit=1")
    api.role = "disabled"
    api.get(f"/contacts/{MISSING}")
    entries = call("GET", "/journal")
    assert [(entry["seq"], entry["method"], entry["status"], entry["committed"]) for entry in entries] == [
        (1, "POST", 201, True),
        (2, "GET", 200, False),
        (3, "GET", 401, False),
    ]
    first = entries[0]
    assert (first["path"], first["body"]) == (f"{BASE}/contacts", {"email": "a@b.example", "name": "J"})
    assert (first["target"], entries[1]["target"]) == (f"{BASE}/contacts", f"{BASE}/contacts?limit=1")
    assert len(first["body_sha256"]) == len(first["auth_sha256"]) == 64
    assert first["auth_sha256"] != entries[2]["auth_sha256"]
    assert "idt:" not in json.dumps(entries)
    assert [entry["seq"] for entry in call("GET", "/journal?since=2")] == [3]
    call("DELETE", "/journal")
    assert call("GET", "/journal") == []
    api.get("/contacts")
    assert call("GET", "/journal")[0]["seq"] == 4


def test_journal_assertions(api: Api) -> None:
    contact_id = api.create()
    api.get("/contacts")
    journal = api.sim.journal
    assert journal.counts() == {"POST": 1, "GET": 1}
    assert [entry.path for entry in journal.writes()] == [f"{BASE}/contacts"]
    journal.assert_requests(2)
    journal.assert_only([("POST", f"{BASE}/contacts")])
    api.delete(f"/contacts/{contact_id}")
    with pytest.raises(AssertionError, match="3 requests, at most 2"):
        journal.assert_requests(2)
    with pytest.raises(AssertionError, match="not planned: DELETE"):
        journal.assert_only([("POST", f"{BASE}/contacts")])


def test_duplicates_are_found_in_any_case(api: Api) -> None:
    assert_no_duplicates(api.sim.store)
    api.sim.load_store({"contacts": [{"id": "CTT-1", "email": "JANE.doe@contoso.example"}]}, merge=True)
    with pytest.raises(AssertionError, match=r"jane\.doe@contoso\.example"):
        assert_no_duplicates(api.sim.store)
    api.sim.patch_contact({"id": "CTT-1", "status": "Deleted"})
    assert_no_duplicates(api.sim.store)


def test_reset(api: Api, call: Caller) -> None:
    api.create()
    call("POST", "/faults", {"do": {"status": 500}})
    call("PATCH", "/switches", {"total_null": "on"})
    tokens = call("POST", "/reset", {"contacts": 5, "seed": 9, "switches": {"default_limit": "1000"}})["tokens"]
    assert tokens == api.sim.tokens == Simulator(seed=9).tokens
    assert (call("GET", "/journal"), call("GET", "/faults")) == ([], [])
    body = api.get("/contacts")
    assert body["$meta"]["pagination"] == {"offset": 0, "limit": 1000, "total": 5}


def test_store_goes_round(api: Api, call: Caller) -> None:
    contact_id = api.create(optOuts=[{"id": ORDERS}])
    state = call("GET", "/store")
    assert sorted(state) == ["batches", "categories", "contacts", "messages", "subscribers", "users"]
    before = api.get(f"/contacts/{contact_id}")
    call("PUT", "/store", {"contacts": []})
    assert api.get("/contacts")["$meta"]["pagination"]["total"] == 0
    call("PUT", "/store", state)
    assert api.get(f"/contacts/{contact_id}") == before
    assert call("GET", "/store") == state


def test_store_can_be_patched(api: Api, call: Caller) -> None:
    call("PUT", "/store?mode=patch", {"categories": [{"id": ORDERS, "name": "Commandes"}], "contacts": []})
    assert api.get(f"/categories/{ORDERS}")["name"] == "Commandes"
    assert api.get("/contacts")["$meta"]["pagination"]["total"] == 3
    extra = {"id": "CTT-7", "email": "x@b.example", "optOuts": [ORDERS], "user": True}
    call("PUT", "/store?mode=patch", {"contacts": [extra]})
    body = api.get("/contacts/CTT-7")
    assert (body["optOuts"][0]["name"], "user" in body) == ("Commandes", True)


def test_changes_behind_the_back(api: Api, call: Caller) -> None:
    contact_id = api.create()
    revision = api.sim.store.contacts[contact_id].data["revision"]
    changed = call("POST", "/store/contacts", {"email": "A@B.example", "name": "Drifted"})
    assert (changed["id"], changed["email"], changed["revision"]) == (contact_id, "A@B.example", revision + 1)
    assert api.get(f"/contacts/{contact_id}")["name"] == "Drifted"
    made = call("POST", "/store/contacts", {"email": "new@b.example", "status": "Blocked", "blockedReason": "x"})
    assert api.get(f"/contacts/{made['id']}")["blockedReason"] == "x"
    call("POST", "/store/contacts", {"match": "NEW@b.example", "email": "renamed@b.example"})
    assert api.get(f"/contacts/{made['id']}")["email"] == "renamed@b.example"
    assert call("POST", "/store/contacts", {"match": "new@b.example"})["error"] == "no contact new@b.example"
    call("DELETE", "/store/contacts/renamed%40b.example")
    assert api.get(f"/contacts/{made['id']}")["status"] == 404
    assert api.sim.store.by_email("new@b.example") == []


def test_faults(api: Api, call: Caller) -> None:
    rules = call("POST", "/faults", [{"when": {"nth": 2}, "do": {"status": 503}, "name": "second"}])
    assert rules[0]["number"] == 1
    for _dummy in range(3):
        api.get("/contacts")
    rule = call("GET", "/faults")[0]
    assert (rule["name"], rule["matched"], rule["fired"]) == ("second", 3, 1)
    call("POST", "/faults", {"when": {"method": "PUT"}, "do": {"status": 503}, "name": "unused"})
    assert [rule["name"] for rule in call("GET", "/faults/unfired")] == ["unused"]
    call("DELETE", "/faults")
    assert call("GET", "/faults") == []


def test_switches(api: Api, call: Caller) -> None:
    shown = call("GET", "/switches")
    assert list(shown) == list(SWITCHES)
    assert shown["email_unique"]["value"] == "400"
    assert shown["email_unique"]["allowed"] == ["400", "409", "off", "201_existing"]
    assert call("PATCH", "/switches", {"default_limit": 1000})["default_limit"] == "1000"
    assert api.get("/contacts")["$meta"]["pagination"]["limit"] == 1000


def test_clock(api: Api, call: Caller) -> None:
    call("PATCH", "/switches", {"read_after_write_lag": 5000})
    contact_id = api.create()
    assert api.get(f"/contacts/{contact_id}")["status"] == 404
    call("POST", "/clock", {"advance": 5})
    assert api.get(f"/contacts/{contact_id}")["status"] == "Active"


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "error"),
    [
        ("GET", "/nope", None, 404, "no control call GET /nope"),
        ("POST", "/journal", None, 404, "no control call"),
        ("PATCH", "/switches", {"x": 1}, 400, "unknown switch 'x'"),
        ("POST", "/faults", {"do": {"x": 1}}, 400, "unknown x"),
        ("PUT", "/store", {"groups": []}, 400, "unknown groups; allowed: contacts,"),
        ("PUT", "/store", {"categories": [{}]}, 400, "id missing"),
        ("POST", "/store/contacts", {"name": "x"}, 400, "needs an id or an email"),
        ("DELETE", "/store/contacts/CTT-1", None, 400, "no contact CTT-1"),
        ("POST", "/clock", {}, 400, "cannot be understood"),
        ("POST", "/reset", [], 400, "cannot be understood"),
    ],
)
def test_wrong_calls(call: Caller, method: str, target: str, body: Any, status: int, error: str) -> None:
    assert error in call(method, target, body)["error"]
    assert call.status == status


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[Simulator, str, str]]:
    sim = Simulator(2, switches={"redirect_list": "on"})
    with serving(sim) as server:
        yield sim, server.api_url, server.control_url


def test_control_over_http_is_never_faulted(urls: tuple[Simulator, str, str]) -> None:
    sim, api_url, control_url = urls
    requests.post(f"{control_url}/faults", json={"do": {"reset": True}}, timeout=5).raise_for_status()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{api_url}/notifications/contacts", timeout=5)
    assert requests.get(f"{control_url}/faults", timeout=5).json()[0]["fired"] == 1
    assert requests.delete(f"{control_url}/faults", timeout=5).json() == {}
    assert sim.faults == []


def test_redirect_leads_to_another_host_that_notes_what_it_is_sent(urls: tuple[Simulator, str, str]) -> None:
    sim, api_url, control_url = urls
    headers = {"Authorization": f"Bearer {sim.tokens['ops']}"}
    answer = requests.get(f"{api_url}/notifications/contacts", headers=headers, timeout=5)
    # requests drops the token, because the host is another one.
    assert answer.json()["$meta"]["pagination"]["total"] == 2
    requests.get(answer.url, headers=headers, timeout=5)
    seen = requests.get(f"{control_url}/exports", timeout=5).json()
    assert [request["authorization"] for request in seen] == [False, True]
    assert requests.get(f"{answer.url}x", timeout=5).status_code == 404
