# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""An account in a file: what a plan needs of it, and a transport that answers reads from there.

Lists and single contacts are served in the API's own form, so that the same code plans against them, with the same
hash. No socket is opened, and there is no token.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any, Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from .._contacts.categories import Category, category_from_api
from .._contacts.contact import Contact, contact_from_api
from .._errors import ConfigError, InputError, ReadOnlyError, SwoError
from .._text import Redactor
from .account import Account
from .contacts_api import CATEGORIES, CONTACTS
from .transport import Request, Response

COLLECTION = "softwareone.marketplace"
VERSION = 1
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_ANEW = "Make it anew with swo_contacts_export and snapshot_dest."
# What a list is asked for besides a filter.
_OURS = ("order=", "select=", "limit=", "offset=")


@dataclass(frozen=True)
class Snapshot:
    """What was read of an account at one moment; ``contacts`` and ``categories`` are as the API sends them."""

    created_at: str
    api_url: str
    account: Mapping[str, Any]
    contacts: Sequence[Mapping[str, Any]]
    categories: Sequence[Mapping[str, Any]]
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.strptime(self.created_at, _TIME).replace(tzinfo=timezone.utc)

    def age(self, now: datetime) -> int:
        """Seconds since it was made; 0 where the clocks of two machines differ."""
        return max(0, int((now - self.moment).total_seconds()))

    def account_for(self, expected: str | None, host: str | None) -> Account:
        """The account that it is of.

        :raises ConfigError: another one is expected, or it does not say which it is of
        """
        account: Account = {"host": host, "token": None, "id": None, "name": None}
        account["token"], account["id"], account["name"] = (self.account[key] for key in ("token", "id", "name"))
        if expected and account["id"] is None:
            raise ConfigError(
                "The snapshot does not say which account it is of, and expect_account is set.",
                "Set expect_account in the task that makes the snapshot, too.",
            )
        if expected and account["id"] != expected:
            raise ConfigError(
                "The snapshot is of account {}, but expect_account is {}.".format(account["id"], expected),
                "Name the snapshot of that account, or correct expect_account.",
            )
        return account


