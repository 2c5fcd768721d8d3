# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the contacts in no file: which of them a run is about, and what happens to them."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Mapping, Sequence

from .._errors import InputError, option_named
from .applied import REMOVED, History
from .audit import own_block
from .contact import Contact
from .dates import days_after, moment_text
from .desired import DesiredEntry
from .email_address import canonical_email
from .plan import BLOCK, DELETE

REPORT, IGNORE, DRIFT, RETIRE = "report", "ignore", "drift", "retire"
_REMOVALS = (BLOCK, RETIRE, DELETE)
RETIRE_AFTER = 14
UNMANAGED = (REPORT, IGNORE, DRIFT, *_REMOVALS)


_IN_NO_FILE, TAKEN_OUT = "in no file", "taken out of the files"


@dataclass(frozen=True)
class Scope:
    """Which unmanaged contacts a run is about, and what happens to them.

    ``emails`` are patterns of addresses, None for all; contacts that fit a pattern of ``exclude`` are neither removed
    nor reported; those of platform users are removed only where ``linked`` is true. Retired contacts are
    deleted ``retire_after`` times 24 hours after we blocked them.
    """

    unmanaged: str = REPORT
    emails: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    linked: bool = False
    retire_after: int = RETIRE_AFTER

    @property
    def removes(self) -> bool:
        return self.unmanaged in _REMOVALS

    @property
    def ignores(self) -> bool:
        """True if unmanaged contacts need not even be known."""
        return self.unmanaged == IGNORE

    @property
    def needs_audit(self) -> bool:
        """True if who blocked a contact decides what happens to it."""
        return self.unmanaged == RETIRE

    def covers(self, contact: Contact) -> bool:
        """True if the contact is in scope, as far as its address tells."""
        if _fits(contact, self.exclude):
            return False
        return self.emails is None or _fits(contact, self.emails)

    def may_remove(self, contact: Contact) -> bool:
        """Contacts of platform users, and those of whom it is not known, stay unless the task says otherwise."""
        return self.removes and (self.linked or contact.linked is False)

    def end_of(self, contact: Contact, history: History) -> tuple[str | None, str]:
        """The state that a contact in no file gets, None for the one that it has, and why, if there is more to do."""
        why = TAKEN_OUT if history.label_of(contact) == REMOVED else _IN_NO_FILE
        if self.unmanaged == DELETE:
            return "absent", why
        if not contact.is_blocked:
            return "blocked", why
        if self.unmanaged == BLOCK:
            return "blocked", ""
        since = own_block(contact, history.of(None, contact), history.token_id)
        if since is None:
            return None, f"{why}; not deleted, because it is not known that we blocked it"
        end = days_after(since, self.retire_after)
        if history.now is not None and end is not None and end <= history.now:
            return "absent", f"{why}; we blocked it on {moment_text(since)}"
        due = "never" if end is None else f"from {moment_text(end)} on"
        return None, f"{why}; we blocked it on {moment_text(since)}, it is deleted {due}"

    def refuse_emptiness(self, desired: Sequence[DesiredEntry]) -> None:
        """An empty folder and a wrong path look just like an account without contacts, so no option lets this pass.

        :raises InputError: nobody is desired, and everybody else would be removed
        """
        if self.removes and not desired:
            raise InputError(
                "There is no desired contact, so "
                f"unmanaged={self.unmanaged} would {self.unmanaged} every contact in scope.",
                f"Check {option_named('src')}. To empty an account on purpose, list its contacts with state: absent.",
            )


def scope_from(params: Mapping[str, Any]) -> Scope:
    """The options of ``swo_contacts`` about unmanaged contacts.

    :raises InputError: the days are less than none
    """
    scope = params.get("scope") or {}
    days = params.get("retire_after")
    days = RETIRE_AFTER if days is None else days
    if days < 0:
        raise InputError(f"{option_named('retire_after')} must be 0 or more days, not {days}.")
    return Scope(
        # The entries that a run leaves out are of contacts, too, so nobody can be said to be in no file.
        unmanaged=params["unmanaged"] if params.get("only") is None else IGNORE,
        # A list without patterns is about nobody, which a variable that turned out empty should be.
        emails=None if scope.get("emails") is None else _patterns(scope["emails"]),
        exclude=_patterns(scope.get("exclude")),
        linked=bool(scope.get("linked")),
        retire_after=days,
    )


def _patterns(patterns: list[str] | None) -> tuple[str, ...]:
    return tuple(canonical_email(pattern) for pattern in patterns or ())


def _fits(contact: Contact, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(contact.key, pattern) for pattern in patterns)
