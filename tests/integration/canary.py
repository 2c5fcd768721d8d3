# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that is searched for wherever a run of Ansible, or the server, could leave a piece of it."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tests.integration.lab import Account, PlayRun

WINDOW = 8
# Marks that are written differently in URLs, in JSON, in Python and in Base64.
MARKS = '"%\\\u201c'
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


def _base64_of(text: str) -> list[str]:
    """What ``text`` looks like inside of a longer text that is encoded, wherever it stands there."""
    encoded = []
    for before in range(3):
        raw = text.encode("utf-8", "replace")
        whole = base64.b64encode(b"\0" * before + raw).decode()
        # The first and the last characters also depend on the neighbours.
        stable = whole[(0, 2, 3)[before] : (before + len(raw)) * 8 // 6]
        encoded += [stable, stable.translate(str.maketrans("+/", "-_"))]
    return encoded


FORMS: dict[str, Callable[[str], list[str]]] = {
    "plain": lambda text: [text],
    "URL": lambda text: [quote(text, safe="")],
    "JSON": lambda text: [json.dumps(text)[1:-1]],
    "Python": lambda text: [repr(text)[1:-1], ascii(text)[1:-1], repr(text.encode())[2:-1]],
    "reversed": lambda text: [text[::-1]],
    "base64": _base64_of,
    "hex": lambda text: [text.encode("utf-8", "replace").hex()],
}


class Canary:
    """A token, found by any eight characters of its secret part, in any of :data:`FORMS`."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.tail = token.rpartition(":")[2]
        windows = [self.tail[at : at + WINDOW] for at in range(len(self.tail) - WINDOW + 1)]
        self._patterns = {
            form: re.compile(
                b"|".join(re.escape(text.encode()) for window in windows for text in set(encode(window))),
                re.IGNORECASE if form in ("URL", "hex") else 0,
            )
            for form, encode in FORMS.items()
        }

    def __repr__(self) -> str:
        return "Canary(...)"

    def forms_in(self, data: bytes) -> list[str]:
        """The forms in which a piece of it is in ``data``, be they escaped once more."""
        layers = (data, _ESCAPE.sub(rb"\1", data))
        return [form for form, pattern in self._patterns.items() if any(map(pattern.search, layers))]

    def excerpt(self, data: bytes) -> bytes:
        """Where it was found, for whoever has to look into it: canaries are no real secrets."""
        data = data + b"\n" + _ESCAPE.sub(rb"\1", data)
        found = next(match for pattern in self._patterns.values() if (match := pattern.search(data)))
        return data[max(0, found.start() - 200) : found.end() + 60]


def canary(seed: object, marks: str = "") -> Canary:
    """A token like those of the platform. With ``marks`` every fourth character of it is one of them."""
    chance = random.Random(f"canary:{seed}")
    secret = chance.choices(string.ascii_letters + string.digits, k=40)
    if marks:
        secret[3::4] = [marks[at % len(marks)] for at in range(10)]
    return Canary("idt:TKN-9999-9999:" + "".join(secret))


def sinks(run: PlayRun, account: Account) -> dict[str, bytes]:
    """Everything that a run printed, handed to callbacks, sent or left behind."""
    log = run.left / "ansible.log"
    return {
        "stdout": run.stdout.encode("utf-8", "surrogateescape"),
        "stderr": run.stderr.encode("utf-8", "surrogateescape"),
        "log": log.read_bytes(),
        "callback": run.witness.read_bytes(),
        "jobs": _tree(run.left / "jobs"),
        "home": _tree(run.left / "home"),
        "temporary": b"".join(_tree(run.left / name) for name in ("tmp", "local", "remote")),
        "journal": json.dumps(account.journal()).encode(),
        "server log": account.log.read_bytes(),
    }


def _tree(folder: Path) -> bytes:
    """Names and contents of all files."""
    return b"\n".join(
        str(path.relative_to(folder)).encode() + b"\n" + (path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    )
