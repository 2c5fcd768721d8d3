# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""A few threads that call the API at the same time, each through a client of its own."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable, Generic, Iterator, Sequence, TypeVar

from ansible_collections.softwareone.marketplace.plugins.module_utils._client import METHODS, Client
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts_api import ContactsApi
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InternalError, SwoError
from ansible_collections.softwareone.marketplace.plugins.module_utils._failure import internal_error

Item = TypeVar("Item")
Value = TypeVar("Value")

# A waiting main thread notices a signal only between two of these.
_TICK = 0.5


class Done(Generic[Item, Value]):
    """What became of one item: its position and ``value``, or ``error``."""

    def __init__(self, position: int, value: Value | None, error: SwoError | None) -> None:
        self.position = position
        self.value = value
        self.error = error


class Workers:
    """Up to ``count`` threads; the clients are made when they are first needed and live as long as this object."""

    def __init__(self, count: int, make_client: Callable[[], Client]) -> None:
        self._count = count
        self._make_client = make_client
        self._clients: list[Client] = []
        self._apis: list[ContactsApi] = []

    @property
    def api(self) -> ContactsApi:
        """The main thread's own; no job must be running."""
        return self._api(0)

    @property
    def requests(self) -> dict[str, int]:
        """Requests sent so far by all clients, by method."""
        return {method: sum(client.requests[method] for client in self._clients) for method in METHODS}

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def run(
        self,
        job: Callable[[ContactsApi, Item], Value],
        items: Sequence[Item],
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Done[Item, Value]]:
        """Do ``job`` for each item, in any order; yields what is done as it comes.

        No further item is begun once ``stop`` returns true; items that were never begun are not yielded.
        """
        running = min(self._count, len(items))
        if running == 1:
            yield from self._run_here(job, items, stop)
            return
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        finished: queue.SimpleQueue[Done[Item, Value] | None] = queue.SimpleQueue()
        for position in range(len(items)):
            waiting.put(position)
        abandoned = threading.Event()

        def is_over() -> bool:
            return abandoned.is_set() or stop()

        for number in range(running):
            arguments = (self._api(number), job, items, waiting, finished, is_over)
            # Daemons: a thread that hangs in a call must not keep the process from ending.
            threading.Thread(target=_work, args=arguments, daemon=True).start()
        try:
            while running:
                done = _next(finished)
                if done is None:
                    running -= 1
                else:
                    yield done
        finally:
            abandoned.set()

    def _run_here(
        self, job: Callable[[ContactsApi, Item], Value], items: Sequence[Item], stop: Callable[[], bool]
    ) -> Iterator[Done[Item, Value]]:
        """One after the other needs no thread."""
        for position, item in enumerate(items):
            if stop():
                return
            yield _done(self._api(0), job, item, position)

    def _api(self, number: int) -> ContactsApi:
        while len(self._apis) <= number:
            self._clients.append(self._make_client())
            self._apis.append(ContactsApi(self._clients[-1]))
        return self._apis[number]


def _next(finished: queue.SimpleQueue[Any]) -> Any:
    while True:
        try:
            return finished.get(timeout=_TICK)
        except queue.Empty:
            continue


def _work(
    api: ContactsApi,
    job: Callable[[ContactsApi, Any], Any],
    items: Sequence[Any],
    waiting: queue.SimpleQueue[int],
    finished: queue.SimpleQueue[Any],
    is_over: Callable[[], bool],
) -> None:
    while not is_over():
        try:
            position = waiting.get_nowait()
        except queue.Empty:
            break
        try:
            finished.put(_done(api, job, items[position], position))
        except BaseException as error:  # pylint: disable=broad-exception-caught
            # Nobody above a thread would notice that it ended.
            finished.put(Done(position, None, InternalError(internal_error(error))))
    finished.put(None)


def _done(api: ContactsApi, job: Callable[[ContactsApi, Any], Any], item: Any, position: int) -> Done[Any, Any]:
    try:
        return Done(position, job(api, item), None)
    except SwoError as error:
        return Done(position, None, error)
    except Exception as error:  # pylint: disable=broad-exception-caught
        # One contact with an unforeseen problem must not hide what becomes of the others.
        return Done(position, None, InternalError(internal_error(error)))
