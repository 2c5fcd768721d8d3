# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What is wrong with the form of a contact file, in our own words: asks the JSON Schema, never quotes the library."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

from ansible_collections.softwareone.marketplace.plugins.module_utils._faults import (
    Path,
    Unquoted,
    shown,
    suggestion,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._locate import Wrong
from ansible_collections.softwareone.marketplace.plugins.module_utils._schema import contact_file_schema, is_contact

_NOUNS = {"string": "a text", "array": "a list", "object": "a mapping"}
_MAX_DEPTH = 20
_UNKNOWN = "does not have the form of a contact file"


def form_faults(data: Any) -> Wrong:
    """Each fault in the form of ``data``, by place; empty if there is none."""
    if _is_deep(data):
        return [((), "is nested too deeply")]
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return [((), f"{_UNKNOWN}; install the Python library jsonschema (4.18 or newer) to learn which fault it has")]
    suspects, numbers = _suspects(data)
    found: dict[Path, str] = {}
    errors = sorted(Draft202012Validator(contact_file_schema()).iter_errors(suspects), key=_rank)
    for error in errors:
        for path, text in _SENTENCES.get(error.validator, _other)(error):
            found.setdefault(_placed(path, numbers), text)
    return list(found.items())


def _suspects(data: Any) -> tuple[Any, list[int]]:
    """The data without the contacts that are surely sound, which are most of them, and the places of the others."""
    contacts = data.get("contacts") if isinstance(data, dict) else None
    if not isinstance(contacts, list):
        return data, []
    numbers = [number for number, contact in enumerate(contacts) if not is_contact(contact)]
    return {**data, "contacts": [contacts[number] for number in numbers]}, numbers


def _placed(path: Path, numbers: list[int]) -> Path:
    """The place in the data of a place among the suspects."""
    return (*path[:1], numbers[int(path[1])], *path[2:]) if path[:1] == ("contacts",) and len(path) > 1 else path


def _rank(error: Any) -> int:
    """Wrong types and unknown keys first, because they explain what else is wrong in the same place."""
    return {"type": 0, "additionalProperties": 1}.get(error.validator, 2)


def _is_deep(data: Any) -> bool:
    level = [data]
    for _depth in range(_MAX_DEPTH):
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _type(error: Any) -> Iterator[tuple[Path, str]]:
    path = tuple(error.absolute_path)
    wanted = _NOUNS[error.validator_value]
    yield path, f"{_is_instead(error.instance)}; {_advice(error.instance, wanted, path)}"


def _is_instead(value: Any) -> str:
    if value is None or (isinstance(value, Unquoted) and value.kind == "null"):
        return "has no value"
    if isinstance(value, bool):
        return f"{str(value).lower()} is a boolean"
    if isinstance(value, Unquoted):
        return f"{value.text[:40]} is read as {value.kind}"
    if isinstance(value, str):
        return f"is the text {shown(value)}"
    return "is a list" if isinstance(value, list) else "is a mapping"


def _advice(value: Any, wanted: str, path: Path) -> str:
    if wanted == "a text":
        if isinstance(value, Unquoted) and value.kind != "null":
            return f'quote it to make it a text, as in "{value.text[:40]}"'
        return "it must be a text" + (', or "" to clear it' if path[-1] == "name" else ", or be left out")
    if wanted == "a list":
        example = "[]" if value is None or isinstance(value, Unquoted) else "[one, two]"
        return f"it must be a list, as in {example}"
    if path[:1] == ("contacts",):
        return "a contact must be a mapping, as in {email: ann@contoso.example}"
    if not path:
        return "a contact file must be a mapping with contacts, defaults or profiles"
    return "it must be a mapping of fields"


def _enum(error: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(error.instance, str):
        allowed = error.validator_value
        meant = suggestion(error.instance, allowed)
        text = "{} is not allowed; it must be {}".format(shown(error.instance), " or ".join(_listed(allowed)))
        yield tuple(error.absolute_path), text + (f"; did you mean {meant}?" if meant else "")


def _listed(words: list[str]) -> list[str]:
    """The words for joining with "or": all but the last in one."""
    return [", ".join(words[:-1]), words[-1]] if len(words) > 1 else words


def _additional(error: Any) -> Iterator[tuple[Path, str]]:
    known = [name for name in error.schema["properties"] if not name.startswith("$")]
    path = tuple(error.absolute_path)
    for key in error.instance:
        if key not in error.schema["properties"]:
            meant = suggestion(key, known)
            hint = f"did you mean {meant}?" if meant else "known are {}".format(", ".join(known))
            yield (*path, key), f"is not known here; {hint}"


def _any_of(error: Any) -> Iterator[tuple[Path, str]]:
    wanted = [name for part in error.validator_value for name in part["required"]]
    # A misspelt key was reported as such.
    if not any(suggestion(key, error.schema["properties"]) in wanted for key in error.instance):
        names = _listed(wanted)
        yield (
            tuple(error.absolute_path),
            "has {}; it must have at least one of them".format(
                "neither " + " nor ".join(names) if len(wanted) == 2 else "none of " + " and ".join(names)
            ),
        )


def _other(error: Any) -> Iterator[tuple[Path, str]]:
    yield tuple(error.absolute_path), _UNKNOWN


_SENTENCES: Mapping[str, Callable[[Any], Iterator[tuple[Path, str]]]] = {
    "type": _type,
    "enum": _enum,
    "additionalProperties": _additional,
    "anyOf": _any_of,
}
