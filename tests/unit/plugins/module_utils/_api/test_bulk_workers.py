# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that share the calls of a run: everything is done once, errors stay with their item, stopping stops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.bulk import Workers
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.client import Client
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request, Response
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError, InternalError
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor


class Nowhere:
    """A transport that answers with nothing, and tells who used it."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.is_closed = False

    def send(self, request: Request) -> Response:
        self.threads.add(threading.get_ident())
        return Response(200, "", {}, b"{}")

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def transports() -> list[Nowhere]:
    return []


@pytest.fixture
def make(transports: list[Nowhere]) -> Callable[[int], Workers]:
    def client() -> Client:
        transports.append(Nowhere())
        return Client(transports[-1], "http://127.0.0.1", Redactor(""), RetryPolicy(), read_only=False)

    return lambda count: Workers(count, client)


@pytest.mark.parametrize("items", [0, 1, 2, 7, 100])
@pytest.mark.parametrize("count", [1, 2, 8, 64])
def test_each_item_is_done_once(make: Callable[[int], Workers], count: int, items: int) -> None:
    done = list(make(count).run(lambda _api, item: item * 2, range(items)))

    assert sorted((result.position, result.value) for result in done) == [(item, item * 2) for item in range(items)]
    assert all(result.error is None for result in done)


def test_no_client_is_used_by_two_threads_or_made_without_need(
    make: Callable[[int], Workers], transports: list[Nowhere]
) -> None:
    workers = make(8)
    list(workers.run(lambda api, _item: api._client.get("/", "look"), range(3)))
    assert len(transports) == 3
    list(workers.run(lambda api, _item: api._client.get("/", "look"), range(200)))
    assert len(transports) == 8
    assert workers.requests == {"GET": 203, "POST": 0, "PUT": 0, "DELETE": 0}
    workers.close()
    assert all(transport.is_closed for transport in transports)


@pytest.mark.parametrize("count", [1, 4])
def test_errors_stay_with_their_item(make: Callable[[int], Workers], count: int) -> None:
    def job(_api: Any, item: int) -> int:
        if item == 3:
            raise InputError("three")
        if item == 5:
            raise RuntimeError("a secret")
        return item

    done = {result.position: result for result in make(count).run(job, range(10))}

    assert len(done) == 10
    assert isinstance(done[3].error, InputError)
    assert isinstance(done[5].error, InternalError)
    assert "secret" not in str(done[5].error)
    assert "RuntimeError in test_bulk_workers.py" in str(done[5].error)


def test_a_thread_that_is_ended_is_told_of(make: Callable[[int], Workers]) -> None:
    def job(_api: Any, item: int) -> int:
        if item == 2:
            raise SystemExit
        return item

    done = {result.position: result for result in make(3).run(job, range(9))}

    assert isinstance(done[2].error, InternalError)


@pytest.mark.parametrize("count", [1, 4])
def test_nothing_is_begun_after_the_stop(make: Callable[[int], Workers], count: int) -> None:
    begun: list[int] = []
    stopped = threading.Event()

    def job(_api: Any, item: int) -> None:
        begun.append(item)
        if item == 5:
            stopped.set()

    done = list(make(count).run(job, range(1000), stopped.is_set))

    assert len(done) == len(begun) <= 5 + 1 + count
    assert list(make(count).run(job, range(3), lambda: True)) == []


def test_a_reader_that_leaves_ends_the_work(make: Callable[[int], Workers]) -> None:
    begun: list[int] = []
    gate = threading.Semaphore(6)

    def job(_api: Any, item: int) -> None:
        gate.acquire(timeout=5)
        begun.append(item)

    results = make(4).run(job, range(1000))
    next(results)
    results.close()
    gate.release(1000)

    assert len(begun) <= 20
