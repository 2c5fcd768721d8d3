# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Undo files of earlier runs: kept under other names, and kept right where a later run deletes their contacts.

Whoever is deleted comes back with a new id, so what an earlier file says by the old id would find nobody. Undo files
are applied one after the other, newest first: when it is their turn, the contact is there by its address.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import Iterator, Mapping

from .._atomic import write_atomically
from .write import comment_text

_BY_ID = re.compile(r"^  - id: (\S+)\n(?:    .*\n)*", re.MULTILINE)
_FIELD = re.compile(r"    (\w+):")
_NOTE = "A later run deleted this contact, and its undo file creates it again with a new id."
_ABSENT = "    state: absent\n"


def keep_earlier(path: str) -> str | None:
    """Give an undo file another name, since it may be the only way back from its run; that name.

    :raises OSError: it cannot be renamed
    """
    if not os.path.lexists(path):
        return None
    earlier = next(name for name in _names(path) if not os.path.lexists(name))
    os.rename(path, earlier)
    return earlier


def readdress(path: str, restored: Mapping[str, str]) -> None:
    """Let the earlier files of ``path`` name contacts by their addresses that have ids no more.

    :param restored: by id, the entries of ``path`` that create the contacts again
    """
    for name in _names(path):
        if not restored or not os.path.lexists(name):
            return
        # Where this fails, applying that file says that there is no contact with the id.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            with open(name, encoding="utf-8", newline="") as file:
                before = file.read()
            after = _BY_ID.sub(lambda match: _by_address(match, restored), before)
            if after != before:
                write_atomically(name, after.encode("utf-8"), private=True)


def _names(path: str) -> Iterator[str]:
    stem, ending = os.path.splitext(path)
    number = 0
    while True:
        number += 1
        yield f"{stem}.{number}{ending}"


def _by_address(match: re.Match[str], restored: Mapping[str, str]) -> str:
    entry = restored.get(match.group(1).strip("'\""))
    if entry is None:
        return match.group()
    again, fields = _fields(entry), _fields(match.group())
    del fields["id"]
    if fields.get("state") == _ABSENT or "email" not in fields:
        return _note() + _text({**fields, "email": again["email"]})
    # An entry by its address cannot change it, so the contact makes room for one with the address from before.
    return _note() + _text({"email": again["email"], "state": _ABSENT}) + _text({**again, **fields})


def _note() -> str:
    return comment_text(_NOTE)


def _fields(entry: str) -> dict[str, str]:
    """The lines of each field of an entry, as :func:`.write.entry_text` writes them."""
    fields: dict[str, str] = {}
    name = ""
    for line in ("    " + entry[4:]).splitlines(keepends=True):
        found = _FIELD.match(line)
        name = found.group(1) if found else name
        fields[name] = fields.get(name, "") + line
    return fields


def _text(fields: Mapping[str, str]) -> str:
    first = {"email": fields["email"], **fields}
    return "  - " + "".join(first.values())[4:]
