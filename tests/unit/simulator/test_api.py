# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The surface under default switches: endpoints, roles, bodies, projection (notifications-api, sections 2 to 12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.api import INVOICES, MISSING, ORDERS, TECHNICAL, Api


def test_life_of_a_contact() -> None:
    api = Api()
    body = api.post("/contacts", {"email": "Jane@b.example", "name": "Jane", "optOuts": [{"id": ORDERS}]})
    contact_id = body["id"]
    assert (api.status, body["status"], body["email"], body["optOuts"][0]["name"]) == (
        201,
        "Active",
        "Jane@b.example",
        "Orders",
    )
    assert body["$meta"] == {"omitted": ["audit"]}
    assert api.put(f"/contacts/{contact_id}", {"name": "J"})["name"] == "J"
    assert api.opt_outs(contact_id) == [ORDERS]
    assert api.post(f"/contacts/{contact_id}/block")["status"] == "Blocked"
    assert api.post(f"/contacts/{contact_id}/unblock")["status"] == "Active"
    audit = api.get(f"/contacts/{contact_id}")["audit"]
    assert sorted(audit) == ["activated", "blocked", "created", "updated"]
    assert audit["created"]["by"]["id"].startswith("TKN-")
    assert audit["created"]["at"] == "2025-01-06T08:00:00.000Z"
    assert api.delete(f"/contacts/{contact_id}") is None
    assert (api.status, api.reply.body) == (204, b"")
    assert api.get(f"/contacts/{contact_id}")["status"] == 404
    assert [entry.committed for entry in api.sim.journal.writes()] == [True] * 5


def test_opt_outs_replace_the_set_and_empty_clears() -> None:
    api = Api()
    contact_id = api.create(optOuts=[{"id": ORDERS}, {"id": ORDERS}])
    assert api.opt_outs(contact_id) == [ORDERS]
    api.put(f"/contacts/{contact_id}", {"optOuts": [{"id": INVOICES}, {"id": TECHNICAL}]})
    assert api.opt_outs(contact_id) == [INVOICES, TECHNICAL]
    api.put(f"/contacts/{contact_id}", {"optOuts": []})
    assert api.opt_outs(contact_id) == []


def test_names_in_a_body_count_in_any_case() -> None:
    api = Api(unknown_body_members="400")
    body = api.post("/contacts", {"EMAIL": "a@b.example", "Name": "A", "optouts": [{"ID": ORDERS}]})
    assert (api.status, body["name"], api.opt_outs(body["id"])) == (201, "A", [ORDERS])
    assert api.put(f"/contacts/{body['id']}", {"name": "B", "NAME": "C"})["name"] == "C"
    assert api.put(f"/categories/{ORDERS}", {"NAME": "X"})["name"] == "X"
    assert api.post(f"/categories/{ORDERS}/unpublish", {"Note": "n"})["status"] == "Unpublished"


def test_opt_outs_already_held_are_kept_whatever_became_of_the_category() -> None:
    api = Api()
    contact_id = api.create(optOuts=[{"id": ORDERS}])
    api.post(f"/categories/{ORDERS}/unpublish")
    api.put(f"/contacts/{contact_id}", {"optOuts": [{"id": ORDERS}]})
    assert (api.status, api.opt_outs(contact_id)) == (200, [ORDERS])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "no-at-sign"}, "email"),
        ({"email": " a@b.example"}, "email"),
        ({"email": "a@" + "b" * 320}, "email"),
        ({"email": 1}, "$.email"),
        ({"email": "a@b.example", "name": 7}, "$.name"),
        ({"email": "a@b.example", "optOuts": "x"}, "$.optOuts"),
        ({"email": "a@b.example", "optOuts": [ORDERS]}, "optOuts[0].id"),
        ({"email": "a@b.example", "optOuts": [{"id": ORDERS}, {"id": "NTC-1"}]}, "optOuts[1].id"),
        ([], "$"),
        (b"{", "$"),
        (b"[" * 100_000, "$"),
        (b" ", ""),
    ],
)
def test_wrong_body_is_refused_by_path(body: Any, path: str) -> None:
    api = Api()
    answer = api.call("POST", "/contacts", body)
    assert (api.status, list(answer["errors"])) == (400, [path])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("text/json; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_content_types(content_type: str, status: int) -> None:
    api = Api()
    api.call("POST", "/contacts", {"email": "a@b.example"}, {"Content-Type": content_type})
    assert api.status == status


def test_missing_contact() -> None:
    api = Api()
    for method, path, status in (
        ("GET", f"/contacts/{MISSING}", 404),
        ("PUT", f"/contacts/{MISSING}", 400),
        ("POST", f"/contacts/{MISSING}/block", 400),
        ("DELETE", f"/contacts/{MISSING}", 404),
    ):
        body = api.call(method, path, {} if method == "PUT" else None)
        assert (api.status, body["detail"]) == (status, f"Contact with id '{MISSING}' not found")


def test_put_cannot_take_the_email_of_another_contact() -> None:
    api = Api()
    api.create("a@b.example")
    contact_id = api.create("c@b.example")
    body = api.put(f"/contacts/{contact_id}", {"email": "A@b.example"})
    assert (api.status, body["errors"]) == (400, {"email": ["Contact with email 'A@b.example' already exists"]})
    api.put(f"/contacts/{contact_id}", {"email": "C@b.example"})
    assert api.status == 200


def test_revision_grows_only_with_a_change() -> None:
    api = Api(revision="increments")
    contact_id = api.create(name="A")
    seen = [api.put(f"/contacts/{contact_id}", {"name": name})["revision"] for name in ("A", "B", "B")]
    assert seen == [1, 2, 2]
