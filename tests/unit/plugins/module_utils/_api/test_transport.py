# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport on real sockets, against servers that break every promise of HTTP."""

from __future__ import annotations

import gzip
import os
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
import urllib3

from ansible_collections.softwareone.marketplace.plugins.module_utils._api import transport as _transport
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import (
    Request,
    RequestsTransport,
    Response,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    AnswerLostError,
    ConfigError,
    InvalidAnswerError,
    NotSentError,
    SwoError,
)

TOKEN = "idt:TKN-9999-9999:Qz7Rk2Vx9Lm4Ht6Yw8Bn3Cd5Fg1Jp0Ss"
# Far more than any of these takes; it ends a test that would hang.
PATIENCE = 10.0

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# What a server does with a connection after it has read a request; true if it keeps the connection.
Answer = Callable[[socket.socket], bool]


class Server:
    """Answers each request by the next of its answers, and holds on to the last one."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None, reads: bool = True) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = answers
        self._tls = tls
        self._reads = reads
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def close(self) -> None:
        for end in (self._listener, *self._open):
            with_shutdown(end)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            self.connections += 1
            self._open.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while request := read_request(connection) if self._reads else connection.recv(65536):
                self.requests.append(request)
                if not self._answers[min(len(self.requests), len(self._answers)) - 1](connection):
                    return
        except (OSError, ValueError):
            # The client went away, which is what some tests are about, or the test is over and has closed the socket.
            return
        finally:
            with_shutdown(connection)


def with_shutdown(end: socket.socket) -> None:
    """Close a socket so that whoever waits on it wakes up."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            return b""
        data += received
    head, _sep, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(raw: bytes, *, keeps: bool = False) -> Answer:
    def answer(connection: socket.socket) -> bool:
        connection.sendall(raw)
        return keeps

    return answer


def ok(body: bytes = b"{}", *headers: bytes) -> Answer:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return says(b"\r\n".join([*lines, b"", body]), keeps=True)


