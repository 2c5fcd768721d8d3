# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The record of what was applied: a private JSON file, read whole and written whole, or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Mapping

from .._atomic import write_atomically
from .._contacts.applied import Applied, AppliedContact
from .._contacts.dates import moment
from .._contacts.ids import is_safe_id
from .._errors import InputError
from .._text import Redactor, visible
from .._version import VERSION

SCHEMA_VERSION = 1
COLLECTION = "softwareone.marketplace"
_LARGEST = 256 * 1024 * 1024
_LOSS = (
    "Without it nothing is lost in the account: nobody is removed and no opt-out is taken away that the files do not "
    "name, and differences count as drift, until the next apply has written a new one."
)
_CANNOT = "Name a file in a folder that the user who runs the task can write to."


class AppliedFile:
    """The record of one account at ``path``.

    :param account: of the token: its public id and the account, as far as they are known
    :param redactor: knows what must not be written to any file
    """

    def __init__(self, path: str, account: Mapping[str, Any], redactor: Redactor) -> None:
        # One that is linked to stays linked to.
        self._path = os.path.realpath(path)
        self._account = {"id": account["id"], "token": account["token"]}
        self._redactor = redactor

    def read(self) -> Applied | None:
        """What was applied; None if there is no record.

        :raises InputError: it cannot be read, or is about another account
        """
        try:
            with open(self._path, "rb") as file:
                data = json.loads(file.read(_LARGEST).decode("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            raise self._unreadable() from None
        if not _is_record(data):
            raise self._unreadable()
        self._refuse_foreign(data["account"])
        return Applied({contact_id: _contact(fields) for contact_id, fields in data["contacts"].items()})

    def write(self, applied: Applied) -> None:
        """Replace the record; a contact with the API token in it is left out, as if it had never been applied.

        :raises InputError: it cannot be written
        """
        known = {contact_id: _fields(applied.contacts[contact_id]) for contact_id in sorted(applied.contacts)}
        contacts = {each: fields for each, fields in known.items() if not self._redactor.is_in([each, fields])}
        data = {
            "schema_version": SCHEMA_VERSION,
            "collection": COLLECTION,
            "collection_version": VERSION,
            "account": self._account,
            "contacts": contacts,
        }
        try:
            # A checkout gives it the permissions of any other file.
            with contextlib.suppress(FileNotFoundError):
                os.chmod(self._path, 0o600)
            write_atomically(self._path, (json.dumps(data, indent=1) + "\n").encode("ascii"), private=True)
        except OSError:
            raise InputError(f"applied_file {visible(self._path)} cannot be written.", _CANNOT) from None

    def _unreadable(self) -> InputError:
        return InputError(
            f"applied_file {visible(self._path)} cannot be read as a record of what was applied; nothing was written.",
            f"Restore an earlier one, or delete it. {_LOSS}",
        )

    def _refuse_foreign(self, account: Mapping[str, Any]) -> None:
        """The account decides, or the token where it is not known of both."""
        by_account = account["id"] is not None and self._account["id"] is not None
        key, what = ("id", "account") if by_account else ("token", "token")
        if account[key] != self._account[key]:
            raise InputError(
                f"applied_file {visible(self._path)} is of {what} {visible(str(account[key]))}, but this run is of "
                f"{what} {self._account[key]}; nothing was written.",
                "Name the record of this account. If the token was replaced by another one of the same account, "
                f"delete the record, or set expect_account from the beginning. {_LOSS}",
            )


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_record(data: Any) -> bool:
    if not isinstance(data, dict) or data.get("collection") != COLLECTION:
        return False
    account, contacts = data.get("account"), data.get("contacts")
    if data.get("schema_version") != SCHEMA_VERSION or isinstance(data["schema_version"], bool):
        return False
    if not isinstance(account, dict) or not {"id", "token"} <= account.keys():
        return False
    if not _is_text_or_none(account["id"]) or not _is_text_or_none(account["token"]):
        return False
    return isinstance(contacts, dict) and all(is_safe_id(key) and _is_contact(contacts[key]) for key in contacts)


_FORMS: Mapping[str, Any] = {
    "email": lambda value: isinstance(value, str) and bool(value),
    "name": lambda value: isinstance(value, str),
    "status": lambda value: isinstance(value, str),
    "opt_outs": lambda value: isinstance(value, dict) and all(isinstance(ours, bool) for ours in value.values()),
    "opt_ins": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "exact": lambda value: isinstance(value, bool),
    "blocked_at": lambda value: isinstance(value, str) and moment(value) is not None,
    "revision": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


def _is_contact(fields: Any) -> bool:
    # A key that is not known was written by a newer version, to which it means something.
    return (
        isinstance(fields, dict)
        and "email" in fields
        and all(name in _FORMS and _FORMS[name](value) for name, value in fields.items())
    )


def _contact(fields: Mapping[str, Any]) -> AppliedContact:
    return AppliedContact(**{**fields, "opt_ins": frozenset(fields.get("opt_ins", ()))})


def _fields(applied: AppliedContact) -> dict[str, Any]:
    """What there is to say of a contact."""
    fields = {name: getattr(applied, name) for name in _FORMS}
    fields["opt_ins"] = sorted(applied.opt_ins) or None
    fields["exact"] = applied.exact or None
    return {name: value for name, value in fields.items() if value is not None}
