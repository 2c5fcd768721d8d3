# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own transport on the real ``requests``, ending in a simulator in this process.

What breaks below HTTP is raised as the library raises it, wrapped as the library wraps it, and with texts that hold
what must not be shown.
"""

from __future__ import annotations

import errno
import http.client
import io
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPResponse
from urllib3 import exceptions as pool_errors

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import RequestsTransport, Transport
from tests.harness import Marketplace
from tests.simulator.model import Reply
from tests.simulator.rules import Facts, Rule, parse_rule

HOST = "api.contoso.example"
API_URL = f"https://{HOST}/public/v1"
PROXY_PASSWORD = "prx-52Tq81LmNv"

Raised = Callable[[requests.PreparedRequest], Exception]
Bend = Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]


def _pool(request: requests.PreparedRequest, reason: Exception) -> pool_errors.MaxRetryError:
    return pool_errors.MaxRetryError(None, str(request.url), reason)  # type: ignore[arg-type]


def _connecting(cause: Exception) -> Raised:
    def made(request: requests.PreparedRequest) -> Exception:
        failed = pool_errors.NewConnectionError(None, f"Failed to establish a new connection: {cause}")  # type: ignore[arg-type]
        failed.__cause__ = cause
        return requests.exceptions.ConnectionError(_pool(request, failed), request=request)

    return made


def _aborted(cause: Exception) -> Raised:
    def made(request: requests.PreparedRequest) -> Exception:
        text = f"Connection aborted. {request.url} {dict(request.headers)}"
        return requests.exceptions.ConnectionError(pool_errors.ProtocolError(text, cause), request=request)

    return made


def _refused_certificate(why: str) -> Raised:
    cause = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {why}")
    return _tls(cause)


def _tls(cause: Exception) -> Raised:
    def made(request: requests.PreparedRequest) -> Exception:
        return requests.exceptions.SSLError(_pool(request, pool_errors.SSLError(cause)), request=request)

    return made


def _proxy(text: str) -> Raised:
    def made(request: requests.PreparedRequest) -> Exception:
        said = f"Unable to connect to proxy http://ann:{PROXY_PASSWORD}@proxy.contoso.example:8080"
        failed = pool_errors.ProxyError(said, OSError(text))
        return requests.exceptions.ProxyError(_pool(request, failed), request=request)

    return made


# What a request meets that never gets to the API.
OBSTACLES: dict[str, Raised] = {
    "refused": _connecting(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
    "unreachable": _connecting(OSError(errno.EHOSTUNREACH, "No route to host")),
    "no connection in time": lambda request: requests.exceptions.ConnectTimeout(
        _pool(request, pool_errors.ConnectTimeoutError(None, "Connection timed out.")), request=request
    ),
    "no such host": _connecting(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
    "resolver busy": _connecting(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
    "certificate expired": _refused_certificate("certificate has expired"),
    "certificate of another host": _refused_certificate("Hostname mismatch, certificate is not valid"),
    "certificate signed by itself": _refused_certificate("self-signed certificate"),
    "certificate of an unknown authority": _refused_certificate("unable to get local issuer certificate"),
    "no TLS at all": _tls(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")),
    "old TLS only": _tls(ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol")),
    "end in the TLS handshake": _tls(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")),
    "proxy is down": _proxy("[Errno 111] Connection refused"),
    "proxy wants a password": _proxy("Tunnel connection failed: 407 Proxy Authentication Required"),
    "proxy finds no way": _proxy("Tunnel connection failed: 502 Bad Gateway"),
    "kept connection was closed": _aborted(http.client.RemoteDisconnected("Remote end closed connection")),
}


def _typed(content_type: str | None) -> Bend:
    def bent(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        return ({**kept, "Content-Type": content_type} if content_type else kept), body

    return bent


def _encoded(encoding: str) -> Bend:
    def bent(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        marked = body.decode().replace('"id"', '"é":1,"id"', 1)
        return _typed(f"application/json; charset={encoding}")(headers, marked.encode(encoding) if body else b"")

    return bent


# Other ways to write down an answer that is right.
BENDS: dict[str, Bend] = {
    "JSON as plain text": _typed("text/plain"),
    "JSON without a type": _typed(None),
    "JSON with a byte order mark": lambda headers, body: (headers, b"\xef\xbb\xbf" + body if body else body),
    "JSON in UTF-16": _encoded("utf-16"),
    "JSON in Latin-1": _encoded("latin-1"),
}


@dataclass
class LocalFault:
    """An obstacle or a bend by its name, and the requests that it is for, in the terms of the simulator."""

    name: str
    rule: Rule

    @classmethod
    def parse(cls, name: str, when: dict[str, Any], times: int | None) -> LocalFault:
        return cls(name, parse_rule(0, {"when": when, "do": {"reset": True}, "times": times, "name": name}))

    def hits(self, request: requests.PreparedRequest) -> bool:
        url = urlsplit(str(request.url))
        facts = Facts(str(request.method), url.path, url.query, None, None, None, None)
        if not (self.rule.meets(facts) and self.rule.is_due()):
            return False
        self.rule.fired += 1
        return True


@dataclass(frozen=True)
class Sent:
    """What left for where: ``proxy`` as chosen by the environment, ``verify`` as told to the library."""

    host: str
    authorization: str
    verify: bool | str
    proxy: str | None


class Account(Marketplace):
    """A simulated account that is reached by the collection's own transport."""

    def __init__(self, **switches: object) -> None:
        super().__init__(**switches)  # type: ignore[arg-type]
        self.local: list[LocalFault] = []
        self.sent: list[Sent] = []

    def _transport(self, connection: Connection) -> Transport:
        transport = RequestsTransport(connection)
        transport._adapter = _Wire(self)  # type: ignore[assignment]
        return transport


