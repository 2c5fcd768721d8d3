# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error answers of every shape, said in one sentence."""

from __future__ import annotations

import json
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.client import api_error
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Response
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import ApiError, ConfigError, SwoError
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import MASK, Redactor

TAIL = "Qz7Rk2Vx9Lm4Ht6Yw8Bn3Cd5Fg1Jp0Ss"
TOKEN = f"idt:TKN-9999-9999:{TAIL}"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def problem(
    status: int, body: Any = b"", reason: str = "", method: str = "GET", headers: dict[str, str] | None = None
) -> SwoError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = api_error(method, Response(status, reason, headers or {}, content), Redactor(TOKEN))
    error.attempt = "read contact CTT-1"
    return error


def api_problem(status: int, body: Any = b"", reason: str = "", **options: Any) -> ApiError:
    error = problem(status, body, reason, **options)
    assert isinstance(error, ApiError)
    return error


E1 = {
    "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    "title": "Bad Request",
    "status": 400,
    "detail": "One or more validation errors occurred.",
    "traceId": TRACE,
    "errors": {"email": ["is not valid.", "is taken."], "optOuts[0].id": ["Not found."]},
}
E2 = {
    "title": "One or more validation errors occurred.",
    "status": "400",
    "errors": {"nope": ["Invalid property path."]},
}
E3 = {
    "title": "Bad Request",
    "detail": "Name is wrong; Email is wrong",
    "status": 400,
    "traceId": TRACE,
    "errors": [
        {"message": "**Name** is wrong: {{name}}", "properties": ["name", "email"], "id": "MPT003-0078"},
        {"message": "Email is wrong", "id": "MPT003-0079"},
        {"message": "Something is wrong", "parameters": {}},
        "plain text",
    ],
}
E3_DOCS = {"title": "Bad Request", "details": "a; b", "errors": [{"message": "a", "properties": "name"}]}
E4 = {"title": "Bad Request", "status": 400, "detail": "Contact with id 'CTT-1' not found", "traceId": TRACE}
HTML = b"<!DOCTYPE html><html><head><TITLE lang=en>502 Bad\n <b>Gateway</b></TITLE></head><body>nginx</body></html>"

