# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults: what is injected, and how a task has to end then.

A: the request does not get through. B: it is sent, and what became of it is unknown. C: statuses. D: bodies.
E: redirects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import certifi

from tests.matrix.operations import SWITCHES, Operation
from tests.matrix.wire import PROXY_PASSWORD
from tests.unit.contact_sets import INVOICES, ORDERS

# How the task may end: as if nothing had happened, with an error, or, where it is a matter of luck, in either way.
DONE, TOLD, EITHER = "done", "told", "either"
BEFORE, AFTER = "before_commit", "after_commit"
# Hits the first request and a third of the others.
SEED_OF_STORM = 3
# A part of each refusal, which the user has to get to see.
FIELD_MESSAGE = "is not to their liking"


@dataclass(frozen=True)
class Fault:
    """``do`` is a rule of the simulator and ``wire`` the name of an obstacle or a bend, on the requests of the target.

    ``times`` None: for ever. ``rules`` are more of the simulator's, with conditions of their own; ``looks_fail``: no
    read succeeds after the first request of the target. ``late``: the request may be carried out behind the client's
    back, so that a repetition is carried out, too. ``waits``: seconds until the next request, from and to. ``tries``:
    most requests to the target, of a task of one contact. ``says``: a part of the message. ``only`` names the shapes
    of answers, or ``read`` and ``write``, for which there is such a fault; ``why`` says why there is none for others.
    ``lies``: a read shows values that are wrong and look right, so nobody can know what to go back to.
    """

    row: str
    name: str
    reads: str = DONE
    writes: str = DONE
    do: dict[str, Any] = field(default_factory=dict)
    phase: str | None = None
    times: int | None = 1
    wire: str = ""
    rules: tuple[dict[str, Any], ...] = ()
    looks_fail: bool = False
    late: bool = False
    waits: tuple[float, float] | None = None
    tries: int | None = None
    says: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    netrc: str = ""
    only: tuple[str, ...] = ()
    why: str = ""
    lies: bool = False

    def __str__(self) -> str:
        return f"{self.row} {self.name}"

    def why_not(self, operation: Operation) -> str:
        """Why there is no such fault in this operation; empty if there is."""
        if self.late and operation.name == "create" and SWITCHES.get("email_unique") == "off":
            return "a server that lets an address in twice, and that late, leaves nothing to do but to report it"
        kind = "write" if operation.is_write else "read"
        return "" if not self.only or {kind, operation.shape} & set(self.only) else self.why

    def ends(self, operation: Operation) -> str:
        return self.writes if operation.is_write else self.reads


def _times(*counts: int | None) -> list[tuple[str, int | None]]:
    names = {1: "once", 2: "twice", 3: "three times", None: "for ever"}
    return [(names[count], count) for count in counts]


def _unsent() -> Iterator[Fault]:
    for name in ("refused", "unreachable", "no connection in time", "resolver busy"):
        row = "A3" if "resolver" in name else "A2" if "time" in name else "A1"
        for often, times in _times(1, 2, None):
            end = TOLD if times is None else DONE
            yield Fault(row, f"{name}, {often}", end, end, wire=name, times=times, tries=4 if times is None else None)
    yield Fault("A3", "no such host", TOLD, TOLD, wire="no such host", times=None, tries=1)
    for often, times in _times(1, 2, None):
        end = TOLD if times is None else DONE
        yield Fault("A4", f"reset when accepted, {often}", end, end, {"reset": True}, "accept", times)
    for name in (
        "certificate expired",
        "certificate of another host",
        "certificate signed by itself",
        "certificate of an unknown authority",
    ):
        yield Fault("A5", name, TOLD, TOLD, wire=name, times=None, tries=1, says="ca_path")
    for name in ("no TLS at all", "old TLS only"):
        yield Fault("A5", name, TOLD, TOLD, wire=name, times=None, tries=1)
    yield Fault("A5", "end in the TLS handshake", wire="end in the TLS handshake")
    bundle = certifi.where()
    yield Fault(
        "A6",
        "bundle of the environment beside ca_path",
        environment=(("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem"),),
        options=(("ca_path", bundle),),
    )
    yield Fault(
        "A6",
        "bundle of the environment is missing",
        TOLD,
        TOLD,
        environment=(("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem"),),
    )
    for name in ("proxy is down", "proxy wants a password", "proxy finds no way"):
        yield Fault("A7", name, TOLD, TOLD, wire=name, times=None, tries=1)
    proxy = ("HTTPS_PROXY", f"http://ann:{PROXY_PASSWORD}@proxy.contoso.example:8080")
    yield Fault("A7", "proxy of the environment", TOLD, TOLD, environment=(proxy,))
    yield Fault("A7", "NO_PROXY names the host", environment=(proxy, ("NO_PROXY", "contoso.example")))
    yield Fault("A8", "netrc knows the host", netrc="machine api.contoso.example login ann password other-secret")
    yield Fault("A8", "netrc has a default", netrc="default login ann password other-secret")


