# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is sent, the simulator answers: a crash of the stand-in would be taken for a fault of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator import Simulator
from tests.simulator.threaded import serving
from tests.unit.simulator.api import BASE, Api

PATHS = st.sampled_from(["", "/contacts", "/contacts/CTT-0001-0045", "/contacts/CTT-0001-0045/block", "/categories"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "email", "name", "x"]), inner),
    max_leaves=5,
)
BODIES = st.dictionaries(st.sampled_from(["email", "name", "optOuts", "chat", "directories", "other"]), JSON)
PIECES = (
    "eq(email, ( ) , \" ' & = and( or( not( in( any(optOuts, id audit.created.at null() empty() self() limit=5 "
    "offset=-1 order=-name select=-* +optOuts user(id) * %22 %zz ; | ne(status,Deleted) like(name,*a*)"
)
QUERIES = st.lists(st.sampled_from(PIECES.split()), max_size=8).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=PATHS,
    query=QUERIES | st.text(max_size=20),
    body=BODIES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20),
)
def test_any_request_gets_an_answer(method: str, path: str, query: str, body: bytes) -> None:
    api = Api(3, schema="both")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {api.sim.tokens['ops']}"}
    reply = api.sim.handle(method, f"{BASE}{path}?{query}", headers, body)
    assert 200 <= reply.status < 500 or b"persistence" in reply.body
    assert reply.entry is api.sim.journal.entries[-1]


@pytest.mark.parametrize("query", ["(" * 50_000, "not(" * 20_000, "select=" + "a(" * 20_000, "a," * 50_000])
def test_query_that_is_too_deep(query: str) -> None:
    api = Api(1)
    api.get(f"/contacts?{query}")
    assert api.status in (200, 400, 500)


def test_size_is_no_obstacle() -> None:
    people: list[dict[str, Any]] = [
        {"id": f"CTT-0000-{number:04d}", "email": f"p{number}@b.example", "name": "x" * 200} for number in range(6000)
    ]
    sim = Simulator()
    with serving(sim) as server:
        requests.put(f"{server.control_url}/store", json={"contacts": people}, timeout=30).raise_for_status()
        headers = {"Authorization": f"Bearer {sim.tokens['ops']}"}
        ids = ",".join(f'"{person["id"]}"' for person in people[:1500])
        url = f"{server.api_url}/notifications/contacts?in(id,({ids}))&limit=100"
        assert requests.get(url, headers=headers, timeout=30).json()["$meta"]["pagination"]["total"] == 1500


def test_reset_forgets_commits_that_were_still_to_come() -> None:
    api = Api()
    api.sim.add_fault({"when": {"method": "POST"}, "do": {"delay_commit": 5}})
    headers = {"Authorization": f"Bearer {api.sim.tokens['ops']}", "Content-Type": "application/json"}
    reply = api.sim.handle("POST", f"{BASE}/contacts", headers, b'{"email": "a@b.example"}')
    api.sim.reset()
    api.sim.advance(5)
    fault = reply.settle().fault
    assert fault is not None
    assert fault.action == "reset"
    assert not api.sim.store.contacts