# shape: (answer, title, detail, trace id, errors, what stands behind "Could not read contact CTT-1: ")
SHAPES: dict[str, tuple[tuple[int, Any, str], tuple[str | None, str | None, str | None, dict[str, list[str]]], str]] = {
    "E1, a problem with a dictionary": (
        (400, E1, "Bad Request"),
        (
            "Bad Request",
            "One or more validation errors occurred.",
            TRACE,
            {"email": ["is not valid.", "is taken."], "optOuts[0].id": ["Not found."]},
        ),
        "HTTP 400 Bad Request: One or more validation errors occurred: email: is not valid. is taken.; "
        f"optOuts[0].id: Not found (trace id {TRACE}).",
    ),
    "E2, the sentence is the title": (
        (400, E2, "Bad Request"),
        ("One or more validation errors occurred.", None, None, {"nope": ["Invalid property path."]}),
        "HTTP 400 One or more validation errors occurred: nope: Invalid property path.",
    ),
    "E3, a business error with a list": (
        (400, E3, "Bad Request"),
        (
            "Bad Request",
            "Name is wrong; Email is wrong",
            TRACE,
            {
                "name": ["**Name** is wrong: {{name}}"],
                "email": ["**Name** is wrong: {{name}}"],
                "MPT003-0079": ["Email is wrong"],
                "error": ["Something is wrong", "plain text"],
            },
        ),
        "HTTP 400 Bad Request: Name is wrong; Email is wrong: name: **Name** is wrong: {{name}}; email: **Name** is "
        f"wrong: {{{{name}}}}; MPT003-0079: Email is wrong; error: Something is wrong plain text (trace id {TRACE}).",
    ),
    "E3 as the documentation has it": (
        (400, E3_DOCS, ""),
        ("Bad Request", "a; b", None, {"name": ["a"]}),
        "HTTP 400 Bad Request: a; b: name: a.",
    ),
    "E4, a plain business error": (
        (400, E4, "Bad Request"),
        ("Bad Request", "Contact with id 'CTT-1' not found", TRACE, {}),
        f"HTTP 400 Bad Request: Contact with id 'CTT-1' not found (trace id {TRACE}).",
    ),
    "E5 with another status than 404": (
        (401, {"statusCode": 401, "message": "Access denied"}, "Unauthorized"),
        ("Access denied", None, None, {}),
        "HTTP 401 Access denied.",
    ),
    "E6, a reason alone": (
        (401, b"", "Authentication Failed"),
        ("Authentication Failed", None, None, {}),
        "HTTP 401 Authentication Failed.",
    ),
    "E6, a plain text": (
        (401, b"Authentication Failed\r\n", "Authentication Failed"),
        ("Authentication Failed", None, None, {}),
        "HTTP 401 Authentication Failed.",
    ),
    "E6, a page": ((502, HTML, "Bad Gateway"), ("502 Bad Gateway", None, None, {}), "HTTP 502 502 Bad Gateway."),
    "a page without an end": ((502, b"<title>Oops", ""), ("Oops", None, None, {}), "HTTP 502 Oops."),
    "a page without a title": (
        (503, b"<h1>Down</h1><p>for <em>now</em></p>", ""),
        ("Down for now", None, None, {}),
        "HTTP 503 Down for now.",
    ),
    "nothing at all, as over HTTP/2": ((500, b"", ""), (None, None, None, {}), "HTTP 500."),
    "a byte order mark": (
        (400, b"\xef\xbb\xbf" + json.dumps(E4).encode(), ""),
        ("Bad Request", E4["detail"], TRACE, {}),
        f"HTTP 400 Bad Request: Contact with id 'CTT-1' not found (trace id {TRACE}).",
    ),
    "members of other types": (
        (400, {"title": 5, "detail": ["x"], "traceId": {}, "errors": 7}, ""),
        (None, None, None, {}),
        "HTTP 400.",
    ),
    "errors of other types": (
        (400, {"title": "No", "errors": {"a": "x", "b": [1, None, "y"], "c": {}, "": ["z"]}}, ""),
        ("No", None, None, {"a": ["x"], "b": ["y"]}),
        "HTTP 400 No: a: x; b: y.",
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_shape_of_error(case: str) -> None:
    (status, body, reason), (title, detail, trace_id, errors), said = SHAPES[case]
    error = api_problem(status, body, reason)
    assert error.message == f"Could not read contact CTT-1: {said}"
    assert (error.status, error.title, error.detail, error.trace_id) == (status, title, detail, trace_id)
    assert error.errors == errors
    assert error.failure() == {
        "status": status,
        "title": title,
        "detail": detail,
        "trace_id": trace_id,
        "errors": errors,
    }


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_is_a_matter_of_configuration_and_its_target_is_not_shown(status: int) -> None:
    error = problem(status, b"<title>Login</title>", headers={"location": f"https://evil.example/?{TOKEN}"})
    assert isinstance(error, ConfigError)
    assert error.message.endswith(f": the API answered HTTP {status}, a redirect, which is not followed.")
    assert "evil" not in str(error)
    assert error.stops_run


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_404_of_the_gateway_means_a_wrong_address_and_not_an_absent_contact(method: str) -> None:
    error = problem(404, {"statusCode": 404, "message": "Resource not found"}, "Resource Not Found", method=method)
    assert isinstance(error, ConfigError)
    assert error.hint == "Check api_url: it should end in /public/v1."


@pytest.mark.parametrize(
    ("status", "method", "hint"),
    [
        (400, "POST", "Check the values that the API names."),
        (401, "GET", "Check api_token"),
        (403, "GET", "The token's account may not do this."),
        (403, "POST", "Creating, deleting, blocking and unblocking contacts need a token of an Operations account."),
        (404, "GET", "The object is gone or the token's account cannot see it."),
        (404, "PUT", "The object is gone"),
        (404, "POST", "may get 404 instead of 403"),
        (409, "PUT", "run again"),
        (429, "GET", "limits the rate"),
        (408, "GET", "which is safe"),
        (500, "POST", "which is safe"),
        (504, "GET", "which is safe"),
        (599, "GET", "which is safe"),
    ],
)
def test_every_error_says_what_to_do_next(status: int, method: str, hint: str) -> None:
    error = problem(status, E4, method=method)
    assert hint in error.hint
    assert str(error) == f"{error.message} {error.hint}"


def test_a_status_without_a_rule_has_no_hint() -> None:
    assert str(problem(418, b"short and stout")) == "Could not read contact CTT-1: HTTP 418 short and stout."


@pytest.mark.parametrize(("status", "stops"), [(400, False), (401, True), (403, False), (500, False)])
def test_a_refused_token_stops_a_run(status: int, stops: bool) -> None:
    assert problem(status).stops_run is stops


@pytest.mark.parametrize(
    ("status", "is_open"), [(400, False), (408, True), (409, False), (429, False), (500, True), (504, True)]
)
def test_which_status_leaves_open_whether_a_write_was_carried_out(status: int, is_open: bool) -> None:
    assert api_problem(status).leaves_outcome_open is is_open


def test_the_headers_that_tell_when_to_try_again_are_kept() -> None:
    error = api_problem(429, headers={"retry-after": "7", "date": "Fri, 20 Nov 2026 12:00:00 GMT"})
    assert error.retry_after == ("7", "Fri, 20 Nov 2026 12:00:00 GMT")
    assert api_problem(429).retry_after == (None, None)


def test_control_characters_and_line_breaks_of_the_server_are_not_shown() -> None:
    body = {"title": "\x1b[31mRed\x1b[0m\r\nalert", "errors": {"a\nb": ["x\x00\ty"]}, "traceId": "00-1\n"}
    error = api_problem(400, body)
    said = r"HTTP 400 \x1b[31mRed\x1b[0m alert: a b: x\x00 y"
    assert error.message == f"Could not read contact CTT-1: {said} (trace id 00-1)."
    assert error.failure()["errors"] == {"a b": [r"x\x00 y"]}
    assert api_problem(400, b"\x1b[2Jgone\nnow").title == r"\x1b[2Jgone now"


LONG = "x" * 2**20


@pytest.mark.parametrize(
    "body",
    [
        {"title": LONG},
        {"title": "No", "detail": LONG, "traceId": LONG},
        {"errors": {"a": [LONG], LONG: ["b"]}},
        {"errors": {f"field {number}": ["wrong"] * 20 for number in range(5000)}},
        {"errors": [{"message": "wrong", "properties": [str(number)]} for number in range(50_000)]},
        LONG.encode(),
        b"<title>" + LONG.encode() + b"</title>",
        b"<p>" * 2**18,
    ],
    ids=["title", "detail", "field", "many fields", "many errors", "plain text", "page title", "tags"],
)
def test_a_mebibyte_of_error_is_cut(body: Any) -> None:
    error = api_problem(400, body)
    assert len(error.message) < 2100
    failure = error.failure()
    errors = failure.pop("errors")
    assert all(len(str(value)) <= 500 for value in failure.values())
    assert len(json.dumps(errors)) < 60_000


@pytest.mark.parametrize("piece", [b"<title", b"<title>", b"<title ><", b"<", b"</title"])
def test_no_page_takes_long_to_read(piece: bytes) -> None:
    body = b"<title>" + piece * (2**20 // len(piece))
    started = time.process_time()
    assert len(problem(500, body).message) < 300
    assert time.process_time() - started < 0.5


ECHOES: dict[str, Any] = {
    "title": {"title": f"Bearer {TOKEN} is wrong"},
    "message": {"message": TOKEN},
    "detail": {"detail": f"Header Authorization: Bearer {TOKEN}"},
    "trace id": {"traceId": TAIL},
    "message of a field": {"errors": {"token": [f"{TAIL} is wrong"]}},
    "name of a field": {"errors": {TOKEN: ["is wrong"]}},
    "list of errors": {"errors": [{"message": TOKEN, "properties": [TAIL]}]},
    "plain text": f"You sent Bearer {TOKEN}.".encode(),
    "page title": f"<title>You sent {TOKEN}</title>".encode(),
}


@pytest.mark.parametrize("case", ECHOES)
def test_an_echoed_token_is_masked(case: str) -> None:
    error = api_problem(400, ECHOES[case])
    shown = f"{error!s} {error.failure()}"
    assert MASK in shown
    assert TAIL[:8] not in shown
    assert TAIL[-8:] not in shown


@given(before=st.integers(0, 600), start=st.sampled_from(["", "<title>", "<p>", '{"title": "']))
def test_no_cut_leaves_a_part_of_an_echoed_token(before: int, start: str) -> None:
    body = start + "-" * before + TOKEN + "-" * 600
    for reason, content in (("", body), ("-" * before + TOKEN, ""), ("", f'{{"detail": "{body[len(start) :]}"}}')):
        error = problem(500, content.encode(), reason)
        assert not any(TAIL[at : at + 8] in f"{error.message} {error.failure()}" for at in range(len(TAIL) - 7))


SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6))
KEYS = st.sampled_from(
    ["title", "detail", "details", "message", "traceId", "errors", "status", "statusCode", "properties", "id"]
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, st.text(max_size=3)), inner, max_size=4)
    ),
    max_leaves=12,
)
ODD = st.sampled_from(
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 5000,
        b"NaN",
        b'"\\ud800"',
        b"\xff\xfe{\x00}\x00",
        b"null",
        b'{"title":"\\u0000"}',
    ]
)


@given(
    status=st.integers(300, 599),
    body=st.one_of(
        st.binary(max_size=60),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.dictionaries(KEYS, JSON).map(lambda value: json.dumps(value).encode()),
        ODD,
    ),
    reason=st.text(st.characters(max_codepoint=255), max_size=10),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
)
def test_any_bytes_become_one_printable_sentence(status: int, body: bytes, reason: str, method: str) -> None:
    error = problem(status, body, reason, method=method)
    sentence = str(error)
    assert sentence.startswith("Could not read contact CTT-1: ")
    assert len(sentence.splitlines()) == 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in sentence)
    json.dumps(error.failure()).encode("ascii")