def _unknown() -> Iterator[Fault]:
    for close in ("reset", "fin"):
        for often, times in _times(1, 2, None):
            end = TOLD if times is None else DONE
            yield Fault("B1", f"{close} before it is carried out, {often}", end, end, {close: True}, BEFORE, times)
        yield Fault("B2", f"{close} after it was carried out", do={close: True}, phase=AFTER)
        yield Fault("B2", f"{close} after each was carried out", TOLD, DONE, {close: True}, AFTER, None)
    for count in (0, 1, 17):
        yield Fault("B4", f"reset after {count} bytes of the body", do={"cut": count, "reset": True}, phase="body")
    yield Fault("B4", "reset within the headers", do={"cut": 9, "reset": True}, phase="headers")
    yield Fault("B5", "no answer in time, carried out", do={"hang": True}, phase=AFTER)
    yield Fault("B5", "no answer in time, not carried out", do={"hang": True}, phase=BEFORE)
    for late in (1, 3, 8):
        why = "a read has nothing that could be carried out late"
        yield Fault(
            "B5",
            f"carried out {late} s after the connection broke",
            do={"reset": True, "late_commit": late},
            phase=BEFORE,
            writes=EITHER,
            late=True,
            only=("write",),
            why=why,
        )
        yield Fault(
            "B5",
            f"carried out {late} s after the time for the answer",
            do={"delay_commit": 30 + late},
            writes=EITHER,
            late=True,
            only=("write",),
            why=why,
        )
    yield Fault("B5", "an answer just in time", do={"delay": 29})
    why = "nothing is looked up after a read"
    for close in ("reset", "hang"):
        yield Fault(
            "B6",
            f"{close} after it was carried out, and no look succeeds",
            writes=TOLD,
            do={close: True},
            phase=AFTER,
            looks_fail=True,
            says="could not be read back",
            only=("write",),
            why=why,
        )
    yield Fault(
        "B6",
        "reset before it is carried out, and no look succeeds",
        writes=TOLD,
        do={"reset": True},
        phase=BEFORE,
        looks_fail=True,
        says="could not be read back",
        only=("write",),
        why=why,
    )
    yield Fault("B7", "kept connection was closed", wire="kept connection was closed")
    why = "such an answer holds no contact of its own"
    yield Fault("B8", "answer shows another contact", EITHER, DONE, {"swap_body": True}, only=("one",), why=why)
    yield Fault(
        "B8", "each answer shows another contact", TOLD, DONE, {"swap_body": True}, times=None, only=("one",), why=why
    )
    yield Fault("B8", "answer has the id of another contact", EITHER, DONE, {"swap_id": True}, only=("one",), why=why)
    for status in (408, 500, 502, 503, 504):
        yield Fault(
            "B9", f"{status} web page after it was carried out", do={"status": status, "html": True}, phase=AFTER
        )


