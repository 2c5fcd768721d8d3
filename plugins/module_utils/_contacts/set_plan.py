# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: compare a whole desired set with everything that is live, and judge how much may change.

One contact is planned as swo_contact plans it; what is added here is which live contact belongs to which entry, what
happens to those that belong to none, and the limits of a run.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Iterable, Mapping, Sequence

from .._errors import AmbiguousError, EntryError, InputError, SwoError, option_named
from .categories import Catalog
from .contact import Contact
from .desired import DesiredContact, DesiredEntry
from .email_address import canonical_email
from .plan import BLOCK, CREATE, DELETE, ContactPlan, FieldChange, plan_contact, refuse_taken_address

_FORM = re.compile(r"^([0-9]{1,9})(%?)$")


@dataclass(frozen=True)
class Limit:
    """One option that limits a number: absolute values and percentages, of which the strictest counts."""

    option: str
    values: tuple[str, ...]

    def allowed(self, live_count: int) -> int:
        """The largest number allowed where ``live_count`` contacts exist; short lists are not exempt."""
        return min(_number(value, live_count) for value in self.values)

    def refusal(self, number: int, live_count: int, what: str) -> str | None:
        """Why ``number`` is too much, with the option and value that would let it pass; None if it is not."""
        allowed = self.allowed(live_count)
        if number <= allowed:
            return None
        rule = " and ".join(self.values)
        return (
            f"The plan {what} {number} of {live_count} live contacts, but {self.option} ({rule}) allows {allowed}. "
            f"If this is meant, set {option_named(self.option)} to {number}."
        )


def limit_from(option: str, values: Sequence[str] | None) -> Limit | None:
    """An option as a limit; None where it is not set.

    :raises InputError: a value is neither a number nor a percentage
    """
    if not values:
        return None
    texts = tuple(str(value).strip() for value in values)
    for text in texts:
        found = _FORM.match(text)
        if found is None or (found.group(2) and int(found.group(1)) > 100):
            raise InputError(f"{option} {text!r} is neither a number, as in 10, nor a percentage, as in 10%.")
    return Limit(option, texts)


def _number(value: str, live_count: int) -> int:
    return live_count * int(value[:-1]) // 100 if value.endswith("%") else int(value)


REPORT, IGNORE, DRIFT = "report", "ignore", "drift"
_REMOVALS = (BLOCK, DELETE)
UNMANAGED = (REPORT, IGNORE, DRIFT, *_REMOVALS)


@dataclass(frozen=True)
class Scope:
    """Which unmanaged contacts a run is about, and what happens to them.

    ``emails`` are patterns of addresses, None for all; contacts that fit a pattern of ``exclude`` are neither removed
    nor reported; those of platform users are removed only where ``linked`` is true.
    """

    unmanaged: str = REPORT
    emails: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    linked: bool = False

    @property
    def removes(self) -> bool:
        return self.unmanaged in _REMOVALS

    @property
    def ignores(self) -> bool:
        """True if unmanaged contacts need not even be known."""
        return self.unmanaged == IGNORE

    def covers(self, contact: Contact) -> bool:
        """True if the contact is in scope, as far as its address tells."""
        if _fits(contact, self.exclude):
            return False
        return self.emails is None or _fits(contact, self.emails)

    def may_remove(self, contact: Contact) -> bool:
        """Contacts of platform users, and those of whom it is not known, stay unless the task says otherwise."""
        return self.removes and (self.linked or contact.linked is False)

    def refuse_emptiness(self, desired: Sequence[DesiredEntry]) -> None:
        """An empty folder and a wrong path look just like an account without contacts, so no option lets this pass.

        :raises InputError: nobody is desired, and everybody else would be removed
        """
        if self.removes and not desired:
            raise InputError(
                "There is no desired contact, so "
                f"unmanaged={self.unmanaged} would {self.unmanaged} every contact in scope.",
                f"Check {option_named('src')}. To empty an account on purpose, list its contacts with state: absent.",
            )


