# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other writers and a server that lies can do to a client, each made to happen by a rule or a stored value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator import Simulator
from tests.simulator.threaded import serving
from tests.unit.simulator.api import INVOICES, TECHNICAL, Api
from tests.unit.simulator.wireclient import exchange, request_bytes

JANE = "jane.doe@contoso.example"
LIST = "/contacts?limit=100&order=id&select=%2BoptOuts"


@pytest.fixture
def api() -> Iterator[Api]:
    """Nine contacts, the first of them Jane Doe; every rule has to fire."""
    api = Api(9)
    yield api
    api.sim.assert_faults_fired()


def rule(api: Api, do: dict[str, Any], **when: Any) -> None:
    api.sim.add_fault({"when": when, "do": do, "times": 1})


def jane(api: Api) -> Any:
    return api.get(f"/contacts/{api.first_id()}")


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"contact": {"match": JANE, "email": "new@b.example"}}, {"email": "new@b.example"}),
        ({"contact": {"match": JANE, "name": "Janet"}}, {"name": "Janet"}),
        ({"contact": {"match": JANE, "optOuts": [INVOICES]}}, {"optOuts": INVOICES}),
        ({"contact": {"match": JANE, "status": "Blocked", "blockedReason": "x"}}, {"blockedReason": "x"}),
        ({"delete": JANE}, {"status": 404}),
        ({"remove": JANE}, {"status": 404}),
    ],
)
def test_somebody_writes_between_the_list_and_the_next_read(
    api: Api, change: dict[str, Any], seen: dict[str, Any]
) -> None:
    rule(api, {"mutate": [change]}, path="*/contacts", phase="after_commit")
    contact_id = api.first_id()
    row = api.get(LIST)["data"][0]
    assert (row["email"], row["name"], row["optOuts"][0]["id"]) == (JANE, "Jane Doe", TECHNICAL)
    body = api.get(f"/contacts/{contact_id}")
    body["optOuts"] = "".join(item["id"] for item in body.get("optOuts", []))
    assert {name: body[name] for name in seen} == seen


def test_somebody_writes_just_before_the_get_by_id(api: Api) -> None:
    rule(api, {"mutate": [{"contact": {"id": "{id}", "email": "new@b.example"}}]}, method="GET", path="*/contacts/*")
    assert api.get(LIST)["data"][0]["email"] == JANE
    assert jane(api)["email"] == "new@b.example"


def test_somebody_writes_while_categories_are_listed(api: Api) -> None:
    rule(api, {"mutate": [{"contact": {"match": JANE, "name": "Janet"}}]}, path="*/categories")
    assert jane(api)["name"] == "Jane Doe"
    api.get("/categories")
    assert jane(api)["name"] == "Janet"


def test_somebody_has_made_the_same_change_just_before(api: Api) -> None:
    rule(api, {"repeat": "last"}, method="POST", path="*/block")
    api.post(f"/contacts/{api.first_id()}/block")
    assert (api.status, jane(api)["status"]) == (400, "Blocked")


def test_a_step_about_what_is_gone_does_nothing(api: Api) -> None:
    rule(api, {"mutate": [{"contact": {"match": "no@b.example", "name": "x"}}, {"delete": "{id}"}]}, method="GET")
    assert len(api.get(LIST)["data"]) == 9


def test_contacts_come_up_while_a_list_is_read(api: Api) -> None:
    api.sim.add_fault({"when": {"path": "*/contacts"}, "do": {"mutate": [{"contact": {"email": "o{n}@b.example"}}]}})
    assert [api.total(LIST) for _dummy in range(3)] == [10, 11, 12]
    assert api.sim.store.by_email("o3@b.example")


@pytest.mark.parametrize("phase", ["before_commit", "after_commit"])
def test_another_contact_with_the_address_just_created(api: Api, phase: str) -> None:
    api.sim.switches.update({"email_unique": "off"})
    rule(api, {"mutate": [{"contact": {"id": "{new}", "email": "{email}"}}]}, method="POST", phase=phase)
    made = api.create("two@b.example")
    assert sorted(record.id == made for record in api.sim.store.by_email("two@b.example")) == [False, True]