_E1 = {"title": "Bad", "status": 400, "errors": {"name": [f"It {FIELD_MESSAGE}."]}, "traceId": "00-11-22-01"}
_E2 = {"title": "Bad", "status": 400, "detail": f"It {FIELD_MESSAGE}.", "traceId": "00-11-22-01"}
_E3 = {
    "title": "Bad",
    "status": 400,
    "errors": [{"id": "SWO01", "properties": ["name"], "message": f"It {FIELD_MESSAGE}."}],
}
_E4 = {"message": f"It {FIELD_MESSAGE}.", "statusCode": 400}


def _throttled() -> Iterator[Fault]:
    for name, wait in {"2": 2, "date": {"date_in": 2}}.items():
        do = {"status": 429, "retry_after": wait}
        yield Fault("C1", f"429 with {name} in Retry-After", do=do, waits=(1.0, 3.0))
    for name, clock in {"ahead": "Fri, 01 Jan 2100 00:00:0", "behind": "Thu, 01 Jan 1998 00:00:0"}.items():
        headers = {"Date": clock + "0 GMT", "Retry-After": clock + "2 GMT"}
        do = {"status": 429, "headers": headers}
        yield Fault("C1", f"429 with a date of a clock that is {name}", do=do, waits=(1.9, 3.0))
    for text in ("7200", "100000000000000000000", "Fri, 31 Dec 9999 23:59:59 GMT"):
        do = {"status": 429, "retry_after": text}
        yield Fault("C2", f"429 with Retry-After {text}", TOLD, TOLD, do, times=None, tries=1)
    for text in ("", "soon", "-5", "1.5", "0"):
        do = {"status": 429, "retry_after": text}
        yield Fault("C3", f"429 with Retry-After '{text}'", do=do, waits=(0.4, 3.0))
        yield Fault("C3", f"429 for ever with Retry-After '{text}'", TOLD, TOLD, do, times=None, tries=4)
    yield Fault("C3", "429 without Retry-After", do={"status": 429})
    twice = {"status": 429, "headers": [["Retry-After", "1"], ["Retry-After", "2"]]}
    yield Fault("C3", "429 with two of Retry-After", do=twice, waits=(0.4, 3.0))
    storm = {"when": {"p": 0.3, "seed": SEED_OF_STORM}, "do": {"status": 429, "retry_after": 1}}
    yield Fault("C4", "429 for each third request of all kinds", rules=(storm,))
    applied = {"status": 429, "retry_after": 1}
    yield Fault("C4", "429 although it was carried out", do=applied, phase=AFTER)


