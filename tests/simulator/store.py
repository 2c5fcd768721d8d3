# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state behind the API: contacts with their history, categories, users, subscribers."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.simulator.model import JsonObject

_HISTORY = 32
_TO_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(email: str | None) -> str:
    """E-mail for comparison without case. ASCII only: other letters have no agreed lower case in mail."""
    return (email or "").translate(_TO_LOWER)


class Record:
    """One contact. ``data`` is never changed in place, so an older version stays what it was."""

    __slots__ = ("cache", "cache_env", "data", "history", "reads", "row")

    def __init__(self, data: JsonObject, at: float) -> None:
        self.data = data
        self.history: list[tuple[float, JsonObject]] = [(at, data)]
        self.reads = 0
        self.forget()

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def is_live(self) -> bool:
        return bool(self.data["status"] != "Deleted")

    def forget(self) -> None:
        """Drops what was derived from the data."""
        self.cache: dict[str, str] = {}
        self.cache_env: object = None
        self.row: JsonObject | None = None

    def put(self, data: JsonObject, at: float) -> None:
        self.data = data
        self.history.append((at, data))
        del self.history[:-_HISTORY]
        self.forget()

    def as_of(self, moment: float) -> Record | None:
        """The contact as it was, ``None`` if it did not exist yet."""
        if self.history[-1][0] <= moment:
            return self
        older = [data for at, data in self.history if at <= moment]
        return Record(older[-1], moment) if older else None


class Store:
    """Contacts by id, in id order, with an index by e-mail. ``generation`` grows with each change of a contact,
    ``environment`` with each change of what contacts show of others (categories, users)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.contacts: dict[str, Record] = {}
        self.categories: dict[str, JsonObject] = {}
        self.users: dict[str, JsonObject] = {}
        self.subscribers: dict[str, JsonObject] = {}
        self.batches: dict[str, JsonObject] = {}
        self.messages: dict[str, JsonObject] = {}
        self.generation = 0
        self.environment = 0
        self.last_write = float("-inf")
        self._by_email: dict[str, dict[str, Record]] = {}
        self._ordered: list[Record] | None = None
        self._undo: list[tuple[str, JsonObject | None]] | None = None

    def ordered(self) -> list[Record]:
        """All contacts, deleted ones too, by id. Do not change the list."""
        if self._ordered is None:
            self._ordered = [self.contacts[key] for key in sorted(self.contacts)]
        return self._ordered

    def live(self) -> Iterator[Record]:
        return (record for record in self.ordered() if record.is_live)

    def by_email(self, email: str | None) -> list[Record]:
        """Contacts with this e-mail in any case, by id; deleted ones too."""
        found = self._by_email.get(fold(email), {})
        return [found[key] for key in sorted(found)]

    def put(self, data: Mapping[str, Any], *, seeded: bool = False) -> Record:
        """Adds or replaces one contact. A ``seeded`` one counts as always having been there."""
        copy = dict(data)
        contact_id = str(copy["id"])
        record = self.contacts.get(contact_id)
        if self._undo is not None:
            self._undo.append((contact_id, record.data if record else None))
        at = float("-inf") if seeded else self._now()
        if record is None:
            record = Record(copy, at)
            if self._ordered and self._ordered[-1].id < contact_id:
                self._ordered.append(record)
            else:
                self._ordered = None
            self.contacts[contact_id] = record
        else:
            self._unindex(record)
            record.put(copy, at)
        self._by_email.setdefault(fold(copy.get("email")), {})[contact_id] = record
        self._changed(at)
        return record

    def remove(self, contact_id: str) -> None:
        """Takes a contact out without a trace, which no API call does."""
        record = self.contacts.pop(contact_id)
        self._unindex(record)
        self._ordered = None
        self._changed(self._now())

    def clear_contacts(self) -> None:
        self.contacts.clear()
        self._by_email.clear()
        self._ordered = None
        self._changed(self._now())

    def put_category(self, data: Mapping[str, Any]) -> None:
        self.categories[str(data["id"])] = dict(data)
        self.environment += 1

    def put_other(self, collection: str, data: Mapping[str, Any]) -> None:
        """Adds or replaces a subscriber, batch or message."""
        getattr(self, collection)[str(data["id"])] = dict(data)
        self.environment += 1

    def put_user(self, data: Mapping[str, Any]) -> None:
        self.users[fold(str(data["email"]))] = dict(data)
        self.environment += 1

    def begin(self) -> None:
        """From here on ``rollback`` can take contacts back."""
        self._undo = []

    def rollback(self) -> None:
        """Takes back every contact changed since ``begin``."""
        undo, self._undo = self._undo or [], None
        for contact_id, data in reversed(undo):
            if data is None:
                self.remove(contact_id)
            else:
                self.put(data)

    def _unindex(self, record: Record) -> None:
        del self._by_email[fold(record.data.get("email"))][record.id]

    def _changed(self, at: float) -> None:
        self.generation += 1
        self.last_write = max(self.last_write, at)
