# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the same contacts in several layers become one set, and no contact is in it twice."""

from __future__ import annotations

from typing import Any, Callable, Iterable, List, Mapping, NamedTuple

from ansible_collections.softwareone.marketplace.plugins.module_utils._email import canonical_email
from ansible_collections.softwareone.marketplace.plugins.module_utils._faults import Path, shown
from ansible_collections.softwareone.marketplace.plugins.module_utils._files import Document


class Entry(NamedTuple):
    """What one layer says of a contact; ``email`` is the form in which addresses are compared."""

    document: Document
    number: int
    fields: Mapping[str, Any]
    id: str | None
    email: str | None

    def path(self, *fields: str) -> Path:
        return ("contacts", self.number, *fields)


# One contact: what the layers that name it say, in their order.
Layered = List[Entry]
# Told about two entries that cannot both stand: the later one, the earlier one, the field and its value.
OnClash = Callable[[Entry, Entry, str], None]


def entries_of(document: Document) -> list[Entry]:
    """The contacts of a document that say which contact they are."""
    entries = []
    for number, fields in enumerate(document.data.get("contacts", ())):
        email, contact_id = fields.get("email"), fields.get("id")
        if email is not None or contact_id is not None:
            key = None if email is None else canonical_email(email)
            entries.append(Entry(document, number, fields, contact_id, key))
    return entries


def overlaid(layers: Iterable[list[Entry]], on_clash: OnClash) -> list[Layered]:
    """Put the layers on top of each other; contacts stand where they were first named."""
    contacts: list[Layered] = []
    for number, layer in enumerate(layers):
        index = _Index(contacts) if number else _Index([])
        taken: dict[int, Entry] = {}
        for entry in _unique(layer, on_clash):
            position = index.find(entry)
            if position is None:
                contacts.append([entry])
            elif position in taken:
                on_clash(entry, taken[position], "id")
            else:
                taken[position] = entry
        for position, entry in taken.items():
            contacts[position].append(entry)
        if number:
            _Index(contacts, on_clash)
    return contacts


def _unique(layer: list[Entry], on_clash: OnClash) -> list[Entry]:
    """The entries whose id and e-mail address no earlier entry of this layer has."""
    ids: dict[str | None, Entry] = {}
    emails: dict[str | None, Entry] = {}
    found = []
    for entry in layer:
        if entry.email is not None and emails.setdefault(entry.email, entry) is not entry:
            on_clash(entry, emails[entry.email], "email")
        elif entry.id is not None and ids.setdefault(entry.id, entry) is not entry:
            on_clash(entry, ids[entry.id], "id")
        else:
            found.append(entry)
    return found


class _Index:
    """Finds a contact by the id and the address that it has after the layers so far."""

    def __init__(self, contacts: list[Layered], on_clash: OnClash | None = None) -> None:
        self._ids: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._id_at: dict[int, str] = {}
        for position, entries in enumerate(contacts):
            contact_id = next((entry.id for entry in reversed(entries) if entry.id is not None), None)
            email = next((entry.email for entry in reversed(entries) if entry.email is not None), None)
            if contact_id is not None:
                self._ids[contact_id] = position
                self._id_at[position] = contact_id
            if email is not None and self._emails.setdefault(email, position) != position and on_clash:
                on_clash(_giver(entries), _giver(contacts[self._emails[email]]), "email")

    def find(self, entry: Entry) -> int | None:
        """Where the contact is that ``entry`` means: the id decides, the address only where no id says otherwise."""
        if entry.id is not None and entry.id in self._ids:
            return self._ids[entry.id]
        position = None if entry.email is None else self._emails.get(entry.email)
        if position is None or entry.id is None or position not in self._id_at:
            return position
        return None


def _giver(entries: Layered) -> Entry:
    """The entry that gives the contact its address."""
    return [entry for entry in entries if entry.email is not None][-1]


def clash_text(entry: Entry, field: str, place: str) -> str:
    """How two entries of one contact are reported."""
    value = entry.fields.get(field) or entry.fields.get("email")
    return f"{shown(value)} is declared twice; the other place is {place}"
