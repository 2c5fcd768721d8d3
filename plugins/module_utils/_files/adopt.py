# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What somebody changed in the account as a contact file, which accepts it where the files would set it back."""

from __future__ import annotations

from typing import Any

from .._atomic import write_atomically
from .._contacts.applied import CONFLICT, DRIFT
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.plan import ContactPlan
from .._contacts.set_plan import PlannedContact, SetPlan
from .._errors import InputError
from .._text import visible
from .export import live_entry, reference
from .write import comment_text, entry_text, file_text

_ABOUT = (
    "What somebody changed in the account. As the last of src, this file accepts it: src: [..., {name}].",
    "Take out what is not to be accepted. The next run sets it back.",
)


def write_adoption(path: str, plan: SetPlan, catalog: Catalog, with_unmanaged: bool) -> None:
    """Write the file, which has no entries where nobody changed anything.

    :param with_unmanaged: contacts in no file count as changes, too
    :raises InputError: it cannot be written
    """
    parts = [part for item in plan.items for part in _parts(item, catalog)]
    if with_unmanaged:
        parts += [entry_text(live_entry(contact, catalog)[0]) for contact in plan.unmanaged]
    name = visible(path).replace("\\", "/").rpartition("/")[2]
    text = file_text(parts, [line.format(name=name) for line in _ABOUT])
    try:
        write_atomically(path, text.encode("utf-8"), private=True)
    except OSError:
        raise InputError(
            f"adopt_file {visible(path)} cannot be written.",
            "Name a file in a folder that the user who runs the task can write to.",
        ) from None


def _parts(item: PlannedContact, catalog: Catalog) -> list[str]:
    plan = item.plan
    if plan is None or item.is_removal:
        return []
    desired = plan.desired
    email = item.entry.desired.email if item.entry is not None else desired.email
    known_by = {"email": email} if email is not None else {"id": desired.id or ""}
    if plan.live is None:
        gone = plan.label in (None, DRIFT) and bool(plan.actions)
        return [entry_text({**known_by, "state": "absent"})] if gone else []
    changes = {change.field for change in plan.changes if change.label in (None, DRIFT, CONFLICT)}
    parts = []
    if "email" in changes:
        parts.append(
            comment_text(
                f"{visible(email or '')} has the address {visible(plan.live.email)} now. To accept it, write that one "
                "where the contact is declared, with the one before under previous_emails."
            )
        )
    fields = _fields(plan, plan.live, changes, catalog)
    return [*parts, entry_text({**known_by, **fields})] if fields else parts


def _fields(plan: ContactPlan, live: Contact, changes: set[str], catalog: Catalog) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "name" in changes:
        fields["name"] = (live.name or "").strip()
    if "opt_outs" in changes:
        fields.update(_opt_outs(plan, live, catalog))
    if "status" in changes:
        fields["state"] = "blocked" if live.is_blocked else "present"
    return fields


def _opt_outs(plan: ContactPlan, live: Contact, catalog: Catalog) -> dict[str, Any]:
    """The lists of the files, with the categories that somebody changed as they are live."""
    names = {
        name
        for change in plan.changes
        if change.field == "opt_outs" and change.label != "pending"
        for name in set(change.before or ()) ^ set(change.after or ())
    }
    has, desired = live.known_opt_outs, plan.desired
    after = plan.after.known_opt_outs if plan.after is not None else has
    theirs = frozenset(
        found for found in has ^ after if (catalog.name_of(found) or live.category_names.get(found) or found) in names
    )
    found: dict[str, Any] = {}
    if desired.opt_outs is not None:
        listed = catalog.ids(desired.opt_outs)
        # A category that is gone from the platform cannot be named.
        kept = frozenset(each for each in (listed - theirs) | (theirs & has) if catalog.name_of(each) is not None)
        found["opt_outs"] = sorted(reference(each, catalog) for each in kept)
    if desired.opt_ins is not None:
        kept = catalog.ids(desired.opt_ins) - (theirs & has)
        found["opt_ins"] = sorted(reference(each, catalog) for each in kept)
    return found
