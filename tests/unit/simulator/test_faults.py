# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules that change answers, reads or the store (faults, section 9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.rules import DO
from tests.unit.simulator.api import ORDERS, Api

# Observed with a bare socket in test_faults_wire.py.
ON_THE_WIRE = {
    *("reset", "fin", "hang", "cut", "drip", "trickle", "interim", "garbage", "delay", "delay_commit", "gzip_bomb"),
}
LIST = "/contacts?limit=100&order=id"


def api_with(do: dict[str, Any], *, contacts: int = 9, times: int | None = None, **when: Any) -> Api:
    api = Api(contacts)
    api.sim.add_fault({"when": when, "do": do, "times": times})
    return api


def ids(api: Api, query: str = LIST) -> list[str]:
    return [row["id"] for row in api.get(query)["data"]]


def see_status() -> None:
    api = api_with({"status": 503, "html": True, "retry_after": 2, "reason": "Busy"}, method="POST")
    api.post("/contacts", {"email": "a@b.example"})
    assert (api.status, api.reply.reason, api.header("Retry-After")) == (503, "Busy", "2")
    assert api.reply.body.startswith(b"<!DOCTYPE html>")
    assert not api.sim.store.by_email("a@b.example")


def see_redirect() -> None:
    api = api_with({"redirect": "http://other.example/{authorization}", "status": 307})
    api.get("/contacts")
    assert (api.status, api.header("location")) == (
        307,
        f"http://other.example/Bearer {api.sim.tokens['ops']}",
    )


def see_echo_headers() -> None:
    api = api_with({"echo_headers": True, "status": 400})
    assert api.sim.tokens["ops"] in api.get("/contacts")["detail"]
    assert api.status == 400
    quoted = "bad header {authorization[:60]}, {authorization[7:11]}, {authorization[-4:]}"
    api = api_with({"status": 500, "detail": quoted})
    header = f"Bearer {api.sim.tokens['ops']}"
    assert api.get("/contacts")["detail"] == f"bad header {header[:60]}, idt:, {header[-4:]}"
    api = api_with({"status": 400, "body": {"errors": [{"message": "{authorization[60:]}"}]}})
    assert api.get("/contacts")["errors"][0]["message"] == header[60:]


def see_swap_body() -> None:
    api = api_with({"swap_body": True})
    contact_id = api.first_id()
    body = api.get(f"/contacts/{contact_id}")
    assert body["id"] != contact_id
    assert "email" in body


def see_edit() -> None:
    changes = {"set": {"$meta.pagination.total": None, "data.1.id": 7, "data.0.name": "{authorization}"}}
    api = api_with({"edit": {**changes, "remove": ["data.0.email", "data.2", "nowhere.at.all"]}})
    body = api.get("/contacts?limit=3")
    assert body["$meta"]["pagination"]["total"] is None
    assert [row["id"] for row in body["data"]][1:] == [7]
    assert body["data"][0]["name"].startswith("Bearer idt:")
    assert "email" not in body["data"][0]
    everywhere = {
        "remove": ["data.*.email"],
        "set": {"data.*.optOuts": None, "data.7.x": 1},
        "raw": {"data.*.n": "1e999"},
    }
    api = api_with({"edit": everywhere})
    rows = api.get("/contacts?limit=3")["data"]
    assert [("email" in row, row["optOuts"], row["n"]) for row in rows] == [(False, None, float("inf"))] * 3
    api = api_with({"edit": {"remove": ["data.*"]}})
    assert api.get("/contacts")["data"] == []


def see_blank_list() -> None:
    api = api_with({"blank_list": True}, times=1)
    assert (api.total(), api.total()) == (0, 9)


def see_ignore_filter() -> None:
    api = api_with({"ignore_filter": True}, times=1)
    query = '/contacts?eq(name,"Jane%20Doe")'
    assert (api.total(query), api.total(query)) == (9, 1)


def see_page_drift() -> None:
    for mode, change in (("delete", -1), ("insert", 1), ("both", 0)):
        api = api_with({"page_drift": mode}, contacts=30, times=1)
        before = ids(api, "/contacts?limit=10&order=id")
        assert api.total() == 30 + change
        assert ids(api, "/contacts?limit=10&order=id") != before


def see_limit() -> None:
    assert len(ids(api_with({"limit": 2}))) == 2
    assert len(ids(api_with({"limit": "all"}), "/contacts?limit=1")) == 9