def _statuses() -> Iterator[Fault]:
    for status in (500, 502, 503, 504):
        for often, times in _times(1, 2, None):
            end = TOLD if times is None else DONE
            says = f"HTTP {status}" if times is None else ""
            yield Fault("C5", f"{status} {often}", end, end, {"status": status}, BEFORE, times, says=says)
    for name, body in {"E1": _E1, "E2": _E2, "E3": _E3, "E4": _E4}.items():
        do = {"status": 400, "body": body}
        yield Fault("C6", f"400 of form {name}", TOLD, TOLD, do, BEFORE, None, says=FIELD_MESSAGE)
        # A list that is refused may be so for a field in it, and is asked for without.
        yield Fault("C6", f"400 of form {name}, once", EITHER, TOLD, do, BEFORE, 1, says=FIELD_MESSAGE)
    yield Fault("C7", "401", TOLD, TOLD, {"status": 401}, times=None, tries=1, says="api_token")
    for after in (1, 3):
        revoked = {"when": {"after": after}, "do": {"status": 401}}
        yield Fault(
            "C7",
            f"401 after {after} requests",
            EITHER,
            TOLD,
            rules=(revoked,),
            only=("write", "one"),
            why="a list is the first request",
        )
    yield Fault("C8", "403 on one", TOLD, TOLD, {"status": 403})
    yield Fault("C8", "403 on all", TOLD, TOLD, {"status": 403}, times=None)
    gone = {"title": "Not Found", "status": 404, "detail": "No such contact."}
    gateway = {"statusCode": 404, "message": "Resource not found"}
    yield Fault("C9", "404 of the API", EITHER, EITHER, {"status": 404, "body": gone})
    yield Fault("C9", "404 of the API, for ever", TOLD, TOLD, {"status": 404, "body": gone}, times=None)
    yield Fault("C9", "404 of the gateway", TOLD, TOLD, {"status": 404, "body": gateway}, times=None, tries=1)
    yield Fault("C9", "404 of a proxy", TOLD, TOLD, {"status": 404, "html": True}, times=None)
    for often, times in _times(1, None):
        yield Fault("C10", f"409 {often}", TOLD, TOLD, {"status": 409}, BEFORE, times)
    for status in (200, 201, 202, 203, 299):
        yield Fault("C11", f"{status} whatever was due", do={"status": status, "keep_body": True}, times=None)
    yield Fault("C11", "204 without a body", TOLD, DONE, {"status": 204}, AFTER, None)
    problem = {"title": "Bad", "status": 400, "detail": "It was not done."}
    for often, times in _times(1, None):
        end = TOLD if times is None else EITHER
        yield Fault(
            "C12", f"200 with a problem in it, {often}", end, EITHER, {"status": 200, "body": problem}, BEFORE, times
        )
        yield Fault(
            "C12",
            f"200 with a problem in it though carried out, {often}",
            end,
            DONE,
            {"status": 200, "body": problem},
            AFTER,
            times,
        )
    for status in (402, 405, 413, 415, 418, 422):
        yield Fault("C12", f"{status}", TOLD, TOLD, {"status": status}, BEFORE, None, says=f"HTTP {status}")
    for status in (501, 599):
        yield Fault("C12", f"{status}", TOLD, TOLD, {"status": status}, BEFORE, None, says=f"HTTP {status}")


def _bodies() -> Iterator[Fault]:
    for name, body in {
        "nothing": "",
        "blanks": " \r\n ",
        "null": "null",
        "empty list": "[]",
        "text": '"done"',
        "number": "1",
        "true": "true",
        "empty object": "{}",
    }.items():
        for often, times in _times(1, None):
            end = TOLD if times is None else EITHER
            do = {"status": 200, "body": body}
            yield Fault("D1", f"200 with {name}, {often}", end, DONE, do, AFTER, times)
        yield Fault(
            "D1", f"200 with {name} and nothing done", TOLD, EITHER, {"status": 200, "body": body}, BEFORE, None
        )
    for framing in ("length", "close", "chunked"):
        do = {"cut": 23, "fin": True, "framing": framing}
        for often, times in _times(1, None):
            yield Fault(
                "D2", f"cut short ({framing}), {often}", TOLD if times is None else DONE, DONE, do, "body", times
            )
    for often, times in _times(1, None):
        end = TOLD if times is None else DONE
        yield Fault("D3", f"200 with a web page, {often}", end, DONE, {"status": 200, "html": True}, AFTER, times)
    page = "<html><title>Down\x1b[31m</title>" + "<b>x</b>" * 130_000 + "</html>"
    yield Fault(
        "D3",
        "503 with 1 MiB of a web page",
        TOLD,
        TOLD,
        {"status": 503, "body": page, "content_type": "text/html"},
        BEFORE,
        None,
    )
    for name in ("JSON as plain text", "JSON without a type", "JSON with a byte order mark"):
        yield Fault("D4", name, wire=name, times=None)
    for name in ("JSON in UTF-16", "JSON in Latin-1"):
        yield Fault("D4", name, TOLD, DONE, wire=name, times=None, only=("list", "one"), why="there is no body")


