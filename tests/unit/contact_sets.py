# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers for tests of swo_contacts: what a set looks like before, and what is left of it afterwards."""

from __future__ import annotations

from typing import Any

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.bulk import Workers
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task, TaskResult
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor
from tests.harness import API_URL, Marketplace

PREDICTED = ("changed", "counts", "categories", "results", "unmanaged", "plan_hash", "diff")
OUTLOOK = {"coverage", "impact", "new_categories", "snapshot"}
ALWAYS = {
    "account",
    "changed",
    "counts",
    "categories",
    "results",
    "unmanaged",
    "expired",
    "plan_hash",
    "reports",
    "requests",
    "diff",
    *OUTLOOK,
}
CONTACTS = "*/notifications/contacts"
ONE = "*/notifications/contacts/*"
# Categories of the simulator's seed.
ORDERS, INVOICES, TECHNICAL, RENEWALS = (f"NTC-0000-000{number}" for number in (1, 2, 3, 4))


def address(number: int, domain: str = "contoso.example") -> str:
    return f"c{number:04d}@{domain}"


def entry(number: int, **fields: Any) -> dict[str, Any]:
    return {"email": address(number), **fields}


def people(marketplace: Marketplace, numbers: Any, **members: Any) -> list[str]:
    """Live contacts ``c0000@…`` with the name ``N``, behind the back of the collection."""
    return [marketplace.put(address(number), **{"name": "N", **members}) for number in numbers]


def outcomes(result: TaskResult) -> dict[str, str]:
    """The outcome of each contact in the results, by the part of the address before the @."""
    return {row["email"].partition("@")[0]: row["outcome"] for row in result.values["results"]}


def prediction(result: TaskResult) -> dict[str, Any]:
    """What check mode and apply have to say alike; the id of a new contact is known afterwards only."""
    values = {key: result.values.get(key) for key in PREDICTED}
    values["results"] = [
        {**row, "id": None if "create" in row["actions"] else row["id"]} for row in result.values["results"]
    ]
    values["diff"] = _contacts_of_diff(result)
    values["failed"] = result.failed
    return values


def _contacts_of_diff(result: TaskResult) -> list[str]:
    """Who is in the diff and with which sign; a plan and an apply word the rest in different tenses."""
    text: str = result.values["diff"]["prepared"]
    return [line.partition(" (")[0] for line in text.splitlines() if line[:2] in ("+ ", "- ", "~ ", "! ", "? ", ". ")]


def store_of(marketplace: Marketplace, ids: bool = True) -> list[dict[str, Any]]:
    """Every live contact as far as a client can manage it, sorted."""
    found = []
    for record in marketplace.simulator.store.live():
        data = {name: record.data[name] for name in ("id", "email", "name", "status", "blockedReason")}
        data["name"] = data["name"] or None
        data["optOuts"] = sorted(item["id"] for item in record.data["optOuts"])
        if not ids:
            del data["id"]
        found.append(data)
    return sorted(found, key=lambda data: (data["email"].lower(), str(data.get("id"))))


def reset_journal(marketplace: Marketplace) -> None:
    marketplace.simulator.journal.clear()


def workers_of(marketplace: Marketplace, count: int = 1, check_mode: bool = True) -> Workers:
    """Workers as a task makes them; in check mode they may only read."""
    connection = Connection(API_URL, marketplace.simulator.tokens["ops"], 30, True)
    task = Task({}, check_mode, make_transport=marketplace._transport, retry_policy=marketplace.clock.retry_policy())
    return task.make_workers(connection, Redactor(""), count)
