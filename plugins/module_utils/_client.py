# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""JSON over HTTP: counts, retries and errors; the place where check mode's promise is enforced."""

from __future__ import annotations

import json
from typing import Any, List

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    ApiError,
    InvalidAnswerError,
    ReadOnlyError,
    SwoError,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._http import Request, Response, Transport
from ansible_collections.softwareone.marketplace.plugins.module_utils._pace import Pace
from ansible_collections.softwareone.marketplace.plugins.module_utils._problem import api_error
from ansible_collections.softwareone.marketplace.plugins.module_utils._redact import Redactor
from ansible_collections.softwareone.marketplace.plugins.module_utils._version import VERSION

METHODS = ("GET", "POST", "PUT", "DELETE")
STREAMING = "MPT-Streaming"
# Identity: the size of an uncompressed body is the size that is held in memory.
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"softwareone.marketplace/{VERSION}",
}
_STREAMING_HEADERS = {"Accept": "application/jsonl, application/json", STREAMING: "true"}


class Rows(List[Any]):
    """All rows of a list that the server streamed: nothing is left to be read."""


class Client:
    """Calls the API below ``api_url`` through one transport.

    :param read_only: refuse every method but GET; set in check mode
    """

    def __init__(self, transport: Transport, api_url: str, redactor: Redactor, pace: Pace, read_only: bool) -> None:
        self._transport = transport
        self._api_url = api_url
        self._redactor = redactor
        self._read_only = read_only
        self.pace = pace
        self.requests = dict.fromkeys(METHODS, 0)

    def get(self, path: str, attempt: str, streaming: bool = False) -> Any:
        """The decoded JSON of ``path``, which may end in a query that is already encoded.

        :param attempt: what is attempted, for error messages, as in "read contact CTT-1"
        :param streaming: ask for the whole list in one answer; a server that does so is answered as :class:`Rows`
        :raises SwoError: after the retries that are due
        """
        return self._call("GET", path, None, attempt, streaming)

    def write(self, method: str, path: str, body: Any, attempt: str) -> Any:
        """Send a write; the decoded JSON of the answer, or None where there is no body.

        :raises AnswerLostError: it may have been carried out; so may an ``ApiError`` that ``leaves_outcome_open``
        :raises ReadOnlyError: the client is read-only
        """
        if self._read_only:
            raise ReadOnlyError(f"Could not {attempt}: writes are not allowed in check mode.")
        return self._call(method, path, body, attempt)

    def close(self) -> None:
        self._transport.close()

    def _call(self, method: str, path: str, body: Any, attempt: str, streaming: bool = False) -> Any:
        tries = 1
        while True:
            try:
                value = self._once(method, path, body, attempt, streaming)
                self.pace.refund(tries)
                return value
            except SwoError as error:
                if not self.pace.before_retry(error, method, tries):
                    raise
            tries += 1

    def _once(self, method: str, path: str, body: Any, attempt: str, streaming: bool) -> Any:
        self.pace.wait_for_gate()
        headers = {**_HEADERS, **_STREAMING_HEADERS} if streaming else dict(_HEADERS)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode("ascii")
        self.requests[method] += 1
        try:
            response = self._transport.send(Request(method, self._api_url + path, headers, content, streaming))
            if not 200 <= response.status < 300:
                raise api_error(attempt, method, response, self._redactor)
            return _decoded(method, response)
        except ApiError:
            raise
        except SwoError as error:
            if not error.message.startswith("Could not "):
                error.message = f"Could not {attempt}: {error.message}"
            raise


def _decoded(method: str, response: Response) -> Any:
    """The JSON of a success; None for an empty answer to a write."""
    if not response.body.strip() and method != "GET":
        return None
    try:
        if response.headers.get(STREAMING.lower(), "").lower() == "true":
            # Only the echo of the header tells that the body is the whole list (notifications-api section 11).
            return Rows(_loads(line) for line in response.body.splitlines() if line.strip())
        return _loads(response.body)
    except (ValueError, RecursionError):
        raise InvalidAnswerError(
            f"the API answered HTTP {response.status} with something that is not JSON.",
            "Check that api_url is the API and not a web page or a login in front of it.",
        ) from None


def _loads(body: bytes) -> Any:
    return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
