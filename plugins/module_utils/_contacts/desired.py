# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the desired contacts, checked without a single request."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, Tuple

from .._errors import InputError, option_named
from .._text import quoted
from .email_address import canonical_email
from .fields import CONTACT_FIELDS, ENTRY_FIELDS, MANAGED_FIELDS

# Looked up once, as they are called for each of thousands of contacts.
_PROBLEM_OF = [(name, field.problem) for name, field in ENTRY_FIELDS.items() if not field.choices]
_CLEAN_OF = {name: field.clean for name, field in MANAGED_FIELDS.items()}


@dataclass(frozen=True)
class DesiredContact:
    """One desired contact. None means that the field is not managed; an empty name or list clears it.

    ``opt_outs`` and ``opt_ins`` hold category names or ids as written.
    """

    id: str | None = None
    email: str | None = None
    name: str | None = None
    opt_outs: tuple[str, ...] | None = None
    opt_ins: tuple[str, ...] | None = None
    opt_outs_mode: str = "exact"
    state: str = "present"
    unblock: str = "auto"
    previous_emails: tuple[str, ...] | None = None

    @property
    def label(self) -> str:
        """How the contact is named to the user."""
        return self.email or self.id or ""

    @cached_property
    def key(self) -> str:
        """The address in the form in which addresses are compared; empty where the contact is desired by id alone."""
        return canonical_email(self.email or "")

    @property
    def manages_opt_outs(self) -> bool:
        return self.state != "absent" and (self.opt_outs is not None or self.opt_ins is not None)


# Where the value of a field comes from; None where nothing gives it.
PlaceOf = Callable[[str], "str | None"]


def _nowhere(_field: str) -> str | None:
    """The option of a single contact has no places."""
    return None


class Origin(NamedTuple):
    """One of the places that give a field a value, and that value."""

    place: str
    value: Any


# All places that give a field a value, the one that counts first.
OriginsOf = Callable[[str], Iterator[Origin]]


def _no_origins(_field: str) -> Iterator[Origin]:
    return iter(())


@dataclass(frozen=True)
class DesiredEntry:
    """One desired contact as all layers together have it, and why and where it is desired.

    ``source`` is the last file that names it, None if only the option contacts does. ``place_of`` finds the place of a
    field, as ``file:line`` or ``contacts[3]``, and ``origins_of`` also what that overrode; they may have to read a file
    again. ``expires`` is its last day.
    """

    desired: DesiredContact
    reason: str | None
    source: str | None
    place_of: PlaceOf = field(default=_nowhere, compare=False)
    origins_of: OriginsOf = field(default=_no_origins, compare=False)
    expires: str | None = None


def only_entries(entries: list[DesiredEntry], patterns: Sequence[str] | None) -> list[DesiredEntry]:
    """The entries whose address, or id where they have none, fits one of the patterns; all of them without patterns.

    :raises InputError: a pattern fits nobody, so that somebody who is meant would be left out
    """
    if patterns is None:
        return entries
    if not any(pattern.strip() for pattern in patterns):
        raise InputError(
            f"{option_named('only')}: there is no pattern in the list.", "Leave it out to work on all contacts."
        )
    names = [canonical_email(entry.desired.label) for entry in entries]
    fitting = [{name for name in names if fnmatchcase(name, canonical_email(pattern))} for pattern in patterns]
    for pattern, found in zip(patterns, fitting):
        if not found:
            raise InputError(
                f"{option_named('only')}: no desired contact fits {pattern!r}.", "Check the address and src."
            )
    chosen = set().union(*fitting)
    return [entry for entry, name in zip(entries, names) if name in chosen]


FieldProblem = Tuple[str, str]


def desired_contact(params: Mapping[str, Any]) -> DesiredContact:
    """The options of one contact as a :class:`DesiredContact`.

    :raises InputError: names every problem at once
    """
    problems = [f"{field} {text}" for field, text in field_problems(params)]
    both = named_twice(params)
    if both:
        problems.append("opt_outs and opt_ins both name {}".format(", ".join(quoted(name) for name in both)))
    if problems:
        raise InputError("; ".join(problems) + ".")
    return checked_contact(params)


def checked_contact(params: Mapping[str, Any]) -> DesiredContact:
    """A :class:`DesiredContact` of options that were checked already; what is not about the contact is left aside."""
    values = {}
    for name, value in params.items():
        clean = _CLEAN_OF.get(name)
        if clean is not None and value is not None:
            values[name] = clean(value)
    return DesiredContact(**values)


def reason_of(params: Mapping[str, Any]) -> str | None:
    """Why an entry is there, on one line."""
    reason = params.get("reason")
    return None if reason is None else str(ENTRY_FIELDS["reason"].clean(reason))


def field_problems(params: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with single fields of the right type: pairs of the field and what to say of it."""
    found = []
    for name, problem_of in _PROBLEM_OF:
        value = params.get(name)
        if value is not None:
            problem = problem_of(value)
            if problem:
                found.append((name, problem))
    return found


def named_twice(params: Mapping[str, Any]) -> list[str]:
    """The categories that both ``opt_outs`` and ``opt_ins`` name, as ``opt_outs`` writes them."""
    opt_outs, opt_ins = params.get("opt_outs"), params.get("opt_ins")
    if not opt_outs or not opt_ins:
        return []
    key = CONTACT_FIELDS["opt_outs"].key
    return sorted({name.strip() for name in opt_outs if key([name]) <= key(opt_ins)})
