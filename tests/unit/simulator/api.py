# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short way to talk to a simulator in this process."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator import Reply, Simulator

BASE = "/public/v1/notifications"
MISSING = "CTT-9999-9999"
ORDERS, INVOICES, TECHNICAL = "NTC-0000-0001", "NTC-0000-0002", "NTC-0000-0003"
SECURITY, LEGACY = "NTC-0000-0005", "NTC-0000-0008"


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Api:
    """One simulator, asked with one role's token. Answers are kept in ``reply``."""

    def __init__(self, contacts: int = 0, *, role: str = "ops", seed: int = 1, **switches: str) -> None:
        self.clock = Clock()
        self.sim = Simulator(contacts, seed, switches, self.clock)
        self.role = role
        self.reply = Reply(0)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON of the answer, ``None`` without any. ``path`` is relative to the module unless it says /public."""
        sent = {"Authorization": f"Bearer {self.sim.tokens[self.role]}"}
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        target = path if path.startswith("/public") else BASE + path
        self.reply = self.sim.handle(method, target, {**sent, **(headers or {})}, content).settle()
        try:
            return json.loads(self.reply.body)
        except ValueError:
            return None

    @property
    def status(self) -> int:
        return self.reply.status

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.reply.headers if key.lower() == name.lower()), None)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def create(self, email: str = "a@b.example", **members: Any) -> str:
        """A new contact; its id."""
        return str(self.post("/contacts", {"email": email, **members})["id"])

    def total(self, path: str = "/contacts") -> int:
        """What a list says about its length."""
        found: int = self.get(path)["$meta"]["pagination"]["total"]
        return found

    def opt_outs(self, contact_id: str) -> list[str]:
        """Ids of the opt-outs of a contact, sorted."""
        return sorted(item["id"] for item in self.get(f"/contacts/{contact_id}").get("optOuts", []))

    def first_id(self) -> str:
        return str(self.sim.store.ordered()[0].id)
