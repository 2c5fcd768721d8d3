# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""One deadline for a whole HTTP exchange, from the connection to the last byte.

A timeout of ``requests`` bounds a single system call: a server that sends one byte now and then, be it in the status
line, the headers, the length of a chunk or behind the body, would hold the caller for ever. So a timer shuts the socket
down, which ends whatever is being read from it.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any, Callable

try:
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:
    HTTPAdapter = object  # type: ignore[assignment,misc]


class Deadline:
    """Of one exchange after the other; ``has_passed`` and ``is_connected`` tell of the last one, once it has ended.

    One thread watches them all, since to start one for each would cost a sixth of a request. It ends when it finds
    nothing to watch.

    :param seconds: until the socket is shut down, unless :meth:`end` comes first
    """

    def __init__(self, seconds: float) -> None:
        self.has_passed = self.is_connected = False
        self._seconds = seconds
        self._until: float | None = None
        self._socket: Any = None
        self._watcher: threading.Thread | None = None
        self._changed = threading.Condition()

    def begin(self) -> None:
        """An exchange begins."""
        with self._changed:
            self.has_passed = self.is_connected = False
            self._until = time.monotonic() + self._seconds
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, daemon=True)
                self._watcher.start()

    def watch(self, watched: Any, is_connected: bool) -> None:
        """Shut down this socket when the time is over; the one before it does not matter any more.

        :raises TimeoutError: it is over already, so that nothing more must be sent
        """
        with self._changed:
            if self.has_passed:
                raise TimeoutError
            self._socket, self.is_connected = watched, is_connected

    def end(self) -> None:
        """The exchange is over: its socket is left as it is."""
        with self._changed:
            self._until = self._socket = None

    def close(self) -> None:
        """There is nothing more to watch."""
        with self._changed:
            self._until, watcher = None, self._watcher
            self._changed.notify()
        if watcher is not None:
            watcher.join()

    def _watch(self) -> None:
        with self._changed:
            # It can be over before this thread has begun. When the next one begins, nobody wakes this thread: its end
            # is never before that of the one at hand.
            while self._until is not None:
                left = self._until - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                self.has_passed = True
                if self._socket is not None:
                    _shut_down(self._socket)
                break
            self._watcher = None


def _shut_down(watched: Any) -> None:
    # Where TLS runs within TLS, as through some proxies, the socket is inside. The method of an SSL socket would take
    # away what another thread is reading with.
    inner: Any = watched if isinstance(watched, socket.socket) else getattr(watched, "socket", None)
    with suppress(OSError, TypeError):
        socket.socket.shutdown(inner, socket.SHUT_RDWR)


# Called with a socket, and whether requests can be sent on it yet.
Watch = Callable[[Any, bool], None]


class WatchedAdapter(HTTPAdapter):
    """Tells ``watch`` the socket of each exchange, be it new or kept from an earlier one."""

    def __init__(self, watch: Watch) -> None:
        self._pool_classes = {
            "http": _watched_pool(HTTPConnectionPool, watch),
            "https": _watched_pool(HTTPSConnectionPool, watch),
        }
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        # A SOCKS proxy has connections of its own kind, which keep to the timeouts of single calls.
        if not str(proxy).lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pool_classes
        return manager


def _watched_pool(pool: Any, watch: Watch) -> Any:
    connection = type("_Connection", (_Watched, pool.ConnectionCls), {"watch": staticmethod(watch)})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Watched:
    """What a connection of urllib3 does besides: it shows its socket."""

    watch: Watch
    sock: Any
    _copy: Any = None

    def _new_conn(self) -> Any:
        made = super()._new_conn()  # type: ignore[misc]
        # TLS takes the socket over and shows it only after the handshake; a copy reaches it meanwhile.
        self._copy = made.dup()
        self.watch(self._copy, False)
        return made

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
            self.watch(self.sock, True)
        finally:
            copy, self._copy = self._copy, None
            if copy is not None:
                copy.close()

    def putrequest(self, *args: Any, **options: Any) -> None:
        # One that was kept from an earlier exchange; while one is being opened, this is said to the proxy.
        if self.sock is not None and self._copy is None:
            self.watch(self.sock, True)
        super().putrequest(*args, **options)  # type: ignore[misc]
