# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: which live contacts may be removed because no file declares them."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Mapping

from ansible_collections.softwareone.marketplace.plugins.module_utils import _rql
from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._email import canonical_email

REMOVALS = ("report", "keep", "block", "delete")


@dataclass(frozen=True)
class Scope:
    """What ``removal`` is about.

    ``emails`` are patterns of addresses, None for all; ``rql`` is an encoded filter, empty for none; contacts that fit
    a pattern of ``ignore`` are never touched or reported.
    """

    removal: str = "report"
    emails: tuple[str, ...] | None = None
    rql: str = ""
    ignore: tuple[str, ...] = ()
    remove_linked: bool = False

    @property
    def removes(self) -> bool:
        return self.removal in ("block", "delete")

    def covers(self, contact: Contact) -> bool:
        """True if the contact is in scope, as far as its address tells."""
        if _fits(contact, self.ignore):
            return False
        return self.emails is None or _fits(contact, self.emails)

    def may_remove(self, contact: Contact) -> bool:
        """Contacts of platform users, and those of whom it is not known, stay unless the task says otherwise."""
        return self.removes and (self.remove_linked or contact.linked is False)


def scope_from(params: Mapping[str, Any]) -> Scope:
    """The options of ``swo_contacts`` that bound a removal.

    :raises InputError: the filter cannot be used
    """
    scope = params.get("scope") or {}
    return Scope(
        removal=params["removal"],
        # A list without patterns is about nobody, which a variable that turned out empty should be.
        emails=None if scope.get("emails") is None else _patterns(scope["emails"]),
        rql=_rql.expression(scope.get("rql") or ""),
        ignore=_patterns(params.get("ignore")),
        remove_linked=bool(params.get("remove_linked")),
    )


def _patterns(patterns: list[str] | None) -> tuple[str, ...]:
    return tuple(canonical_email(pattern) for pattern in patterns or ())


def _fits(contact: Contact, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(contact.key, pattern) for pattern in patterns)
