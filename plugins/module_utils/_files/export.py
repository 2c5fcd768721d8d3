# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Contacts as entries of contact files: what is live now, sorted, and what no file can say of it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Sequence

from .._contacts.categories import Catalog, Category
from .._contacts.contact import Contact
from .._contacts.desired import field_problems
from .._contacts.email_address import email_problem
from .._errors import InputError
from .._text import HOLDS_TOKEN, Redactor, has_control_characters
from .write import categories_text, entry_text, file_text

# The file for all contacts; also the one that says that there are none.
ALL = "contacts.yml"

# By this line an export knows its own files, and by the digest whether somebody has edited them since.
_MARK = "Written by softwareone.marketplace.swo_contacts_export"
_MARKED = re.compile(rb"^# " + re.escape(_MARK).encode("ascii") + rb", ([0-9a-f]{16})\.[^\n]*\n", re.MULTILINE)
_ABOUT = "at_least: opt-outs that people choose later are kept. To give a category back, list it under opt_ins."
_ABOUT_CATEGORIES = "The categories of the platform, so that names are checked without a token. An export renews them."
_DEFAULTS = {"opt_outs_mode": "at_least"}


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


def exported_text(entries: Iterable[Mapping[str, Any]]) -> str:
    """The contact file of these entries; what people chose is handed over as a minimum, not as their only choice."""
    parts = [entry_text(entry) for entry in entries]
    return _marked(lambda mark: file_text(parts, [*mark, _ABOUT], _DEFAULTS))


def catalogue_text(catalog: Iterable[Category], redactor: Redactor) -> str:
    """The contact file with the catalogue of categories, by name; one with the API token in it is left out."""
    rows = []
    for category in sorted(catalog, key=lambda item: (item.name, item.id)):
        if redactor.is_in([category.id, category.name, category.status or ""]):
            continue
        row = {"id": category.id, "name": category.name}
        if category.opt_out_allowed is not None:
            row["opt_out_allowed"] = str(category.opt_out_allowed).lower()
        if category.status is not None:
            row["status"] = category.status
        rows.append(row)
    return _marked(lambda mark: categories_text(rows, [*mark, _ABOUT_CATEGORIES]))


def _marked(text: Callable[[Sequence[str]], str]) -> str:
    """A text with the line by which an export knows its own files."""
    digest = _digest(text([]).encode("utf-8"))
    return text([f"{_MARK}, {digest}. Once edited, it is overwritten only with force: true."])


def is_exported(content: bytes) -> bool:
    """True if the content of a file is what an export wrote, or if there is none."""
    found = _MARKED.search(content)
    if found is None:
        return not content.strip()
    return found.group(1).decode("ascii") == _digest(content[: found.start()] + content[found.end() :])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def export_contacts(contacts: Iterable[Contact], catalog: Catalog, by_domain: bool, redactor: Redactor) -> Exported:
    """The live contacts as entries of contact files.

    What is left out is never lost by applying the files: a contact that is not in them is not managed, a name that is
    not in them stays, and opt-outs that are not in them are kept by ``opt_outs_mode``. So nothing empty is in them.

    :param by_domain: one file for each domain of the addresses instead of one for all
    :param redactor: knows what must not be written to any file
    """
    rows = sorted(contacts, key=lambda contact: (contact.key, contact.id))
    addresses = Counter(contact.key for contact in rows)
    files: dict[str, list[dict[str, Any]]] = {}
    left_out: list[LeftOut] = []
    count = 0
    for contact in rows:
        reason = reason_to_leave_out(contact, addresses, redactor)
        if reason is not None:
            left_out.append(LeftOut(contact, reason))
            continue
        entry, losses = live_entry(contact, catalog, redactor)
        left_out += [LeftOut(contact, loss) for loss in losses]
        name = contact.key.rpartition("@")[2] + ".yml" if by_domain else ALL
        files.setdefault(name, []).append(entry)
        count += 1
    return Exported(files or {ALL: []}, tuple(left_out), count)


def reason_to_leave_out(contact: Contact, addresses: Mapping[str, int], redactor: Redactor) -> str | None:
    """Why no entry can be about the contact; ``addresses`` counts who is live with each."""
    problem = HOLDS_TOKEN if redactor.is_in(contact.email) else email_problem(contact.email)
    if problem:
        return f"email: {problem}"
    # An entry for one of them would be refused, as it could mean either.
    return "email: another live contact has the same address" if addresses[contact.key] > 1 else None


def live_entry(contact: Contact, catalog: Catalog, redactor: Redactor) -> tuple[dict[str, Any], list[str]]:
    """One contact as an entry, and why parts of it are missing there."""
    entry: dict[str, Any] = {"email": contact.email.strip()}
    problems = field_problems({"name": contact.name})
    if redactor.is_in(contact.name):
        problems = [("name", HOLDS_TOKEN)]
    if contact.name and not problems:
        entry["name"] = contact.name
    opt_outs, losses = _opt_outs(contact.known_opt_outs, catalog, redactor)
    if opt_outs:
        entry["opt_outs"] = opt_outs
    if contact.is_blocked:
        entry["state"] = "blocked"
    return entry, [f"{field}: {text}" for field, text in problems] + losses


def _opt_outs(category_ids: Iterable[str], catalog: Catalog, redactor: Redactor) -> tuple[list[str], list[str]]:
    """The references to these categories, and why some cannot be referred to; both sorted."""
    references, losses = [], []
    for category_id in category_ids:
        try:
            catalog.find(category_id)
        except InputError as error:
            losses.append(f"opt_outs: {error.message}")
            continue
        refusals = catalog.refusals((category_id,))
        named = reference(category_id, catalog, redactor)
        refusals = refusals or ([HOLDS_TOKEN] if named is None else [])
        losses += [f"opt_outs: {text}" for text in refusals]
        references += [] if refusals or named is None else [named]
    return sorted(references), sorted(losses)


def reference(category_id: str, catalog: Catalog, redactor: Redactor) -> str | None:
    """The name of a category, or its id where a file cannot hold the name or it means another one; None for neither."""
    name = catalog.unique_name_of(category_id)
    if not has_control_characters(name) and catalog.find(name).id == category_id and not redactor.is_in(name):
        return name
    return None if redactor.is_in(category_id) else category_id
