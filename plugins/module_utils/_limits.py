# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: how much a run may change before somebody has to say that it is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError

DEFAULT = ("10", "10%")
_FORM = re.compile(r"^([0-9]{1,9})(%?)$")


@dataclass(frozen=True)
class Limit:
    """One option that limits a number: absolute values and percentages, of which the strictest counts."""

    option: str
    values: tuple[str, ...]

    def allowed(self, live: int) -> int:
        """The largest number allowed where ``live`` contacts exist; short lists are not exempt."""
        return min(_number(value, live) for value in self.values)

    def refusal(self, number: int, live: int, what: str) -> str | None:
        """Why ``number`` is too much, with the option and value that would let it pass; None if it is not."""
        allowed = self.allowed(live)
        if number <= allowed:
            return None
        rule = " and ".join(self.values)
        return (
            f"The plan {what} {number} of {live} live contacts, but {self.option} ({rule}) allows {allowed}. "
            f"If this is meant, set {self.option}: {number}."
        )


def limit_from(option: str, values: Sequence[str] | None) -> Limit | None:
    """An option as a limit; None where it is not set. An empty list leaves removals their default.

    :raises InputError: a value is neither a number nor a percentage
    """
    values = values or (DEFAULT if option == "max_removals" else ())
    if not values:
        return None
    texts = tuple(str(value).strip() for value in values)
    for text in texts:
        found = _FORM.match(text)
        if found is None or (found.group(2) and int(found.group(1)) > 100):
            raise InputError(f"{option} {text!r} is neither a number, as in 10, nor a percentage, as in 10%.")
    return Limit(option, texts)


def _number(value: str, live: int) -> int:
    return live * int(value[:-1]) // 100 if value.endswith("%") else int(value)
