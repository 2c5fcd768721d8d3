# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The form of a contact file, from the one table of fields: as JSON Schema, and as a quick test for sound files.

The quick test lets a sound file of any size pass in no time; only when it is unsure is the JSON Schema asked. A
property in the tests holds that the two agree.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Callable, Mapping

from ansible_collections.softwareone.marketplace.plugins.module_utils._fields import ENTRY_FIELDS, FILE_FIELDS, Options

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITY = ("email", "id")
TOP_KEYS = ("defaults", "profiles", "contacts")
# What defaults and profiles can say: all that is not about one contact alone.
SHARED_FIELDS: Options = {name: option for name, option in ENTRY_FIELDS.items() if name not in IDENTITY}

Check = Callable[[Any], bool]


def missing_library() -> str | None:
    """The library that has to be installed before faults in contact files can be named, or None."""
    return None if find_spec("jsonschema") else "jsonschema (4.18 or newer)"


def contact_file_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a contact file, without descriptions."""
    shared = {"$ref": "#/$defs/shared"}
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "defaults": shared,
            "profiles": {"type": "object", "additionalProperties": shared},
            "contacts": {"type": "array", "items": {"$ref": "#/$defs/contact"}},
        },
        "additionalProperties": False,
        "anyOf": [{"required": [key]} for key in TOP_KEYS],
        "$defs": {
            "contact": {**_object_schema(FILE_FIELDS), "anyOf": [{"required": [key]} for key in IDENTITY]},
            "shared": _object_schema(SHARED_FIELDS),
        },
    }


def _object_schema(fields: Options) -> dict[str, Any]:
    properties = {name: _field_schema(option) for name, option in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _field_schema(option: Mapping[str, Any]) -> dict[str, Any]:
    if option["type"] == "list":
        return {"type": "array", "items": _field_schema({"type": option["elements"]})}
    schema: dict[str, Any] = {"type": {"str": "string"}[option["type"]]}
    if "choices" in option:
        schema["enum"] = list(option["choices"])
    return schema


def _check_of(option: Mapping[str, Any]) -> Check:
    if option["type"] == "list":
        return _is_texts
    if "choices" in option:
        choices = frozenset(option["choices"])
        return lambda value: isinstance(value, str) and value in choices
    return {"str": _is_text}[option["type"]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


FILE_CHECKS: dict[str, Check] = {name: _check_of(option) for name, option in FILE_FIELDS.items()}
SHARED_CHECKS: dict[str, Check] = {name: _check_of(option) for name, option in SHARED_FIELDS.items()}


def _fits(value: Any, checks: Mapping[str, Check]) -> bool:
    if not isinstance(value, dict):
        return False
    for field, item in value.items():
        check = checks.get(field)
        if check is None or not check(item):
            return False
    return True


def is_shared(value: Any) -> bool:
    """True if ``value`` can be defaults or a profile."""
    return _fits(value, SHARED_CHECKS)


def is_contact(value: Any) -> bool:
    """True if ``value`` can be a contact of a file."""
    return _fits(value, FILE_CHECKS) and ("email" in value or "id" in value)


_TOP_CHECKS: dict[str, Check] = {
    "$schema": _is_text,
    "defaults": is_shared,
    "profiles": lambda value: isinstance(value, dict) and all(map(is_shared, value.values())),
    "contacts": lambda value: isinstance(value, list) and all(map(is_contact, value)),
}


def is_contact_file(value: Any) -> bool:
    """True if ``value`` is what :func:`contact_file_schema` allows."""
    return _fits(value, _TOP_CHECKS) and any(key in value for key in TOP_KEYS)


def usable(value: Any, checks: Mapping[str, Check]) -> dict[str, Any]:
    """The fields of ``value`` that are sound, so that one fault does not hide others."""
    if not isinstance(value, dict):
        return {}
    return {field: item for field, item in value.items() if field in checks and checks[field](item)}
