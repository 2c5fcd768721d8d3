# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the fields of a contact, each described once.

The options of the modules and their documentation, the JSON Schema of contact files, how values are checked, compared
and sent all follow from here. What cannot include this description is held to it by a test: the suboptions that
swo_contacts documents and those of the roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping

from .._text import has_control_characters, quoted
from .dates import day
from .email_address import canonical_email, email_problem
from .ids import is_contact_id, is_safe_id

Options = Mapping[str, Mapping[str, Any]]


def _as_it_is(value: Any) -> Any:
    return value


def _no_problem(value: Any) -> str | None:
    return None


@dataclass(frozen=True)
class Field:
    """One field of a contact: a text, or a list of texts.

    ``summary`` is one sentence, ``text`` the documentation in paragraphs with Ansible's markup. The first of
    ``choices`` is the default. ``api_name`` is empty where the API has no such field.
    A value of the right type is judged by ``problem``, which says what is wrong with it or None, taken over as
    ``clean`` gives it back, and is the same as another one where both have the same ``key``.
    """

    summary: str
    text: tuple[str, ...] = ()
    is_list: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[Any, ...] = ()
    api_name: str = ""
    problem: Callable[[Any], str | None] = _no_problem
    clean: Callable[[Any], Any] = _as_it_is
    key: Callable[[Any], Any] = _as_it_is

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The documentation, for which a field that needs no more has its summary."""
        return self.text or (self.summary,)

    @property
    def option(self) -> dict[str, Any]:
        """The field as an option of a module."""
        option: dict[str, Any] = {"type": "list", "elements": "str"} if self.is_list else {"type": "str"}
        return {**option, "choices": list(self.choices), "default": self.choices[0]} if self.choices else option

    @property
    def schema(self) -> dict[str, Any]:
        """The field in JSON Schema."""
        if self.is_list:
            return {"type": "array", "items": {"type": "string"}}
        return {"type": "string", "enum": list(self.choices)} if self.choices else {"type": "string"}


def _stripped(text: str) -> str:
    return text.strip()


def _references(references: list[str]) -> tuple[str, ...]:
    return tuple(reference.strip() for reference in references)


def _folded(references: list[str]) -> frozenset[str]:
    return frozenset(reference.strip().casefold() for reference in references)


def _id_problem(contact_id: str) -> str | None:
    if is_safe_id(contact_id) and is_contact_id(contact_id):
        return None
    return f"{quoted(contact_id)} cannot be the id of a contact, which looks like CTT-1234-5678"


def _email_problem(email: str) -> str | None:
    problem = email_problem(email)
    return f"{quoted(email)} {problem}" if problem else None


def _name_problem(name: str) -> str | None:
    if has_control_characters(name):
        return f"{quoted(name)} has control characters"
    return "has only spaces; use an empty text to clear it" if name.isspace() else None


def _references_problem(references: list[str]) -> str | None:
    for number, reference in enumerate(references):
        if not reference or reference.isspace():
            return "has an empty entry"
        if len(references) > 1 and reference.strip().casefold() in _folded(references[:number]):
            return f"names {reference!r} twice"
    return None


def _reason_problem(reason: str) -> str | None:
    return "has control characters" if has_control_characters(_on_one_line(reason)) else None


def _addresses_problem(emails: list[str]) -> str | None:
    return next((problem for problem in map(_email_problem, emails) if problem), None)


def _day_problem(text: str) -> str | None:
    return None if day(text) else f"{quoted(text)} is not a day, which looks like 2026-12-31"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


# What identifies a contact, and so cannot be shared by several.
IDENTITY_FIELDS: Mapping[str, Field] = {
    "id": Field(
        "The id of the contact.",
        (
            "The id of the contact, as in C(CTT-1234-5678).",
            "If given together with O(email), the id names the contact and O(email) is the address it should have.",
            "An id cannot be chosen for a new contact, so it is an error if no live contact has it, unless "
            "O(state=absent).",
        ),
        examples=("CTT-1234-5678",),
        api_name="id",
        problem=_id_problem,
    ),
    "email": Field(
        "The e-mail address.",
        (
            "The e-mail address of the contact. Without O(id) it names the contact.",
            "Addresses are compared without regard to upper and lower case and to spaces around them.",
            "It is an error if several live contacts have the address; the message names their ids. Deleted contacts "
            "never count.",
        ),
        examples=("ann@contoso.example",),
        api_name="email",
        problem=_email_problem,
        clean=_stripped,
        key=canonical_email,
    ),
}

# What the modules manage of a contact.
CONTACT_FIELDS: Mapping[str, Field] = {
    **IDENTITY_FIELDS,
    "name": Field(
        "The display name; an empty text clears it.",
        (
            "The display name. An empty text clears it.",
            "If left out, the name is not managed and stays as it is.",
        ),
        examples=("Ann Example",),
        api_name="name",
        problem=_name_problem,
        clean=_stripped,
        key=_stripped,
    ),
    "opt_outs": Field(
        "Notification categories that the contact does not receive, by name or id.",
        (
            "Notification categories that the contact does not receive, by name or id.",
            "Names are compared without regard to upper and lower case. An unknown name is an error, and so is a "
            "category that is not published or that cannot be opted out of. Nothing is written in these cases.",
            "An empty list opts the contact into everything.",
            "If left out, the opt-outs are not managed and stay as they are.",
        ),
        is_list=True,
        examples=(["Invoices", "Renewals"], []),
        api_name="optOuts",
        problem=_references_problem,
        clean=_references,
        key=_folded,
    ),
    "opt_ins": Field(
        "Notification categories that the contact has to receive.",
        ("Notification categories that the contact has to receive, by name or id, whatever O(opt_outs_mode) is.",),
        is_list=True,
        examples=(["Orders"],),
        problem=_references_problem,
        clean=_references,
        key=_folded,
    ),
    "opt_outs_mode": Field(
        "What the opt-outs mean for other opt-outs that the contact has.",
        (
            "What O(opt_outs) means for opt-outs that a contact has besides those.",
            "V(exact) means that the contact is opted out of these categories and no others.",
            "V(at_least) means that the contact is opted out of these categories, and that others, which people chose "
            "themselves, are kept.",
            "V(on_create) means that the opt-outs are set when the contact is created and never touched afterwards.",
        ),
        choices=("exact", "at_least", "on_create"),
    ),
    "state": Field(
        "What should be true of the contact.",
        (
            "What should be true of the contact.",
            "V(present) means that it exists. Whether a block is lifted is up to O(unblock).",
            "V(blocked) means that it exists and is blocked, so that it receives nothing. It is created if it does not "
            "exist.",
            "V(absent) means that it does not exist. Only O(id) and O(email) count; if both are given, a contact that "
            "has another address is not removed.",
        ),
        choices=("present", "blocked", "absent"),
        api_name="status",
    ),
    "unblock": Field(
        "Whether a block is lifted.",
        (
            "Whether O(state=present) lifts a block.",
            "V(auto) lifts a block that has no reason. A block with a reason was set by the platform, after bounces or "
            "complaints; it stays, with a warning.",
            "V(always) lifts any block.",
            "V(never) leaves a block as it is.",
        ),
        choices=("auto", "always", "never"),
    ),
}

# What is desired of a contact of a set.
MANAGED_FIELDS: Mapping[str, Field] = {
    **CONTACT_FIELDS,
    "previous_emails": Field(
        "Addresses that the contact had before.",
        (
            "Addresses that the contact had before. If it is live under one of them and not under O(contacts[].email), "
            "it gets the new address and keeps its id, its opt-outs and its history.",
            "It is an error if contacts with the new and with an earlier address are live.",
        ),
        is_list=True,
        examples=(["ann@contoso.example"],),
        problem=_addresses_problem,
        clean=_references,
    ),
}

# What an entry of a set can say besides, which is never sent.
ENTRY_FIELDS: Mapping[str, Field] = {
    **MANAGED_FIELDS,
    "expires": Field(
        "The last day on which the entry counts, in UTC.",
        (
            "The last day on which the entry counts, in UTC and by the clock of the API, as in C(2026-12-31). After "
            "it, the contact is treated as if it were in no file; O(unmanaged) says what happens to it.",
        ),
        examples=("2026-12-31",),
        problem=_day_problem,
    ),
    "reason": Field(
        "Why the entry is there, for people.",
        ("Why the entry is there, for people. It appears in reports and is never sent.",),
        examples=("mailbox closed, ticket 4711",),
        problem=_reason_problem,
        clean=_on_one_line,
    ),
}

# What an entry of a contact file can say besides.
FILE_FIELDS: Mapping[str, Field] = {
    **ENTRY_FIELDS,
    "profiles": Field(
        "Profiles that the contact takes over, in this order; a later one wins. Fields of the contact itself win over "
        "all of them.",
        is_list=True,
        examples=(["finance"],),
    ),
}

# What several entries can share: all that is not about one contact alone.
SHARED_FIELDS: Mapping[str, Field] = {
    name: field for name, field in ENTRY_FIELDS.items() if name not in (*IDENTITY_FIELDS, "previous_emails")
}


def options(fields: Mapping[str, Field]) -> Options:
    """Fields as options of a module."""
    return {name: field.option for name, field in fields.items()}


def documentation(fields: Mapping[str, Field]) -> dict[str, dict[str, Any]]:
    """Fields as the documentation of options."""
    return {name: {"description": list(field.paragraphs), **field.option} for name, field in fields.items()}


def element_options(fields: Mapping[str, Field]) -> Options:
    """Fields as options of one element of a list, without defaults.

    A default would look like a value that was given, and an overlay would set back what a file says. The defaults are
    filled in when all layers are merged.
    """
    return {
        name: {key: value for key, value in field.option.items() if key != "default"} for name, field in fields.items()
    }
