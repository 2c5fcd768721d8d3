# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked of the simulator, and assertions about it (faults, section 9)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from tests.simulator.model import JournalEntry, JsonObject
from tests.simulator.store import Store, fold

_NO_BODY = hashlib.sha256(b"").hexdigest()
_READS = ("GET", "HEAD", "OPTIONS")


class Journal:
    """Every request since the start or the last ``clear``, in order of arrival. Numbers are never reused."""

    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []
        self._seq = 0

    def open(
        self, method: str, target: str, body: bytes, *, auth_sha256: str | None, connection: int | None, now: float
    ) -> JournalEntry:
        """Notes a request that has arrived; its outcome is filled in later."""
        self._seq += 1
        entry = JournalEntry(
            seq=self._seq,
            connection=connection,
            method=method,
            target=target,
            path=target.partition("?")[0],
            body=_parsed(body),
            body_sha256=hashlib.sha256(body).hexdigest() if body else _NO_BODY,
            auth_sha256=auth_sha256,
            t=now,
        )
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        self.entries.clear()

    def since(self, seq: int = 0) -> list[JournalEntry]:
        """Entries with a number above ``seq``."""
        return [entry for entry in self.entries if entry.seq > seq]

    def as_dicts(self, since: int = 0) -> list[JsonObject]:
        return [asdict(entry) for entry in self.since(since)]

    def writes(self) -> list[JournalEntry]:
        """Requests that may change something, whether they did or not."""
        return [entry for entry in self.entries if entry.method not in _READS]

    def counts(self) -> dict[str, int]:
        """Requests per method."""
        return dict(Counter(entry.method for entry in self.entries))

    def assert_requests(self, maximum: int) -> None:
        assert len(self.entries) <= maximum, f"{len(self.entries)} requests, at most {maximum} expected"

    def assert_only(self, plan: Iterable[tuple[str, str]]) -> None:
        """No write but the planned ones, as (method, path); each may happen once."""
        left = Counter(plan)
        for entry in self.writes():
            assert left[entry.method, entry.path] > 0, f"not planned: {entry.method} {entry.path}"
            left[entry.method, entry.path] -= 1


def assert_no_duplicates(store: Store) -> None:
    """No e-mail, in any case, has two live contacts."""
    counts = Counter(fold(record.data["email"]) for record in store.live() if record.data["email"])
    doubled = {email: count for email, count in counts.items() if count > 1}
    assert not doubled, f"several live contacts for {doubled}"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
