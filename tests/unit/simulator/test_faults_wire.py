# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of the wire, seen with a bare socket against the real server (faults, section 9)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator import Simulator
from tests.simulator.server import SimulatorServer
from tests.simulator.threaded import serving
from tests.unit.simulator.wireclient import Outcome, exchange, request_bytes

CREATE = json.dumps({"email": "a@b.example", "name": "A"}).encode()


class Bench:
    """A simulator on sockets, and one create sent to it."""

    def __init__(self, sim: Simulator, server: SimulatorServer) -> None:
        self.sim = sim
        self.server = server

    def create(self, *, patience: float = 3.0) -> Outcome:
        return self.ask("POST", "/contacts", CREATE, patience=patience)

    def ask(self, method: str, path: str, body: bytes = b"", *, patience: float = 3.0) -> Outcome:
        request = request_bytes(self.sim.tokens["ops"], method, path, body)
        return exchange(self.server.api_url, request, patience=patience)

    def fail(self, do: dict[str, Any], **when: Any) -> None:
        self.sim.add_fault({"when": when, "do": do, "times": 1})

    @property
    def created(self) -> bool:
        return bool(self.sim.store.by_email("a@b.example"))


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    sim = Simulator()
    with serving(sim, keepalive=0.3) as server:
        yield Bench(sim, server)


@pytest.fixture
def bench(running: Bench) -> Iterator[Bench]:
    running.sim.reset(contacts=3)
    yield running
    assert not running.sim.unfired_faults()


def test_no_fault(bench: Bench) -> None:
    outcome = bench.create()
    assert (outcome.status, outcome.ending, bench.created) == (201, "fin", True)
    assert "Date: " in outcome.head
    entry = bench.sim.journal.entries[-1]
    assert (entry.status, entry.committed, entry.sent_fully) == (201, True, True)


@pytest.mark.parametrize(
    ("phase", "created", "begins"),
    [("accept", False, b""), ("before_commit", False, b""), ("after_commit", True, b"")],
)
@pytest.mark.parametrize(("do", "ending"), [("reset", "reset"), ("fin", "fin"), ("hang", "timeout")])
def test_connection_ends_without_answer(
    bench: Bench, do: str, ending: str, phase: str, created: bool, begins: bytes
) -> None:
    bench.fail({do: True}, phase=phase)
    outcome = bench.create(patience=0.3)
    assert (outcome.ending, outcome.data, bench.created) == (ending, begins, created)
    entries = bench.sim.journal.entries
    # At accept nothing has been read, so there is no request to note.
    assert len(entries) == (phase != "accept")
    assert all((entry.committed, entry.sent_fully) == (created, False) for entry in entries)
    assert bench.ask("GET", "/contacts").status == 200


def test_reset_before_the_request_is_known(bench: Bench) -> None:
    bench.fail({"reset": True}, phase="accept", method="POST", path="*/contacts")
    assert bench.ask("GET", "/contacts").status == 200
    outcome = bench.create()
    assert (outcome.ending, outcome.data, bench.created) == ("reset", b"", False)


@pytest.mark.parametrize(("closer", "ending"), [({}, "fin"), ({"reset": True}, "reset"), ({"hang": True}, "timeout")])
def test_cut_in_the_body(bench: Bench, closer: dict[str, bool], ending: str) -> None:
    bench.fail({"cut": 17, **closer})
    outcome = bench.create(patience=0.3)
    assert (outcome.status, outcome.ending, bench.created) == (201, ending, True)
    # A reset may discard what the client has not read yet.
    assert len(outcome.body) == 17 or (ending == "reset" and len(outcome.body) < 17)


@pytest.mark.parametrize(
    ("framing", "header"), [("length", "Content-Length: "), ("close", "Connection: close"), ("chunked", "chunked")]
)
def test_cut_with_each_framing(bench: Bench, framing: str, header: str) -> None:
    bench.fail({"cut": 20, "framing": framing})
    outcome = bench.create()
    assert header in outcome.head
    assert ("Content-Length" in outcome.head) == (framing == "length")
    body = outcome.body.partition(b"\r\n")[2] if framing == "chunked" else outcome.body
    assert len(body) == 20


def test_cut_in_the_headers(bench: Bench) -> None:
    bench.fail({"cut": 12}, phase="headers")
    outcome = bench.create()
    assert (outcome.data, bench.created) == (b"HTTP/1.1 201", True)


@pytest.mark.parametrize("phase", ["headers", "body"])
def test_drip(bench: Bench, phase: str) -> None:
    bench.fail({"drip": 400}, phase=phase, method="POST")
    outcome = bench.create()
    size = len(outcome.data if phase == "headers" else outcome.body)
    assert (outcome.status, json.loads(outcome.body)["email"]) == (201, "a@b.example")
    assert outcome.seconds > size / 400 * 0.8


