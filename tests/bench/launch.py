# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one command and says what it cost, as JSON: python launch.py LOG POLL COMMAND...

A process of its own, because Linux counts the memory of whoever starts a program towards that program's maximum:
this one is small. With POLL, a number of seconds above 0, the memory of the whole process tree is looked at that often;
a page that several of the processes share counts once.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time


def main() -> None:
    log, poll, *command = sys.argv[1:]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    began = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    tree = Tree(pid, float(poll))
    _ended, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    tree.stop()
    # Bytes on macOS, KiB elsewhere.
    largest = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    cost = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "largest_kib": largest,
        "tree_kib": tree.most or None,
    }
    print(json.dumps(cost))


class Tree:
    """Watches the memory of a process and its descendants; ``most`` is 0 where that cannot be seen."""

    def __init__(self, pid: int, poll: float) -> None:
        self.most = 0
        self._pid = pid
        self._poll = poll
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        if poll:
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._poll:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._poll):
            self.most = max(self.most, sum(map(_proportional, _descendants(self._pid))))


def _descendants(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as children:
                    waiting += map(int, children.read().split())
        except OSError:
            continue
    return found


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


if __name__ == "__main__":
    main()
