# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""JSON over HTTP: counts, retries and errors; the place where check mode's promise is enforced.

An error answer of any known shape becomes one sentence (notifications-api section 13).
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Mapping

from .._contacts.dates import moment_of_header
from .._errors import ApiError, InvalidAnswerError, MisroutedError, NotSentError, ReadOnlyError, SwoError
from .._text import Redactor, one_line
from .._version import VERSION
from .retry import RetryPolicy
from .transport import Request, Response, Transport

METHODS = ("GET", "POST", "PUT", "DELETE")
OPERATIONS_TOKEN = "Creating, deleting, blocking and unblocking contacts need a token of an Operations account."
# Identity: the size of an uncompressed body is the size that is held in memory.
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": f"softwareone.marketplace/{VERSION}",
}
_HINTS = {
    400: "Check the values that the API names.",
    401: "Check api_token: it may be wrong, disabled or of another environment; a new one takes a minute to work.",
    403: "The token's account may not do this.",
    404: "The object is gone or the token's account cannot see it.",
    409: "Something else changed it at the same time; run again.",
    429: "The API limits the rate of requests; run again later.",
}
_FOREIGN_404_HINT = (
    "Something between this host and the API may have answered: check api_url and the proxy. "
    "Nothing is taken for deleted because of it."
)
_SERVER_HINT = "The service has a problem; run again later, which is safe."
_MAX_MESSAGES = 50
# Plain words: a pattern over a whole element takes minutes on a page that repeats the word.
_TITLE = re.compile("<title", re.IGNORECASE)
_TITLE_END = re.compile("</title", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


class Client:
    """Calls the API below ``api_url`` through one transport.

    ``moments`` are the earliest and the latest that answers told; ``plan_hash`` goes along with each request once it is
    known.

    :param read_only: refuse every method but GET; set in check mode
    """

    def __init__(
        self, transport: Transport, api_url: str, redactor: Redactor, retry_policy: RetryPolicy, read_only: bool
    ) -> None:
        self._transport = transport
        self._api_url = api_url
        self._redactor = redactor
        self._read_only = read_only
        self.retry_policy = retry_policy
        self.requests = dict.fromkeys(METHODS, 0)
        self.moments: tuple[datetime, datetime] | None = None
        self.plan_hash: str | None = None

    def get(self, path: str, attempt: str) -> Any:
        """The decoded JSON of ``path``, which may end in a query that is already encoded.

        :param attempt: what is attempted, for error messages, as in "read contact CTT-1"
        :raises SwoError: after the retries that are due
        """
        return self._call("GET", path, None, attempt)

    def write(self, method: str, path: str, body: Any, attempt: str, tries: int = 1) -> Any:
        """Send a write; the decoded JSON of the answer, or None where there is no body.

        It is sent again by itself only if it surely was not sent; after a refusal somebody has to look first whether
        it was carried out all the same.

        :param tries: how often it was sent with this one
        :raises AnswerLostError: it may have been carried out; so may an ``ApiError`` that ``leaves_outcome_open``
        :raises ReadOnlyError: the client is read-only
        """
        if self._read_only:
            raise ReadOnlyError("writes are not allowed in check mode.", attempt=attempt)
        return self._call(method, path, body, attempt, tries)

    def close(self) -> None:
        self._transport.close()

    def _call(self, method: str, path: str, body: Any, attempt: str, tries: int = 1) -> Any:
        while True:
            try:
                value = self._once(method, path, body)
                self.retry_policy.refund(tries)
                return value
            except SwoError as error:
                error.attempt = attempt
                if not self.retry_policy.may_retry(error, method, tries):
                    raise
                if method != "GET" and isinstance(error, ApiError):
                    error.may_be_sent_again = True
                    raise
            tries += 1

    def _once(self, method: str, path: str, body: Any) -> Any:
        self.retry_policy.wait_while_throttled()
        headers = dict(_HEADERS)
        if self.plan_hash is not None:
            headers["User-Agent"] += f" (plan {self.plan_hash})"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = _encoded(body)
        self.requests[method] += 1
        response = self._transport.send(Request(method, self._api_url + path, headers, content))
        self._note_moment(moment_of_header(response.headers.get("date") or ""))
        if not 200 <= response.status < 300:
            raise api_error(method, response, self._redactor)
        return _decoded(method, response)

    def _note_moment(self, moment: datetime | None) -> None:
        if moment is not None:
            first, last = self.moments or (moment, moment)
            self.moments = min(first, moment), max(last, moment)


def _encoded(body: Any) -> bytes:
    """A body as JSON; what is sent back as it was read can hold what Python reads and JSON cannot carry.

    :raises NotSentError: it does
    """
    try:
        return json.dumps(body, allow_nan=False).encode("ascii")
    except (ValueError, RecursionError):
        raise NotSentError(
            "it has a value that must be sent back and that JSON cannot carry, such as an infinite number.",
            "Nothing was sent. Correct the contact in the Marketplace first.",
            retryable=False,
        ) from None


def _decoded(method: str, response: Response) -> Any:
    """The JSON of a success; None for an empty answer to a write."""
    if not response.body.strip() and method != "GET":
        return None
    try:
        return json.loads(response.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidAnswerError(
            f"the API answered HTTP {response.status} with something that is not JSON.",
            "Check that api_url is the API and not a web page or a login in front of it.",
        ) from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def api_error(method: str, response: Response, redactor: Redactor) -> SwoError:
    """The error for a response that is not a success."""
    status = response.status
    if 300 <= status < 400:
        return MisroutedError(f"the API answered HTTP {status}, a redirect, which is not followed.", "Check api_url.")
    body = _json_object(response.body)
    if status == 404 and "statusCode" in body and "message" in body:
        return MisroutedError(
            "HTTP 404 from the gateway, which knows no such address.",
            "Check api_url: it should end in /public/v1.",
        )
    # The API's own form of an error, whichever (notifications-api section 13).
    is_problem = isinstance(body.get("title"), str) and "status" in body
    said = body.get("title") or body.get("message") or _page_title(response.body, redactor) or response.reason
    title = _safe(said, redactor)
    detail = _safe(body.get("detail") or body.get("details"), redactor)
    trace_id = _safe(body.get("traceId"), redactor)
    errors = _field_errors(body.get("errors"), redactor)
    return ApiError(
        _sentence(status, title, detail, errors, trace_id),
        _hint(status, method) if is_problem or status != 404 else _FOREIGN_404_HINT,
        status,
        title,
        detail,
        trace_id,
        errors,
        (response.headers.get("retry-after"), response.headers.get("date")),
        is_problem,
    )


def _hint(status: int, method: str) -> str:
    if status >= 500 or status == 408:
        return _SERVER_HINT
    if status == 403 and method in ("POST", "DELETE"):
        return OPERATIONS_TOKEN
    if status == 404 and method == "POST":
        return OPERATIONS_TOKEN + " Another account's token may get 404 instead of 403."
    return _HINTS.get(status, "")


def _sentence(
    status: int, title: str | None, detail: str | None, errors: Mapping[str, list[str]], trace_id: str | None
) -> str:
    fields = ["{}: {}".format(name, " ".join(texts)) for name, texts in errors.items()]
    said = [f"HTTP {status} {title}" if title else f"HTTP {status}", detail, one_line("; ".join(fields))]
    text = ": ".join(part.rstrip(".") for part in said if part)
    return text + (f" (trace id {trace_id})." if trace_id else ".")


def _safe(value: Any, redactor: Redactor) -> str | None:
    """A text of the server, fit to be shown; None for anything else."""
    if not isinstance(value, str):
        return None
    return one_line(redactor.text(value)) or None


def _field_errors(errors: Any, redactor: Redactor) -> dict[str, list[str]]:
    """Messages by field, from a dictionary of lists or from a list of objects."""
    found: dict[str, list[str]] = {}
    if isinstance(errors, dict):
        for name, texts in errors.items():
            for text in texts if isinstance(texts, list) else [texts]:
                _add(found, name, text, redactor)
    elif isinstance(errors, list):
        for item in errors:
            if isinstance(item, dict):
                names = item.get("properties") or [item.get("id") or "error"]
                for name in names if isinstance(names, list) else [names]:
                    _add(found, name, item.get("message"), redactor)
            else:
                _add(found, "error", item, redactor)
    return found


def _add(found: dict[str, list[str]], name: Any, text: Any, redactor: Redactor) -> None:
    message, field = _safe(text, redactor), _safe(name, redactor)
    if message and field and sum(map(len, found.values())) < _MAX_MESSAGES:
        found.setdefault(field, []).append(message)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _page_title(body: bytes, redactor: Redactor) -> str | None:
    """The title of an HTML page, or the first words of a plain text."""
    # Masked before it is cut: half a token is not found any more.
    text = redactor.text(body.decode("utf-8", "replace"))[:65536]
    start = _TITLE.search(text)
    if start:
        text = _TITLE_END.split(text[start.end() :].partition(">")[2], maxsplit=1)[0]
    return one_line(_TAG.sub(" ", text[:400]), 200) or None
