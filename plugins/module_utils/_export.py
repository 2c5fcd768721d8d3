# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Live contacts as contact files: sorted, without ids, the same bytes for the same contacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._catalog import Catalog
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._email import email_problem
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError, InvalidAnswerError

SCHEMA_URL = (
    "https://raw.githubusercontent.com/softwareone-platform/ansible-collection-marketplace"
    "/main/schemas/contacts.schema.json"
)
_HEAD = f"# yaml-language-server: $schema={SCHEMA_URL}\n"


@dataclass(frozen=True)
class LeftOut:
    """A live contact that a contact file cannot express, or not in full."""

    contact: Contact
    reason: str


@dataclass(frozen=True)
class Exported:
    """Entries by the name of their file, and what they do not say; ``count`` contacts are in the files."""

    files: Mapping[str, list[dict[str, Any]]]
    left_out: tuple[LeftOut, ...]
    count: int


def export_contacts(contacts: Iterable[Contact], catalog: Catalog, by_domain: bool) -> Exported:
    """The live contacts as entries of contact files.

    :param by_domain: one file for each domain of the addresses instead of one for all
    """
    files: dict[str, list[dict[str, Any]]] = {}
    left_out: list[LeftOut] = []
    seen: set[str] = set()
    count = 0
    for contact in sorted(contacts, key=lambda contact: (contact.key, contact.id)):
        reason = _reason_to_leave_out(contact, seen)
        seen.add(contact.key)
        if reason is not None:
            left_out.append(LeftOut(contact, reason))
            continue
        entry, losses = _entry(contact, catalog)
        left_out += [LeftOut(contact, loss) for loss in losses]
        name = contact.key.rpartition("@")[2] if by_domain else "contacts"
        files.setdefault(f"{name}.yml", []).append(entry)
        count += 1
    return Exported(files, tuple(left_out), count)


def _reason_to_leave_out(contact: Contact, seen: set[str]) -> str | None:
    if contact.key in seen:
        return "another live contact has the same address"
    problem = email_problem(contact.email)
    return f"the address {problem}" if problem else None


def _entry(contact: Contact, catalog: Catalog) -> tuple[dict[str, Any], list[str]]:
    """One contact as an entry, and why parts of it are missing there."""
    if contact.opt_outs is None:
        raise InvalidAnswerError(f"The API did not send the opt-outs of contact {contact.id}.")
    names, losses = [], []
    for category_id in contact.opt_outs:
        try:
            catalog.opt_outs((category_id,))
            names.append(catalog.unique_name_of(category_id))
        except InputError as error:
            losses.append(f"opt_outs: {error.message}")
    entry: dict[str, Any] = {"email": contact.email, "name": contact.name or "", "opt_outs": sorted(names)}
    if contact.is_blocked:
        entry["state"] = "blocked"
    return entry, sorted(losses)


def file_text(entries: Sequence[Mapping[str, Any]]) -> str:
    """A contact file with these entries."""
    import yaml  # it takes long to import, and only an export needs it

    # Not the C version: it breaks lines in other places, and an export must not depend on the machine.
    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            """Indent lists, as yamllint has it."""
            super().increase_indent(flow, False)

    text: str = yaml.dump(
        {"contacts": [dict(entry) for entry in entries]},
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100000,
    )
    return _HEAD + text
