# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what the account has to be like, and which writes lead there. Written without the collection's help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from demo.account import State, States, Write

_DONE = {"create": "created", "update": "updated", "block": "blocked", "unblock": "unblocked", "delete": "deleted"}
_STATUS = {"present": "Active", "blocked": "Blocked"}


def merged(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The contacts of a file, with the fields of their profiles."""
    profiles = document.get("profiles", {})
    found = []
    for contact in document["contacts"]:
        fields: dict[str, Any] = {}
        for layer in (*(profiles[name] for name in contact.get("profiles", [])), contact):
            fields.update(layer)
        found.append(fields)
    return found


def layered(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The contacts of several files, of which a later one overlays an earlier one field by field."""
    found: dict[str, dict[str, Any]] = {}
    for document in documents:
        for contact in merged(document):
            found.setdefault(contact["email"], {}).update(contact)
    return list(found.values())


def unmet(contacts: Iterable[Mapping[str, Any]], states: States) -> list[str]:
    """Every way in which the account is not what the contacts file says, as sentences."""
    return [f"{contact['email']} {problem}" for contact in contacts for problem in _problems(contact, states)]


def _problems(contact: Mapping[str, Any], states: States) -> Iterator[str]:
    desired = contact.get("state", "present")
    state = states.get(contact["email"])
    if state is None or desired == "absent":
        if (state is None) != (desired == "absent"):
            yield "is missing" if state is None else "is still there"
        return
    if state.status != _STATUS[desired]:
        yield f"is {state.status}"
    if contact.get("name") not in (None, state.name):
        yield f"has the name {state.name!r}"
    if not _has_opt_outs(contact, set(state.opt_outs)):
        yield f"is opted out of {', '.join(state.opt_outs) or 'nothing'}"


def _has_opt_outs(contact: Mapping[str, Any], opt_outs: set[str]) -> bool:
    if opt_outs & set(contact.get("opt_ins", [])):
        return False
    if "opt_outs" not in contact:
        return True
    desired = set(contact["opt_outs"])
    return desired <= opt_outs if contact.get("opt_outs_mode") == "at_least" else desired == opt_outs


def fewest_writes(before: States, after: States) -> list[Write]:
    """The writes without which ``before`` cannot become ``after``, sorted."""
    writes = [("delete", email) for email in before.keys() - after.keys()]
    for email, state in after.items():
        writes += [(action, email) for action in _actions(before.get(email), state)]
    return sorted(writes)


def _actions(before: State | None, after: State) -> Iterator[str]:
    if before is None:
        yield "create"
    elif (before.name, before.opt_outs) != (after.name, after.opt_outs):
        yield "update"
    if after.status != (before.status if before else "Active"):
        yield "block" if after.status == "Blocked" else "unblock"


def told(contacts: Iterable[Mapping[str, Any]]) -> dict[str, State]:
    """The contacts of a file, as states."""
    return {
        contact["email"]: State(
            contact.get("name") or None,
            _STATUS[contact.get("state", "present")],
            tuple(sorted(contact.get("opt_outs", []))),
        )
        for contact in contacts
    }


def summary(writes: Iterable[Write]) -> str:
    """As in "5 created (1 of them blocked), 1 deleted": a contact that is created blocked takes two writes."""
    known = set(writes)
    both = sum(1 for action, email in known if action == "block" and ("create", email) in known)
    counts = Counter(action for action, _email in known)
    counts["block"] -= both
    also = {"create": f" ({both} of them blocked)"} if both else {}
    parts = [f"{counts[action]} {done}{also.get(action, '')}" for action, done in _DONE.items() if counts[action]]
    return ", ".join(parts) or "nothing written"


def listed(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs as text for a message."""
    return ", ".join(" ".join(pair) for pair in sorted(pairs)) or "none"
