# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Stop a run in order when it is asked to end, or when nobody waits for its result any more.

A task that ran into its ``timeout``, or whose ansible-playbook was killed, leaves the module behind. Nobody asks it to
end then, but it must not go on to write. So the reader of its output is watched, and the chain of its parents up to
ansible-playbook: a shipped module is the child of a shell, whose parent lives on when only ansible-playbook is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from typing import Any, Callable, Iterator, Tuple

_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
# Wakes the main thread wherever it is. By default it does nothing, and unlike SIGHUP nobody is started without it.
_WAKE_UP = signal.SIGURG
_ORPHANED = "the end of its Ansible task"
_STDOUT = 1
# Milliseconds between two looks at the parents; a closed pipe is noticed at once.
_TICK = 200
_MOST_ANCESTORS = 32

# A process and its parent.
Link = Tuple[int, int]

_received: list[int] = []


@contextlib.contextmanager
def stopping_on_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Call ``stop`` with the name of what asks the process to end; a second signal ends it at once.

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
        if number == _WAKE_UP:
            stop(_ORPHANED)
            return
        _received.append(number)
        stop(signal.Signals(number).name)

    for number in (*(getattr(signal, name) for name in _SIGNALS), _WAKE_UP):
        # Whoever has a signal ignored, as nohup does, means it.
        if number == _WAKE_UP or signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    over = threading.Event()
    threading.Thread(target=_wake_up_if_orphaned, args=(over, main.ident, _parents()), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _wake_up_if_orphaned(over: threading.Event, main: int, parents: list[Link]) -> None:
    """Wake the main thread once the reader of the result, or a process between here and ansible-playbook, is gone."""
    poll = select.poll()
    # No event is asked for: that the other end was closed is always told.
    poll.register(_STDOUT, 0)
    while not over.is_set():
        events = dict(poll.poll(_TICK)).get(_STDOUT, 0)
        if events & select.POLLNVAL:
            # It was closed here, and so tells nothing.
            poll.unregister(_STDOUT)
        elif (events or any(_parent_of(child) != parent for child, parent in parents)) and not over.is_set():
            signal.pthread_kill(main, _WAKE_UP)
            return


def _parents() -> list[Link]:
    """This process and its parent, and so on up to ansible-playbook; without one, this process and its parent alone."""
    links = [(os.getpid(), os.getppid())]
    found = 1
    while links[-1][1] > 1 and len(links) < _MOST_ANCESTORS:
        if _is_ansible(links[-1][1]):
            # The topmost of several: a worker of ansible-playbook looks like ansible-playbook.
            found = len(links)
        links.append((links[-1][1], _parent_of(links[-1][1])))
    return links[:found]


def _is_ansible(process: int) -> bool:
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return False
    return any(os.path.basename(word).startswith(b"ansible") for word in words[:3])


def _parent_of(process: int) -> int:
    """The parent's id; 0 where it cannot be told, as on systems without /proc for all but this process."""
    if process == os.getpid():
        return os.getppid()
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            # The name before it may hold spaces and parentheses.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def reraise_signals() -> None:
    """Let a signal that has stopped a run do what it would have done without us."""
    while _received:
        signal.raise_signal(_received.pop(0))
