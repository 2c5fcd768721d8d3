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
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Mapping, Sequence

from .._errors import ConflictError, EntryError, InputError, SwoError, option_named
from .applied import NO_HISTORY, REMOVED, History
from .categories import Catalog
from .contact import Contact
from .contact_index import ContactIndex
from .desired import DesiredContact, DesiredEntry
from .plan import CREATE, ContactPlan, FieldChange, plan_contact, refuse_conflict
from .renames import lookalikes, rename_hint
from .scope import Scope

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


@dataclass(frozen=True)
class PlannedContact:
    """One contact of the run.

    ``index`` is its place among the desired contacts, None for one that is removed because it is in no file.
    ``plan`` is None where none could be made: ``failure`` says why. ``entry`` is None for one in no file, of which
    ``end`` says what becomes of it. ``change_label`` tells whose change it is, None without a record.
    """

    key: str
    index: int | None
    plan: ContactPlan | None
    live: Contact | None = None
    failure: SwoError | None = None
    entry: DesiredEntry | None = None
    end: str = ""
    change_label: str | None = None

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
    def keeps(self) -> bool:
        """True if opt-outs that no file names are left to the contact."""
        return self.plan is not None and bool(self.plan.kept)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.plan.warnings if self.plan is not None else ()

    @property
    def note(self) -> str | None:
        """Why it is in the plan."""
        return self.end or None if self.entry is None else self.entry.reason

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
    """The plan of a run: ``items`` in the order of their addresses, ``unmanaged`` likewise.

    ``labels`` tell of the unmanaged contacts whether they were in a file. ``expired`` entries count as in no file.
    """

    items: tuple[PlannedContact, ...]
    unmanaged: tuple[Contact, ...]
    live_count: int
    labels: Mapping[str, str | None] = field(default_factory=dict)
    expired: tuple[DesiredEntry, ...] = ()

    @cached_property
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


def plan_set(
    desired: Sequence[DesiredEntry],
    account: ContactIndex,
    catalog: Catalog,
    scope: Scope,
    history: History = NO_HISTORY,
) -> SetPlan:
    """Plan a run."""
    items: list[PlannedContact] = []
    claimed: dict[str, int] = {}
    declared = {entry.desired.key for entry in desired if entry.desired.email is not None}
    for index, entry in enumerate(desired):
        items.append(_planned(index, entry, account, catalog, claimed, history, declared))
    unclaimed = [contact for contact in account.contacts if contact.id not in claimed and scope.covers(contact)]
    renamed = lookalikes([item.plan for item in items if item.plan is not None and item.creates], unclaimed)
    if renamed:
        items = [_with_hint(item, renamed) for item in items]
    # An entry that cannot be planned may be about any of them, so all of them stay; of a conflict it is known.
    is_sure = all(item.failure is None or isinstance(item.failure, ConflictError) for item in items)
    looks_alike = {contact.id for contact in renamed.values()}
    unmanaged = []
    for contact in unclaimed:
        may_go = is_sure and scope.may_remove(contact) and contact.id not in looks_alike
        if may_go and history.lets_go(contact, declared):
            items.append(_removal(contact, scope, catalog, history))
        elif not scope.ignores:
            unmanaged.append(contact)
    items.sort(key=lambda item: item.place)
    unmanaged.sort(key=lambda contact: (contact.key, contact.id))
    labels = {contact.id: history.label_of(contact) for contact in unmanaged}
    return SetPlan(tuple(items), tuple(unmanaged), len(account.contacts), labels)


def _planned(
    index: int,
    entry: DesiredEntry,
    account: ContactIndex,
    catalog: Catalog,
    claimed: dict[str, int],
    history: History,
    declared: set[str],
) -> PlannedContact:
    desired = entry.desired
    key = desired.key
    plan = failure = contact = None
    try:
        contact = account.find(desired, history.applied, declared)
        if contact is not None:
            if desired.id is None and contact.key != key:
                # It gets its address back, or a new one: from here on it is known by its id.
                desired = replace(desired, id=contact.id)
            key = contact.key
            _claim(contact, index, claimed)
        plan = plan_contact(desired, contact, catalog, history.of(desired.email, contact))
        refuse_conflict(plan, history)
    except SwoError as error:
        failure = error
        # Whoever the entry may be about is not unmanaged, least of all to be removed.
        for candidate in account.candidates(desired, history.applied):
            claimed.setdefault(candidate.id, index)
    label = plan.label if plan is not None else None
    if plan is not None and failure is not None:
        plan = replace(plan, actions=(), body={})
    return PlannedContact(key or desired.label, index, plan, contact, failure, entry, change_label=label)


def _claim(contact: Contact, index: int, claimed: dict[str, int]) -> None:
    if contact.id in claimed:
        raise EntryError(
            "email",
            f"Contact {contact.id} ({contact.email}) is declared twice, once by its id and once by its address "
            "or an earlier one.",
            "Keep one of the two entries.",
        )
    claimed[contact.id] = index


def _with_hint(item: PlannedContact, renamed: Mapping[str, Contact]) -> PlannedContact:
    other = renamed.get(item.key) if item.plan is not None and item.creates else None
    if other is None or item.plan is None:
        return item
    return replace(item, plan=replace(item.plan, warnings=(*item.plan.warnings, rename_hint(item.label, other))))


def _removal(contact: Contact, scope: Scope, catalog: Catalog, history: History) -> PlannedContact:
    state, end = scope.end_of(contact, history)
    desired = DesiredContact(id=contact.id, email=contact.email, state=state or "blocked")
    label = None if history.applied is None else REMOVED
    plan = plan_contact(desired, contact, catalog, history.of(None, contact))
    return PlannedContact(contact.key, None, plan, contact, end=end, change_label=label)
