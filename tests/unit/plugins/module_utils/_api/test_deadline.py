# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that watches deadlines, where the machine is slow to start it."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api import deadline


def test_an_exchange_that_is_over_before_it_is_watched_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[threading.Thread] = []

    class StartsLate(threading.Thread):
        """Gets to run only when somebody waits for its end."""

        def start(self) -> None:
            late.append(self)

        def join(self, timeout: float | None = None) -> None:
            super().start()
            super().join(timeout or 10)

    monkeypatch.setattr(deadline.threading, "Thread", StartsLate)
    watched = deadline.Deadline(60)

    watched.begin()
    watched.end()
    watched.close()

    assert [thread.is_alive() for thread in late] == [False]
    assert not watched.has_passed
