# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What the roles ask before they work on an account: are its variables spelled right, and is its token its own?"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Iterable, Mapping

import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import load_extra_vars

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import (
    API_TOKEN_VARIABLES,
    first_set,
)

OWNER_VARIABLE = "SWO_ACCOUNT"
TOKEN = "swo_api_token"

_ONE_EACH = "A token belongs to one account, and each account is one host: give each its own."
_MISSING = {
    "swo_contacts_src": "swo_contacts_src is not set. Name the contact files, as in -e swo_contacts_src=contacts.",
    "swo_contacts_dest": "swo_contacts_dest is not set. Name the file to write, as in -e swo_contacts_dest=live.yml.",
    "swo_contacts_email": "swo_contacts_email is not set. Name a contact: -e swo_contacts_email=ann@contoso.example.",
}
# What no role knows of, because it is about all hosts of a play.
_OF_PLAYBOOKS = ("swo_contacts_overview",)
_ROLES = Path(__file__).resolve().parents[2] / "roles"
_PREFIXES = ("swo_contacts_", "swo_")
# How much of a name has to be alike: enough for slips of the pen, too little for names of other things.
_ALIKE = {"swo_contacts_": 0.6, "swo_": 0.7}


def known_variables() -> set[str]:
    """The variables of all roles of the collection, from their argument specs, and of the playbooks."""
    found: set[str] = set(_OF_PLAYBOOKS)
    for path in _ROLES.glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            found.update(entry["options"])
    return found


def meant(name: str, known: Iterable[str]) -> str | None:
    """Which known variable somebody meant who wrote ``name``; None if it looks like one of their own."""
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
    if prefix is None or any(name.startswith(f"{other}_") for other in known):
        return None
    stems = {other[len(prefix) :]: other for other in known if other.startswith(prefix)}
    found = get_close_matches(name[len(prefix) :], stems, n=1, cutoff=_ALIKE[prefix])
    return stems[found[0]] if found else None


def unknown_variables(names: Iterable[str], known: set[str]) -> tuple[str | None, list[str]]:
    """Why the first misspelled variable is refused, and those that are like nothing the collection knows."""
    strange = sorted(name for name in names if name.startswith(_PREFIXES) and name not in known)
    for name in strange:
        right = meant(name, known)
        if right is not None:
            return f"There is no variable {name}; did you mean {right}? Nothing was read or written.", []
    return None, [name for name in strange if name.startswith(_PREFIXES[0])]


def missing_variable(names: Iterable[str], variables: Mapping[str, Any]) -> str | None:
    """Why a variable that has to be set is asked for; None if all are there."""
    name = next((name for name in names if variables.get(name) in (None, "")), None)
    return _MISSING[name] if name else None


def token_refusal(host: str, token: str, variables: Mapping[str, Any]) -> str | None:
    """Why the token must not be used for this host; None if it belongs to it.

    A token belongs to one account. What does not come from the host itself (the environment, an extra variable) would
    be the same for every host that a slice, a limit or a batch happens to leave, and so is bound to one host by name.
    """
    owner = (first_set((OWNER_VARIABLE,)) or "localhost").strip()
    from_environment = (first_set(API_TOKEN_VARIABLES) or "").strip()
    if host == owner:
        shared = _sharer(host, token or from_environment, variables)
        return f"{_same(host)} of {shared}. {_ONE_EACH}" if shared else None
    if not token:
        return (
            f"{host} has no swo_api_token of its own, and the token of the environment belongs to {owner}. "
            f"Set swo_api_token for {host}, or SWO_ACCOUNT={host} if the token of the environment is of this account."
        )
    if token == from_environment:
        return (
            f"{_same(host)} of the environment, which belongs to {owner}. "
            f"If it is of this account, set SWO_ACCOUNT={host}."
        )
    if _is_constant(load_extra_vars(DataLoader()).get(TOKEN)):
        return (
            f"{_same(host)} of every host, as it is an extra variable. Set it for the host in the inventory, "
            f"or SWO_ACCOUNT={host} and SWO_API_TOKEN in the environment."
        )
    shared = _sharer(host, token, variables)
    return f"{_same(host)} of {shared}. {_ONE_EACH}" if shared else None


def _same(host: str) -> str:
    return f"The swo_api_token of {host} is also that"


def _sharer(host: str, token: str, variables: Mapping[str, Any]) -> str | None:
    """Another host of the inventory that has the same token."""
    hostvars, fellows = variables["hostvars"], variables["ansible_play_hosts_all"]
    # A token that the play itself has as a text is that of each of its hosts.
    is_of_play = _is_constant(variables.get(TOKEN)) and TOKEN not in hostvars[host]
    for other in dict.fromkeys([*variables["groups"]["all"], *fellows]):
        if other != host and (_token_of(hostvars, other) == token or (is_of_play and other in fellows)):
            return str(other)
    return None


def _token_of(hostvars: Mapping[str, Any], host: str) -> str | None:
    try:
        return str(hostvars[host][TOKEN]).strip()
    except Exception:  # pylint: disable=broad-exception-caught
        # It has none, or one that cannot be told here, such as a variable that is not defined: then it is no other's.
        return None


def _is_constant(value: Any) -> bool:
    """True if a variable holds a text that is the same for each host."""
    return isinstance(value, str) and bool(value.strip()) and "{{" not in value and "{%" not in value
