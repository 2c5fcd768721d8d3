# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: which live contact an entry is about."""

from __future__ import annotations

from typing import Collection, Iterable

from .._errors import AmbiguousError, InputError
from .applied import Applied
from .contact import Contact
from .desired import DesiredContact
from .email_address import canonical_email
from .plan import refuse_taken_address


class ContactIndex:
    """Live contacts by address and id; ``is_whole`` is true if they are everybody."""

    def __init__(self, contacts: Iterable[Contact], is_whole: bool = True) -> None:
        self.contacts = list(contacts)
        self.is_whole = is_whole
        self._by_id = {contact.id: contact for contact in self.contacts}
        self._by_key: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            self._by_key.setdefault(contact.key, []).append(contact)

    def find(
        self, desired: DesiredContact, applied: Applied | None = None, declared: Collection[str] = ()
    ) -> Contact | None:
        """The contact that an entry is about: by its id, its address, an earlier one, or as it was last applied.

        :param applied: says which contact had the address, for where somebody has given it another one
        :param declared: the addresses of all entries; whoever has one of them is not looked for by the record
        :raises AmbiguousError: several have the address
        :raises InputError: the address belongs to another contact than ``id``, or to another than an earlier address
        """
        if desired.id is not None:
            live = self._by_id.get(desired.id)
            if live is not None and desired.email is not None:
                refuse_taken_address(desired, live, self.by_email)
            return live
        live, earlier = self.by_email(desired.email or ""), self._by_previous(desired)
        if live is not None and earlier is not None:
            raise InputError(
                f"{desired.label} ({live.id}) and its previous address {earlier.email} ({earlier.id}) are both live.",
                "Remove one of the two contacts, or take the address out of previous_emails.",
            )
        if live is not None or earlier is not None or desired.state == "absent":
            return live or earlier
        moved = self._by_id.get((applied.id_of(desired.email) if applied is not None else None) or "")
        return None if moved is None or moved.key in declared else moved

    def _by_previous(self, desired: DesiredContact) -> Contact | None:
        """:raises AmbiguousError: several have one of the addresses"""
        found = [self.by_email(email) for email in desired.previous_emails or ()]
        live = [contact for contact in found if contact is not None]
        if len(live) > 1:
            raise AmbiguousError(" or ".join(desired.previous_emails or ()), sorted(contact.id for contact in live))
        return live[0] if live else None

    def by_id(self, contact_id: str) -> Contact | None:
        return self._by_id.get(contact_id)

    def by_email(self, email: str) -> Contact | None:
        """:raises AmbiguousError: several have the address"""
        found = self._by_key.get(canonical_email(email), [])
        if len(found) > 1:
            raise AmbiguousError(email, sorted(contact.id for contact in found))
        return found[0] if found else None

    def has(self, email: str) -> bool:
        return canonical_email(email) in self._by_key

    def candidates(self, desired: DesiredContact, applied: Applied | None = None) -> list[Contact]:
        """Everybody who has the entry's id or one of its addresses, or had the address when it was last applied."""
        emails = (desired.email or "", *(desired.previous_emails or ()))
        found = {live.id: live for email in emails for live in self._by_key.get(canonical_email(email), [])}
        for contact_id in (desired.id, applied.id_of(desired.email) if applied is not None else None):
            if contact_id in self._by_id:
                found[contact_id] = self._by_id[contact_id]
        return list(found.values())
