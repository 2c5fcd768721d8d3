# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated accounts: served, looked into and changed from outside, all without the collection."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulator import Simulator
from tests.simulator.threaded import serving

Write = tuple[str, str]  # action, e-mail address


class AccountError(Exception):
    """The simulator does not answer."""


@dataclass(frozen=True)
class State:
    """A live contact in the terms of the contacts file."""

    name: str | None
    status: str
    opt_outs: tuple[str, ...]


States = Mapping[str, State]


class Account:
    """A simulated account, by its addresses."""

    def __init__(self, api_url: str, control_url: str, token: str) -> None:
        self.api_url = api_url
        self.token = token
        self._control_url = control_url

    def put(self, contacts: Iterable[Mapping[str, Any]]) -> None:
        """Creates or changes contacts as if somebody had done it by hand; members as the API names them."""
        ids = {category["name"]: category["id"] for category in self._store()["categories"]}
        for contact in contacts:
            members = dict(contact)
            if "optOuts" in members:
                members["optOuts"] = [ids[name] for name in members["optOuts"]]
            self._control("POST", "/store/contacts", members)

    def clear(self) -> None:
        """Takes all contacts away, and forgets the requests."""
        self._control("PUT", "/store", {"contacts": []})
        self._control("DELETE", "/journal")

    def states(self) -> dict[str, State]:
        """The live contacts by e-mail address."""
        store = self._store()
        names = {category["id"]: category["name"] for category in store["categories"]}
        return {
            contact["email"]: State(
                contact["name"], contact["status"], tuple(sorted(names[item["id"]] for item in contact["optOuts"]))
            )
            for contact in store["contacts"]
            if contact["status"] != "Deleted"
        }

    def requests(self) -> int:
        """How many requests have reached the API since ``writes`` was called last."""
        return len(self._control("GET", "/journal"))

    def writes(self) -> list[Write]:
        """Every write since the last call that reached the API, as action and e-mail address."""
        emails = {contact["id"]: contact["email"] for contact in self._store()["contacts"]}
        entries = self._control("GET", "/journal")
        self._control("DELETE", "/journal")
        return [_write(entry, emails) for entry in entries if entry["method"] != "GET"]

    def _store(self) -> dict[str, Any]:
        store: dict[str, Any] = self._control("GET", "/store")
        return store

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control_url + path, data, method=method)
        # Straight to this machine, whatever proxy is configured.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as reply:
                return json.load(reply)
        except OSError as error:
            raise AccountError(f"The simulator does not answer: {error}.") from None


@contextmanager
def simulated(seed: int = 1) -> Iterator[Account]:
    """An account of its own, served by this process on free ports until the block ends.

    :param seed: decides the ids and the token
    """
    simulator = Simulator(seed=seed)
    with serving(simulator) as server:
        yield Account(server.api_url, server.control_url, simulator.tokens["ops"])


def _write(entry: Mapping[str, Any], emails: Mapping[str, str]) -> Write:
    contact_id, action = [*entry["path"].partition("/contacts")[2].lstrip("/").split("/"), ""][:2]
    if not contact_id:
        return "create", (entry["body"] or {}).get("email", "?")
    return action or {"PUT": "update", "DELETE": "delete"}.get(entry["method"], "?"), emails.get(contact_id, contact_id)
