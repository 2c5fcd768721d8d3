# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What contact files say besides contacts: coverage contracts, and the catalogue of categories.

Contracts of all layers hold together. A category of a later file replaces one of the same id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, Tuple

from .._contacts.categories import PUBLISHED, Catalog, Category
from .._contacts.coverage import EVERY, UNKNOWN, Contract, Judgement, judge, sentences
from .._contacts.desired import DesiredEntry
from .._contacts.end_state import pinned_categories, pinned_world
from .._contacts.fields import ENTRY_FIELDS
from .._contacts.ids import is_safe_id
from .._errors import InputError
from .._text import has_control_characters, quoted
from .check import RULES, is_category, is_contract
from .documents import Document, Locator
from .problems import NonStringScalar, Path

# What is wrong in a file once all files are read: the place, the field and the text.
PlacedFault = Tuple[str, str, str]
# Told what is wrong at a place of a document.
OnProblem = Callable[[Document, Path, str], None]


@dataclass
class Agreements:
    """Filled while files are read; ``categories`` is None where no file has a catalogue."""

    contracts: list[Contract] = field(default_factory=list)
    categories: dict[str, Category] | None = None

    @property
    def catalog(self) -> Catalog | None:
        """The catalogue in the files, to look names up without the API."""
        return None if self.categories is None else Catalog(self.categories.values())

    @property
    def need_catalog(self) -> bool:
        """True if they cannot be judged without the categories of the platform."""
        return bool(self.contracts) or self.categories is not None

    def read(self, document: Document, locator: Locator, on_problem: OnProblem) -> None:
        """Add what one file says; only what has the right form is still in it."""
        for number, item in enumerate(document.data.get("coverage", ())):
            path: Path = ("coverage", number)
            if item is None:
                continue
            problems = list(_contract_problems(item))
            for key, text in problems:
                on_problem(document, (*path, key), text)
            if not problems:
                self.contracts.append(_contract(item, document.name, partial(locator.place, document, path)))
        if "categories" in document.data and self.categories is None:
            self.categories = {}
        self._read_categories(document, on_problem)

    def _read_categories(self, document: Document, on_problem: OnProblem) -> None:
        seen: set[str] = set()
        for number, item in enumerate(document.data.get("categories", ())):
            if item is None:
                continue
            category = _category(item)
            if not is_safe_id(category.id):
                on_problem(document, ("categories", number, "id"), f"{quoted(category.id)} cannot be an id")
            elif category.id in seen:
                on_problem(document, ("categories", number, "id"), f"{quoted(category.id)} is listed twice")
            elif self.categories is not None:
                self.categories[category.id] = category
            seen.add(category.id)


def usable_agreements(data: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a file with faults that have the right form."""
    found = {}
    for key, check in (("coverage", is_contract), ("categories", is_category)):
        if isinstance(data.get(key), list):
            # Something has to stand in the place of what cannot be used, for the lines of what follows.
            found[key] = [item if check(item) else None for item in data[key]]
    return found


def _contract_problems(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rules = [rule for rule in RULES if rule in item]
    if len(rules) > 1:
        yield rules[1], f"cannot stand beside {rules[0]}; make two contracts of them"
    if "among" in item and "at_least" not in item:
        yield "among", "belongs to at_least"
    for key in ("among", "include"):
        if key in item and not item[key]:
            yield key, "must not be empty"
        elif any(not text.strip() or has_control_characters(text) for text in item.get(key, ())):
            yield key, "has an entry that is empty or has control characters"
    if not item["category"].strip():
        yield "category", "must not be empty"
    problem = ENTRY_FIELDS["reason"].problem(item.get("reason", ""))
    if problem:
        yield "reason", problem


def _contract(item: Mapping[str, Any], source: str, place_of: Callable[[], str]) -> Contract:
    among, include, reason = item.get("among"), item.get("include"), item.get("reason")
    return Contract(
        item["category"].strip(),
        _count(item.get("at_least")),
        None if among is None else tuple(among),
        None if include is None else tuple(include),
        _count(item.get("opted_out_at_most")),
        None if reason is None else str(ENTRY_FIELDS["reason"].clean(reason)),
        source,
        place_of,
    )


def _count(value: NonStringScalar | None) -> int | None:
    return None if value is None else int(value.text)


def _category(item: Mapping[str, Any]) -> Category:
    allowed = item.get("opt_out_allowed", True)
    if isinstance(allowed, NonStringScalar):
        allowed = allowed.text.lower() in ("true", "yes", "on", "y")
    return Category(item["id"], item["name"], item.get("status", PUBLISHED), allowed)


def resolved(contracts: Iterable[Contract], catalog: Catalog) -> Iterator[tuple[Contract, Mapping[str, str]]]:
    """Each contract with the categories that it is about, names by id.

    :raises InputError: one of them does not exist; named with its place, by :func:`contract_problems`
    """
    for contract in contracts:
        if contract.category == EVERY:
            yield contract, catalog.published
        else:
            found = catalog.find(contract.category)
            yield contract, {found.id: catalog.unique_name_of(found.id)}


def contract_problems(contracts: Iterable[Contract], catalog: Catalog) -> list[PlacedFault]:
    """The contracts whose category does not exist."""
    lines = []
    for contract in contracts:
        try:
            list(resolved([contract], catalog))
        except InputError as error:
            lines.append((contract.place_of(), "category", str(error)))
    return lines


_RENEW = "The catalogue is the one in the files; swo_contacts_export renews it with categories_dest."


def offline_problems(entries: Sequence[DesiredEntry], agreements: Agreements) -> list[PlacedFault]:
    """What files alone show to be wrong: categories that their catalogue does not know, contracts that they break."""
    catalog = agreements.catalog
    found: list[PlacedFault] = []
    if catalog is not None:
        problems = contract_problems(agreements.contracts, catalog)
        found += [(place, field_name, f"{text} {_RENEW}") for place, field_name, text in problems]
        found += [fault for entry in entries for fault in _unknown_categories(entry, catalog)]
    if not found:
        said = sentences(offline_judgements(entries, agreements), of_files=True)
        found += [(row.place, "coverage", f"the contract {row.text}") for row in said if row.verdict != UNKNOWN]
    return found


def _unknown_categories(entry: DesiredEntry, catalog: Catalog) -> Iterator[PlacedFault]:
    for name in ("opt_outs", "opt_ins"):
        try:
            catalog.ids(getattr(entry.desired, name) or ())
        except InputError as error:
            yield entry.place_of(name) or quoted(entry.desired.label), name, f"{error} {_RENEW}"


def offline_judgements(entries: Sequence[DesiredEntry], agreements: Agreements) -> list[Judgement]:
    """The contracts as far as the files pin them; their catalogue, if any, has every category that they name."""
    catalog = agreements.catalog

    def key_of(reference: str) -> str:
        return reference.strip().casefold() if catalog is None else catalog.find(reference).id

    world = pinned_world(entries, key_of, catalog is not None)
    return [
        judgement
        for contract in agreements.contracts
        for judgement in judge(contract, pinned_categories(contract, catalog, key_of), world)
    ]
