# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes one line of JSON per task that ended: its name, how it ended, its result, and what the simulator saw of it."""

from __future__ import annotations

import json
import os
from urllib.request import ProxyHandler, build_opener

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: witness
type: aggregate
short_description: tells the tests what each task did
description: Writes to the file that the variable WITNESS_FILE names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "witness"

    def __init__(self) -> None:
        super().__init__()
        self._file = os.environ["WITNESS_FILE"]
        self._journal = os.environ["WITNESS_CONTROL_URL"] + "/journal?since="
        self._opener = build_opener(ProxyHandler({}))
        self._seen = 0
        self._name = ""
        self._requests()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._name = task.get_name().strip()

    def v2_runner_on_ok(self, result):
        self._write("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write("failed", result)

    def v2_runner_on_skipped(self, result):
        self._write("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._write("unreachable", result)

    def _requests(self):
        with self._opener.open(self._journal + str(self._seen), timeout=10) as answer:
            entries = json.load(answer)
        self._seen = max([entry["seq"] for entry in entries], default=self._seen)
        return entries

    def _write(self, status, result):
        # Older versions of Ansible hand over their own object, newer ones a copy made for callbacks.
        values = getattr(result, "result", None) or result._result
        line = {"name": self._name, "status": status, "result": values, "sent": self._requests()}
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")
