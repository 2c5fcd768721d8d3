# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""One HTTP exchange: the protocol that the client needs, and its implementation on ``requests``.

The implementation follows no redirect, sends the token to no other host, reads a bounded body within a bounded time,
and turns every exception of the library into one of ours: surely not sent, answer lost, or not to be trusted.
"""

from __future__ import annotations

import socket
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Mapping, Protocol, Sequence

from .._errors import AnswerLostError, ConfigError, InvalidAnswerError, NotSentError, SwoError
from .._text import visible
from .connection import Connection
from .deadline import Deadline, WatchedAdapter

try:
    import requests
    import urllib3
except ImportError as error:
    requests = None  # type: ignore[assignment]
    _MISSING = error.name or "requests"
else:
    _MISSING = ""


CONNECT_TIMEOUT = 5
MAX_BODY = 32 * 1024 * 1024
CHUNK = 64 * 1024
# A server may close an idle connection at any moment; a write on one that was just closed has an unknown outcome.
MAX_IDLE = 30


# As in meta/ee-requirements.txt.
OLDEST_REQUESTS = "2.32.4"


def missing_library() -> str:
    """The library that keeps requests from being imported, which may be requests itself; empty if none does."""
    return _MISSING


def warning_of_old_requests() -> list[str]:
    """A warning if requests is older than what the collection is tested with."""
    version = requests.__version__ if requests else OLDEST_REQUESTS
    if _numbers(version) >= _numbers(OLDEST_REQUESTS):
        return []
    return [
        f"The Python library requests is version {visible(version)}, and older than {OLDEST_REQUESTS}, the oldest that "
        "the collection is tested with."
    ]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


@dataclass(frozen=True)
class Request:
    """A request as it goes out; ``url`` is absolute and fully percent-encoded. The token is the transport's to add."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Response:
    """A response as it came in; header names are lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends requests, one at a time; not to be shared between threads."""

    def send(self, request: Request) -> Response:
        """Send ``request`` and read the whole answer.

        :raises NotSentError: it surely did not reach the API
        :raises AnswerLostError: it may have been carried out
        :raises ConfigError: certificates, proxy or address do not work
        """

    def close(self) -> None:
        """Give up the connection."""


class _Adapter(WatchedAdapter):
    """For one host, and for answers that are read by whoever asked.

    What requests does for each request besides, to find the pool of connections of a host and to make a ``Response``,
    takes a quarter of the time of one.
    """

    _pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **options)
        return self._pool

    def build_response(self, req: Any, resp: Any) -> Any:
        return closing(resp)

    def close(self) -> None:
        self._pool = None
        super().close()


