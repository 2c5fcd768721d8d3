# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers for tests of swo_contacts: what a set looks like before, and what is left of it afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

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

OPT_OUTS = st.lists(st.sampled_from([ORDERS, INVOICES, TECHNICAL]), unique=True, max_size=3)
# What an entry may say of a contact, beside its address.
WANTED = st.one_of(
    st.just({"state": "absent"}),
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["", "N", "M"]),
            "opt_outs": OPT_OUTS,
            "opt_ins": st.just([RENEWALS]),
            "opt_outs_mode": st.sampled_from(["exact", "at_least", "on_create"]),
            "state": st.sampled_from(["present", "blocked"]),
            "unblock": st.sampled_from(["auto", "always", "never"]),
        },
    ),
)


class Account:
    """One account, and the record of what was applied to it."""

    def __init__(self, folder: Path, **switches: object) -> None:
        self.marketplace = Marketplace(**switches)
        self.record = folder / "applied.json"

    def run(self, *contacts: dict[str, Any], check: bool = False, **options: Any) -> TaskResult:
        defaults = {"applied_file": str(self.record), "max_removals": ["100%"]}
        given = {**defaults, "contacts": list(contacts), **options}
        return self.marketplace.run("swo_contacts", check=check, **given)

    def patch(self, email: str, **members: Any) -> None:
        """What somebody does in the account."""
        self.marketplace.simulator.patch_contact({"email": email, **members})

    def live(self, email: str) -> dict[str, Any]:
        (contact,) = self.marketplace.live(email)
        return {**contact, "optOuts": sorted(item["id"] for item in contact["optOuts"])}

    def recorded(self) -> dict[str, Any]:
        contacts: dict[str, Any] = json.loads(self.record.read_text("ascii"))["contacts"]
        return {fields["email"]: fields for fields in contacts.values()}


def address(number: int, domain: str = "contoso.example") -> str:
    return f"c{number:04d}@{domain}"


def entry(number: int, **fields: Any) -> dict[str, Any]:
    return {"email": address(number), **fields}


def people(marketplace: Marketplace, numbers: Any, **members: Any) -> list[str]:
    """Live contacts ``c0000@…`` with the name ``N``, behind the back of the collection."""
    return [marketplace.put(address(number), **{"name": "N", **members}) for number in numbers]


def four_people() -> Marketplace:
    """``c0000`` to ``c0003``, of whom the last is opted out of orders."""
    marketplace = Marketplace()
    people(marketplace, range(3))
    marketplace.put(address(3), name="N", optOuts=[ORDERS])
    return marketplace


def account_id(marketplace: Marketplace) -> str:
    return str(marketplace.simulator.world.tokens["ops"].account["id"])


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
