# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on another host, to which large reads are redirected (notifications-api, section 11)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from tests.simulator.model import JsonObject, Reply


class Exports:
    """``base_url``: where the files are served; the server sets it. ``seen``: each request with its header names.

    A bearer token must never arrive here: ``authorization`` tells whether one did.
    """

    def __init__(self) -> None:
        self.base_url = "http://files.invalid"
        self.seen: list[JsonObject] = []
        self._files: dict[str, bytes] = {}

    def publish(self, body: bytes) -> str:
        """Keeps the file; returns its URL."""
        path = f"/exports/{hashlib.sha256(body).hexdigest()[:32]}.json"
        self._files[path] = body
        return self.base_url + path

    def handle(self, method: str, target: str, headers: Mapping[str, str]) -> Reply:
        names = sorted(name.lower() for name in headers)
        self.seen.append(
            {"method": method, "target": target, "headers": names, "authorization": "authorization" in names}
        )
        body = self._files.get(target)
        if body is None:
            return Reply(404)
        return Reply(200, body, [("Content-Type", "application/json; charset=utf-8")])
