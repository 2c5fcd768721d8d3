# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The form of a contact file as a JSON Schema: compiled to a quick test for sound files, put into words for the others.

A sound file of any size passes the quick test in no time; only the contacts that do not pass are shown to the library.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, Mapping

from .._contacts.fields import FILE_FIELDS, IDENTITY_FIELDS, SHARED_FIELDS, Field
from .._text import quoted
from .problems import MAX_DEPTH, NonStringScalar, Path, PathProblem, suggestion

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TOP_KEYS = ("defaults", "profiles", "contacts", "coverage", "categories")
# The three kinds of coverage contract.
RULES = ("at_least", "include", "opted_out_at_most")
_TEXT: Mapping[str, Any] = {"type": "string"}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": _TEXT}
_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}

Accepts = Callable[[Any], bool]


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
            "coverage": {"type": "array", "items": {"$ref": "#/$defs/contract"}},
            "categories": {"type": "array", "items": {"$ref": "#/$defs/category"}},
        },
        "additionalProperties": False,
        "anyOf": [{"required": [key]} for key in TOP_KEYS],
        "$defs": {
            "contact": {
                **_object_schema(FILE_FIELDS),
                "anyOf": [{"required": [key]} for key in reversed(list(IDENTITY_FIELDS))],
            },
            "shared": _object_schema(SHARED_FIELDS),
            "contract": {
                "type": "object",
                "properties": {
                    "category": _TEXT,
                    "at_least": _COUNT,
                    "among": _TEXTS,
                    "include": _TEXTS,
                    "opted_out_at_most": _COUNT,
                    "reason": _TEXT,
                },
                "additionalProperties": False,
                "required": ["category"],
                "anyOf": [{"required": [rule]} for rule in RULES],
            },
            "category": {
                "type": "object",
                "properties": {
                    "id": _TEXT,
                    "name": _TEXT,
                    "opt_out_allowed": {"type": "boolean"},
                    "status": _TEXT,
                },
                "additionalProperties": False,
                "required": ["id", "name"],
            },
        },
    }


def _object_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    properties = {name: field.schema for name, field in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


_SCHEMA = contact_file_schema()


def _compiled(schema: Mapping[str, Any]) -> Accepts:
    """A schema as a function, as far as contact files use JSON Schema."""
    if "$ref" in schema:
        return _compiled(_SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if schema["type"] == "array":
        return _list_check(_compiled(schema["items"]))
    if schema["type"] == "object":
        return _mapping_check(schema)
    if schema["type"] in _SCALARS:
        return _SCALARS[schema["type"]]
    allowed = frozenset(schema.get("enum", ()))
    if allowed:
        return lambda value: isinstance(value, str) and value in allowed
    return _is_text


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")


def _is_count(value: Any) -> bool:
    return isinstance(value, NonStringScalar) and _WHOLE.fullmatch(value.text) is not None


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, NonStringScalar) and value.kind == "a boolean")


# What readers leave as it was written: whole numbers from 0 on, and booleans.
_SCALARS: Mapping[str, Accepts] = {"integer": _is_count, "boolean": _is_flag}


def _list_check(check: Accepts) -> Accepts:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _mapping_check(schema: Mapping[str, Any]) -> Accepts:
    checks = _property_checks(schema)
    other = _compiled(schema["additionalProperties"]) if schema["additionalProperties"] else None
    needed = frozenset(schema.get("required", ()))
    required = frozenset(key for part in schema.get("anyOf", ()) for key in part["required"])

    def fits(value: Any) -> bool:
        if not isinstance(value, dict) or not needed <= value.keys() or (required and required.isdisjoint(value)):
            return False
        for key, item in value.items():
            check = checks.get(key, other)
            if check is None or not check(item):
                return False
        return True

    return fits


def _property_checks(schema: Mapping[str, Any]) -> dict[str, Accepts]:
    return {name: _compiled(part) for name, part in schema.get("properties", {}).items()}


is_contact_file = _compiled(_SCHEMA)
_is_contact = _compiled(_SCHEMA["$defs"]["contact"])
is_contract = _compiled(_SCHEMA["$defs"]["contract"])
is_category = _compiled(_SCHEMA["$defs"]["category"])
FILE_CHECKS = _property_checks(_SCHEMA["$defs"]["contact"])
SHARED_CHECKS = _property_checks(_SCHEMA["$defs"]["shared"])


def usable(value: Any, checks: Mapping[str, Accepts]) -> dict[str, Any]:
    """The fields of ``value`` that are sound, so that one problem does not hide others."""
    if not isinstance(value, dict):
        return {}
    return {field: item for field, item in value.items() if field in checks and checks[field](item)}


_NOUNS = {
    "string": "a text",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "boolean": "true or false",
}
_UNKNOWN = "does not have the form of a contact file"


def form_problems(data: Any) -> list[PathProblem]:
    """Each problem with the form of ``data``, by place; empty if there is none."""
    if _is_deep(data):
        return [((), "is nested too deeply")]
    try:
        from jsonschema import Draft202012Validator, validators
    except ImportError:
        return [((), f"{_UNKNOWN}; install the Python library jsonschema (4.18 or newer) to learn which fault it has")]
    suspects, numbers = _suspects(data)
    found: dict[Path, str] = {}
    checker = Draft202012Validator.TYPE_CHECKER
    for name, check in _SCALARS.items():
        checker = checker.redefine(name, lambda _checker, value, check=check: check(value))
    extended: Any = validators.extend
    validator = extended(Draft202012Validator, type_checker=checker)(_SCHEMA)
    errors = sorted(validator.iter_errors(suspects), key=_rank)
    for error in errors:
        for path, text in _SENTENCES.get(error.validator, _other)(error):
            found.setdefault(_placed(path, numbers), text)
    return list(found.items())