def see_offset() -> None:
    api = api_with({"offset": 0})
    assert ids(api, "/contacts?limit=3&offset=3") == ids(api, "/contacts?limit=3&offset=6")


def see_endless() -> None:
    api = api_with({"endless": True})
    seen = [
        contact_id for offset in range(0, 300, 100) for contact_id in ids(api, f"/contacts?limit=100&offset={offset}")
    ]
    assert len(seen) == len(set(seen)) == 300


def see_lag() -> None:
    api = api_with({"lag": 5}, method="GET")
    contact_id = api.create()
    assert (api.total(), api.get(f"/contacts/{contact_id}")["status"]) == (9, 404)
    api.clock.now += 5
    assert (api.total(), api.get(f"/contacts/{contact_id}")["status"]) == (10, "Active")


def see_flap() -> None:
    api = api_with({"flap": 60}, method="GET")
    contact_id = api.first_id()
    api.put(f"/contacts/{contact_id}", {"name": "New"})
    assert [api.get(f"/contacts/{contact_id}")["name"] for dummy in range(4)] == ["Jane Doe", "New"] * 2


def see_mutate() -> None:
    for change, status in (({"delete": "{id}"}, 400), ({"remove": "{id}"}, 400), ({"contact": {"id": "{id}"}}, 200)):
        api = api_with({"mutate": [change]}, method="PUT")
        api.put(f"/contacts/{api.first_id()}", {"name": "x"})
        assert api.status == status
    api = api_with({"mutate": [{"contact": {"email": "a@b.example"}}]}, method="POST")
    api.post("/contacts", {"email": "a@b.example"})
    assert api.status == 400
    api = api_with({"mutate": [{"category": {"id": ORDERS, "status": "Unpublished"}}]}, method="POST")
    api.post("/contacts", {"email": "a@b.example", "optOuts": [{"id": ORDERS}]})
    assert api.status == 400
    api = api_with({"mutate": [{"contact": {"id": "{id}", "name": "After"}}]}, method="PUT", phase="after_commit")
    contact_id = api.first_id()
    assert api.put(f"/contacts/{contact_id}", {"name": "x"})["name"] == "x"
    assert api.get(f"/contacts/{contact_id}")["name"] == "After"


def see_late_commit() -> None:
    for do in ({"status": 504, "html": True}, {"reset": True}):
        api = api_with({**do, "late_commit": 8}, method="POST")
        api.post("/contacts", {"email": "a@b.example"})
        assert api.status == do.get("status", 0)
        assert (api.total(), api.sim.journal.entries[0].committed) == (9, False)
        api.sim.advance(8)
        assert (api.total(), api.sim.journal.entries[0].committed) == (10, True)
    api = api_with({"status": 202, "late_commit": 8}, method="POST")
    api.post("/contacts", {"email": "a@b.example"})
    api.sim.reset()
    api.sim.advance(8)
    assert api.total() == 0


def see_repeat() -> None:
    for whose, statuses in (("first", (201, 200, 204)), ("last", (400, 200, 404))):
        api = api_with({"repeat": whose}, method=["POST", "PUT", "DELETE"])
        contact_id = api.first_id()
        api.post("/contacts", {"email": "a@b.example"})
        seen = [api.status]
        api.put(f"/contacts/{contact_id}", {"name": "x"})
        seen.append(api.status)
        api.delete(f"/contacts/{contact_id}")
        assert (*seen, api.status) == statuses
        assert [entry.committed for entry in api.sim.journal.writes()] == [True] * 3
    api = Api(email_unique="off")
    api.sim.add_fault({"do": {"repeat": "first"}, "times": 1})
    first = api.create()
    assert [record.id == first for record in api.sim.store.by_email("a@b.example")] == [True, False]


def see_swap_id() -> None:
    api = api_with({"swap_id": True}, method="POST", times=1)
    body = api.post("/contacts", {"email": "a@b.example", "name": "A"})
    made = api.sim.store.by_email("a@b.example")[0].id
    assert (body["email"], body["name"], api.status) == ("a@b.example", "A", 201)
    assert body["id"] != made
    assert body["id"] in api.sim.store.contacts
    api.sim.add_fault({"do": {"swap_id": "CTT-7"}})
    assert api.put(f"/contacts/{made}", {"name": "B"})["id"] == "CTT-7"
    assert api.get("/contacts/CTT-8")["status"] == 404


