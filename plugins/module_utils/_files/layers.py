# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The desired contacts of a task, from its option and its files: layer over layer, checked, all problems at once."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterable, Iterator, List, Mapping, NamedTuple, Sequence

from .._contacts.desired import DesiredEntry, Origin, checked_contact, field_problems, named_twice, reason_of
from .._contacts.email_address import canonical_email
from .._contacts.fields import ENTRY_FIELDS
from .._errors import EntryError, InputError
from .._text import made_visible, quoted, visible
from .agreements import Agreements, PlacedFault, usable_agreements
from .check import FILE_CHECKS, SHARED_CHECKS, form_problems, is_contact_file, usable
from .documents import OPTION, Decrypt, Document, Locator, read_sources
from .problems import Fault, Path, Problem, fault_at, suggestion


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
    return f"{quoted(value)} is declared twice; the other place is {place}"


_MAX_LINES = 500


class ContactFilesError(InputError):
    """Contacts cannot be used as they are.

    ``problems`` has a line for each fault, with its place; ``faults`` has them as data, in the same order.
    """

    _shown = staticmethod(made_visible)

    def __init__(self, found: Sequence[tuple[str, Fault]], are_of_option: bool = False) -> None:
        self.problems = [visible(problem) for problem, _fault in found]
        self.faults = [fault for _problem, fault in found]
        where = "The option contacts has" if are_of_option else "The contact files have"
        count = len(self.problems)
        lines = self.problems[:_MAX_LINES]
        if count > len(lines):
            lines = [*lines, f"and {count - len(lines)} more"]
        super().__init__("\n".join([f"{where} {count} fault{'s' if count != 1 else ''}:", *lines]))

    def extra(self) -> dict[str, Any]:
        return {"problems": self.problems, "faults": self.faults}


def refuse_entries(wrong: Iterable[tuple[DesiredEntry, EntryError]], others: Iterable[PlacedFault] = ()) -> None:
    """Stop a run whose entries turned out wrong once the categories were known, or what is live.

    :param others: further faults of files
    :raises ContactFilesError: names all of them; what many contacts have from one profile is named once
    """
    faults = {f"{place}: {field}: {text}": fault_at(place, field, text) for place, field, text in others}
    are_of_option = not faults
    for entry, error in wrong:
        place = entry.place_of(error.field) or quoted(entry.desired.label)
        faults[f"{place}: {error.field}: {error}"] = fault_at(place, error.field, str(error))
        are_of_option = are_of_option and entry.source is None
    if faults:
        raise ContactFilesError([(line, faults[line]) for line in sorted(faults, key=_by_number)], are_of_option)


def _by_number(line: str) -> list[str | int]:
    """Sorts line 9 before line 10."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", line)]


def desired_contacts(
    contacts: Sequence[Mapping[str, Any]] | None,
    src: Sequence[str] | None,
    decrypt: Decrypt | None = None,
    agreements: Agreements | None = None,
) -> list[DesiredEntry]:
    """The contacts of the elements of ``src``, each a layer over those before it, and of the option as the last layer.

    Fields of the option that are None count as not given, which is why its elements must have no defaults
    (``fields.element_options``).

    :param agreements: filled with what the files say besides
    :raises ContactFilesError: names every problem of every file
    """
    documents, problems = read_sources(src or (), decrypt)
    if contacts is not None:
        documents.append(_option(contacts, len(src or ())))
    report = _Report(problems)
    for document in documents:
        _check_form(document, report)
        _check_shared(document, report)
    profiles = _Profiles(documents, report)
    layers: dict[int, list[Entry]] = {}
    for document in documents:
        entries = entries_of(document)
        _check_entries(entries, profiles.fields, report)
        layers.setdefault(document.layer, []).extend(entries)
    locator = Locator()
    agreements = Agreements() if agreements is None else agreements
    for document in documents:
        agreements.read(document, locator, report.add)
    merged = [_Merged(entries, profiles, locator) for entries in overlaid(layers.values(), report.clash)]
    for contact in merged:
        contact.check(report)
    if report.problems:
        ordered = sorted(set(report.problems), key=lambda problem: problem.order)
        found = [(str(problem), problem.fault) for problem in ordered]
        raise ContactFilesError(found, all(problem.option for problem in ordered))
    return [contact.desired() for contact in merged]


def _option(contacts: Sequence[Mapping[str, Any]], layer: int) -> Document:
    given = [
        {field: contact[field] for field in ENTRY_FIELDS if contact.get(field) is not None} for contact in contacts
    ]
    return Document(OPTION, layer, {OPTION: given}, is_option=True)


class _Report:
    """Collects problems; the line of each is looked up here."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self._unread = {(problem.name, problem.line, problem.field) for problem in problems}
        self._locator = Locator()

    def add(self, document: Document, path: Path, text: str) -> None:
        problem = self._locator.problem(document, path, text)
        # What could not be read as it is written is not judged as well.
        if (problem.name, problem.line, problem.field) not in self._unread:
            self.problems.append(problem)

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
    for path, text in form_problems(document.data):
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
        **usable_agreements(data),
    }


