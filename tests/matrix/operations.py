# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seven operations, each as one contact and as a set: the account before, the task, and the request to be hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.matrix.wire import API_URL, Account
from tests.unit.contact_sets import CONTACTS, INVOICES, ONE, ORDERS, RENEWALS, address, entry

SINGLE, BULK = "single", "bulk"
MODES = (SINGLE, BULK)
NAMES = ("list", "find", "create", "update", "block", "unblock", "delete")
# What a file declares and whoever is in none; a run removes the latter only where it is told to.
TARGETS = (1, 2, 3)
RETIRED = "retired1@former.example"
OTHERS = "bystanders.example"


# Of the simulator, beside its defaults: what the API is like in this play of the matrix.
SWITCHES: dict[str, str] = {}


@dataclass(frozen=True, eq=False)
class Operation:
    """``module`` and ``options`` of the task; ``target``: the conditions of the requests that faults are about.

    ``shape`` is that of a good answer: ``list``, ``one`` or ``nothing``.
    """

    name: str
    mode: str
    module: str
    options: dict[str, Any]
    target: dict[str, Any]
    live: dict[int, dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.mode} {self.name}"

    @property
    def is_write(self) -> bool:
        return bool(self.target["method"] != "GET")

    @property
    def only_reads(self) -> bool:
        """Whether the task has no way to write."""
        return self.module == "swo_contact_info"

    @property
    def shape(self) -> str:
        if self.name == "delete":
            return "nothing"
        return "list" if self.target == _LISTING else "one"

    def account(self) -> Account:
        account = Account(**{"link_user_by_email": "off", **SWITCHES})
        account.put("a1@" + OTHERS, name="Bystander", optOuts=[ORDERS])
        account.put("b2@" + OTHERS, name="Blocked one", status="Blocked", blockedReason="Hard bounce")
        account.put("c3@" + OTHERS, name=None)
        for number, members in self.live.items():
            account.put(address(number), **members)
        if self.mode == BULK:
            account.put(address(8), name="N", optOuts=[INVOICES])
            account.put(RETIRED, name="Retired", optOuts=[RENEWALS])
        return account


_LISTING = {"method": "GET", "path": CONTACTS}
_N = {"name": "N", "optOuts": [ORDERS]}
# What is live before, what is declared, and the write that follows.
_WRITES: dict[str, tuple[dict[str, Any] | None, dict[str, Any], dict[str, Any]]] = {
    "create": (None, {"name": "New", "opt_outs": [ORDERS]}, {"method": "POST", "path": CONTACTS}),
    "update": (_N, {"name": "New", "opt_outs": [INVOICES]}, {"method": "PUT", "path": ONE}),
    "block": (_N, {"state": "blocked"}, {"method": "POST", "path": ONE + "/block"}),
    "unblock": ({**_N, "status": "Blocked"}, {"name": "N"}, {"method": "POST", "path": ONE + "/unblock"}),
    "delete": (_N, {"state": "absent"}, {"method": "DELETE", "path": ONE}),
}


def _single(name: str) -> Operation:
    if name == "list":
        return Operation(name, SINGLE, "swo_contact_info", {}, _LISTING, dict.fromkeys(TARGETS, _N))
    live, options, target = _WRITES["update" if name == "find" else name]
    here = {} if live is None else {1: live}
    target = _LISTING if name == "find" else target
    return Operation(name, SINGLE, "swo_contact", {"email": address(1), **options}, target, here)


def _bulk(name: str) -> Operation:
    if name == "list":
        # Everything is due at once, so that a list that is believed too early does all the harm there is.
        kinds = dict(enumerate(_WRITES.values(), 1))
        target = _LISTING
    else:
        kinds = dict.fromkeys(TARGETS, _WRITES["update" if name == "find" else name])
        target = {"method": "GET", "path": ONE} if name == "find" else kinds[1][2]
    contacts = [entry(number, **options) for number, (_live, options, _target) in kinds.items()]
    contacts.append(entry(8, name="N"))
    options: dict[str, Any] = {"contacts": contacts, "concurrency": 1}
    if name in ("list", "delete"):
        scope = {"emails": ["*@former.example"]}
        options.update(unmanaged="delete", scope=scope, max_removals=["100%"])
    live_ones = {number: live for number, (live, _options, _target) in kinds.items() if live is not None}
    return Operation(name, BULK, "swo_contacts", options, target, live_ones)


OPERATIONS = [make(name) for name in NAMES for make in (_single, _bulk)]
ALWAYS = {"api_url": API_URL}
