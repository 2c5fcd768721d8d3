# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what the caller wants, checked without a single request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from .._errors import InputError
from .contact import is_safe_id
from .email_address import email_problem

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class DesiredContact:
    """One contact as declared. None means that the field is not managed; an empty name or list clears it.

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

    @property
    def label(self) -> str:
        """How the contact is named to the user."""
        return self.email or self.id or ""

    @property
    def manages_opt_outs(self) -> bool:
        return self.state != "absent" and (self.opt_outs is not None or self.opt_ins is not None)


@dataclass(frozen=True)
class DesiredEntry:
    """One contact as all layers together declare it.

    ``source`` is the last file that names it, as the user named the file; None if only the option contacts does.
    """

    desired: DesiredContact
    reason: str | None
    source: str | None


FieldProblem = Tuple[str, str]


def desired_contact(params: Mapping[str, Any]) -> DesiredContact:
    """The options of one contact as a :class:`DesiredContact`.

    :raises InputError: names every fault at once
    """
    problems = [f"{field} {text}" for field, text in field_problems(params)]
    both = named_twice(params)
    if both:
        problems.append("opt_outs and opt_ins both name {}".format(", ".join(repr(name) for name in both)))
    if problems:
        raise InputError("; ".join(problems) + ".")
    return checked_contact(params)


def checked_contact(params: Mapping[str, Any]) -> DesiredContact:
    """A :class:`DesiredContact` of options that were checked already."""
    email = params.get("email")
    name = params.get("name")
    return DesiredContact(
        id=params.get("id"),
        email=email.strip() if email is not None else None,
        name=name.strip() if name is not None else None,
        opt_outs=_references(params.get("opt_outs")),
        opt_ins=_references(params.get("opt_ins")),
        opt_outs_mode=params.get("opt_outs_mode") or "exact",
        state=params.get("state") or "present",
        unblock=params.get("unblock") or "auto",
    )


def has_control_characters(text: str) -> bool:
    """True if the text has characters that would break a line or a message, or that UTF-8 cannot carry."""
    return bool(_CONTROL.search(text))


def field_problems(params: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with single options: pairs of the option and what to say of it."""
    problems = _identity_problems(params.get("id"), params.get("email"))
    name_problem = _name_problem(params.get("name"))
    if name_problem:
        problems.append(("name", name_problem))
    for option in ("opt_outs", "opt_ins"):
        for reference in params.get(option) or ():
            if not reference or reference.isspace():
                problems.append((option, "has an empty entry"))
                break
    return problems


def named_twice(params: Mapping[str, Any]) -> list[str]:
    """The categories that both ``opt_outs`` and ``opt_ins`` name."""
    opt_outs, opt_ins = params.get("opt_outs"), params.get("opt_ins")
    return sorted(set(_folded(opt_outs)) & set(_folded(opt_ins))) if opt_outs and opt_ins else []


def _identity_problems(contact_id: str | None, email: str | None) -> list[FieldProblem]:
    problems = []
    if contact_id is not None and not is_safe_id(contact_id):
        problems.append(("id", f"{contact_id!r} cannot be the id of a contact, which looks like CTT-1234-5678"))
    if email is not None:
        problem = email_problem(email)
        if problem:
            problems.append(("email", f"{email!r} {problem}"))
    return problems


def _name_problem(name: str | None) -> str | None:
    if not name:
        return None
    if has_control_characters(name):
        return f"{name!r} has control characters"
    return "has only spaces; use an empty text to clear it" if name.isspace() else None


def _folded(references: list[str] | None) -> list[str]:
    return [reference.strip().casefold() for reference in references or []]


def _references(references: list[str] | None) -> tuple[str, ...] | None:
    return None if references is None else tuple(reference.strip() for reference in references)
