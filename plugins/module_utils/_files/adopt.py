# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What somebody changed in the account as a contact file, which accepts it where the files would set it back."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable

from .._atomic import write_atomically
from .._contacts.applied import CONFLICT, DRIFT
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.desired import field_problems
from .._contacts.plan import ContactPlan
from .._contacts.set_plan import PlannedContact, SetPlan
from .._errors import InputError
from .._text import HOLDS_TOKEN, Redactor, visible
from .export import live_entry, reason_to_leave_out, reference
from .write import comment_text, entry_text, file_text

_ABOUT = (
    "What somebody changed in the account. As the last of src, this file accepts it: src: [..., {name}].",
    "Take out what is not to be accepted. The next run sets it back.",
)


def write_adoption(path: str, plan: SetPlan, catalog: Catalog, with_unmanaged: bool, redactor: Redactor) -> None:
    """Write the file, which has no entries where nobody changed anything, and notes on what it cannot say.

    :param with_unmanaged: contacts in no file count as changes, too
    :param redactor: knows what must not be written to any file
    :raises InputError: it cannot be written
    """
    parts = [part for item in plan.items for part in _parts(item, catalog, redactor)]
    if with_unmanaged:
        parts += _unmanaged_parts(plan, catalog, redactor)
    name = visible(path).replace("\\", "/").rpartition("/")[2]
    text = file_text(parts, [line.format(name=name) for line in _ABOUT])
    try:
        write_atomically(path, text.encode("utf-8"), private=True)
    except OSError:
        raise InputError(
            f"adopt_file {visible(path)} cannot be written.",
            "Name a file in a folder that the user who runs the task can write to.",
        ) from None


def _unmanaged_parts(plan: SetPlan, catalog: Catalog, redactor: Redactor) -> list[str]:
    """An entry for each contact in no file, as far as a contact file takes one beside the others."""
    known = {item.key for item in plan.items} | {
        item.entry.desired.key for item in plan.items if item.entry is not None
    }
    addresses = Counter([*known, *(contact.key for contact in plan.unmanaged)])
    parts = []
    for contact in plan.unmanaged:
        reason = reason_to_leave_out(contact, addresses, redactor)
        if reason is not None:
            parts += _notes(f"{contact.email} ({contact.id}) is left out", [reason], redactor)
            continue
        entry, losses = live_entry(contact, catalog, redactor)
        parts += [*_notes(f"Not said of {contact.email}", losses, redactor), entry_text(entry)]
    return parts


def _notes(about: str, reasons: Iterable[str], redactor: Redactor) -> list[str]:
    """Lines of comment; what they quote is masked before characters are written out."""
    return [comment_text(visible(redactor.text(f"{about}: {reason}"))) for reason in reasons]


def _parts(item: PlannedContact, catalog: Catalog, redactor: Redactor) -> list[str]:
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
        moved = (
            f"{email or ''} has the address {plan.live.email} now. To accept it, write that one where the contact is "
            "declared, with the one before under previous_emails."
        )
        parts.append(comment_text(visible(redactor.text(moved))))
    fields = _fields(plan, plan.live, changes, catalog, redactor)
    problems = dict(field_problems({"name": fields.get("name")}))
    if redactor.is_in(fields.get("name")):
        problems["name"] = HOLDS_TOKEN
    for name, problem in problems.items():
        parts += _notes(f"{plan.live.email} ({plan.live.id}): {name} cannot be accepted", [problem], redactor)
        del fields[name]
    return [*parts, entry_text({**known_by, **fields})] if fields else parts


def _fields(
    plan: ContactPlan, live: Contact, changes: set[str], catalog: Catalog, redactor: Redactor
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "name" in changes:
        fields["name"] = (live.name or "").strip()
    if "opt_outs" in changes:
        fields.update(_opt_outs(plan, live, catalog, redactor))
    if "status" in changes:
        fields["state"] = "blocked" if live.is_blocked else "present"
    return fields


def _opt_outs(plan: ContactPlan, live: Contact, catalog: Catalog, redactor: Redactor) -> dict[str, Any]:
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
        found["opt_outs"] = _references(kept, catalog, redactor)
    if desired.opt_ins is not None:
        kept = catalog.ids(desired.opt_ins) - (theirs & has)
        found["opt_ins"] = _references(kept, catalog, redactor)
    return found


def _references(category_ids: Iterable[str], catalog: Catalog, redactor: Redactor) -> list[str]:
    names = (reference(category_id, catalog, redactor) for category_id in category_ids)
    return sorted(name for name in names if name is not None)
