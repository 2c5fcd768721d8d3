# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The way back: a contact file that restores what a plan is about to change."""

from __future__ import annotations

import json
from typing import Any, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._atomic import write_atomically
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._plan import CREATE, DELETE, ContactPlan
from ansible_collections.softwareone.marketplace.plugins.module_utils._set_plan import Item

_HEAD = """\
# What these contacts were like before a run of softwareone.marketplace.swo_contacts.
# To go back, apply this file: src: [this file]. A contact that was deleted gets a new id.
contacts:
"""


def write_undo_file(path: str, items: Sequence[Item]) -> None:
    """Write the way back of ``items`` before the first of them is changed.

    :raises InputError: the file cannot be written, so nothing must be changed
    """
    try:
        write_atomically(path, undo_text(items).encode("utf-8", "replace"), private=True)
    except OSError:
        raise InputError(
            f"undo_file {path} cannot be written, so nothing was changed.",
            "Name a file in a folder that the user who runs the task can write to.",
        ) from None


def undo_text(items: Sequence[Item]) -> str:
    """A contact file, in YAML, with the before-image of every contact that the items change."""
    entries = [_entry(item.plan) for item in items if item.plan is not None]
    if not entries:
        return _HEAD.rstrip() + " []\n"
    # JSON is YAML, and a line per contact stays readable.
    return _HEAD + "".join(f"  - {json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)


def _entry(plan: ContactPlan) -> dict[str, Any]:
    if CREATE in plan.actions or plan.live is None:
        return {"email": plan.desired.email, "state": "absent"}
    entry = _image(plan.live)
    if DELETE in plan.actions:
        return {**entry, "reason": f"was {plan.live.id}"}
    return {"id": plan.live.id, **entry}


def _image(contact: Contact) -> dict[str, Any]:
    state = {"state": "blocked"} if contact.is_blocked else {"state": "present", "unblock": "always"}
    return {
        "email": contact.email,
        "name": contact.name or "",
        "opt_outs": sorted(contact.opt_outs or ()),
        "opt_outs_mode": "exact",
        **state,
    }
