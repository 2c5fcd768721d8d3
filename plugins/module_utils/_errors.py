# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What can go wrong, as exceptions whose text is fit to be shown.

Every message is written here or in the file that raises: the text of a library's exception never travels, because it
can hold the token or a whole URL.
"""

from __future__ import annotations

import os
import re
import traceback
from typing import Any

from ._text import visible

_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")


class SwoError(Exception):
    """Base of all errors that end in one sentence for the user.

    ``reason`` says what went wrong and ``hint`` what to do next (may be empty). Whoever knows adds what was attempted
    (``attempt``, as in "read contact CTT-1") and where in it (``place``, as in "page 2 of 5").
    ``stops_run`` is true where going on with other contacts would only repeat the failure.
    """

    stops_run = False
    # Turns texts into what may be printed; an error of several lines has its own.
    _shown = staticmethod(visible)

    def __init__(self, reason: str, hint: str = "", attempt: str = "") -> None:
        super().__init__(reason)
        # Both may quote what others wrote: names, addresses, answers of the API.
        self.reason = self._shown(reason)
        self.hint = self._shown(hint)
        self.attempt = attempt
        self.place = ""

    @property
    def message(self) -> str:
        """What was attempted, what went wrong and where."""
        message = f"Could not {self._shown(self.attempt)}: {self.reason}" if self.attempt else self.reason
        return f"{message} ({self._shown(self.place)})" if self.place else message

    @property
    def fault(self) -> str:
        """The first sentence of the message on one line, for where there is room for no more."""
        return _SENTENCE_END.split(" ".join(self.message.split("\n")[:2]), maxsplit=1)[0]

    def __str__(self) -> str:
        """The message and the hint as one text."""
        return f"{self.message} {self.hint}".strip()

    def failure(self) -> dict[str, Any]:
        """The machine-readable part: status, title, detail, trace_id, errors; null where the API said nothing."""
        return {"status": None, "title": None, "detail": None, "trace_id": None, "errors": {}}

    def extra(self) -> dict[str, Any]:
        """Further values that a failed task returns."""
        return {}


def option_named(option: str) -> str:
    """An option of a whole set in a message, with the variable by which the playbooks take it."""
    return f"{option} (swo_contacts_{option} of the playbooks)"


class InputError(SwoError):
    """The caller's input cannot be used; raised before the first write."""


class EntryError(InputError):
    """An entry is wrong whatever becomes of the account; ``field`` is the one to mend."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class ConfigError(SwoError):
    """The connection options cannot work: address, token, certificates, proxy or a redirect."""

    stops_run = True


class MisroutedError(ConfigError):
    """A redirect or a gateway's own answer; it does not tell whether the API has carried out what was sent."""


class AmbiguousError(SwoError):
    """Several live contacts have the same e-mail address; ``ids`` names them all."""

    def __init__(self, email: str, ids: list[str]) -> None:
        super().__init__(
            "{} live contacts have the e-mail address {}: {}.".format(len(ids), email, ", ".join(ids)),
            "Set id to the one that is meant, and remove the others with state=absent and their id.",
        )
        self.ids = ids


class NotSentError(SwoError):
    """The request surely did not reach the API, so nothing was written."""

    def __init__(self, reason: str, hint: str = "", retryable: bool = True) -> None:
        super().__init__(reason, hint)
        self.retryable = retryable


class AnswerLostError(SwoError):
    """The request was sent but no usable answer came back, so it may or may not have been carried out."""


class InvalidAnswerError(AnswerLostError):
    """A success status came back with a body that cannot be what was asked for."""


class IncompleteListError(SwoError):
    """A list could not be read to a provable end."""


class ConflictError(SwoError):
    """A value was changed both in the files and in the account since it was last applied."""


class OutcomeUnknownError(SwoError):
    """A write's answer was lost and reading back did not settle whether it was carried out."""


class NotStoredError(SwoError):
    """The API accepted a write, but reading back shows something else."""


class InternalError(SwoError):
    """A fault of the collection itself."""


class ReadOnlyError(SwoError):
    """A write was about to be sent in check mode: a fault of the collection, stopped before it left."""


class ApiError(SwoError):
    """The API answered with an error status.

    ``status`` is the HTTP code; ``title``, ``detail`` and ``trace_id`` may be None; ``errors`` maps a field or code to
    its messages (notifications-api section 13). ``retry_after`` is the raw header pair (Retry-After, Date).
    ``is_problem`` is true if the body has the form in which the API tells of its problems, and not that of a proxy.
    ``may_be_sent_again`` is true if the API asked to wait, which was done, and the sender is to decide.
    """

    def __init__(
        self,
        reason: str,
        hint: str,
        status: int,
        title: str | None = None,
        detail: str | None = None,
        trace_id: str | None = None,
        errors: dict[str, list[str]] | None = None,
        retry_after: tuple[str | None, str | None] = (None, None),
        is_problem: bool = True,
    ) -> None:
        super().__init__(reason, hint)
        self.status = status
        self.title = title
        self.detail = detail
        self.trace_id = trace_id
        self.errors = errors or {}
        self.retry_after = retry_after
        self.is_problem = is_problem
        self.may_be_sent_again = False
        self.stops_run = status == 401

    @property
    def leaves_outcome_open(self) -> bool:
        """True where a write may have been carried out in spite of the error status."""
        return self.status >= 500 or self.status == 408 or self.status < 200

    @property
    def means_absent(self) -> bool:
        """True where the API itself says that there is no such object."""
        return self.status == 404 and self.is_problem

    def failure(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "title": self.title,
            "detail": self.detail,
            "trace_id": self.trace_id,
            "errors": self.errors,
        }


PLEASE_REPORT = "Please report it at https://github.com/softwareone-platform/ansible-collection-marketplace/issues."


def internal_error(error: BaseException) -> str:
    """Where an unexpected exception came from, without its text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {os.path.basename(frame.filename)} line {frame.lineno}"
    return f"Internal error of softwareone.marketplace: {place}. What was done before it is not known. {PLEASE_REPORT}"
