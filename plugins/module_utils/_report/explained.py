# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: one declared contact explained: each field, where its value is from, what that overrode, and what is live."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence, TypedDict

from .._contacts.categories import Catalog, Category
from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact, DesiredEntry, Origin
from .._contacts.fields import FILE_FIELDS, IDENTITY_FIELDS
from .._contacts.plan import plan_contact
from .._errors import InputError
from .._text import visible

# The fields of which the account has a value, with the name of a change of it.
_LIVE = {"id": "id", "email": "email", "name": "name", "opt_outs": "opt_outs", "opt_ins": "opt_outs", "state": "status"}


class OriginRow(TypedDict):
    """A place that gives a value."""

    value: Any
    source: str


class ExplainedField(TypedDict):
    """One field.

    ``source`` is null where no file gives it, so that ``value`` is the default, or null: not managed. ``overrides`` are
    the values that it hides, nearest first. ``live`` and ``differs`` are null where there is nothing to compare.
    """

    field: str
    value: Any
    source: str | None
    overrides: list[OriginRow]
    live: Any
    differs: bool | None


class Explained(TypedDict):
    """One contact; ``is_live`` is null where nobody has looked."""

    email: str | None
    id: str | None
    is_live: bool | None
    fields: list[ExplainedField]
    text: list[str]


def explained(entry: DesiredEntry, live: Sequence[Contact] | None) -> Explained:
    """What the files say of one contact, beside what is live.

    :param live: the contacts with its id or address; None where nobody has looked
    """
    contact = _meant(entry.desired, live or ())
    changed = None if contact is None else _changed(entry.desired, contact)
    fields = [_field(name, entry, contact, changed) for name in FILE_FIELDS]
    is_live = None if live is None else bool(live)
    found: Explained = {
        "email": entry.desired.email,
        "id": entry.desired.id or (contact.id if contact else None),
        "is_live": is_live,
        "fields": fields,
        "text": [],
    }
    found["text"] = list(_lines(found, len(live or ())))
    return found


def _meant(desired: DesiredContact, live: Iterable[Contact]) -> Contact | None:
    found = [contact for contact in live if desired.id is None or contact.id == desired.id]
    return found[0] if len(found) == 1 else None


def _changed(desired: DesiredContact, live: Contact) -> frozenset[str] | None:
    """The fields that a run would change, by the plan itself; None where there can be none."""
    names = dict(live.category_names)
    known = {name.casefold() for name in names.values()} | {key.casefold() for key in live.opt_outs or ()}
    references = [*(desired.opt_outs or ()), *(desired.opt_ins or ())]
    categories = [Category(key, names.get(key) or key) for key in live.opt_outs or ()]
    # A category that the contact is not opted out of differs from each that it is, whatever its id.
    others = {reference.casefold(): reference for reference in references if reference.casefold() not in known}
    categories += [Category(reference, reference) for reference in others.values()]
    try:
        plan = plan_contact(desired, live, Catalog(categories))
    except InputError:
        return None
    return frozenset(change.field for change in plan.changes)


def _field(name: str, entry: DesiredEntry, live: Contact | None, changed: frozenset[str] | None) -> ExplainedField:
    origins = list(entry.origins_of(name))
    value = origins[0].value if origins else (FILE_FIELDS[name].choices or (None,))[0]
    is_given = bool(origins) or value is not None
    is_compared = name in _LIVE and changed is not None and is_given
    return {
        "field": name,
        "value": value,
        "source": origins[0].place if origins else None,
        # Each layer names the contact, which overrides nothing.
        "overrides": [_row(origin) for origin in origins[1:] if name not in IDENTITY_FIELDS or origin.value != value],
        "live": _live_value(name, live),
        "differs": _LIVE[name] in (changed or ()) if is_compared else None,
    }


def _row(origin: Origin) -> OriginRow:
    return {"value": origin.value, "source": origin.place}


def _live_value(name: str, live: Contact | None) -> Any:
    if live is None or name not in _LIVE or name == "opt_ins":
        return None
    if name == "opt_outs":
        return sorted(live.category_names.get(key, key) for key in live.opt_outs or ())
    return live.status.lower() if name == "state" else getattr(live, name)


def _lines(found: Mapping[str, Any], count: int) -> Iterable[str]:
    known_by = f" ({found['id']})" if found["id"] and found["email"] else ""
    yield visible((found["email"] or found["id"] or "") + known_by)
    for row in found["fields"]:
        if row["source"] is None and (row["live"] is None or row["field"] == "id"):
            continue
        origin = row["source"] or ("default" if row["value"] is not None else "in no file")
        yield f"  {row['field'] + ':':<15}{_shown(row)}  [{visible(origin)}]"
        for hidden in row["overrides"]:
            yield f"{'':17}overrides {_text(hidden['value'])}  [{visible(hidden['source'])}]"
        if row["field"] == "opt_ins" and row["differs"]:
            yield f"{'':17}live: opted out of some of them{_DIFFERS[True]}"
        elif row["live"] is not None:
            yield f"{'':17}live: {_text(row['live'])}{_DIFFERS[row['differs']]}"
    yield f"  {_verdict(found, count)}"


_DIFFERS = {True: "  (differs)", False: "", None: "  (not managed)"}


def _verdict(found: Mapping[str, Any], count: int) -> str:
    if found["is_live"] is None:
        return "What is live was not looked up."
    if not found["is_live"]:
        return "No such contact is live."
    if count > 1 and found["id"] is None:
        return f"{count} live contacts have this address."
    differing = [row["field"] for row in found["fields"] if row["differs"]]
    return f"Different from live: {', '.join(differing)}." if differing else "Nothing differs from live."


def _shown(row: Mapping[str, Any]) -> str:
    return "not managed" if row["value"] is None else _text(row["value"])


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(visible(str(item)) for item in value) or "(none)"
    return "(none)" if value is None or value == "" else visible(str(value))
