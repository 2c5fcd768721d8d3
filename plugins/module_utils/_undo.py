# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The way back: a contact file that restores what a plan is about to change."""

from __future__ import annotations

import json
import re
from typing import Any, Collection, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._atomic import write_atomically
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._plan import CREATE, DELETE, ContactPlan
from ansible_collections.softwareone.marketplace.plugins.module_utils._set_plan import Item

# What YAML takes for the end of a line, or does not take at all.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
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
    lines: list[str] = []
    restored: set[str] = set()
    for plan in (item.plan for item in items if item.plan is not None):
        # JSON is YAML, and a line per contact stays readable.
        line = _UNPRINTABLE.sub(_escaped, json.dumps(_entry(plan), ensure_ascii=False))
        if DELETE not in plan.actions or plan.live is None:
            lines.append(f"  - {line}\n")
        elif plan.live.key in restored:
            lines.append(f"  # Another contact has the same address, which only one can be given: {line}\n")
        else:
            restored.add(plan.live.key)
            lines.append(f"  - {line}\n")
    return _HEAD + "".join(lines) if lines else _HEAD.rstrip() + " []\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _entry(plan: ContactPlan) -> dict[str, Any]:
    live = plan.live
    if CREATE in plan.actions or live is None:
        return {"email": plan.desired.email, "state": "absent"}
    if DELETE in plan.actions:
        return {**_fields(live, ("name", "opt_outs", "status")), "reason": f"was {live.id}"}
    # What the plan leaves alone is left alone on the way back, too: others may have changed it since.
    return {"id": live.id, **_fields(live, [change.field for change in plan.changes])}


def _fields(contact: Contact, names: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"email": contact.email}
    if "name" in names:
        fields["name"] = contact.name or ""
    if "opt_outs" in names:
        fields.update(opt_outs=sorted(contact.opt_outs or ()), opt_outs_mode="exact")
    if "status" not in names:
        return {**fields, "unblock": "never"}
    return {**fields, **({"state": "blocked"} if contact.is_blocked else {"state": "present", "unblock": "always"})}
