# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When fault rules fire, together and alone, and which are refused (faults, section 9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import FaultError, Simulator
from tests.unit.simulator.api import MISSING, Api

LIST = "/contacts?limit=100&order=id"


def fired(when: dict[str, Any], *, requests: int = 10, times: int | None = None) -> list[int]:
    """Numbers of the list requests that the rule hit."""
    api = Api(1)
    api.sim.add_fault({"when": when, "do": {"status": 503}, "times": times})
    hits = []
    for number in range(1, requests + 1):
        api.get("/contacts")
        if api.status == 503:
            hits.append(number)
    return hits


@pytest.mark.parametrize(
    ("when", "times", "hits"),
    [
        ({}, None, list(range(1, 11))),
        ({}, 2, [1, 2]),
        ({"nth": 3}, None, [3]),
        ({"nth": [1, 4]}, None, [1, 4]),
        ({"every": 4}, None, [4, 8]),
        ({"after": 7}, None, [8, 9, 10]),
        ({"every": 3, "after": 3}, 1, [6]),
        ({"p": 0.0}, None, []),
        ({"p": 1.0}, None, list(range(1, 11))),
    ],
)
def test_when_by_number(when: dict[str, Any], times: int | None, hits: list[int]) -> None:
    assert fired(when, times=times) == hits


def test_chance_is_fixed_by_the_seed() -> None:
    first = fired({"p": 0.3, "seed": 7}, requests=200)
    assert first == fired({"p": 0.3, "seed": 7}, requests=200)
    assert first != fired({"p": 0.3, "seed": 8}, requests=200)
    assert 30 < len(first) < 90


@pytest.mark.parametrize(
    ("when", "hits"),
    [
        ({"method": "GET"}, ["get", "list"]),
        ({"method": ["PUT", "POST"]}, ["create", "put"]),
        ({"path": "*/contacts"}, ["create", "list"]),
        ({"path": "/public/v1/notifications/contacts/*"}, ["get", "put"]),
        ({"id": "first"}, ["get", "put"]),
        ({"email": "JANE.doe@contoso.example"}, ["get", "put"]),
        ({"email": "new@b.example"}, ["create", "list"]),
        ({"role": "vendor"}, []),
        ({"role": "ops", "method": "PUT"}, ["put"]),
        ({"query": 'eq(email,"new@'}, ["list"]),
    ],
)
def test_when_by_what_is_asked(when: dict[str, Any], hits: list[str]) -> None:
    seen = []
    for name in ("create", "get", "list", "put"):
        api = Api(1)
        first = api.first_id()
        asked = {key: first if value == "first" else value for key, value in when.items()}
        api.sim.add_fault({"when": asked, "do": {"status": 503}})
        if name == "create":
            api.post("/contacts", {"email": "new@b.example"})
        elif name == "get":
            api.get(f"/contacts/{first}")
        elif name == "list":
            api.get("/contacts?eq(email,%22new@b.example%22)")
        else:
            api.put(f"/contacts/{first}", {"name": "x"})
        if api.status == 503:
            seen.append(name)
    assert seen == hits


def test_rules_can_be_chained_and_unused_ones_show() -> None:
    api = Api()
    lost = api.sim.add_fault({"when": {"method": "POST", "phase": "after_commit"}, "do": {"reset": True}, "times": 1})
    blind = api.sim.add_fault({"when": {"method": "GET"}, "do": {"status": 500}, "times": 1})
    unused = api.sim.add_fault({"when": {"id": MISSING}, "do": {"fin": True}})
    api.post("/contacts", {"email": "a@b.example"})
    assert api.reply.fault is not None
    assert api.reply.fault.action == "reset"
    api.get("/contacts")
    assert (api.status, lost.fired, blind.fired) == (500, 1, 1)
    assert api.sim.unfired_faults() == [unused]
    with pytest.raises(AssertionError, match=f"never fired: .*{MISSING}"):
        api.sim.assert_faults_fired()
    api.sim.clear_faults()
    api.sim.assert_faults_fired()
    api.get("/contacts")
    assert (api.status, api.sim.faults) == (200, [])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"do": {}}, "nothing to do"),
        ({"do": {"explode": 1}}, "do: unknown explode; allowed: status,"),
        ({"if": {}, "do": {"fin": True}}, "rule: unknown if"),
        ({"when": {"verb": "GET"}, "do": {"fin": True}}, "when: unknown verb"),
        ({"when": {"phase": "later"}, "do": {"fin": True}}, "phase 'later' is not allowed; allowed: accept,"),
        ({"when": {"phase": "accept"}, "do": {"status": 500}}, "phase accept allows only"),
        ({"when": {"phase": "after_commit"}, "do": {"cut": 1}}, "cut and drip need phase"),
        ({"do": {"drip": 0}}, "drip must be a number"),
        ({"do": {"status": "503"}}, "status must be a number"),
        ({"do": {"page_drift": True}}, "page_drift True is not allowed; allowed: delete, insert, both"),
        ({"do": {"cut": 1, "framing": "none"}}, "framing 'none' is not allowed"),
        ({"do": {"trickle": "footers"}}, "trickle 'footers' is not allowed; allowed: status_line,"),
        ({"do": {"trickle": "body", "rate": 0}}, "rate must be a number"),
        ({"do": {"interim": True}}, "interim must be a number"),
        ({"do": {"repeat": 2}}, "repeat 2 is not allowed; allowed: first, last"),
        ({"do": {"total": "many"}}, "total 'many' is not allowed"),
        ({"do": {"total": True}}, "total True is not allowed"),
        ({"do": {"late_commit": 1}}, "late_commit needs phase before_commit"),
        ({"when": {"phase": "after_commit"}, "do": {"status": 504, "late_commit": 1}}, "late_commit needs phase"),
        ({"do": {"mutate": [{"drop": 1}]}}, "mutate: unknown drop"),
        ({"do": {"mutate": [{"category": {"name": "x"}}]}}, "mutate: the category needs an id"),
        ({"do": {"mutate": [{"contact": {"name": "x"}}]}}, "mutate: the contact needs an id"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(FaultError, match=message):
        Simulator().add_fault(rule)


def test_delayed_commits_happen_in_order_of_time() -> None:
    api = Api()
    headers = {"Authorization": f"Bearer {api.sim.tokens['ops']}", "Content-Type": "application/json"}
    for delay in (5, 2):
        api.sim.add_fault({"when": {"method": "POST"}, "do": {"delay_commit": delay}, "times": 1})
    replies = []
    for number in (1, 2):
        body = b'{"email": "a%d@b.example"}' % number
        replies.append(api.sim.handle("POST", "/public/v1/notifications/contacts", headers, body))
    assert api.total() == 0
    api.sim.advance(3)
    assert [row["email"] for row in api.get(LIST)["data"]] == ["a2@b.example"]
    # Whoever waits for the answer gets it, and nothing is created twice.
    assert replies[0].settle().status == replies[1].settle().status == 201
    assert api.total() == 2
