# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: look at and change the simulator from outside. No fault ever touches it.

README.md lists the calls. Errors are ``{"error": text}`` with 400, or 404 for a call that does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.simulator import admin
from tests.simulator.core import Simulator
from tests.simulator.model import Reply, json_reply
from tests.simulator.rules import FaultError
from tests.simulator.switches import SWITCHES, SwitchError

_Handler = Callable[[Any, dict[str, str]], Any]


class Control:
    """Control calls for one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self._routes: dict[tuple[str, str], _Handler] = {
            ("GET", "/journal"): self._journal,
            ("DELETE", "/journal"): self._clear_journal,
            ("POST", "/reset"): self._reset,
            ("GET", "/store"): self._store,
            ("PUT", "/store"): self._load,
            ("POST", "/store/contacts"): self._patch_contact,
            ("DELETE", "/store/contacts/*"): self._remove_contact,
            ("POST", "/faults"): self._add_faults,
            ("GET", "/faults"): self._faults,
            ("GET", "/faults/unfired"): self._unfired,
            ("DELETE", "/faults"): self._clear_faults,
            ("GET", "/switches"): self._switches,
            ("PATCH", "/switches"): self._set_switches,
            ("POST", "/clock"): self._advance,
            ("GET", "/exports"): self._exports,
        }

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Method and path of every call there is."""
        return list(self._routes)

    def handle(self, method: str, target: str, body: bytes = b"") -> Reply:
        """Answers one control call."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path
        if path.startswith("/store/contacts/"):
            query["key"] = unquote(path.removeprefix("/store/contacts/"))
            path = "/store/contacts/*"
        handler = self._routes.get((method, path))
        if handler is None:
            return json_reply(404, {"error": f"no control call {method} {parts.path}"})
        try:
            return json_reply(200, handler(json.loads(body) if body else {}, query))
        except (SwitchError, FaultError, admin.AdminError) as error:
            return json_reply(400, {"error": str(error)})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return json_reply(400, {"error": f"the body or query cannot be understood: {error!r}"})

    def _journal(self, _body: Any, query: dict[str, str]) -> Any:
        return self._sim.journal.as_dicts(int(query.get("since", "0")))

    def _clear_journal(self, _body: Any, _query: dict[str, str]) -> Any:
        self._sim.journal.clear()
        return {}

    def _reset(self, body: Any, _query: dict[str, str]) -> Any:
        self._sim.reset(int(body.get("contacts", 0)), int(body.get("seed", 1)), body.get("switches"))
        return {"tokens": self._sim.tokens}

    def _store(self, _body: Any, _query: dict[str, str]) -> Any:
        return self._sim.dump_store()

    def _load(self, body: Any, query: dict[str, str]) -> Any:
        self._sim.load_store(body, merge=query.get("mode") == "patch")
        return {}

    def _patch_contact(self, body: Any, _query: dict[str, str]) -> Any:
        return self._sim.patch_contact(body)

    def _remove_contact(self, _body: Any, query: dict[str, str]) -> Any:
        if not self._sim.remove_contact(query["key"]):
            raise admin.AdminError(f"no contact {query['key']}")
        return {}

    def _add_faults(self, body: Any, _query: dict[str, str]) -> Any:
        rules = body if isinstance(body, list) else [body]
        return [self._sim.add_fault(rule).as_dict() for rule in rules]

    def _faults(self, _body: Any, _query: dict[str, str]) -> Any:
        return [rule.as_dict() for rule in self._sim.faults]

    def _unfired(self, _body: Any, _query: dict[str, str]) -> Any:
        return [rule.as_dict() for rule in self._sim.unfired_faults()]

    def _clear_faults(self, _body: Any, _query: dict[str, str]) -> Any:
        self._sim.clear_faults()
        return {}

    def _switches(self, _body: Any, _query: dict[str, str]) -> Any:
        values = self._sim.switches.as_dict()
        return {
            name: {"value": values[name], "allowed": switch.values, "description": switch.description}
            for name, switch in SWITCHES.items()
        }

    def _set_switches(self, body: Any, _query: dict[str, str]) -> Any:
        self._sim.switches.update(body)
        return self._sim.switches.as_dict()

    def _advance(self, body: Any, _query: dict[str, str]) -> Any:
        self._sim.advance(float(body["advance"]))
        return {}

    def _exports(self, _body: Any, _query: dict[str, str]) -> Any:
        return self._sim.exports.seen