def scope_from(params: Mapping[str, Any]) -> Scope:
    """The options of ``swo_contacts`` about unmanaged contacts."""
    scope = params.get("scope") or {}
    return Scope(
        # The entries that a run leaves out are of contacts, too, so nobody can be said to be in no file.
        unmanaged=params["unmanaged"] if params.get("only") is None else IGNORE,
        # A list without patterns is about nobody, which a variable that turned out empty should be.
        emails=None if scope.get("emails") is None else _patterns(scope["emails"]),
        exclude=_patterns(scope.get("exclude")),
        linked=bool(scope.get("linked")),
    )


def _patterns(patterns: list[str] | None) -> tuple[str, ...]:
    return tuple(canonical_email(pattern) for pattern in patterns or ())


def _fits(contact: Contact, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(contact.key, pattern) for pattern in patterns)


@dataclass(frozen=True)
class PlannedContact:
    """One contact of the run.

    ``index`` is its place among the desired contacts, None for one that is removed because it is in no file.
    ``plan`` is None where none could be made: ``failure`` says why. ``entry`` is None for one in no file.
    """

    key: str
    index: int | None
    plan: ContactPlan | None
    live: Contact | None = None
    failure: SwoError | None = None
    entry: DesiredEntry | None = None

    @property
    def place(self) -> tuple[str, str, int]:
        """Where it stands among the items of a plan."""
        return self.key, self.live.id if self.live is not None else "", -1 if self.index is None else self.index

    @property
    def is_removal(self) -> bool:
        return self.index is None

    @property
    def actions(self) -> tuple[str, ...]:
        return self.plan.actions if self.plan is not None else ()

    @property
    def label(self) -> str:
        """How the contact is named to the user: as it was before, since a server may store another case."""
        if self.live is not None:
            return self.live.email
        return self.plan.desired.label if self.plan is not None else self.key

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        return self.plan.changes if self.plan is not None else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.plan.warnings if self.plan is not None else ()

    @property
    def note(self) -> str | None:
        """Why it is in the plan."""
        return "in no file" if self.entry is None else self.entry.reason

    @property
    def source(self) -> str | None:
        """The last file that names it."""
        return self.entry.source if self.entry is not None else None

    def place_of(self, field: str) -> str | None:
        """Where the desired value of a field comes from; see :class:`DesiredEntry`."""
        return self.entry.place_of(field) if self.entry is not None else None

    @property
    def creates(self) -> bool:
        return CREATE in self.actions


# Why a contact that is to be deleted is left for another run.
DELETES_WAIT = "contacts are deleted only if everything before went well"


@dataclass(frozen=True)
class SetPlan:
    """The plan of a run: ``items`` in the order of their addresses, ``unmanaged`` likewise."""

    items: tuple[PlannedContact, ...]
    unmanaged: tuple[Contact, ...]
    live_count: int

    @property
    def pending(self) -> tuple[PlannedContact, ...]:
        """What there is to do."""
        return tuple(item for item in self.items if item.actions)

    @property
    def wrong_entries(self) -> list[tuple[DesiredEntry, EntryError]]:
        """The entries that have to be mended before anything is written."""
        return [
            (item.entry, item.failure) for item in self.items if item.entry and isinstance(item.failure, EntryError)
        ]

    @property
    def deletes_wait(self) -> bool:
        """True if nobody is deleted in this run, because something is wrong with another contact."""
        return any(item.failure is not None for item in self.items)

    @property
    def hash(self) -> str:
        """Tells two plans apart by what they would write, whatever else is live or desired."""
        content = [item.plan.substance for item in self.pending if item.plan is not None]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def refusals(self, max_removals: Limit | None, max_changes: Limit | None) -> list[str]:
        """Why the plan is too much; creating contacts does not count."""
        removals = sum(1 for item in self.pending if item.is_removal)
        found = [
            max_removals.refusal(removals, self.live_count, "removes") if max_removals else None,
            max_changes.refusal(self._changes, self.live_count, "changes") if max_changes else None,
        ]
        return [text for text in found if text]

    def changes_left(self, max_changes: Limit | None) -> int | None:
        """How many more contacts may be changed than the plan changes; None for any number."""
        return None if max_changes is None else max_changes.allowed(self.live_count) - self._changes

    @property
    def _changes(self) -> int:
        return sum(1 for item in self.pending if not item.creates)


