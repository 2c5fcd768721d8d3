# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the connection options, checked before the first request."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from typing import Any, Mapping
from urllib.parse import urlsplit, urlunsplit

from .._errors import ConfigError

DEFAULT_API_URL = "https://api.platform.softwareone.com/public/v1"
API_URL_VARIABLES = ("SWO_API_URL", "MPT_API_BASE_URL")
API_TOKEN_VARIABLES = ("SWO_API_TOKEN", "MPT_API_TOKEN")
API_PATH = "/public/v1"
MAX_TIMEOUT = 600

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TOKEN = re.compile(r"[\x21-\x7e]{8,}")
_CA_HINT = "Name a file with CA certificates in PEM form."
_TOKEN_ID = re.compile(r"TKN(?:-[0-9]+)+")
_ACCOUNT_ID = re.compile(r"ACC(?:-[0-9]+)+")
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")
_PATH = re.compile(r"[A-Za-z0-9/._~-]*")


@dataclass(frozen=True)
class Connection:
    """Checked connection settings; ``verify`` is what requests takes: a flag or the path of a CA bundle."""

    api_url: str
    token: str
    timeout: int
    verify: bool | str
    expect_account: str | None = None

    @property
    def token_id(self) -> str | None:
        """The public part of the token (notifications-api section 2); None in tokens of an older form."""
        found = _TOKEN_ID.search(self.token.rpartition(":")[0])
        return found.group() if found else None

    def __repr__(self) -> str:
        return f"Connection({self.api_url})"


def first_set(variables: tuple[str, ...]) -> str | None:
    """The first of these environment variables that holds anything but spaces."""
    return next((os.environ[name] for name in variables if os.environ.get(name, "").strip()), None)


def connection_from(params: Mapping[str, Any]) -> Connection:
    """The connection options as settings; an option that is empty counts as not given, but ``expect_account``.

    :raises ConfigError: one of them cannot work; the token's text is never part of the message
    """
    timeout = params["api_timeout"]
    if not 1 <= timeout <= MAX_TIMEOUT:
        raise ConfigError(f"api_timeout must be between 1 and {MAX_TIMEOUT} seconds, not {timeout}.")
    return Connection(
        api_url=normal_api_url(_given(params.get("api_url")) or first_set(API_URL_VARIABLES) or DEFAULT_API_URL),
        token=normal_token(_given(params.get("api_token")) or first_set(API_TOKEN_VARIABLES) or ""),
        timeout=timeout,
        verify=_verify(params["validate_certs"], params.get("ca_path")),
        expect_account=expected_account(params),
    )


def expected_account(params: Mapping[str, Any]) -> str | None:
    """The id of the account that the task is meant for; None if it does not say.

    :raises ConfigError: it cannot be an id
    """
    account: str | None = params.get("expect_account")
    if account is None:
        return None
    if not _ACCOUNT_ID.fullmatch(account.strip()):
        raise ConfigError("expect_account is not the id of an account.", "It should look like ACC-1234-5678.")
    return account.strip()


def _given(text: str | None) -> str | None:
    """None for a text that is empty or holds only spaces."""
    return text if text and text.strip() else None


def normal_token(text: str) -> str:
    """The token without outer spaces and without the word Bearer.

    :raises ConfigError: there is none, or it has characters that no HTTP header can carry
    """
    token = text.strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    if not token:
        raise ConfigError(
            "There is no API token.", f"Set api_token or the environment variable {API_TOKEN_VARIABLES[0]}."
        )
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            "The API token has spaces, line breaks or other characters that a token cannot have, or is too short.",
            "Check how api_token is read: it must be the token alone.",
        )
    return token


def normal_api_url(text: str) -> str:
    """The address of the API's version 1, from any form that people paste (notifications-api section 1).

    :raises ConfigError: not https (http is for loopback only), or with a user, a query or a fragment
    """
    hint = f"It should look like {DEFAULT_API_URL}."
    candidate = text.strip()
    if "://" not in candidate:
        candidate = "https://" + candidate
    try:
        parts = urlsplit(candidate)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError("api_url is not a web address.", hint) from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigError("api_url must not have a user name, a query or a fragment.", hint)
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or ".." in parts.path:
        raise ConfigError("api_url is not a web address.", hint)
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ConfigError(f"api_url must start with https:// ({host} has {parts.scheme}://).", hint)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    return urlunsplit((parts.scheme, netloc, _base_path(parts.path) + API_PATH, "", ""))


def _base_path(path: str) -> str:
    """What stands before ``/public/v1``: empty, or the prefix of a gateway of the user's own."""
    path = path.rstrip("/")
    for ending in (API_PATH, "/public"):
        if path.endswith(ending):
            path = path[: -len(ending)]
            break
    if "/public" in path or "//" in path:
        raise ConfigError("api_url has a path that is not the API's.", f"It should look like {DEFAULT_API_URL}.")
    return path


def _verify(validate_certs: bool, ca_path: str | None) -> bool | str:
    if not validate_certs or not ca_path:
        return validate_certs
    expanded = os.path.expanduser(ca_path)
    if not os.path.exists(expanded):
        raise ConfigError(f"ca_path {ca_path} does not exist.", _CA_HINT)
    if os.path.isfile(expanded):
        try:
            ssl.create_default_context(cafile=expanded)
        except OSError:
            raise ConfigError(f"ca_path {ca_path} has no CA certificates, or cannot be read.", _CA_HINT) from None
    return expanded
