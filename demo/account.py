# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated account: starts it, looks into it and changes it from outside, and stops it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.tools.devtree import ROOT

Write = tuple[str, str]  # action, e-mail address


class AccountError(Exception):
    """The simulator did not start or does not answer."""


@dataclass(frozen=True)
class State:
    """A live contact in the terms of the contacts file."""

    name: str | None
    status: str
    opt_outs: tuple[str, ...]


States = Mapping[str, State]


class Account:
    """A simulator of its own; used as a context manager, so that it is always stopped."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulator", "--exit-with-parent"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the tour, which then stops the simulator.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        try:
            hello = json.loads(self._process.stdout.readline())
        except ValueError:
            self.stop()
            raise AccountError("The simulator did not start.") from None
        self.api_url: str = hello["api_url"]
        self.token: str = hello["tokens"]["ops"]
        self._control_url: str = hello["control_url"]

    def __enter__(self) -> Account:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the simulator; when this returns, it is gone."""
        try:
            # It ends when its standard input does.
            self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def put(self, contacts: Iterable[Mapping[str, Any]]) -> None:
        """Creates or changes contacts as if somebody had done it by hand; members as the API names them."""
        ids = {category["name"]: category["id"] for category in self._store()["categories"]}
        for contact in contacts:
            members = dict(contact)
            if "optOuts" in members:
                members["optOuts"] = [ids[name] for name in members["optOuts"]]
            self._control("POST", "/store/contacts", members)

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


def _write(entry: Mapping[str, Any], emails: Mapping[str, str]) -> Write:
    contact_id, action = [*entry["path"].partition("/contacts")[2].lstrip("/").split("/"), ""][:2]
    if not contact_id:
        return "create", (entry["body"] or {}).get("email", "?")
    return action or {"PUT": "update", "DELETE": "delete"}.get(entry["method"], "?"), emails.get(contact_id, contact_id)