def _odd_json() -> Iterator[Fault]:
    depth = 100_000
    for name, body in {
        "NaN": '{"id": "CTT-0000-0001", "chat": NaN}',
        "a key twice": '{"id": "CTT-0000-0001", "id": "CTT-0000-0002"}',
        "a number of 5,000 digits": '{"id": ' + "9" * 5000 + "}",
        "lists in lists": "[" * depth + "]" * depth,
        "objects in objects": '{"a":' * depth + "1" + "}" * depth,
        "half of a character": '{"id": "\\ud800"}',
    }.items():
        yield Fault("D7", name, TOLD, DONE, {"status": 200, "body": body}, AFTER, None)


def _odd_texts() -> Iterator[Fault]:
    for name, text in {
        "terminal codes": "\x1b[31mred\x1b[0m",
        "lines": "one\r\n::error::two\u2028three",
        "a template": "{{ 7*7 }} {% raw %}",
        "1 MiB": "long " * 200_000,
        "the token": "bad header {authorization}",
        "a piece of the token": "bad header {authorization[:45]}",
        "the end of the token": "bad header {authorization[-20:]}",
        "the other direction of writing": "\u202egnp.exe",
    }.items():
        for status in (400, 500):
            yield Fault("D10", f"{status} with {name}", TOLD, TOLD, {"status": status, "detail": text}, BEFORE, None)
    yield Fault("D10", "500 that repeats the headers", TOLD, TOLD, {"echo_headers": True}, times=None)
    field_errors = {"title": "Bad", "status": 400, "errors": {"{authorization}": ["{authorization[9:]}", "\x07"]}}
    yield Fault(
        "D10", "400 with the token in its fields", TOLD, TOLD, {"status": 400, "body": field_errors}, BEFORE, None
    )


