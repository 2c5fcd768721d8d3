# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the one way to write a contact file, in YAML: the same bytes for the same entries on any machine."""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping

from .._text import UNSAFE, encodable

SCHEMA_URL = (
    "https://raw.githubusercontent.com/softwareone-platform/ansible-collection-marketplace"
    "/main/schemas/contacts.schema.json"
)

# What YAML takes for a text without quotes: it begins with a letter and is none of the words.
_PLAIN = re.compile(r"[^\W\d_](?:[\w@.+'&/() -]*[\w.)])?")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_UNSAFE = re.compile(f"[{UNSAFE}]")
_ESCAPED = re.compile(f'["\\\\{UNSAFE}]')
_ENTRY = re.compile("^  - ", re.MULTILINE)


def file_text(parts: Iterable[str], about: Iterable[str] = (), defaults: Mapping[str, str] | None = None) -> str:
    """A contact file of parts that :func:`entry_text` and :func:`comment_text` made.

    :param about: lines of comment at the beginning, before the defaults
    """
    lines = ["---", f"# yaml-language-server: $schema={SCHEMA_URL}", *(f"# {line}" for line in about)]
    if defaults:
        lines += ["defaults:", *(f"  {line}" for line in _field_lines(defaults))]
    contacts = "".join(parts)
    lines.append("contacts:" if has_entries(contacts) else "contacts: []")
    return "\n".join(lines) + "\n" + contacts


def categories_text(categories: Iterable[Mapping[str, str]], about: Iterable[str]) -> str:
    """A file with the catalogue of categories; values of the fields ``id`` and ``name`` are texts, others are YAML."""
    lines = ["---", f"# yaml-language-server: $schema={SCHEMA_URL}", *(f"# {line}" for line in about)]
    parts = [
        "  - "
        + "\n    ".join(f"{key}: {value if key in _PLAIN_FIELDS else _scalar(value)}" for key, value in row.items())
        for row in categories
    ]
    lines += ["categories:", *parts] if parts else ["categories: []"]
    return "\n".join(lines) + "\n"


_PLAIN_FIELDS = ("opt_out_allowed",)


def has_entries(text: str) -> bool:
    """True if ``text``, a contact file or parts of one, has an entry, behind which others can be appended."""
    return _ENTRY.search(text) is not None


def entry_text(entry: Mapping[str, Any]) -> str:
    """One of the contacts; its values are texts and lists of texts."""
    return "  - " + "\n    ".join(_field_lines(entry)) + "\n"


def comment_text(text: str) -> str:
    """Printable lines as a comment among the contacts."""
    return "".join(f"  # {line}\n" for line in text.splitlines())


def _field_lines(entry: Mapping[str, Any]) -> Iterator[str]:
    for field, value in entry.items():
        if isinstance(value, str):
            yield f"{field}: {_scalar(value)}"
        elif value:
            yield f"{field}:"
            yield from (f"  - {_scalar(item)}" for item in value)
        else:
            yield f"{field}: []"


def _scalar(text: str) -> str:
    """A text as YAML; half of a character, which YAML cannot carry, is replaced."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if _UNSAFE.search(text):
        return '"' + _ESCAPED.sub(_escaped, encodable(text)) + '"'
    return "'" + text.replace("'", "''") + "'"


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if character in '"\\':
        return "\\" + character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
