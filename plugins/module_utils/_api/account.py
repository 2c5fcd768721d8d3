# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.


"""Which account a run is about, and whether its token belongs to it."""

from __future__ import annotations

from typing import TypedDict

from .._errors import ApiError, ConfigError
from .connection import Connection
from .contacts_api import ContactsApi

_OPTION = "expect_account (swo_expect_account of the playbooks)"
_NOT_PROVEN = f"Give the token the permission to read API tokens, or leave out {_OPTION}."


class Account(TypedDict):
    """What reports name an account by.

    ``host`` is the inventory host, ``token`` the public id of the token; ``id`` and ``name`` are known where the task
    expects an account.
    """

    host: str | None
    token: str | None
    id: str | None
    name: str | None


def known_account(host: str | None, connection: Connection | None = None) -> Account:
    """What is known of the account without a request, and of its token once there is a connection."""
    return {"host": host, "token": connection.token_id if connection else None, "id": None, "name": None}


def prove_account(api: ContactsApi, connection: Connection, account: Account) -> None:
    """Refuse a token of another account than ``expect_account`` before anything else is asked; fills in ``account``.

    :raises ConfigError: it is another account's, or that cannot be told
    """
    expected, token_id = connection.expect_account, connection.token_id
    if expected is None:
        return
    if token_id is None:
        raise ConfigError(
            "expect_account cannot be checked, because the API token has no public id.",
            f"Use a token that begins with idt:TKN-, or leave out {_OPTION}.",
        )
    try:
        account["id"], account["name"] = api.account_of_token(token_id)
    except ApiError as error:
        raise ConfigError(
            f"{error} That leaves open whether the token is one of account {expected}.", _NOT_PROVEN
        ) from None
    if account["id"] != expected:
        raise ConfigError(
            "The API token belongs to account {}, but expect_account is {}.".format(account["id"], expected),
            f"Nothing else was read. Use a token of that account, or correct {_OPTION}.",
        )