def _each(values: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(values.items())


def _odd_lists() -> Iterator[Fault]:
    """Lists with members that are missing or of another kind."""
    only, why = ("list",), "such an answer has no rows"

    def edited(row: str, name: str, end: str, changes: dict[str, Any], times: int | None = None) -> Fault:
        return Fault(row, name, end, end, {"edit": changes}, times=times, only=only, why=why)

    yield edited("D5", "data is missing", TOLD, {"remove": ["data"]})
    yield edited("D5", "data is missing once", EITHER, {"remove": ["data"]}, 1)
    for name, value in _each({"null": None, "an object": {}, "a text": "none"}):
        yield edited("D5", f"data is {name}", TOLD, {"set": {"data": value}})
    for name, value in _each({"null": None, "a text": "x", "a list": []}):
        yield edited("D5", f"a row is {name}", TOLD, {"set": {"data.0": value}})
    yield edited("D5", "a row has no id", TOLD, {"remove": ["data.0.id"]})
    for name, value in _each({"null": None, "a number": 7, "empty": "", "hostile": "../../accounts/ACC-1"}):
        yield edited("D5", f"the id of a row is {name}", TOLD, {"set": {"data.0.id": value}})
    yield edited("D5", "all rows have one id", EITHER, {"set": {"data.*.id": "CTT-0000-0009"}})
    yield edited("D5", "a row has no address", EITHER, {"remove": ["data.0.email"]})
    yield edited("D5", "no row has an address", EITHER, {"remove": ["data.*.email"]})
    for name, value in _each({"null": None, "a number": 7, "a list": ["a@b.example"]}):
        yield edited("D5", f"the address of a row is {name}", EITHER, {"set": {"data.0.email": value}})
    yield edited("D6", "no $meta", EITHER, {"remove": ["$meta"]})
    for name, value in _each({"null": None, "negative": -1, "a text": "12", "a fraction": 1.5, "true": True}):
        yield edited("D6", f"total is {name}", EITHER, {"set": {"$meta.pagination.total": value}})
    yield edited("D6", "total is far too high", TOLD, {"set": {"$meta.pagination.total": 2**53}})
    yield edited("D6", "total is far too high once", EITHER, {"set": {"$meta.pagination.total": 2**53}}, 1)
    yield edited("D6", "total is 0 although there are rows", EITHER, {"set": {"$meta.pagination.total": 0}})
    yield edited("D8", "rows with members nobody knows", DONE, {"set": {"data.*.shoeSize": {"eu": 43}}})
    yield edited("D8", "a status nobody knows", EITHER, {"set": {"data.0.status": "Pending"}})
    # The list that proves the writes does not show them, either.
    yield edited(
        "D9", "opt-outs are left out silently", EITHER, {"remove": ["data.*.optOuts"], "set": {"$meta.omitted": []}}
    )
    yield edited("D9", "opt-outs are null", EITHER, {"set": {"data.*.optOuts": None}})
    yield edited("D9", "opt-outs are by id alone", DONE, {"set": {"data.0.optOuts": [{"id": ORDERS}]}})


def _odd_contacts() -> Iterator[Fault]:
    """Answers with one contact, with members that are missing or of another kind."""
    only, why = ("one",), "such an answer has no single contact"

    def edited(row: str, name: str, read: str, changes: dict[str, Any]) -> Fault:
        return Fault(row, name, read, DONE, {"edit": changes}, times=None, only=only, why=why, lies=row == "D9")

    yield edited("D5", "no id", TOLD, {"remove": ["id"]})
    for name, value in _each(
        {
            "null": None,
            "a number": 7,
            "hostile": "../../accounts/ACC-1",
            "not there": "CTT-0000-0009",
        }
    ):
        yield edited("D5", f"the id is {name}", TOLD, {"set": {"id": value}})
    yield edited("D5", "no address", EITHER, {"remove": ["email"]})
    for name, value in _each({"null": None, "a number": 7, "another": "a1@bystanders.example"}):
        yield edited("D5", f"the address is {name}", EITHER, {"set": {"email": value}})
    yield edited("D8", "members nobody knows", DONE, {"set": {"shoeSize": {"eu": 43}}})
    yield edited("D8", "a status nobody knows", EITHER, {"set": {"status": "Pending"}})
    yield edited("D8", "status is a number", EITHER, {"set": {"status": 3}})
    yield edited("D9", "no opt-outs", EITHER, {"remove": ["optOuts"]})
    yield edited("D9", "opt-outs are null", EITHER, {"set": {"optOuts": None}})
    yield edited("D9", "opt-outs are a text", EITHER, {"set": {"optOuts": ORDERS}})
    yield edited("D9", "an opt-out twice", EITHER, {"set": {"optOuts": [{"id": INVOICES}, {"id": INVOICES}]}})


def _redirects() -> Iterator[Fault]:
    for status in (301, 302, 303, 307, 308):
        do = {"redirect": "https://elsewhere.example/public/v1/x?{authorization}", "status": status}
        yield Fault("E1", f"{status} to another host", TOLD, TOLD, do, times=None, tries=1)
        if status in (302, 303):
            yield Fault("E1", f"{status} to another host after it was carried out", TOLD, DONE, do, AFTER, 1)
    for name, target in {
        "another port": "https://api.contoso.example:8443/public/v1",
        "plain http": "http://api.contoso.example/public/v1",
        "a file": "file:///etc/passwd",
        "a host alone": "//elsewhere.example/x",
        "a user": "https://ann:pw@elsewhere.example/",
        "a line break": "https://elsewhere.example/\r\nSet-Cookie: x",
        "nowhere": "",
    }.items():
        yield Fault("E1", f"302 to {name}", TOLD, TOLD, {"redirect": target}, times=None, tries=1)
    yield Fault("E2", "302 to a login", TOLD, TOLD, {"redirect": "/login"}, times=None, tries=1)
    yield Fault(
        "E3", "302 to itself", TOLD, TOLD, {"redirect": "/public/v1/notifications/contacts"}, times=None, tries=1
    )


_PARTS = (
    _unsent,
    _unknown,
    _throttled,
    _statuses,
    _bodies,
    _odd_lists,
    _odd_contacts,
    _odd_json,
    _odd_texts,
    _redirects,
)
FAULTS = [fault for part in _PARTS for fault in part()]