@pytest.mark.parametrize(
    ("part", "begins", "goes_on"),
    [
        ("status_line", b"HTTP/1.1 201 ", b"xxx"),
        ("headers", b"HTTP/1.1 201 OK\r\n", b"X-Trickle: xxx"),
        ("header_lines", b"HTTP/1.1 201 OK\r\n", b"X-Trickle: x\r\n" * 3),
        ("continue", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 2),
        ("chunk_extension", b"HTTP/1.1 201 Created\r\n", b"\r\n\r\n1;xxx"),
        ("chunks", b"HTTP/1.1 201 Created\r\n", b"\r\n\r\n" + b"1\r\n \r\n" * 3),
        ("trailers", b"HTTP/1.1 201 Created\r\n", b"}\r\n0\r\n" + b"X-Trickle: x\r\n" * 3),
        ("body", b"HTTP/1.1 201 Created\r\n", b"Connection: close\r\n\r\n   "),
    ],
)
def test_trickle(bench: Bench, part: str, begins: bytes, goes_on: bytes) -> None:
    bench.fail({"trickle": part, "rate": 100}, method="POST")
    request = request_bytes(bench.sim.tokens["ops"], "POST", "/contacts", CREATE)
    outcome = exchange(bench.server.api_url, request, patience=3.0, enough=0.3)
    assert (outcome.ending, outcome.data.startswith(begins), goes_on in outcome.data) == ("enough", True, True)
    assert (bench.created, bench.sim.journal.entries[-1].sent_fully) == (True, False)
    assert bench.ask("GET", "/contacts").status == 200


def test_trickle_of_a_request_that_is_not_carried_out(bench: Bench) -> None:
    bench.fail({"trickle": "headers", "rate": 100}, method="POST", phase="before_commit")
    request = request_bytes(bench.sim.tokens["ops"], "POST", "/contacts", CREATE)
    outcome = exchange(bench.server.api_url, request, patience=3.0, enough=0.1)
    assert (outcome.status, bench.created) == (200, False)


def test_interim_answer_comes_before_the_real_one(bench: Bench) -> None:
    bench.fail({"interim": 103})
    outcome = bench.create()
    assert outcome.data.startswith(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\n")
    assert bench.created


def test_informational_status_in_place_of_an_answer(bench: Bench) -> None:
    bench.fail({"status": 103}, method="POST", phase="after_commit")
    outcome = bench.create()
    assert (outcome.status, outcome.body, "Content-Length" in outcome.head, bench.created) == (103, b"", False, True)


@pytest.mark.parametrize(("what", "size"), [(64, 64), ("not HTTP at all", 15)])
def test_garbage(bench: Bench, what: int | str, size: int) -> None:
    bench.fail({"garbage": what})
    outcome = bench.create()
    assert (len(outcome.data), outcome.status, bench.created) == (size, 0, False)


def test_delay_holds_back_the_answer_but_not_the_commit(bench: Bench) -> None:
    bench.fail({"delay": 0.3}, method="POST")
    assert bench.create(patience=0.1).ending == "timeout"
    assert bench.created
    assert bench.ask("GET", "/contacts").seconds < 0.2


def test_delayed_commit_happens_although_the_client_has_gone(bench: Bench) -> None:
    bench.fail({"delay_commit": 0.25}, method="POST")
    assert bench.create(patience=0.1).ending == "timeout"
    assert not bench.created
    outcome = bench.ask("GET", "/contacts?limit=0")
    assert b'"total":3' in outcome.body
    bench.sim.advance(0.25)
    assert bench.created


def test_delayed_commit_with_a_patient_client(bench: Bench) -> None:
    bench.fail({"delay_commit": 0.2}, method="POST")
    outcome = bench.create()
    assert (outcome.status, bench.created) == (201, True)
    assert outcome.seconds >= 0.2


def test_gzip_bomb(bench: Bench) -> None:
    bench.fail({"gzip_bomb": 8})
    outcome = bench.ask("GET", "/contacts")
    assert "Content-Encoding: gzip" in outcome.head
    assert len(outcome.body) < 100_000 < 8 << 20 < len(gzip.decompress(outcome.body))


def test_headers_are_those_of_the_rule(bench: Bench) -> None:
    many = [[f"X-{number}", "v"] for number in range(150)] + [["Retry-After", "1"], ["Retry-After", "2"]]
    bench.fail({"status": 599, "headers": many, "reason": "Very Odd", "body": "x", "content_type": ""})
    outcome = bench.ask("GET", "/contacts")
    assert outcome.data.startswith(b"HTTP/1.1 599 Very Odd\r\n")
    assert outcome.head.count("\r\nX-") == 150
    assert outcome.head.count("Retry-After") == 2
    assert "Content-Type" not in outcome.head


def test_idle_connection_is_closed(bench: Bench) -> None:
    request = request_bytes(bench.sim.tokens["ops"], "GET", "/contacts", keep_alive=True)
    outcome = exchange(bench.server.api_url, request)
    assert (outcome.status, outcome.ending) == (200, "fin")
    assert 0.2 < outcome.seconds < 2.5
