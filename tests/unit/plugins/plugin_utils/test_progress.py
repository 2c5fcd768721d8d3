# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines for whoever waits for a long run."""

from __future__ import annotations

import pytest

from ansible_collections.softwareone.marketplace.plugins.plugin_utils._progress import VARIABLE, ProgressLines, interval


class Watch:
    def __init__(self) -> None:
        self.now = 100.0
        self.lines: list[str] = []

    def progress(self, seconds: float) -> ProgressLines:
        return ProgressLines(self.lines.append, seconds, "prod", lambda: self.now)


def test_a_line_comes_when_it_is_time() -> None:
    watch = Watch()
    progress = watch.progress(5)
    for second in range(1, 21):
        watch.now += 1
        progress("writing", second * 10, 1000)

    assert len(watch.lines) == 4
    assert watch.lines[0].startswith("[prod] swo_contacts: made 50 of 1,000 changes")
    assert watch.lines[-1] == "[prod] swo_contacts: made 200 of 1,000 changes, 10/s, about 80 s left"


def test_reading_and_writing_have_rates_of_their_own() -> None:
    watch = Watch()
    progress = watch.progress(1)
    for done in (100, 5000, 9000):
        watch.now += 2
        progress("reading", done, 10_000)
    watch.now += 2
    progress("writing", 1, 400)
    watch.now += 2
    progress("writing", 3, 400)

    assert watch.lines[1].startswith("[prod] swo_contacts: read 9,000 of 10,000 contacts")
    assert watch.lines[-1] == "[prod] swo_contacts: made 3 of 400 changes, 1.0/s, about 7 min left"


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_short_runs_and_those_who_want_none_see_none(seconds: float) -> None:
    watch = Watch()
    progress = watch.progress(seconds)
    for done in range(50):
        watch.now += 1
        progress("writing", done, 50)
    assert watch.lines == []


def test_nothing_is_said_of_the_end() -> None:
    watch = Watch()
    progress = watch.progress(1)
    watch.now += 10
    progress("writing", 50, 50)
    progress("writing", 3, 0)
    assert watch.lines == []


@pytest.mark.parametrize(
    ("text", "is_terminal", "seconds"),
    [
        ("", True, 5.0),
        ("", False, 60.0),
        ("0", True, 0.0),
        ("2.5", False, 2.5),
        ("-1", True, 0.0),
        ("soon", False, 60.0),
    ],
)
def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, text: str, is_terminal: bool, seconds: float) -> None:
    monkeypatch.setenv(VARIABLE, text)
    assert interval(is_terminal) == seconds