def resets(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def waits_for_the_client_to_leave(connection: socket.socket) -> bool:
    connection.recv(1)
    return False


def trickles(begin: bytes, piece: bytes, pause: float = 0.05) -> Answer:
    """Never comes to an end, until the client goes away."""

    def answer(connection: socket.socket) -> bool:
        connection.sendall(begin)
        while not select.select([connection], [], [], pause)[0]:
            connection.sendall(piece)
        return False

    return answer


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


Serve = Callable[..., Server]
Connect = Callable[..., RequestsTransport]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(*answers: Answer, **options: Any) -> Server:
        servers.append(Server(*answers, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Transports to a port of this machine; the test's end closes them."""
    transports: list[RequestsTransport] = []

    def make(
        port: int, *, scheme: str = "http", host: str = "127.0.0.1", verify: bool | str = True
    ) -> RequestsTransport:
        url = f"{scheme}://{host}:{port}/public/v1"
        transports.append(RequestsTransport(Connection(url, TOKEN, 1, verify)))
        return transports[-1]

    yield make
    for transport in transports:
        transport.close()


def send(transport: RequestsTransport, method: str = "GET", body: bytes | None = None) -> Response:
    url = transport._connection.api_url + "/notifications/contacts?eq(email,%22a%2Bb%40x%22)&limit=1"
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return transport.send(Request(method, url, headers, body))


def failure(transport: RequestsTransport, method: str = "GET", **options: Any) -> SwoError:
    """The error of a request, which quotes no secret and carries no exception of the library with it."""
    with pytest.raises(SwoError) as caught:
        send(transport, method, **options)
    error = caught.value
    assert error.__suppress_context__ or error.__context__ is None
    assert not any(part in str(error) for part in (TOKEN, TOKEN[-8:], "Bearer", "eq(email", "hunter2"))
    return error


def test_a_request_goes_out_as_it_was_written(serve: Serve, connect: Connect) -> None:
    server = serve(says(b"HTTP/1.1 201 Made it\r\nX-Thing: A\r\nContent-Length: 2\r\n\r\n{}"))
    response = send(connect(server.port), "POST", b'{"email":"x"}')
    head, _sep, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /public/v1/notifications/contacts?eq(email,%22a%2Bb%40x%22)&limit=1 HTTP/1.1"
    assert f"Authorization: Bearer {TOKEN}".encode() in lines
    assert b"Accept-Encoding: identity" in lines
    assert body == b'{"email":"x"}'
    assert response == Response(201, "Made it", {"x-thing": "A", "content-length": "2"}, b"{}")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_without_a_body_has_no_content_type(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(says(b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert send(connect(server.port), method).status == 204
    assert b"content-type" not in server.requests[0].lower()
    assert server.requests[0].endswith(b"\r\n\r\n")


def test_two_requests_share_one_connection(serve: Serve, connect: Connect) -> None:
    server = serve(ok(b"1"), ok(b"2"))
    transport = connect(server.port)
    assert [send(transport).body, send(transport).body] == [b"1", b"2"]
    assert server.connections == 1


def test_an_old_connection_is_not_used_again(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_IDLE", -1)
    server = serve(ok())
    transport = connect(server.port)
    assert [send(transport).status, send(transport).status] == [200, 200]
    assert server.connections == 2


def test_a_transport_works_again_after_a_fault(serve: Serve, connect: Connect) -> None:
    server = serve(resets, ok())
    transport = connect(server.port)
    assert isinstance(failure(transport), AnswerLostError)
    assert send(transport).status == 200


def test_cookies_are_not_kept(serve: Serve, connect: Connect) -> None:
    server = serve(ok(b"{}", b"Set-Cookie: session=1; Path=/"))
    transport = connect(server.port)
    send(transport)
    send(transport)
    assert b"cookie" not in server.requests[1].lower()


def test_a_refused_connection_means_that_nothing_was_sent(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = failure(connect(taken.getsockname()[1]), "POST")
    assert isinstance(error, NotSentError)
    assert error.retryable
    assert error.message.startswith("No connection to 127.0.0.1:")


@pytest.mark.parametrize(("code", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
def test_a_host_that_cannot_be_resolved(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, code: int, retryable: bool
) -> None:
    def resolve(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(code, "hunter2")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = failure(connect(443, host="api.example"), "POST")
    assert isinstance(error, NotSentError)
    assert error.message == "The host name api.example:443 cannot be resolved."
    assert error.retryable is retryable


LOST: dict[str, Answer] = {
    "reset after the request": resets,
    "closed after the request": says(b""),
    "closed in the status line": says(b"HTTP/1.1 2"),
    "fewer bytes than told": says(b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"id":'),
    "no bytes where some were told": says(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"),
    "closed within a chunk": says(CHUNKED + b"20\r\n{}"),
    "closed between two chunks": says(CHUNKED + b"2\r\n{}\r\n"),
    "a chunk without a length": says(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"),
    "something else than HTTP": says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "150 headers": says(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 150 + b"\r\n"),
    "two lengths that differ": says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 60\r\n\r\n{}"),
    "a header of 70 KB": says(b"HTTP/1.1 200 OK\r\nX-Y: " + b"z" * 70_000 + b"\r\n\r\n"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", LOST)
def test_an_answer_that_breaks_off_is_lost_and_is_not_sent_again(
    serve: Serve, connect: Connect, case: str, method: str
) -> None:
    server = serve(LOST[case])
    error = failure(connect(server.port), method)
    assert error.__class__ is AnswerLostError
    assert len(server.requests) == 1


@pytest.mark.parametrize(("length", "is_cut"), [("3", True), ("2", False), ("1", True), ("", False), ("2, 2", False)])
def test_a_cut_is_noticed_where_the_library_does_not_look(length: str, is_cut: bool) -> None:
    # Versions of requests before 2.32 take a body that is too short for the whole.
    headers = {"content-length": length} if length else {}
    with pytest.raises(AnswerLostError, match="cut off after 2 of") if is_cut else nullcontext():
        _transport._check_length(headers, b"{}")


OK_LINE = b"HTTP/1.1 200 OK\r\n"
ENDLESS: dict[str, Answer] = {
    "no answer at all": waits_for_the_client_to_leave,
    "the status line": trickles(b"HTTP/1.1 200 ", b"O"),
    "a header": trickles(OK_LINE + b"X-Y: ", b"z"),
    "headers": trickles(OK_LINE, b"X-Y: z\r\n"),
    "informational answers": trickles(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a flood of informational answers": trickles(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.0),
    "the length of a chunk": trickles(CHUNKED + b"2;x=", b"y"),
    "chunks": trickles(CHUNKED, b"1\r\n \r\n"),
    "behind the body": trickles(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Y: z\r\n"),
    "the body": trickles(OK_LINE + b"Content-Length: 1000000\r\n\r\n", b" "),
    "a body to the end of the connection": trickles(OK_LINE + b"Connection: close\r\n\r\n", b" "),
}


@pytest.mark.parametrize("is_kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize("case", ENDLESS)
def test_an_answer_without_end_is_given_up_in_time(serve: Serve, connect: Connect, case: str, is_kept: bool) -> None:
    server = serve(*([ok()] if is_kept else []), ENDLESS[case], ok(b"[]"))
    transport = connect(server.port)
    if is_kept:
        send(transport)
    started = time.monotonic()

    error = failure(transport, "PUT", body=b"{}")

    assert 0.9 < time.monotonic() - started < 3
    assert error.__class__ is AnswerLostError
    assert error.message == f"No complete answer from 127.0.0.1:{server.port} within 1 s."
    assert error.hint == "Raise api_timeout."
    assert send(transport).body == b"[]"


def test_an_answer_without_end_is_given_up_in_time_under_tls(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: str
) -> None:
    server = serve(ENDLESS["headers"], tls=tls(authority))
    error = failure(connect(server.port, scheme="https", verify=bundle), "PUT", body=b"{}")
    assert error.__class__ is AnswerLostError
    assert error.message.endswith("within 1 s.")


@pytest.mark.parametrize("way", ["TLS handshake", "proxy"])
def test_a_connection_that_never_comes_about_is_given_up_in_time(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    # A record of TLS that is longer than what comes of it, and a proxy that never gets to the end of its headers.
    begun = {"TLS handshake": b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", "proxy": OK_LINE + b"X-Y: "}[way]
    server = serve(trickles(begun, b"\x00" if way == "TLS handshake" else b"z"), reads=False)
    port = server.port
    if way == "proxy":
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        port = 1
    started = time.monotonic()

    error = failure(connect(port, scheme="https"), "POST")

    assert time.monotonic() - started < 3
    assert isinstance(error, NotSentError)
    assert error.message == f"No connection to 127.0.0.1:{port}."


def test_an_early_answer_is_not_taken_for_that_to_the_next_request(serve: Serve, connect: Connect) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    late = b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"late"'
    server = serve(says(early, keeps=True), says(late, keeps=True), ok(b"[]"))
    transport = connect(server.port)
    assert send(transport).status == 103
    assert send(transport).status == 200
    assert server.connections == 2


def test_no_socket_and_no_thread_is_left_of_a_call_in_time(serve: Serve, connect: Connect) -> None:
    server = serve(ok())
    transport = connect(server.port)
    send(transport)
    threads = threading.active_count()
    descriptors = len(os.listdir("/dev/fd"))
    for _number in range(20):
        send(transport)
    assert threading.active_count() <= threads
    assert len(os.listdir("/dev/fd")) <= descriptors
    transport.close()
    # The thread that watched the time.
    assert threading.active_count() < threads


def test_a_body_without_a_length_is_what_came_until_the_end(serve: Serve, connect: Connect) -> None:
    server = serve(says(b'HTTP/1.1 200 OK\r\n\r\n{"id":'))
    assert send(connect(server.port)).body == b'{"id":'


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_answer_that_breaks_off_in_its_headers_has_no_body(serve: Serve, connect: Connect, method: str) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Len"))
    assert send(connect(server.port), method) == Response(200, "OK", {}, b"")


def test_chunks_are_put_together(serve: Serve, connect: Connect) -> None:
    server = serve(says(CHUNKED + b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n", keeps=True), ok(b"next"))
    transport = connect(server.port)
    assert send(transport).body == b"[1,2]"
    assert send(transport).body == b"next"
    assert server.connections == 1


def test_a_compressed_answer_is_read_although_it_was_not_asked_for(serve: Serve, connect: Connect) -> None:
    server = serve(ok(gzip.compress(b'{"id":"CTT-1"}'), b"Content-Encoding: gzip"))
    assert send(connect(server.port)).body == b'{"id":"CTT-1"}'


MIB = 2**20
TOO_LARGE = "The answer is larger than 1 MiB."
ENCODED = "The answer has an encoding that was not asked for."
INVALID: dict[str, tuple[Answer, str]] = {
    "a large body": (ok(b"x" * (MIB + 1)), TOO_LARGE),
    "endless chunks": (says(CHUNKED + (b"10000\r\n" + b"x" * 2**16 + b"\r\n") * 17), TOO_LARGE),
    "a gzip bomb": (ok(gzip.compress(bytes(64 * MIB), 1), b"Content-Encoding: gzip"), TOO_LARGE),
    "a broken gzip": (ok(b"\x1f\x8bnonsense", b"Content-Encoding: gzip"), "The answer's compression is broken."),
    "brotli": (ok(b"{}", b"Content-Encoding: br"), ENCODED),
    "two encodings": (ok(b"{}", b"Content-Encoding: gzip, gzip"), ENCODED),
}


@pytest.mark.parametrize("case", INVALID)
def test_a_body_that_cannot_be_held_or_read_is_invalid(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(_transport, "MAX_BODY", MIB)
    answer, message = INVALID[case]
    error = failure(connect(serve(answer).port))
    assert isinstance(error, InvalidAnswerError)
    assert error.message == message


def test_a_body_as_large_as_allowed_is_read(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_transport, "MAX_BODY", MIB)
    assert len(send(connect(serve(ok(b"x" * MIB)).port)).body) == MIB


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_redirect_is_not_followed(serve: Serve, connect: Connect, method: str, status: int) -> None:
    other = serve(ok())
    where = b"http://127.0.0.1:%d/login" % other.port
    server = serve(says(b"HTTP/1.1 %d Over there\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, where)))
    assert send(connect(server.port), method).status == status
    assert other.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("entry", ["machine 127.0.0.1", "default"])
def test_an_entry_of_netrc_does_not_replace_the_token(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entry: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"{entry} login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth("http://127.0.0.1/") == ("me", "hunter2")
    server = serve(ok())
    send(connect(server.port))
    sent = re.findall(rb"^authorization: (.*)\r$", server.requests[0], re.IGNORECASE | re.MULTILINE)
    assert sent == [f"Bearer {TOKEN}".encode()]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ours.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="module")
def foreign_bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "foreign.pem"
    trustme.CA(key_type=trustme.KeyType.ECDSA).cert_pem.write_to_path(str(path))
    return str(path)


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


def test_a_certificate_of_the_named_authority_is_trusted(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: str
) -> None:
    server = serve(ok(), tls=tls(authority))
    assert send(connect(server.port, scheme="https", verify=bundle)).status == 200


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_does_not_replace_ca_path(
    serve: Serve,
    connect: Connect,
    authority: trustme.CA,
    bundle: str,
    foreign_bundle: str,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    server = serve(ok(), tls=tls(authority))
    monkeypatch.setenv(variable, foreign_bundle)
    assert send(connect(server.port, scheme="https", verify=bundle)).status == 200
    monkeypatch.setenv(variable, bundle)
    assert isinstance(failure(connect(server.port, scheme="https", verify=foreign_bundle)), ConfigError)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_certificates_are_not_checked_if_told_so_whatever_the_environment_says(
    serve: Serve, connect: Connect, authority: trustme.CA, foreign_bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", foreign_bundle)
    server = serve(ok(), tls=tls(authority))
    assert send(connect(server.port, scheme="https", verify=False)).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", ["unknown authority", "another authority", "another host"])
def test_a_certificate_that_is_not_trusted_ends_the_run_and_names_ca_path(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: str, foreign_bundle: str, case: str, method: str
) -> None:
    server = serve(ok(), tls=tls(authority, "other.example" if case == "another host" else "127.0.0.1"))
    verify = {"unknown authority": True, "another authority": foreign_bundle, "another host": bundle}[case]
    error = failure(connect(server.port, scheme="https", verify=verify), method)
    assert isinstance(error, ConfigError)
    assert error.message == f"No trusted TLS connection to 127.0.0.1:{server.port}: its certificate was refused."
    assert "ca_path" in error.hint
    assert "validate_certs" not in str(error)
    assert server.requests == []


def test_a_server_without_tls_is_a_matter_of_the_address(connect: Connect) -> None:
    def answer(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.settimeout(PATIENCE)
            connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        plain = threading.Thread(target=answer, args=(listener,))
        plain.start()
        error = failure(connect(listener.getsockname()[1], scheme="https"))
        plain.join(PATIENCE)
    assert isinstance(error, ConfigError)
    assert error.hint == "Check the scheme and port of api_url."


def test_a_proxy_that_refuses_is_named_without_its_password(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(says(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@127.0.0.1:{proxy.port}")
    error = failure(connect(443, scheme="https", host="api.example"), "POST")
    assert isinstance(error, ConfigError)
    assert error.message == "The proxy refused the way to api.example:443."
    assert error.hint == "Check the environment variables HTTPS_PROXY and NO_PROXY."
    assert proxy.requests[0].startswith(b"CONNECT api.example:443 ")
    assert TOKEN.encode() not in proxy.requests[0]


@pytest.mark.parametrize("answer", [says(b""), resets, says(b"HTTP/1.1 2")], ids=["closed", "reset", "cut"])
def test_a_proxy_that_ends_the_connection_behind_a_write_may_have_handed_it_on(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    proxy = serve(answer)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    error = failure(connect(80, host="api.example"), "POST")
    assert error.__class__ is AnswerLostError
    assert proxy.requests[0].startswith(b"POST http://api.example")


def test_no_proxy_is_honoured(serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(ok()), serve(ok())
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert send(connect(server.port)).status == 200
    assert proxy.connections == 0


POOL = urllib3.HTTPConnectionPool("api.example")
SECRET = f"Bearer {TOKEN}"
WRAPPED: dict[str, tuple[Exception, type[SwoError]]] = {
    "connect timeout": (
        requests.ConnectTimeout(
            urllib3.exceptions.MaxRetryError(POOL, SECRET, urllib3.exceptions.ConnectTimeoutError(POOL, SECRET))
        ),
        NotSentError,
    ),
    "read timeout": (requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(POOL, SECRET, SECRET)), AnswerLostError),
    "read timeout in the body": (
        requests.ConnectionError(urllib3.exceptions.ReadTimeoutError(POOL, SECRET, SECRET)),
        AnswerLostError,
    ),
    "reset": (
        requests.ConnectionError(urllib3.exceptions.ProtocolError(SECRET, ConnectionResetError(104, SECRET))),
        AnswerLostError,
    ),
    "cut TLS": (requests.exceptions.SSLError(ssl.SSLEOFError(8, SECRET)), AnswerLostError),
    "broken TLS": (requests.exceptions.SSLError(ssl.SSLError(1, SECRET)), ConfigError),
    "refused certificate": (requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, SECRET)), ConfigError),
    "proxy": (requests.exceptions.ProxyError(urllib3.exceptions.ProxyError(SECRET, OSError(SECRET))), ConfigError),
    "header that cannot be sent": (requests.exceptions.InvalidHeader(SECRET), ConfigError),
    "address that cannot be used": (requests.exceptions.InvalidURL(SECRET), ConfigError),
    "no scheme": (requests.exceptions.InvalidSchema(SECRET), ConfigError),
    "anything else": (RuntimeError(SECRET), AnswerLostError),
    "no memory": (MemoryError(SECRET), AnswerLostError),
    "itself as its cause": (ValueError(SECRET), AnswerLostError),
}
WRAPPED["itself as its cause"][0].__cause__ = WRAPPED["itself as its cause"][0]


@pytest.mark.parametrize("was_connected", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("case", WRAPPED)
def test_an_exception_of_the_library_becomes_ours_without_its_text(case: str, was_connected: bool) -> None:
    cause, expected = WRAPPED[case]
    error = _transport._translated(cause, "api.example", 30, was_connected)
    assert error.__class__ is (AnswerLostError if was_connected else expected)
    assert TOKEN not in str(error)
    assert "Bearer" not in f"{error!r} {error.failure()}"


def test_requests_is_there() -> None:
    assert _transport.missing_library() == ""
    assert _transport.warning_of_old_requests() == []


@pytest.mark.parametrize(
    ("version", "is_old"),
    [("2.25.1", True), ("2.32.3", True), ("2.32.4", False), ("2.33", False), ("2.34.0.dev1", False), ("10.0", False)],
)
def test_a_release_of_requests_below_the_oldest_is_warned_about(
    version: str, is_old: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "__version__", version)
    told = _transport.warning_of_old_requests()
    assert bool(told) is is_old
    assert all(f"requests is version {version}, and older than 2.32.4" in text for text in told)