class RequestsTransport:
    """A ``Transport`` on one adapter of ``requests``; not to be shared between threads.

    What a ``Session`` adds to each request (cookies, redirects, a token of ~/.netrc) is not wanted here. Proxies and
    certificates of the environment are looked up once, where a session asks for them with each request.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._host = connection.api_url.split("/")[2]
        self._authorization = "Bearer " + connection.token
        self._deadline = Deadline(connection.timeout)
        self._adapter = _Adapter(self._deadline.watch)
        with requests.Session() as session:
            url, verify = connection.api_url, connection.verify
            self._settings: dict[str, Any] = dict(session.merge_environment_settings(url, {}, True, verify, None))
        if not connection.verify:
            # The user has asked for it; in a worker of Ansible each call would end in a warning.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._last_used = time.monotonic()

    def send(self, request: Request) -> Response:
        if time.monotonic() - self._last_used > MAX_IDLE:
            self._adapter.close()
        self._deadline.begin()
        outcome: Response | SwoError
        try:
            outcome = self._exchange(request)
        except SwoError as error:
            outcome = error
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever the library raises, its text stays here: it can quote the Authorization header.
            outcome = _translated(error, self._host, self._connection.timeout, self._deadline.is_connected)
        finally:
            self._deadline.end()
            self._last_used = time.monotonic()
        if self._deadline.has_passed:
            # What came until the socket was shut down can look like a whole answer.
            raise self._late()
        if isinstance(outcome, SwoError):
            raise outcome
        return outcome

    def close(self) -> None:
        self._adapter.close()
        self._deadline.close()

    def _late(self) -> SwoError:
        self._adapter.close()
        if not self._deadline.is_connected:
            return _no_connection(self._host)
        return _no_answer(self._host, self._connection.timeout)

    def _exchange(self, request: Request) -> Response:
        timeout = self._connection.timeout
        sending: Any = self._adapter.send(
            self._prepared(request), timeout=(min(CONNECT_TIMEOUT, timeout), timeout), **self._settings
        )
        with sending as answer:
            if answer.status < 200:
                # The answer proper may still come, and would be taken for that to the next request.
                self._adapter.close()
            body = _read_body(answer, MAX_BODY)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            _check_length(headers, body)
            return Response(answer.status, answer.reason or "", headers, _decoded(headers, body, MAX_BODY))

    def _prepared(self, request: Request) -> Any:
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
        prepared.headers = requests.structures.CaseInsensitiveDict(request.headers)
        prepared.headers["Authorization"] = self._authorization
        if request.method != "GET":
            prepared.headers["Content-Length"] = str(len(request.body or b""))
        return prepared


def _read_body(raw: Any, limit: int) -> bytes:
    """The undecoded body, at most ``limit`` bytes."""
    read = getattr(raw, "read1", raw.read)
    chunks: list[bytes] = []
    size = 0
    while True:
        chunk = read(CHUNK, decode_content=False)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise InvalidAnswerError(f"The answer is larger than {limit // 2**20} MiB.")


def _check_length(headers: Mapping[str, str], body: bytes) -> None:
    """Older versions of requests accept a body that was cut short."""
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) != len(body):
        raise AnswerLostError(f"The answer was cut off after {len(body)} of {length} bytes.")


def _decoded(headers: Mapping[str, str], body: bytes, limit: int) -> bytes:
    """The body without compression, bounded: a few KiB can inflate to gigabytes."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise InvalidAnswerError("The answer has an encoding that was not asked for.")
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        data = inflater.decompress(body, limit)
    except zlib.error:
        raise InvalidAnswerError("The answer's compression is broken.") from None
    if not inflater.eof and not inflater.unconsumed_tail:
        raise InvalidAnswerError("The answer's compression is broken.")
    if inflater.unconsumed_tail:
        raise InvalidAnswerError(f"The answer is larger than {limit // 2**20} MiB.")
    return data


def _translated(error: Exception, host: str, timeout: int, was_connected: bool) -> SwoError:
    """Our word for an exception of requests or urllib3.

    :param was_connected: the request may have been carried out, also where the exception speaks of a proxy or of TLS
    """
    causes = _causes(error)
    names = {type(cause).__name__ for cause in causes}
    if not was_connected:
        unsent = _unsent(causes, names, host)
        if unsent is not None:
            return unsent
    if names & {"ReadTimeout", "ReadTimeoutError"}:
        return _no_answer(host, timeout)
    return AnswerLostError(f"The connection to {host} broke before the answer arrived.")


def _unsent(causes: Sequence[BaseException], names: set[str], host: str) -> SwoError | None:
    """Why no request left; None if it may have left."""
    resolving = next((cause for cause in causes if isinstance(cause, socket.gaierror)), None)
    if names & {"SSLCertVerificationError", "CertificateError"}:
        return ConfigError(
            f"No trusted TLS connection to {host}: its certificate was refused.",
            "If the host is right and has a certificate of your own CA, name that CA with ca_path.",
        )
    if "SSLError" in names and not names & {"SSLEOFError", "SSLZeroReturnError"}:
        return ConfigError(f"The TLS handshake with {host} failed.", "Check the scheme and port of api_url.")
    if "ProxyError" in names or "ProxySchemeUnknown" in names:
        return ConfigError(
            f"The proxy refused the way to {host}.", "Check the environment variables HTTPS_PROXY and NO_PROXY."
        )
    if resolving is not None or "NameResolutionError" in names:
        final = resolving is not None and resolving.errno == socket.EAI_NONAME
        return NotSentError(f"The host name {host} cannot be resolved.", "Check api_url and DNS.", retryable=not final)
    if "ConnectTimeout" in names or "NewConnectionError" in names:
        return _no_connection(host)
    if names & {"InvalidURL", "InvalidHeader", "InvalidSchema", "LocationParseError", "UnicodeError"}:
        return ConfigError("The HTTP library refused the request before it was sent.", "Check api_url and api_token.")
    return None


def _no_connection(host: str) -> NotSentError:
    return NotSentError(f"No connection to {host}.", "Check api_url, the network and the proxy settings.")


def _no_answer(host: str, timeout: int) -> AnswerLostError:
    return AnswerLostError(f"No complete answer from {host} within {timeout} s.", "Raise api_timeout.")


def _causes(error: BaseException) -> list[BaseException]:
    """``error`` and everything that it wraps, be it as cause, context, reason or argument."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        item = waiting.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *list(item.args)]
    return found
