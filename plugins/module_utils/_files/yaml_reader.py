# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""YAML as data, from the parser's events: several times as fast as PyYAML's own way, and stricter.

Nothing but texts, lists and mappings comes out; anything else is a :class:`NonStringScalar`. A key that is given twice,
a tag, an alias that grows and deep nesting are problems, and with ``lines`` every place gets its line.
"""

from __future__ import annotations

from typing import Any

from .._text import quoted
from .problems import MAX_DEPTH, LineProblem, Lines, NonStringScalar, ParseError, Path

_PREFIX = "tag:yaml.org,2002:"
_PLAIN_TAGS = (None, "!", _PREFIX + "str", _PREFIX + "map", _PREFIX + "seq")
_KINDS = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date", "null": "null"}
# What all aliases of a file may add, counted in values; a long text counts as several.
_MAX_ALIASED = 200_000
_CHARACTERS_OF_A_VALUE = 16


def read_yaml(text: str, problems: list[LineProblem], lines: Lines | None = None) -> Any:
    """The one document of ``text``; problems that do not end the reading are added to ``problems``.

    :raises ParseError: the text cannot be read to its end
    """
    try:
        import yaml
    except ImportError:
        raise ParseError(0, "cannot be read, because the Python library PyYAML is not installed") from None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        return _Builder(loader, problems, {} if lines is None else lines, lines is not None).document()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ParseError(line, "has a character that YAML does not allow, such as a control character") from None
    except yaml.YAMLError as error:
        raise _broken(text, error) from None


def _broken(text: str, error: Any) -> ParseError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    written = text.split("\n")[line - 1 : line]
    if written and written[0].lstrip(" ").startswith("\t"):
        return ParseError(line, "is indented with a tab; YAML allows only spaces")
    return ParseError(
        line, "is not valid YAML; check the indentation, the quotes and that a space follows each colon and dash"
    )


class _Builder:
    def __init__(self, loader: Any, problems: list[LineProblem], lines: Lines, keep_lines: bool) -> None:
        from yaml import events

        self._next = loader.get_event
        self._resolvers = loader.yaml_implicit_resolvers
        self._problems = problems
        self._lines = lines
        self._keep_lines = keep_lines
        self._anchors: dict[str, Any] = {}
        self._aliased = 0
        self._keys: set[str] = set()
        self._makers = {
            events.ScalarEvent: self._scalar,
            events.AliasEvent: self._alias,
            events.MappingStartEvent: self._mapping,
            events.SequenceStartEvent: self._sequence,
        }
        self._scalar_event, self._mapping_end, self._sequence_end, self._stream_end = (
            events.ScalarEvent,
            events.MappingEndEvent,
            events.SequenceEndEvent,
            events.StreamEndEvent,
        )

    def document(self) -> Any:
        self._next()
        if isinstance(self._next(), self._stream_end):
            return NonStringScalar("null", "")
        value = self._value(self._next(), ())
        self._next()
        event = self._next()
        if not isinstance(event, self._stream_end):
            raise ParseError(event.start_mark.line + 1, "begins a second YAML document; a contact file has one")
        return value

    def _value(self, event: Any, path: Path) -> Any:
        value = self._makers[type(event)](event, path)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _scalar(self, event: Any, path: Path) -> Any:
        text = event.value
        if event.tag is None:
            return self._plain(text, path) if event.implicit[0] else text
        self._check_tag(event, path)
        return text

    def _plain(self, text: str, path: Path) -> Any:
        for tag, pattern in self._resolvers.get(text[:1], ()):
            if pattern.match(text):
                kind = _KINDS.get(tag[len(_PREFIX) :])
                is_day = kind == "a date" and path[-1:] == ("expires",)
                return NonStringScalar(kind, text) if kind and not is_day else text
        return text

    def _check_tag(self, event: Any, path: Path) -> None:
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.replace(_PREFIX, "!!")
            self._problems.append((path, event.start_mark.line + 1, f"has the tag {quoted(tag)}; tags are not allowed"))

    def _alias(self, event: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise ParseError(line, f"refers to the anchor {quoted(event.anchor)}, which is not defined above it")
        value = self._anchors[event.anchor]
        self._aliased += _weight(value, _MAX_ALIASED)
        if self._aliased > _MAX_ALIASED:
            raise ParseError(line, "repeats too much by way of anchors")
        return value

    def _sequence(self, event: Any, path: Path) -> list[Any]:
        self._enter(event, path)
        found: list[Any] = []
        follower = self._next()
        while not isinstance(follower, self._sequence_end):
            place = (*path, len(found))
            if self._keep_lines:
                self._lines[place] = follower.start_mark.line + 1
            found.append(self._value(follower, place))
            follower = self._next()
        return found

    def _mapping(self, event: Any, path: Path) -> dict[str, Any]:
        self._enter(event, path)
        found: dict[str, Any] = {}
        keys: dict[str, Any] = {}
        merged: list[tuple[Any, Any]] = []
        follower = self._next()
        while not isinstance(follower, self._mapping_end):
            key = self._key(follower, path)
            place = path if key is None else (*path, key)
            if self._keep_lines:
                self._lines[place] = follower.start_mark.line + 1
            value = self._value(self._next(), place)
            if key == "<<" and getattr(follower, "implicit", [False])[0]:
                merged.append((follower, value))
            elif key is not None:
                self._report_twice(place, follower, keys.setdefault(key, follower))
                found[key] = value
            follower = self._next()
        return self._merge(found, merged, path) if merged else found

    def _key(self, event: Any, path: Path) -> str | None:
        plain = isinstance(event, self._scalar_event) and event.implicit[0] and event.anchor is None
        if plain and event.value in self._keys:
            return str(event.value)
        key = self._value(event, path)
        if isinstance(key, str):
            if plain:
                self._keys.add(key)
            return key
        if isinstance(key, dict) and event.flow_style:
            line = event.start_mark.line + 1
            self._problems.append(
                (path, line, "looks like a template, {{ ... }}; contact files have none, write the value")
            )
            return None
        text = quoted(key.text) if isinstance(key, NonStringScalar) else "a list or mapping"
        self._problems.append((path, event.start_mark.line + 1, f"has {text} as a key; a key must be a text"))
        return None

    def _report_twice(self, place: Path, event: Any, first: Any) -> None:
        if event is not first:
            line = first.start_mark.line + 1
            self._problems.append((place, event.start_mark.line + 1, f"is given twice; the first is in line {line}"))

    def _merge(self, found: dict[str, Any], merged: list[tuple[Any, Any]], path: Path) -> dict[str, Any]:
        """Add what ``<<`` brings: what is written out wins, then what comes first."""
        for event, value in merged:
            line = event.start_mark.line + 1
            for part in value if isinstance(value, list) else [value]:
                if not isinstance(part, dict):
                    self._problems.append((path, line, "has a << that names no mapping"))
                    continue
                for key in part.keys() - found.keys():
                    found[key] = part[key]
                    if self._keep_lines:
                        self._lines[(*path, key)] = line
        return found

    def _enter(self, event: Any, path: Path) -> None:
        if event.tag is not None:
            self._check_tag(event, path)
        if len(path) > MAX_DEPTH:
            raise ParseError(event.start_mark.line + 1, "is nested too deeply")


def _weight(value: Any, limit: int) -> int:
    """How much there is in ``value``, counted no further than a little over ``limit``."""
    count = 0
    waiting = [value]
    while waiting and count <= limit:
        item = waiting.pop()
        count += 1
        if isinstance(item, str):
            count += len(item) // _CHARACTERS_OF_A_VALUE
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return count