class ContactIndex:
    """Live contacts by address and id; ``is_whole`` is true if they are everybody."""

    def __init__(self, contacts: Iterable[Contact], is_whole: bool = True) -> None:
        self.contacts = list(contacts)
        self.is_whole = is_whole
        self._by_id = {contact.id: contact for contact in self.contacts}
        self._by_key: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            self._by_key.setdefault(contact.key, []).append(contact)

    def find(self, desired: DesiredContact) -> Contact | None:
        """The contact that an entry is about.

        :raises AmbiguousError: several have the address
        :raises InputError: the address belongs to another contact than ``id``
        """
        if desired.id is None:
            return self.by_email(desired.email or "")
        live = self._by_id.get(desired.id)
        if live is not None and desired.email is not None:
            refuse_taken_address(desired, live, self.by_email)
        return live

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

    def candidates(self, desired: DesiredContact) -> list[Contact]:
        """Everybody who has the entry's id or address."""
        found = {contact.id: contact for contact in self._by_key.get(canonical_email(desired.email or ""), [])}
        if desired.id in self._by_id:
            found[desired.id] = self._by_id[desired.id]
        return list(found.values())


def plan_set(desired: Sequence[DesiredEntry], account: ContactIndex, catalog: Catalog, scope: Scope) -> SetPlan:
    """Plan a run."""
    items: list[PlannedContact] = []
    claimed: dict[str, int] = {}
    for index, entry in enumerate(desired):
        items.append(_planned(index, entry, account, catalog, claimed))
    unclaimed = [contact for contact in account.contacts if contact.id not in claimed and scope.covers(contact)]
    # An entry that cannot be planned may be about any of them, so all of them stay.
    is_sure = all(item.failure is None for item in items)
    unmanaged = []
    for contact in unclaimed:
        if is_sure and scope.may_remove(contact):
            items.append(_removal(contact, scope, catalog))
        elif not scope.ignores:
            unmanaged.append(contact)
    items.sort(key=lambda item: item.place)
    unmanaged.sort(key=lambda contact: (contact.key, contact.id))
    return SetPlan(tuple(items), tuple(unmanaged), len(account.contacts))


def _planned(
    index: int, entry: DesiredEntry, account: ContactIndex, catalog: Catalog, claimed: dict[str, int]
) -> PlannedContact:
    desired = entry.desired
    key = canonical_email(desired.email or "")
    plan = failure = contact = None
    try:
        contact = account.find(desired)
        if contact is not None:
            key = contact.key
            _claim(contact, index, claimed)
        plan = plan_contact(desired, contact, catalog)
    except SwoError as error:
        failure = error
        # Whoever the entry may be about is not unmanaged, least of all to be removed.
        for candidate in account.candidates(desired):
            claimed.setdefault(candidate.id, index)
    return PlannedContact(key or desired.label, index, plan, contact, failure, entry)


def _claim(contact: Contact, index: int, claimed: dict[str, int]) -> None:
    if contact.id in claimed:
        raise EntryError(
            "email",
            f"Contact {contact.id} ({contact.email}) is declared twice, once by its id and once by its address.",
            "Keep one of the two entries.",
        )
    claimed[contact.id] = index


def _removal(contact: Contact, scope: Scope, catalog: Catalog) -> PlannedContact:
    state = "absent" if scope.unmanaged == DELETE else "blocked"
    desired = DesiredContact(id=contact.id, email=contact.email, state=state)
    return PlannedContact(contact.key, None, plan_contact(desired, contact, catalog), contact)
