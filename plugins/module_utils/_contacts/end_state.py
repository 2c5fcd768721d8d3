# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: who there is before and after a plan, how many are not opted out of each category, and what files alone say."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Callable, Iterable, Mapping, Sequence, TypedDict

from .categories import Catalog
from .contact import ACTIVE, Contact
from .coverage import EVERY, Contract, Move, Person, World
from .desired import DesiredContact, DesiredEntry
from .email_address import canonical_email
from .plan import DELETE
from .set_plan import PlannedContact, SetPlan

# What becomes, or became, of one contact of a plan.
Outcome = Callable[[PlannedContact], "Contact | None"]


class CategoryImpact(TypedDict):
    """How many active contacts are not opted out of one category, before and after."""

    category: str
    id: str
    before: int
    after: int


class NewCategory(TypedDict):
    """A category that the catalogue in the files does not know, and how many contacts are not opted out of it."""

    category: str
    id: str
    not_opted_out: int


def planned_outcome(plan: SetPlan) -> Outcome:
    """What the plan makes of each contact, as far as this run would carry it out."""

    def outcome(item: PlannedContact) -> Contact | None:
        if item.plan is None or (DELETE in item.actions and plan.deletes_wait):
            return item.live
        return item.plan.after

    return outcome


def world_of(live: Sequence[Contact], plan: SetPlan, outcome: Outcome, is_whole: bool) -> World:
    """The people of a coverage contract; what is left as it is costs no more than being looked at once.

    :param is_whole: ``live`` is everybody
    """
    moved = [(item, outcome(item)) for item in plan.pending]
    ids = {item.live.id for item, _after in moved if item.live is not None}
    before = {contact.id: person_of(contact) for contact in live}
    after = [person for contact_id, person in before.items() if contact_id not in ids]
    moves = []
    for item, contact in moved:
        person = None if contact is None else person_of(contact)
        after += [] if person is None else [person]
        old = before.get(item.live.id) if item.live is not None else None
        moves.append(Move(old, person, partial(_place, item)))
    return World(list(before.values()), after, moves, is_whole)


def person_of(contact: Contact) -> Person:
    """A contact that was read; opt-outs that the API left out are not known."""
    is_active = contact.status == ACTIVE
    is_settled = contact.opt_outs is not None
    return Person(contact.key, contact.email, is_active, contact.opt_outs or frozenset(), frozenset(), is_settled)


def _place(item: PlannedContact) -> str | None:
    return item.place_of("") or item.source


def impact(world: World, categories: Mapping[str, str]) -> list[CategoryImpact]:
    """The categories of which another number of contacts is not opted out afterwards, by name."""
    if not world.moves or not world.is_whole:
        return []
    before, after = _not_opted_out(world.before, categories), _not_opted_out(world.after, categories)
    return [
        {"category": name, "id": key, "before": before[key], "after": after[key]}
        for key, name in sorted(categories.items(), key=lambda item: (item[1], item[0]))
        if before[key] != after[key]
    ]


def new_categories(catalog: Catalog, known: Catalog, world: World) -> list[NewCategory]:
    """The published categories of the platform that ``known`` does not have, by name."""
    names = {key: name for key, name in catalog.published.items() if known.name_of(key) is None}
    numbers = _not_opted_out(world.before, names) if names and world.is_whole else {}
    return [
        {"category": name, "id": key, "not_opted_out": numbers.get(key, 0)}
        for key, name in sorted(names.items(), key=lambda item: (item[1], item[0]))
    ]


def _not_opted_out(people: Iterable[Person], categories: Iterable[str]) -> dict[str, int]:
    active = [person for person in people if person.is_active and person.is_settled]
    opted_out = Counter(key for person in active for key in person.opted_out)
    return {key: len(active) - opted_out[key] for key in categories}


def pinned_world(entries: Iterable[DesiredEntry], key_of: Callable[[str], str], is_resolved: bool) -> World:
    """What contact files alone say: what they leave open is not known, and there may be others.

    :param key_of: the key of a category by its reference
    :param is_resolved: the same category has the same key, whether it was named by name or by id
    """
    people = [_pinned(entry.desired, key_of, is_resolved) for entry in entries if entry.desired.email]
    return World(people, people, is_whole=False)


def _pinned(desired: DesiredContact, key_of: Callable[[str], str], is_resolved: bool) -> Person:
    label = desired.email or ""
    # A block that the platform set is not the files' doing.
    is_active = desired.state == "present"
    opted_in = frozenset(key_of(name) for name in desired.opt_ins or ())
    opted_out = frozenset(key_of(name) for name in desired.opt_outs or ())
    if desired.opt_outs_mode == "on_create":
        # Of a contact that exists already they say nothing.
        return Person(canonical_email(label), label, is_active, frozenset(), opted_in, False)
    is_settled = desired.opt_outs is not None and desired.opt_outs_mode == "exact" and (is_resolved or not opted_out)
    return Person(canonical_email(label), label, is_active, opted_out, opted_in, is_settled)


def pinned_categories(contract: Contract, catalog: Catalog | None, key_of: Callable[[str], str]) -> dict[str, str]:
    """The categories that a contract is about, as far as files tell; of ``*`` without a catalogue only ``*``."""
    if contract.category == EVERY:
        return catalog.published if catalog is not None else {EVERY: EVERY}
    return {key_of(contract.category): contract.category}
