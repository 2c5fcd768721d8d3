# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a query can do wrong, in the words of the server: notifications-api, sections 12.2 and 12.4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

VALIDATION = "rql_validation"
FAILURE = "rql_failure"
UNKNOWN_PATH = "Invalid property path."


class RqlError(Exception):
    """A query the server refuses.

    ``errors`` is the ``errors`` member of the answer. ``is_parser_exception`` tells that the server throws instead of
    answering, so that the status follows the switch ``rql_parser_error_status``; otherwise it is 400.
    """

    def __init__(self, errors: Mapping[str, list[str]], *, is_parser_exception: bool = False) -> None:
        super().__init__("; ".join(f"{key}: {text}" for key, texts in errors.items() for text in texts))
        self.errors: dict[str, list[str]] = dict(errors)
        self.is_parser_exception = is_parser_exception

    @property
    def is_unknown_path(self) -> bool:
        """Whether all that is wrong is a property that does not exist."""
        return all(texts == [UNKNOWN_PATH] for texts in self.errors.values())


def invalid(message: str, path: str | None = None) -> RqlError:
    """A validation error, keyed by the property path it is about or else by its code (section 12.4)."""
    return RqlError({VALIDATION if path is None else path: [message]})


def thrown(message: str, key: str = VALIDATION) -> RqlError:
    """An exception that the server does not turn into an answer of its own (section 13, last line)."""
    return RqlError({key: [message]}, is_parser_exception=True)


def collected(build: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """What ``build`` makes of every item, or all their faults at once, as the server reports them."""
    results: list[Result] = []
    errors: dict[str, list[str]] = {}
    for item in items:
        result = _attempt(build, item)
        if isinstance(result, RqlError):
            for key, texts in result.errors.items():
                errors.setdefault(key, []).extend(texts)
        else:
            results.append(result)
    if errors:
        raise RqlError(errors)
    return results


def _attempt(build: Callable[[Item], Result], item: Item) -> Result | RqlError:
    try:
        return build(item)
    except RqlError as problem:
        if problem.is_parser_exception:
            raise
        return problem
