# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which properties an object has, as far as a query can name them: notifications-api, sections 4 and 12.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

Kind = Literal["string", "enum", "number", "bool", "datetime", "object", "collection"]


@dataclass(frozen=True)
class Property:
    """One property: its kind, the words of an enum, the schema of an object or of the items of a collection.

    ``core``: members that an embedded object shows by itself, ``full``: those that it shows once it is selected by
    name; ``None``: all.
    """

    kind: Kind
    values: tuple[str, ...] = ()
    schema: Schema | None = None
    filterable: bool = True
    orderable: bool = True
    nullable: bool = True
    core: frozenset[str] | None = None
    full: frozenset[str] | None = None

    def but(self, *, filterable: bool = True, orderable: bool = True, nullable: bool = True) -> Property:
        """The same property with other flags."""
        return replace(self, filterable=filterable, orderable=orderable, nullable=nullable)


@dataclass(frozen=True, eq=False)
class Schema:
    """The properties of one kind of object, by their JSON names.

    Equal only to itself, so that compiled filters can be kept per schema: build a schema once.
    """

    properties: Mapping[str, Property]

    @cached_property
    def _by_lower_name(self) -> dict[str, tuple[str, Property]]:
        return {name.lower(): (name, found) for name, found in self.properties.items()}

    def find(self, name: str) -> tuple[str, Property] | None:
        """The property of that name in any case, with its spelling in JSON (section 12.2)."""
        return self._by_lower_name.get(name.lower())


STRING = Property("string")
NUMBER = Property("number")
BOOL = Property("bool")
DATETIME = Property("datetime")


def enum_of(*values: str) -> Property:
    """A property with a closed list of words, compared without case."""
    return Property("enum", values=values)


def object_of(schema: Schema, *, core: frozenset[str] | None = None, full: frozenset[str] | None = None) -> Property:
    """A property that holds one object."""
    return Property("object", schema=schema, core=core, full=full)


def collection_of(
    schema: Schema, *, core: frozenset[str] | None = None, full: frozenset[str] | None = None
) -> Property:
    """A property that holds a list of objects."""
    return Property("collection", schema=schema, core=core, full=full)
