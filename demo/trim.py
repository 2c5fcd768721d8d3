# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what a reader of the tour needs of Ansible's output, line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from demo.screen import STATUS_STYLES

Line = tuple[str, str]  # text, style; an empty style keeps the line's own colours

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_HEAD = re.compile(r"(PLAY|TASK|RUNNING HANDLER) \[(?:softwareone\.marketplace\.\w+ : )?(.*)\] \*+$")
_RESULT = re.compile(r"(?:ok|changed): \[[^]]*\] => \{$")
_BARE = re.compile(r"(ok|skipping|included): ")
_FATAL = re.compile(r"fatal: \[([^]]*)\]: FAILED! => (\{.*)$")
_RECAP = re.compile(r"\S+ +: ok=\d+ ")
_ZEROS = re.compile(r" (?:skipped=\d+|(?:unreachable|rescued|ignored|failed)=0)")
_VERDICT = re.compile(r"(clean|not applied yet|plan|applied|drift|error) +\S+: ")


def without_color(text: str) -> str:
    return _ESCAPE.sub("", text)


class Trim:
    """Leaves out what every run of a playbook prints, and shows results as their messages.

    A task shows its name only if it has something to show. Left out are the file and line of a failed task, which are
    those of the collection, what was said before, and the recap of several hosts that have been summed up. Every line
    that is not known here stays.
    """

    def __init__(self) -> None:
        self._task = ""
        self._result: list[str] = []
        self._error: list[str] = []
        self._failures: set[Line] = set()
        self._is_summed_up = False

    def lines(self, raw: str) -> Iterator[Line]:
        """What is to be shown when Ansible has printed one more line."""
        line = without_color(raw).rstrip()
        if self._result:
            self._result.append(line)
            if line == "}":
                yield from self._messages()
        elif self._error and not _ends_error(line):
            self._error.append(line)
        else:
            yield from self._top(line, raw.rstrip())

    def end(self) -> Iterator[Line]:
        """What is still to be shown at the end."""
        for line in self._error + self._result:
            yield line, ""
        self._error, self._result = [], []

    def _top(self, line: str, raw: str) -> Iterator[Line]:
        fatal = _FATAL.match(line)
        if not fatal:
            yield from self.end()
        self._error = []
        head = _HEAD.match(line)
        if line.startswith("[ERROR]: "):
            self._error = [line]
        elif _RESULT.match(line):
            self._result = ["{"]
        elif head and head[1] == "PLAY":
            yield f"PLAY [{head[2]}]", "bold"
        elif head:
            self._task = head[2]
        elif fatal:
            yield from self._failed(fatal[1], fatal[2])
        elif _RECAP.match(line):
            if self._is_summed_up:
                return
            yield _ZEROS.sub("", re.sub(" {2,}", " ", line)), "dim"
        elif line and not _BARE.match(line) and not line.startswith("PLAY RECAP"):
            yield from self._named()
            yield raw, ""

    def _named(self) -> Iterator[Line]:
        if self._task:
            yield f"TASK [{self._task}]", ""
        self._task = ""

    def _failed(self, host: str, text: str) -> Iterator[Line]:
        try:
            message = json.loads(text)["msg"]
        except (ValueError, KeyError, TypeError):
            message = text
        line = (f"fatal: [{host}]: {message}", "red")
        if line not in self._failures:
            self._failures.add(line)
            yield line

    def _messages(self) -> Iterator[Line]:
        text, self._result = "\n".join(self._result), []
        try:
            message = json.loads(text)["msg"]
        except (ValueError, KeyError, TypeError):
            message = text.splitlines()
        lines = message if isinstance(message, list) else str(message).splitlines()
        for line in lines:
            if line.startswith("accounts: 1,"):
                continue
            is_sum = line.startswith("accounts: ")
            self._is_summed_up |= is_sum
            verdict = _VERDICT.match(line)
            yield line, STATUS_STYLES[verdict[1]] if verdict else "bold" if is_sum else "green"


def _ends_error(line: str) -> bool:
    return bool(_HEAD.match(line) or _FATAL.match(line)) or line.startswith(("PLAY RECAP", "[ERROR]: "))
