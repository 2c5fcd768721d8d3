# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""One task: its options, its result, its connection; the only place that asks for check mode.

In check mode the clients refuse to write, and what would change something is not begun.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Mapping, TypeVar

from .._api.account import Account, known_account, prove_account
from .._api.bulk import Workers
from .._api.client import METHODS, Client
from .._api.connection import Connection, connection_from
from .._api.retry import RetryPolicy
from .._api.transport import RequestsTransport, Transport
from .._errors import SwoError
from .._report.result import failed_result
from .._text import Redactor, presentable

if TYPE_CHECKING:
    from .._files.documents import Decrypt

MakeTransport = Callable[[Connection], Transport]
# Called while a long run goes on: with the phase, and how many of its contacts or actions are done, and of how many.
Progress = Callable[[str, int, int], None]
Value = TypeVar("Value")

# The phases of a long run.
READING, WRITING = "reading", "writing"


def _no_progress(phase: str, done: int, planned: int) -> None:
    """Nobody is watching."""


@dataclass
class Task:
    """One task as the user wrote it, options already checked against the argument spec; ``verbosity`` as of Ansible.

    ``refusal`` says why the options were refused: there is nothing to do then but to report it. Without ``decrypt``,
    files that ansible-vault encrypted cannot be read.
    """

    params: Mapping[str, Any]
    check_mode: bool = False
    diff: bool = False
    make_transport: MakeTransport = RequestsTransport
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    progress: Progress = _no_progress
    refusal: str | None = None
    verbosity: int = 0
    decrypt: Decrypt | None = None
    # Whose token it is, once that was asked.
    account: Account | None = field(default=None, init=False)

    @property
    def mode(self) -> str:
        """How reports name it: ``check`` or ``apply``."""
        return "check" if self.check_mode else "apply"

    def unless_checking(self, change: Callable[[], Value]) -> Value | None:
        """Carry out ``change`` and return what it returns; None in check mode."""
        return None if self.check_mode else change()

    def make_workers(self, connection: Connection, redactor: Redactor, count: int = 1) -> Workers:
        """Whatever calls the API for this task; in check mode it can only read."""

        def make_client() -> Client:
            transport = self.make_transport(connection)
            return Client(transport, connection.api_url, redactor, self.retry_policy, read_only=self.check_mode)

        return Workers(count, make_client)


@dataclass
class TaskResult:
    """What the task returns; ``failed`` if ``values`` has a ``msg`` that says why."""

    values: dict[str, Any]
    failed: bool = False
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What the API sent goes no further than a JSON reader of any ansible-core can follow.
        self.values = presentable(self.values)
        self.warnings = presentable(self.warnings)


def run_with_api(task: Task, run: Callable[[Task, Workers], TaskResult], nothing: Mapping[str, Any]) -> TaskResult:
    """Connect, run, close; an error that ends ``run`` is told with the keys of ``nothing``."""
    redactor = Redactor("")
    workers = None
    try:
        connection = connection_from(task.params)
        redactor = Redactor(connection.token)
        workers = task.make_workers(connection, redactor)
        task.account = known_account(None, connection)
        prove_account(workers.api, connection, task.account)
        result = run(task, workers)
    except SwoError as error:
        requests = workers.requests if workers else dict.fromkeys(METHODS, 0)
        values = {"changed": False, "requests": requests, **nothing, **failed_result(error)}
        result = TaskResult(values, failed=True)
    finally:
        if workers is not None:
            workers.close()
    result.values = redactor.value(result.values)
    result.warnings = redactor.value(result.warnings)
    return result
