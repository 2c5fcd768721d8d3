# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that dies after any request leaves an account from which the next run converges."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request, Response, Transport
from tests.harness import Marketplace
from tests.simulator.journal import assert_no_duplicates
from tests.unit.contact_sets import entry, people, reset_journal, store_of

CONTACTS = 30
# Pages and looks before the first write; every write but a creation may have a look of its own before it.
MOST_REQUESTS = 120


class KilledError(SystemExit):
    """The process ends here; nothing of ours may catch it in the main thread."""


class Doomed(Marketplace):
    """A marketplace whose client dies at a request: before it is sent, or as soon as it was carried out."""

    def __init__(self, **switches: Any) -> None:
        super().__init__(**switches)
        self.left: int | None = None
        self.is_carried_out = False
        self._count = threading.Lock()

    def _transport(self, connection: Connection) -> Transport:
        return _Dying(super()._transport(connection), self)

    def step(self) -> bool:
        """Whether this is the last request."""
        with self._count:
            if self.left is None:
                return False
            self.left -= 1
            if self.left < 0:
                raise KilledError
            return self.left == 0


class _Dying:
    def __init__(self, transport: Transport, marketplace: Doomed) -> None:
        self._transport = transport
        self._marketplace = marketplace

    def send(self, request: Request) -> Response:
        is_last = self._marketplace.step()
        if is_last and not self._marketplace.is_carried_out:
            raise KilledError
        response = self._transport.send(request)
        if is_last:
            raise KilledError
        return response

    def close(self) -> None:
        self._transport.close()


def mixed() -> tuple[Doomed, list[dict[str, Any]], int]:
    """Thirty contacts of all kinds, the entries, and the fewest writes that bring the account there."""
    marketplace, entries, writes = Doomed(), [], 0
    for number in range(CONTACTS):
        live, wanted, cost = [
            (None, {"name": "N"}, 1),
            ({}, {"name": "M"}, 1),
            ({}, {"state": "absent"}, 1),
            (None, {"state": "blocked"}, 2),
            ({"status": "Blocked"}, {"name": "M"}, 2),
            ({}, {"name": "N"}, 0),
        ][number % 6]
        if live is not None:
            people(marketplace, [number], **live)
        entries.append(entry(number, **wanted))
        writes += cost
    people(marketplace, [900, 901])
    return marketplace, entries, writes + 2


def finished() -> list[dict[str, Any]]:
    marketplace, entries, writes = mixed()
    result = run(marketplace, entries, 1)
    assert not result.failed
    assert len(marketplace.writes()) == writes
    return store_of(marketplace, ids=False)


def run(marketplace: Doomed, entries: list[dict[str, Any]], workers: int) -> Any:
    return marketplace.run(
        "swo_contacts", contacts=entries, unmanaged="delete", max_removals=["2"], concurrency=workers
    )


FINISHED = finished()


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["not sent", "answer never read"])
@pytest.mark.parametrize("workers", [1, 8])
def test_a_run_that_dies_after_any_request_is_finished_by_the_next(workers: int, is_carried_out: bool) -> None:
    died = 0
    for requests in range(1, MOST_REQUESTS, 1 if workers == 1 else 5):
        marketplace, entries, fewest = mixed()
        marketplace.left, marketplace.is_carried_out = requests, is_carried_out
        try:
            result = run(marketplace, entries, workers)
        except KilledError:
            pass
        else:
            if not result.failed:
                break
        died += 1
        sent = len(marketplace.writes())
        marketplace.left = None

        again = run(marketplace, entries, workers)

        assert not again.failed, (requests, again.values["msg"])
        assert store_of(marketplace, ids=False) == FINISHED
        assert_no_duplicates(marketplace.simulator.store)
        assert len(marketplace.writes()) <= fewest + workers, (requests, sent)
        reset_journal(marketplace)
        third = run(marketplace, entries, workers)
        assert (third.values["changed"], marketplace.writes()) == (False, [])
    assert died > (40 if workers == 1 else 8)
    assert died < MOST_REQUESTS - 1


def test_a_thread_that_dies_does_not_hang_the_run() -> None:
    marketplace, entries, _fewest = mixed()
    # Two requests read, all others write.
    marketplace.left = 3
    result = run(marketplace, entries, 4)
    assert "Internal error" in result.values["msg"]
    assert result.values["changed"] is True

    with pytest.raises(KilledError):
        run(marketplace, entries, 4)