@pytest.mark.parametrize("status", [103, 400, 403, 404, 409, 429, 500])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_refused_although_it_was_carried_out(api: Api, method: str, status: int) -> None:
    rule(api, {"status": status}, method=method, phase="after_commit")
    body = {"POST": {"email": "a@b.example"}, "PUT": {"name": "x"}}.get(method)
    api.call(method, "/contacts" if method == "POST" else f"/contacts/{api.first_id()}", body)
    assert (api.status, api.sim.journal.entries[-1].committed) == (status, True)


def test_sent_elsewhere_although_it_was_carried_out(api: Api) -> None:
    rule(api, {"redirect": "/elsewhere", "status": 303}, method="PUT", phase="after_commit")
    api.put(f"/contacts/{api.first_id()}", {"name": "x"})
    assert (api.status, api.header("location"), jane(api)["name"]) == (303, "/elsewhere", "x")


@pytest.mark.parametrize(
    ("path", "raw"),
    [("audit", '{"a":' * 900 + "1" + "}" * 900), ("chat", "1e999"), ("revision", "-0"), ("name", '"\\ud800"')],
)
def test_values_that_json_can_write_but_nobody_expects(api: Api, path: str, raw: str) -> None:
    rule(api, {"edit": {"raw": {path: raw}}})
    jane_id = api.first_id()
    api.get(f"/contacts/{jane_id}")
    assert f'"{path}":{raw}'.encode() in api.reply.body


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("kind", ["missing", "null"])
def test_opt_outs_that_a_list_keeps_to_itself(api: Api, kind: str, told: bool) -> None:
    edit: dict[str, Any] = {"remove": ["data.*.optOuts"]} if kind == "missing" else {"set": {"data.*.optOuts": None}}
    if told:
        edit["set"] = {**edit.get("set", {}), "$meta.omitted": ["optOuts"]}
    rule(api, {"edit": edit})
    body = api.get(LIST)
    assert all(row.get("optOuts") is None and ("optOuts" in row) == (kind == "null") for row in body["data"])
    assert body["$meta"]["omitted"] == (["optOuts"] if told else ["audit"])
    assert jane(api)["optOuts"]


def test_one_new_row_a_page_and_no_end(api: Api) -> None:
    api.sim.add_fault({"when": {"path": "*/contacts"}, "do": {"endless": True, "limit": 1, "total": None}})
    pages = [api.get(f"/contacts?limit=100&offset={offset}") for offset in range(50)]
    assert all(len(page["data"]) == 1 and page["$meta"]["pagination"]["total"] is None for page in pages)
    assert len({page["data"][0]["id"] for page in pages}) == 50


ODD = 'A\n::error::x\r##vso[task]\x1b[2J\x00\u202e\u2028"\\\ud800'


def test_odd_characters_go_in_and_out() -> None:
    sim = Simulator(3)
    contact_id = sim.store.ordered()[0].id
    sim.patch_contact({"id": contact_id, "name": ODD, "blockedReason": ODD})
    with serving(sim) as server:
        for path in (f"/contacts/{contact_id}", "/contacts"):
            answer = exchange(server.api_url, request_bytes(sim.tokens["ops"], "GET", path))
            # Valid UTF-8 all the same: half a pair comes escaped.
            body = json.loads(answer.body.decode("utf-8"))
            row = body["data"][0] if "data" in body else body
            assert (row["name"], row["blockedReason"]) == (ODD, ODD)
        put = json.dumps({"name": ODD + "!"}).encode()
        answer = exchange(server.api_url, request_bytes(sim.tokens["ops"], "PUT", f"/contacts/{contact_id}", put))
        assert (answer.status, json.loads(answer.body)["name"]) == (200, ODD + "!")