def see_total() -> None:
    for claimed, seen in ((2**53, 2**53), (None, None), ("rows", 4), (0, 0)):
        assert api_with({"total": claimed}).total("/contacts?limit=4") == seen
    assert api_with({"limit": 1}).total("/categories") == 8


def see_cut_rows() -> None:
    api = Api(9, streaming="on")
    api.sim.add_fault({"do": {"cut_rows": 4}})
    api.call("GET", "/contacts", headers={"MPT-Streaming": "true", "Accept": "application/jsonl"})
    assert (api.reply.body.count(b"\n"), api.reply.body[-2:], api.header("MPT-Item-Count")) == (4, b"}\n", "9")


def see_unknown_is_true() -> None:
    api = api_with({"unknown_is_true": True}, times=3)
    assert api.total('/contacts?eq(nope,"x")') == 9
    assert api.total('/contacts?not(eq(nope,"x"))') == 0
    assert api.total('/contacts?eq(nope,"x"),eq(name,"Jane%20Doe")') == 1
    api.get('/contacts?eq(nope,"x")')
    assert api.status == 400


def see_drop_write() -> None:
    api = api_with({"drop_write": True}, times=2)
    contact_id = api.first_id()
    assert api.put(f"/contacts/{contact_id}", {"name": "x"})["name"] == "x"
    api.post("/contacts", {"email": "a@b.example"})
    assert (api.status, api.sim.journal.entries[-1].committed) == (201, False)
    assert api.get(f"/contacts/{contact_id}")["name"] == "Jane Doe"
    assert api.total() == 9


def test_every_do_is_observed() -> None:
    assert ON_THE_WIRE | {name.removeprefix("see_") for name in globals() if name.startswith("see_")} == set(DO)


@pytest.mark.parametrize("name", sorted(set(DO) - ON_THE_WIRE))
def test_do(name: str) -> None:
    globals()[f"see_{name}"]()


@pytest.mark.parametrize(
    ("do", "status", "content_type", "body"),
    [
        ({"status": 204}, 204, None, b""),
        ({"status": 200, "body": ""}, 200, "text/plain; charset=utf-8", b""),
        ({"status": 200, "body": [1]}, 200, "application/json; charset=utf-8", b"[1]"),
        ({"status": 200, "body": "null", "content_type": "text/html"}, 200, "text/html", b"null"),
        ({"status": 401}, 401, "text/plain; charset=utf-8", b"Authentication Failed"),
    ],
)
def test_answers_in_place_of_the_api(do: dict[str, Any], status: int, content_type: str | None, body: bytes) -> None:
    api = api_with(do)
    api.get("/contacts")
    assert (api.status, api.header("content-type"), api.reply.body) == (status, content_type, body)


def test_problem_has_a_trace_id() -> None:
    body = api_with({"status": 500}).get("/contacts")
    assert (body["status"], body["title"], len(body["traceId"])) == (500, "Internal Server Error", 55)


def test_retry_after_as_a_date() -> None:
    api = api_with({"status": 429, "retry_after": {"date_in": 90}})
    api.get("/contacts")
    assert api.header("Retry-After") == "Mon, 06 Jan 2025 08:01:30 GMT"


def test_answer_lost_after_the_commit() -> None:
    api = api_with({"status": 504, "html": True}, phase="after_commit", method="POST")
    api.post("/contacts", {"email": "a@b.example"})
    assert (api.status, len(api.sim.store.by_email("a@b.example"))) == (504, 1)
    assert api.sim.journal.entries[-1].committed


def test_status_changed_but_body_kept() -> None:
    api = api_with({"status": 202, "keep_body": True}, method="POST")
    assert (api.post("/contacts", {"email": "a@b.example"})["email"], api.status) == ("a@b.example", 202)


def test_delays_add_up_and_odd_statuses_have_names() -> None:
    api = Api(1, streaming="on")
    api.sim.add_fault({"do": {"delay": 1}})
    api.call("GET", "/contacts", headers={"MPT-Streaming": "true"})
    assert api.reply.fault is not None
    assert api.reply.fault.delay == 1.05
    assert api_with({"status": 599}).get("/contacts")["title"] == "Error"


def test_edit_leaves_alone_what_is_not_json() -> None:
    api = api_with({"edit": {"set": {"id": 1}}}, method="DELETE")
    api.delete(f"/contacts/{api.first_id()}")
    assert (api.status, api.reply.body) == (204, b"")
