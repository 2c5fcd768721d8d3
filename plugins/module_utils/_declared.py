# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The contacts that a task declares, by its option and its contact files: merged, checked, all faults at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._desired import (
    DesiredContact,
    checked_contact,
    field_problems,
    has_control_characters,
    named_twice,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._faults import Fault, Path, shown, suggestion
from ansible_collections.softwareone.marketplace.plugins.module_utils._fields import ENTRY_FIELDS
from ansible_collections.softwareone.marketplace.plugins.module_utils._files import OPTION, Document, read_sources
from ansible_collections.softwareone.marketplace.plugins.module_utils._form_faults import form_faults
from ansible_collections.softwareone.marketplace.plugins.module_utils._locate import Locator
from ansible_collections.softwareone.marketplace.plugins.module_utils._overlay import (
    Entry,
    Layered,
    clash_text,
    entries_of,
    overlaid,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._schema import (
    FILE_CHECKS,
    SHARED_CHECKS,
    is_contact_file,
    usable,
)

_MAX_LINES = 500


@dataclass(frozen=True)
class Declared:
    """One contact as all layers together declare it.

    ``source`` is the last file that names it, as the user named the file; None if only the option contacts does.
    """

    desired: DesiredContact
    reason: str | None
    source: str | None


class DeclarationError(InputError):
    """Contacts cannot be used as they are declared; ``problems`` has a line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        ordered = sorted(set(faults), key=lambda fault: fault.order)
        self.problems = [str(fault) for fault in ordered]
        where = "The option contacts has" if all(fault.option for fault in ordered) else "The contact files have"
        count = len(ordered)
        lines = self.problems[:_MAX_LINES]
        if count > len(lines):
            lines = [*lines, f"and {count - len(lines)} more"]
        super().__init__("\n".join([f"{where} {count} fault{'s' if count != 1 else ''}:", *lines]))

    def more(self) -> dict[str, Any]:
        return {"problems": self.problems}


def declared_contacts(contacts: Sequence[Mapping[str, Any]] | None, src: Sequence[str] | None) -> list[Declared]:
    """The contacts of the elements of ``src``, each a layer over those before it, and of the option as the last layer.

    Fields of the option that are None count as not given, which is why its elements must be declared without defaults
    (``_fields.element_options``).

    :raises DeclarationError: names every fault of every file
    """
    documents, faults = read_sources(src or ())
    if contacts is not None:
        documents.append(_option(contacts, len(src or ())))
    report = _Report(faults)
    for document in documents:
        _check_form(document, report)
        _check_shared(document, report)
    profiles = _profiles(documents, report)
    layers: dict[int, list[Entry]] = {}
    for document in documents:
        entries = entries_of(document)
        _check_entries(entries, profiles, report)
        layers.setdefault(document.layer, []).extend(entries)
    merged = [_Merged(entries, profiles) for entries in overlaid(layers.values(), report.clash)]
    for contact in merged:
        contact.check(report)
    if report.faults:
        raise DeclarationError(report.faults)
    return [contact.declared() for contact in merged]


def _option(contacts: Sequence[Mapping[str, Any]], layer: int) -> Document:
    given = [
        {field: contact[field] for field in ENTRY_FIELDS if contact.get(field) is not None} for contact in contacts
    ]
    return Document(OPTION, layer, {OPTION: given}, is_option=True)


class _Report:
    """Collects faults; the line of each is looked up here."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self._unread = {(fault.name, fault.line, fault.field) for fault in faults}
        self._locator = Locator()

    def add(self, document: Document, path: Path, text: str) -> None:
        fault = self._locator.fault(document, path, text)
        # What could not be read as it is written is not judged as well.
        if (fault.name, fault.line, fault.field) not in self._unread:
            self.faults.append(fault)

    def clash(self, entry: Entry, other: Entry, field: str) -> None:
        field = field if field in entry.fields else "email"
        place = self._locator.place(other.document, other.path())
        self.add(entry.document, entry.path(field), clash_text(entry, field, place))

    def twice(self, document: Document, first: Document, path: Path) -> None:
        place = self._locator.place(first, path)
        self.add(document, path, f"is defined twice; the other place is {place}")


def _check_form(document: Document, report: _Report) -> None:
    """Report what is wrong with the form of a document, and leave only what is sound of it."""
    if is_contact_file(document.data):
        return
    for path, text in form_faults(document.data):
        report.add(document, path, text)
    data = document.data if isinstance(document.data, dict) else {}
    profiles, contacts = data.get("profiles"), data.get("contacts")
    document.data = {
        "defaults": usable(data.get("defaults"), SHARED_CHECKS),
        "profiles": {
            name: usable(fields, SHARED_CHECKS)
            for name, fields in (profiles.items() if isinstance(profiles, dict) else ())
        },
        "contacts": [usable(fields, FILE_CHECKS) for fields in (contacts if isinstance(contacts, list) else ())],
    }


def _check_shared(document: Document, report: _Report) -> None:
    shared: list[tuple[Path, Mapping[str, Any]]] = [(("defaults",), document.data.get("defaults", {}))]
    shared += [(("profiles", name), fields) for name, fields in document.data.get("profiles", {}).items()]
    for path, fields in shared:
        for field, text in _problems(fields):
            report.add(document, (*path, field), text)


def _check_entries(entries: list[Entry], profiles: Mapping[str, Any], report: _Report) -> None:
    for entry in entries:
        for field, text in _problems(entry.fields):
            report.add(entry.document, entry.path(field), text)
        for name in entry.fields.get("profiles", ()):
            if name not in profiles:
                meant = suggestion(name, profiles)
                hint = (
                    f"did you mean {meant}?"
                    if meant
                    else "profiles are {}".format(", ".join(profiles) or "not defined")
                )
                report.add(entry.document, entry.path("profiles"), f"{shown(name)} is not a profile; {hint}")


def _problems(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems = field_problems(fields)
    reason = _reason(fields)
    if reason is not None and has_control_characters(reason):
        problems.append(("reason", "has control characters"))
    return problems


def _reason(fields: Mapping[str, Any]) -> str | None:
    """The reason on one line."""
    reason = fields.get("reason")
    return None if reason is None else " ".join(reason.split())


def _profiles(documents: Sequence[Document], report: _Report) -> dict[str, dict[str, Any]]:
    """The profiles of all layers, by name; a later layer overlays the fields of an earlier one."""
    profiles: dict[str, dict[str, Any]] = {}
    defined: dict[tuple[int, str], Document] = {}
    for document in documents:
        for name, fields in document.data.get("profiles", {}).items():
            first = defined.setdefault((document.layer, name), document)
            if first is not document:
                report.twice(document, first, ("profiles", name))
            profiles.setdefault(name, {}).update(fields)
    return profiles


class _Merged:
    """One contact after all layers, defaults and profiles."""

    def __init__(self, entries: Layered, profiles: Mapping[str, Mapping[str, Any]]) -> None:
        self._entries = entries
        self._profiles = profiles
        self.fields = entries[0].fields if len(entries) == 1 else self._explicit()
        parts = list(self._parts_below())
        if parts:
            merged: dict[str, Any] = {}
            for part in [*parts, self.fields]:
                merged.update(part)
            self.fields = merged

    def _explicit(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for entry in self._entries:
            merged.update(entry.fields)
        return merged

    def _parts_below(self) -> Iterator[Mapping[str, Any]]:
        """What the explicit fields overlay: the defaults of the files, then the profiles as listed."""
        for entry in self._entries:
            if "defaults" in entry.document.data:
                yield entry.document.data["defaults"]
        for name in self.fields.get("profiles", ()):
            if name in self._profiles:
                yield self._profiles[name]

    def check(self, report: _Report) -> None:
        both = named_twice(self.fields)
        if both:
            entry = self._entries[-1]
            names = ", ".join(shown(name) for name in both)
            field = next((field for field in ("opt_ins", "opt_outs") if field in entry.fields), None)
            path = entry.path(field) if field else entry.path()
            report.add(entry.document, path, f"opt_outs and opt_ins both name {names}")

    def declared(self) -> Declared:
        files = [entry.document.name for entry in self._entries if not entry.document.is_option]
        return Declared(checked_contact(self.fields), _reason(self.fields), files[-1] if files else None)
