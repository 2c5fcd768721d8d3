# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the notification categories of the platform, looked up by name or id."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Mapping

from .._errors import InputError, InvalidAnswerError
from .._text import quoted
from .contact import DELETED
from .ids import is_safe_id

PUBLISHED = "Published"


@dataclass(frozen=True)
class Category:
    """One notification category (notifications-api section 6); ``opt_out_allowed`` is None if the API did not say."""

    id: str
    name: str
    status: str | None = PUBLISHED
    opt_out_allowed: bool | None = True
    description: str | None = None

    @property
    def is_deleted(self) -> bool:
        return self.status is not None and self.status.lower() == DELETED.lower()

    @property
    def opt_out_refusal(self) -> str | None:
        """Why a contact cannot opt out of this category, or None if it can."""
        if self.status is not None and self.status.lower() != PUBLISHED.lower():
            return f"is not published (status {self.status})"
        if self.opt_out_allowed is False:
            return "cannot be opted out of"
        return None


def category_from_api(data: Any) -> Category:
    """Read one category object.

    :raises InvalidAnswerError: there is no usable id
    """
    category_id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(category_id, str) or not is_safe_id(category_id):
        raise InvalidAnswerError("The API sent a notification category without a usable id.")
    name, status, allowed = data.get("name"), data.get("status"), data.get("optOutAllowed")
    description = data.get("description") or data.get("shortDescription")
    return Category(
        id=category_id,
        name=name if isinstance(name, str) else "",
        status=status if isinstance(status, str) else None,
        opt_out_allowed=allowed if isinstance(allowed, bool) else None,
        description=description if isinstance(description, str) else None,
    )


def _key(name: str) -> str:
    """The form in which names are compared."""
    return name.strip().casefold()


class Catalog:
    """Finds categories by exact id, or by name without regard to case."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_id = {category.id: category for category in categories if not category.is_deleted}
        self._refused = frozenset(category.id for category in self._by_id.values() if category.opt_out_refusal)
        self._by_name: dict[str, list[Category]] = {}
        self._resolved: dict[tuple[str, ...], frozenset[str]] = {}
        for category in self._by_id.values():
            self._by_name.setdefault(_key(category.name), []).append(category)

    def __iter__(self) -> Iterator[Category]:
        """All categories that are not deleted."""
        return iter(self._by_id.values())

    @property
    def published(self) -> dict[str, str]:
        """The names of the published categories by id; of one whose name others have, its id."""
        return {
            category.id: self.unique_name_of(category.id)
            for category in self._by_id.values()
            if category.status is not None and category.status.lower() == PUBLISHED.lower()
        }

    def name_of(self, category_id: str) -> str | None:
        """The name of a category, or None if the id is unknown."""
        category = self._by_id.get(category_id)
        return category.name if category else None

    def label_of(self, category_id: str, sent: Mapping[str, str]) -> str:
        """How people tell a category from all others: by its name, with its id where another one has the same name.

        :param sent: names that came with contacts, for categories that are not known; without any, the id stands in
        """
        name = self.name_of(category_id) or sent.get(category_id)
        if not name:
            return category_id
        key = _key(name)
        known = {category.id for category in self._by_name.get(key, ())}
        known.update(other for other, text in sent.items() if other not in self._by_id and _key(text) == key)
        return f"{name} ({category_id})" if known - {category_id} else name

    def unique_name_of(self, category_id: str) -> str:
        """The name of a known category, or its id where another category has the same name."""
        name = self._by_id[category_id].name
        return name if len(self._by_name[_key(name)]) == 1 and name.strip() else category_id

    def find(self, reference: str) -> Category:
        """The category that ``reference`` names.

        :raises InputError: none or several have that name; near matches or all ids are named
        """
        if reference in self._by_id:
            return self._by_id[reference]
        matches = self._by_name.get(_key(reference), [])
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(sorted(category.id for category in matches))
            raise InputError(
                f"The category name {quoted(reference)} is used by several categories: {ids}.",
                "Name the one that is meant by its id.",
            )
        raise InputError(f"There is no notification category {quoted(reference)}.", self._suggestion(reference))

    def ids(self, references: tuple[str, ...]) -> frozenset[str]:
        """The ids of the named categories; remembered, as many contacts share the same list.

        :raises InputError: some are unknown or ambiguous; all of them are named
        """
        if references not in self._resolved:
            found: dict[str, str] = {}
            problems = []
            for reference in references:
                try:
                    first = found.setdefault(self.find(reference).id, reference)
                except InputError as error:
                    problems.append(error)
                    continue
                if first != reference:
                    same = f"{quoted(first)} and {quoted(reference)} are the same category."
                    problems.append(InputError(same, "Keep one of them."))
            if len(problems) == 1:
                raise problems[0]
            if problems:
                raise InputError(" ".join(str(problem) for problem in problems))
            self._resolved[references] = frozenset(found)
        return self._resolved[references]

    def refusals(self, ids: Iterable[str]) -> list[str]:
        """Which of these categories nobody can opt out of, and why; a sentence each."""
        found = [self._by_id[category_id] for category_id in self._refused.intersection(ids)]
        return sorted(
            f"The notification category {category.name!r} ({category.id}) {category.opt_out_refusal}."
            for category in found
        )

    def _suggestion(self, reference: str) -> str:
        near = difflib.get_close_matches(_key(reference), list(self._by_name), n=3)
        if near:
            names = sorted({category.name for name in near for category in self._by_name[name]})
            return "Did you mean {}?".format(" or ".join(repr(name) for name in names))
        names = sorted(category.name for category in self._by_id.values() if not category.opt_out_refusal)
        return "Known are: {}.".format(", ".join(names[:20])) if names else "The API lists none at all."