def _check_shared(document: Document, report: _Report) -> None:
    shared: list[tuple[Path, Mapping[str, Any]]] = [(("defaults",), document.data.get("defaults", {}))]
    shared += [(("profiles", name), fields) for name, fields in document.data.get("profiles", {}).items()]
    for path, fields in shared:
        for field, text in field_problems(fields):
            report.add(document, (*path, field), text)


def _check_entries(entries: list[Entry], profiles: Mapping[str, Any], report: _Report) -> None:
    for entry in entries:
        for field, text in field_problems(entry.fields):
            report.add(entry.document, entry.path(field), text)
        for name in entry.fields.get("profiles", ()):
            if name not in profiles:
                meant = suggestion(name, profiles)
                hint = (
                    f"did you mean {meant}?"
                    if meant
                    else "profiles are {}".format(", ".join(profiles) or "not defined")
                )
                report.add(entry.document, entry.path("profiles"), f"{quoted(name)} is not a profile; {hint}")


class _Profiles:
    """The profiles of all layers, by name; a later layer overlays the fields of an earlier one."""

    def __init__(self, documents: Sequence[Document], report: _Report) -> None:
        self.fields: dict[str, dict[str, Any]] = {}
        self._givers: dict[tuple[str, str], list[Document]] = {}
        defined: dict[tuple[int, str], Document] = {}
        for document in documents:
            for name, fields in document.data.get("profiles", {}).items():
                first = defined.setdefault((document.layer, name), document)
                if first is not document:
                    report.twice(document, first, ("profiles", name))
                self.fields.setdefault(name, {}).update(fields)
                for field in fields:
                    self._givers.setdefault((name, field), []).append(document)

    def givers(self, names: Sequence[str], field: str) -> Iterator[tuple[str, Document]]:
        """Those of these profiles that have the field, and the documents that give it; what counts comes first."""
        for name in reversed(names):
            for document in reversed(self._givers.get((name, field), [])):
                yield name, document


class _Merged:
    """One contact after all layers, defaults and profiles."""

    __slots__ = ("_entries", "_locator", "_profiles", "fields")

    def __init__(self, entries: Layered, profiles: _Profiles, locator: Locator) -> None:
        self._entries = entries
        self._profiles = profiles
        self._locator = locator
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
            if name in self._profiles.fields:
                yield self._profiles.fields[name]

    def place_of(self, field: str) -> str:
        """Where the value of ``field`` comes from; of one that nothing gives, where the contact is."""
        origin = next(self.origins_of(field), None)
        if origin is not None:
            return origin.place
        return self._locator.place(self._entries[-1].document, self._entries[-1].path())

    def origins_of(self, field: str) -> Iterator[Origin]:
        """Everything that gives ``field`` a value: the contact itself in each layer, profiles, defaults; last first."""
        for entry in reversed(self._entries):
            if field in entry.fields:
                yield Origin(self._locator.place(entry.document, entry.path(field)), entry.fields[field])
        for name, document in self._profiles.givers(self.fields.get("profiles", ()), field):
            place = self._locator.place(document, ("profiles", name, field))
            yield Origin(f"{place} (profile {quoted(name)})", document.data["profiles"][name][field])
        for entry in reversed(self._entries):
            if field in entry.document.data.get("defaults", {}):
                place = self._locator.place(entry.document, ("defaults", field))
                yield Origin(place, entry.document.data["defaults"][field])

    def check(self, report: _Report) -> None:
        both = named_twice(self.fields)
        if both:
            entry = self._entries[-1]
            names = ", ".join(quoted(name) for name in both)
            field = next((field for field in ("opt_ins", "opt_outs") if field in entry.fields), None)
            path = entry.path(field) if field else entry.path()
            report.add(entry.document, path, f"opt_outs and opt_ins both name {names}")

    def desired(self) -> DesiredEntry:
        files = [entry.document.name for entry in self._entries if not entry.document.is_option]
        return DesiredEntry(
            checked_contact(self.fields),
            reason_of(self.fields),
            files[-1] if files else None,
            self.place_of,
            self.origins_of,
            self.fields.get("expires"),
        )
