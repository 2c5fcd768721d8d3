# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""End in order when asked to end: the writes under way finish, and what was done is told.

A task that ran into its ``timeout``, or whose ansible-playbook was killed, leaves the module behind. Nobody asks it to
end then, but nobody reads its result any more either, and it must not go on to write: that counts as a hang-up.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from typing import Any, Callable, Iterator

_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
_STDOUT = 1
# Milliseconds between two looks at the parent process; a closed pipe is noticed at once.
_TICK = 200

_received: list[int] = []


@contextlib.contextmanager
def stopping_on_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Call ``stop`` with the name of a signal that asks the process to end; a second one ends it at once.

    ``stop`` may raise, wherever the main thread is.
    """
    main = threading.main_thread()
    if threading.current_thread() is not main:
        yield
        return
    before: dict[int, Any] = {}

    def handle(number: int, frame: Any) -> None:
        del frame
        signal.signal(number, before[number])
        _received.append(number)
        stop(signal.Signals(number).name)

    for name in _SIGNALS:
        number = getattr(signal, name)
        # Whoever has a signal ignored, as nohup does, means it.
        if signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    over = threading.Event()
    threading.Thread(target=_hang_up_if_orphaned, args=(over, main.ident), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _hang_up_if_orphaned(over: threading.Event, main: int) -> None:
    """Send SIGHUP to the main thread once the reader of the result, or the parent process, is gone."""
    parent = os.getppid()
    poll = select.poll()
    # No event is asked for: that the other end was closed is always told.
    poll.register(_STDOUT, 0)
    while not over.is_set():
        events = dict(poll.poll(_TICK)).get(_STDOUT, 0)
        if events & select.POLLNVAL:
            # It was closed here, and so tells nothing.
            poll.unregister(_STDOUT)
        elif (events or os.getppid() != parent) and not over.is_set():
            signal.pthread_kill(main, signal.SIGHUP)
            return


def reraise_signals() -> None:
    """Let a signal that has stopped a run do what it would have done without us."""
    while _received:
        signal.raise_signal(_received.pop(0))
