# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Who is live, read with as few requests as prove that nobody is left out."""

from __future__ import annotations

from typing import Callable, Sequence

from .._contacts.applied import NO_HISTORY, Applied, History
from .._contacts.contact import Contact
from .._contacts.contact_index import ContactIndex
from .._contacts.desired import DesiredContact, DesiredEntry
from .._contacts.scope import Scope
from .._errors import IncompleteListError
from .bulk import EMAILS_PER_REQUEST, Reader, Workers, is_cheaper_by_key
from .pagination import MAX_READS


def read_live(
    workers: Workers,
    entries: Sequence[DesiredEntry],
    scope: Scope,
    progress: Callable[[int, int], None],
    need_everybody: bool = False,
    history: History = NO_HISTORY,
) -> ContactIndex:
    """The live contacts: everybody, or only the desired ones where the others do not matter and that is cheaper.

    Where a record is kept, or contacts are retired, the lists tell who wrote what last, too.

    :param need_everybody: the others matter, whatever the scope is
    :raises IncompleteListError: a list does not hold everybody, or cannot be proven to
    """
    reader = Reader(workers, progress, audit=history.is_kept or scope.needs_audit)
    desired = [entry.desired for entry in entries]
    keys = sum((contact.email is not None) + (contact.id is not None) for contact in desired)
    keys += sum(len(contact.previous_emails or ()) for contact in desired)
    if scope.ignores and not need_everybody and _may_read_by_key(reader, keys):
        return ContactIndex(_by_key(reader, desired, history.applied), is_whole=False)
    live = _everybody(reader, desired, history.applied)
    if all(contact.opt_outs is not None for contact in live.contacts):
        return live
    unknown = {
        found.id: found
        for contact in desired
        for found in live.candidates(contact, history.applied)
        if found.opt_outs is None
    }
    if not unknown:
        return live
    others = [contact for contact in live.contacts if contact.id not in unknown]
    return ContactIndex(others + reader.completed(unknown.values()))


def _by_key(reader: Reader, desired: Sequence[DesiredContact], applied: Applied | None) -> list[Contact]:
    """The live contacts with these ids and addresses; the address of one with an id only where it would change."""
    found = {contact.id: contact for contact in reader.by_ids([contact.id for contact in desired if contact.id])}
    emails, ids = [], {}
    for contact in desired:
        if contact.email is not None and (contact.id is None or _gets_address(contact, found.get(contact.id))):
            emails += [contact.email, *(contact.previous_emails or ())]
            contact_id = applied.id_of(contact.email) if applied is not None and contact.id is None else None
            if contact_id is not None:
                ids[contact.email] = contact_id
    found.update((contact.id, contact) for contact in reader.by_emails(emails, ids))
    return list(found.values())


def _gets_address(desired: DesiredContact, live: Contact | None) -> bool:
    return live is not None and desired.state != "absent" and desired.key != live.key


def _everybody(reader: Reader, desired: Sequence[DesiredContact], applied: Applied | None) -> ContactIndex:
    missing = [
        contact.email
        for contact in desired
        if contact.email is not None and contact.id is None and contact.state != "absent"
    ]
    ids = {email: applied.id_of(email) or "" for email in missing} if applied is not None else {}
    ids = {email: contact_id for email, contact_id in ids.items() if contact_id}
    left_out: set[str] = set()
    for _attempt in range(MAX_READS):
        listed = reader.all()
        live = ContactIndex(listed)
        # Before anybody is created, each is looked up once more: a list may be stale, blank or filtered.
        unlisted = {email: contact_id for email, contact_id in ids.items() if live.by_id(contact_id) is None}
        found = reader.by_emails([email for email in missing if not live.has(email)], unlisted)
        if not found:
            return live
        # Whom somebody else creates meanwhile is in the next list.
        if left_out.intersection(contact.id for contact in found):
            raise IncompleteListError(
                "The list of contacts leaves out some that exist, in two readings in a row.",
                "Nothing was written. Run again; if this goes on, report it to the API's support.",
            )
        left_out = {contact.id for contact in found}
    return ContactIndex([*listed, *found])


def read_audit(workers: Workers, contacts: Sequence[Contact]) -> list[Contact]:
    """The same contacts with their audits, where they are not known yet."""
    unread = [contact.id for contact in contacts if contact.audit is None]
    return [contact for contact in contacts if contact.audit is not None] + Reader(workers, audit=True).by_ids(unread)


def _may_read_by_key(reader: Reader, keys: int) -> bool:
    return keys <= EMAILS_PER_REQUEST or is_cheaper_by_key(keys, reader.count())
