# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: whether a contact that is to be created is somebody who is there under another address."""

from __future__ import annotations

from typing import Iterable, Sequence

from .._text import visible
from .contact import Contact
from .plan import ContactPlan


def lookalikes(creations: Iterable[ContactPlan], others: Sequence[Contact]) -> dict[str, Contact]:
    """Who of the live contacts in no file looks like one that is to be created, by the address of the latter.

    The same name is enough where it is unique on both sides, and the domain or what is before it is the same.
    """
    wanted: dict[str, list[str]] = {}
    for plan in creations:
        if plan.desired.name:
            wanted.setdefault(plan.desired.name.casefold(), []).append(plan.desired.key)
    live: dict[str, list[Contact]] = {}
    for contact in others if wanted else ():
        live.setdefault((contact.name or "").strip().casefold(), []).append(contact)
    found = {}
    for name, keys in wanted.items():
        same = live.get(name, [])
        if len(keys) == len(same) == 1 and _is_near(keys[0], same[0].key):
            found[keys[0]] = same[0]
    return found


def _is_near(key: str, other: str) -> bool:
    (name, _at, domain), (other_name, _at, other_domain) = key.rpartition("@"), other.rpartition("@")
    return domain == other_domain or name == other_name


def rename_hint(email: str, other: Contact) -> str:
    """What makes a rename of the two."""
    address = visible(other.email)
    return (
        f"{visible(email)} is created beside contact {other.id} ({address}), which is in no file, has the same name, "
        f"and is not removed. If it is the same person, add to the entry: previous_emails: [{address}]"
    )