def snapshot_text(
    contacts: Iterable[Contact],
    categories: Iterable[Category],
    account: Account,
    api_url: str,
    now: datetime,
    redactor: Redactor,
) -> str:
    """The file: one line for each contact and category, so that two of them can be compared.

    :raises InputError: the API token is somewhere in it; without that value, another plan would be made of it
    """
    content: dict[str, Any] = {
        "account": {key: account[key] for key in ("id", "name", "token")},
        "api_url": api_url,
        "categories": [_category_row(item) for item in sorted(categories, key=lambda category: category.id)],
        "contacts": [_contact_row(item) for item in sorted(contacts, key=lambda contact: contact.id)],
    }
    for row in [*content["contacts"], *content["categories"]]:
        if redactor.is_in(row):
            raise InputError(
                f"snapshot_dest: {redactor.text(row['id'])} holds a part of the API token, so no snapshot was made.",
                "Take the token out of the account, and replace it by another one: who reads the account has seen it.",
            )
    head = {
        "collection": COLLECTION,
        "snapshot_version": VERSION,
        "created_at": now.strftime(_TIME),
        "digest": _digest(content),
    }
    parts = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    for key, value in content.items():
        rows = ",\n".join(map(_json, value)) if isinstance(value, list) else ""
        parts.append(f"{_json(key)}: [\n{rows}\n]" if isinstance(value, list) else f"{_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def digest_of(text: str) -> str | None:
    """What tells two snapshots apart but for their time; None of a text that is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    digest = data.get("digest") if isinstance(data, dict) and _is_snapshot(data) else None
    return digest if isinstance(digest, str) else None


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()


def _contact_row(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "email": contact.email,
        "name": contact.name,
        "status": contact.status,
        "blocked_reason": contact.blocked_reason,
        "opt_outs": sorted(contact.known_opt_outs),
        "user_id": contact.user_id,
        "linked": contact.linked,
        "revision": contact.revision,
    }


def _category_row(category: Category) -> dict[str, Any]:
    keys = ("id", "name", "status", "opt_out_allowed")
    return {key: getattr(category, key) for key in keys}


def _is_snapshot(data: Any) -> bool:
    return isinstance(data, dict) and data.get("collection") == COLLECTION and "snapshot_version" in data


def read_snapshot(path: str) -> Snapshot:
    """A snapshot from a file, checked.

    :raises InputError: it cannot be read, is none, or is damaged
    """
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError:
        raise InputError(
            f"snapshot: {path} cannot be read.", "Name a file that swo_contacts_export has made."
        ) from None
    except (ValueError, RecursionError):
        raise InputError(f"snapshot: {path} is damaged or no snapshot: it is not JSON.", _ANEW) from None
    if not _is_snapshot(data):
        raise InputError(f"snapshot: {path} is not a snapshot of softwareone.marketplace.", _ANEW)
    if data["snapshot_version"] != VERSION:
        raise InputError(f"snapshot: {path} was made by another version of the collection.", _ANEW)
    try:
        return _checked(data)
    except (KeyError, TypeError, ValueError, AttributeError, SwoError):
        raise InputError(f"snapshot: {path} is damaged: it is not as it was written.", _ANEW) from None


def _checked(data: Mapping[str, Any]) -> Snapshot:
    content = {key: data[key] for key in ("account", "api_url", "categories", "contacts")}
    if _digest(content) != data["digest"]:
        raise ValueError
    account = {key: data["account"][key] for key in ("id", "name", "token")}
    if any(value is not None and not isinstance(value, str) for value in account.values()):
        raise TypeError
    contacts = [_served_contact(row) for row in data["contacts"]]
    categories = [_served_category(row) for row in data["categories"]]
    # What is served is read again by those who ask; here it is only checked.
    keys = {contact.id: contact.key for contact in map(contact_from_api, contacts)}
    for category in categories:
        category_from_api(category)
    snapshot = Snapshot(data["created_at"], str(data["api_url"]), account, contacts, categories, keys)
    snapshot.age(datetime.now(timezone.utc))
    return snapshot


def _served_contact(row: Mapping[str, Any]) -> dict[str, Any]:
    """A contact as the API sends it (notifications-api section 4)."""
    served = {
        "id": row["id"],
        "email": row["email"],
        "name": row["name"],
        "status": row["status"],
        "blockedReason": row["blocked_reason"],
        "optOuts": [{"id": category_id} for category_id in row["opt_outs"]],
        "userId": row["user_id"],
        "revision": row["revision"],
    }
    return {**served, "$meta": {"omitted": ["user"]}} if row["linked"] is None else served


def _served_category(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "status": row["status"],
        "optOutAllowed": row["opt_out_allowed"],
    }


class SnapshotTransport:
    """A ``Transport`` whose other end is a snapshot; its day is the one on which the snapshot was made."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._headers = {"date": format_datetime(snapshot.moment, usegmt=True)}

    def send(self, request: Request) -> Response:
        if request.method != "GET":
            raise ReadOnlyError("writes are not allowed in check mode.")
        url = urlsplit(request.url)
        if url.path.endswith(CATEGORIES):
            return self._page(self._snapshot.categories, url.query)
        if url.path.endswith(CONTACTS):
            return self._page(self._matching(url.query), url.query)
        contact_id = url.path.rpartition("/")[2]
        found = [row for row in self._snapshot.contacts if row["id"] == contact_id]
        return self._answer(200, found[0]) if found else self._answer(404, {"title": "Not Found", "status": 404})

    def close(self) -> None:
        """Nothing is held."""

    def _matching(self, query: str) -> Sequence[Mapping[str, Any]]:
        """At least the contacts that a filter finds, which whoever asks compares again: those that it names."""
        condition = "&".join(part for part in query.split("&") if not part.startswith(_OURS))
        if not condition:
            return self._snapshot.contacts
        named = unquote(condition).lower()
        keys = self._snapshot.keys
        return [
            row for row in self._snapshot.contacts if row["id"].lower() in named or keys[row["id"]].lower() in named
        ]

    def _page(self, rows: Sequence[Mapping[str, Any]], query: str) -> Response:
        numbers = {name: int(value) for name, value in parse_qsl(query) if name in ("limit", "offset")}
        offset, limit = numbers.get("offset", 0), numbers.get("limit", len(rows))
        pagination = {"offset": offset, "limit": limit, "total": len(rows)}
        return self._answer(200, {"data": rows[offset : offset + limit], "$meta": {"pagination": pagination}})

    def _answer(self, status: int, body: Any) -> Response:
        return Response(status, "", self._headers, json.dumps(body).encode("ascii"))