def _suspects(data: Any) -> tuple[Any, list[int]]:
    """The data without the contacts that are surely sound, which are most of them, and the places of the others."""
    contacts = data.get("contacts") if isinstance(data, dict) else None
    if not isinstance(contacts, list):
        return data, []
    numbers = [number for number, contact in enumerate(contacts) if not _is_contact(contact)]
    return {**data, "contacts": [contacts[number] for number in numbers]}, numbers


def _placed(path: Path, numbers: list[int]) -> Path:
    """The place in the data of a place among the suspects."""
    return (*path[:1], numbers[int(path[1])], *path[2:]) if path[:1] == ("contacts",) and len(path) > 1 else path


def _rank(error: Any) -> int:
    """Wrong types and unknown keys first, because they explain what else is wrong in the same place."""
    return {"type": 0, "additionalProperties": 1}.get(error.validator, 2)


def _is_deep(data: Any) -> bool:
    level = [data]
    for _depth in range(MAX_DEPTH):
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _type(error: Any) -> Iterator[PathProblem]:
    path = tuple(error.absolute_path)
    expected = _NOUNS[error.validator_value]
    yield path, f"{_is_instead(error.instance, path)}; {_advice(error.instance, expected, path)}"


def _is_instead(value: Any, path: Path) -> str:
    if value is None or (isinstance(value, NonStringScalar) and value.kind == "null"):
        return "has no value"
    if isinstance(value, bool):
        return f"{str(value).lower()} is a boolean"
    if isinstance(value, NonStringScalar):
        return f"{value.text[:40]} is read as {value.kind}" if path else f"is {value.kind}"
    if isinstance(value, str):
        # A whole file that is one value is no contact file, and its content may be a secret.
        return f"is the text {quoted(value)}" if path else "is a text"
    return "is a list" if isinstance(value, list) else "is a mapping"


def _advice(value: Any, expected: str, path: Path) -> str:
    if expected == "a text":
        if isinstance(value, NonStringScalar) and value.kind != "null":
            return f'quote it to make it a text, as in "{value.text[:40]}"'
        return "it must be a text" + (', or "" to clear it' if path[-1] == "name" else ", or be left out")
    if expected in ("a whole number", "true or false"):
        return f"it must be {expected}"
    if expected == "a list":
        example = "[]" if value is None or isinstance(value, NonStringScalar) else "[one, two]"
        return f"it must be a list, as in {example}"
    if path[:1] == ("coverage",):
        return "a contract must be a mapping, as in {category: Security, at_least: 2}"
    if path[:1] == ("categories",):
        return "a category must be a mapping, as in {id: NTC-0000-0001, name: Orders}"
    if path[:1] == ("contacts",):
        return "a contact must be a mapping, as in {email: ann@contoso.example}"
    if not path:
        return "a contact file must be a mapping with contacts, defaults or profiles"
    return "it must be a mapping of fields"


def _enum(error: Any) -> Iterator[PathProblem]:
    if isinstance(error.instance, str):
        allowed = error.validator_value
        meant = suggestion(error.instance, allowed)
        text = "{} is not allowed; it must be {}".format(quoted(error.instance), " or ".join(_listed(allowed)))
        yield tuple(error.absolute_path), text + (f"; did you mean {meant}?" if meant else "")


def _listed(words: list[str]) -> list[str]:
    """The words for joining with "or": all but the last in one."""
    return [", ".join(words[:-1]), words[-1]] if len(words) > 1 else words


def _additional(error: Any) -> Iterator[PathProblem]:
    known = [name for name in error.schema["properties"] if not name.startswith("$")]
    path = tuple(error.absolute_path)
    for key in error.instance:
        if key not in error.schema["properties"]:
            meant = suggestion(key, known)
            hint = f"did you mean {meant}?" if meant else "known are {}".format(", ".join(known))
            yield (*path, key), f"is not known here; {hint}"


def _any_of(error: Any) -> Iterator[PathProblem]:
    required = [name for part in error.validator_value for name in part["required"]]
    # A misspelt key was reported as such.
    if not any(suggestion(key, error.schema["properties"]) in required for key in error.instance):
        names = _listed(required)
        yield (
            tuple(error.absolute_path),
            "has {}; it must have at least one of them".format(
                "neither " + " nor ".join(names) if len(required) == 2 else "none of " + " and ".join(names)
            ),
        )


def _required(error: Any) -> Iterator[PathProblem]:
    for name in error.validator_value:
        if name not in error.instance:
            yield tuple(error.absolute_path), f"has no {name}"
            return


def _other(error: Any) -> Iterator[PathProblem]:
    yield tuple(error.absolute_path), _UNKNOWN


_SENTENCES: Mapping[str, Callable[[Any], Iterator[PathProblem]]] = {
    "type": _type,
    "enum": _enum,
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "required": _required,
}