class _Wire(HTTPAdapter):
    """Where the library would open a socket."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._account = account

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Any:
        del stream
        url = urlsplit(str(request.url))
        proxy = select_proxy(str(request.url), proxies)
        self._account.sent.append(Sent(str(url.hostname), request.headers.get("Authorization", ""), verify, proxy))
        # The library looks for the bundle before it connects.
        self.cert_verify(SimpleNamespace(), str(request.url), verify, cert)  # type: ignore[no-untyped-call]
        for fault in self._account.local:
            if fault.name in OBSTACLES and fault.hits(request):
                self._account.clock.sleep(5.0 if "in time" in fault.name else 0.0)
                raise OBSTACLES[fault.name](request)
        if proxy:
            raise OBSTACLES["proxy is down"](request)
        return self._answer(request, timeout[1])

    def _answer(self, request: requests.PreparedRequest, timeout: float) -> Any:
        url, account = urlsplit(str(request.url)), self._account
        target = f"{url.path}?{url.query}" if url.query else url.path
        reply = account.simulator.handle(str(request.method), target, request.headers, _bytes(request.body))
        delay = reply.fault.delay if reply.fault else 0.0
        if delay > timeout:
            account.clock.sleep(timeout)
            raise requests.exceptions.ReadTimeout(f"{request.url} Read timed out.", request=request)
        account.clock.sleep(delay)
        reply = reply.settle()
        fault = reply.fault
        is_begun = bool(fault and fault.phase in ("headers", "body") and reply.status)
        if fault and fault.action == "hang":
            account.clock.sleep(timeout)
            raise requests.exceptions.ReadTimeout(f"{request.url} Read timed out.", request=request)
        if fault and fault.loses_reply and not (is_begun and fault.phase == "body"):
            broken = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            raise _aborted(broken)(request)
        return self._built(request, reply)

    def _built(self, request: requests.PreparedRequest, reply: Reply) -> closing[HTTPResponse]:
        fault, body = reply.fault, reply.body
        headers = {"Date": format_datetime(self._account.simulator.world.wall(), usegmt=True), **dict(reply.headers)}
        for bend in self._account.local:
            if bend.name in BENDS and bend.hits(request):
                headers, body = BENDS[bend.name](headers, body)
        whole = len(body)
        stream: io.BytesIO = io.BytesIO(body)
        if fault and fault.loses_reply:
            stream = io.BytesIO(body[: fault.count]) if fault.framing == "close" else _Cut(body[: fault.count])
        if not fault or fault.framing == "length":
            headers["Content-Length"] = str(whole)
        raw = HTTPResponse(
            body=stream,
            headers=headers,
            status=reply.status,
            reason=reply.reason or http.client.responses.get(reply.status, ""),
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        # As the transport's own adapter does it.
        return closing(raw)


class _Cut(io.BytesIO):
    """A body whose connection breaks before its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        return self._or_broken(super().read(size))

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._or_broken(super().read1(size))

    def _or_broken(self, data: bytes) -> bytes:
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        return data


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
