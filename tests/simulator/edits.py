# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules put into bodies and into the store: edits of JSON by path, and placeholders in texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.simulator.model import JsonObject, Reply, encoded, json_text


class NothingMeantError(Exception):
    """A placeholder that stands for nothing in this request."""


_SECRET = re.compile(r"\{authorization(?:\[(-?\d+)?:(-?\d+)?\])?\}")
_NAME = re.compile(r"\{(id|email|new|n)\}")


def with_secret(value: Any, headers: Mapping[str, str]) -> Any:
    """``{authorization}`` becomes the header: a server that repeats a secret in a place nobody expects.

    ``{authorization[:60]}`` is a piece of it, with the positions of a Python slice.
    """
    secret = headers.get("authorization", "")

    def piece(match: re.Match[str]) -> str:
        start, end = match[1], match[2]
        return secret[int(start) if start else None : int(end) if end else None]

    return _replaced(value, _SECRET, piece)


def named(value: Any, name: Callable[[str], str | None]) -> Any:
    """``value`` with ``{id}``, ``{email}``, ``{new}`` and ``{n}`` filled in; error if ``name`` has none."""

    def text(match: re.Match[str]) -> str:
        found = name(match[1])
        if found is None:
            raise NothingMeantError(match[0])
        return found

    return _replaced(value, _NAME, text)


def _replaced(value: Any, pattern: re.Pattern[str], text: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(text, value)
    if isinstance(value, list):
        return [_replaced(item, pattern, text) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, pattern, text) for key, item in value.items()}
    return value


def edit(reply: Reply, changes: JsonObject, headers: Mapping[str, str]) -> None:
    """Changes members of a JSON answer by dotted path; numbers are positions in a list, ``*`` is every one.

    What ``raw`` gives is written as it stands, so that it may be what no value in Python becomes: ``1e999``.
    """
    try:
        value = json.loads(reply.body)
    except ValueError:
        return
    for path in changes.get("remove", []):
        for parent, key in _places(value, path.split(".")):
            parent.pop(key, None) if isinstance(parent, dict) else parent.pop(key)
    for path, new in changes.get("set", {}).items():
        _set(value, path, with_secret(new, headers))
    raw = list(changes.get("raw", {}).items())
    for number, (path, _text) in enumerate(raw):
        _set(value, path, _marker(number))
    body = json_text(value)
    for number, (_path, text) in enumerate(raw):
        body = body.replace(json_text(_marker(number)), text)
    reply.body = encoded(body)


def _marker(number: int) -> str:
    return f"@raw {number}@"


def _set(value: Any, path: str, new: Any) -> None:
    for parent, key in _places(value, path.split(".")):
        parent[key] = new


def _places(value: Any, path: list[str]) -> Iterator[tuple[Any, Any]]:
    """What holds the last member of the path, and its key there; nothing if the path leads nowhere."""
    name, *rest = path
    for key in _keys(value, name, is_last=not rest):
        if rest:
            yield from _places(value[key], rest)
        else:
            yield value, key


def _keys(value: Any, name: str, *, is_last: bool) -> list[Any]:
    if isinstance(value, dict):
        return list(value) if name == "*" else [name] if is_last or name in value else []
    if isinstance(value, list):
        # From the end, so that what is removed does not move the others.
        every = list(range(len(value)))[::-1]
        return every if name == "*" else [int(name)] if name.isdigit() and int(name) < len(value) else []
    return []
