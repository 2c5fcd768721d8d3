# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks of the collection against a simulator in this process, on a clock that never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request, Response, Transport
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import AnswerLostError
from ansible_collections.softwareone.marketplace.plugins.module_utils._run import (
    contact,
    contacts,
    files,
    info,
    overview,
    specs,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task, TaskResult
from tests.simulator import admin
from tests.simulator.core import Simulator

API_URL = "http://127.0.0.1/public/v1"

RUNNERS: dict[str, tuple[specs.Spec, Callable[[Task], TaskResult]]] = {
    "swo_contact": (specs.SWO_CONTACT, contact.run_contact),
    "swo_contacts": (specs.SWO_CONTACTS, contacts.run_contacts),
    "swo_contact_info": (specs.SWO_CONTACT_INFO, info.run_contact_info),
    "swo_contact_files_info": (specs.SWO_CONTACT_FILES_INFO, files.run_contact_files_info),
    "swo_contacts_export": (specs.SWO_CONTACTS_EXPORT, files.run_contacts_export),
    "swo_contacts_overview": (specs.SWO_CONTACTS_OVERVIEW, overview.run_contacts_overview),
    "swo_category_info": (specs.SWO_CATEGORY_INFO, info.run_category_info),
}


class VirtualClock:
    """Monotonic seconds that pass only while somebody sleeps; threads that sleep do so one after the other."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds

    def retry_policy(self) -> RetryPolicy:
        """A run's retry_policy on this clock, without jitter."""
        return RetryPolicy(self.monotonic, self.sleep, lambda: 1.0)


class InProcessTransport:
    """A transport whose other end is a simulator in this process, which serves one request at a time."""

    def __init__(
        self,
        simulator: Simulator,
        connection: Connection,
        clock: VirtualClock,
        turn: threading.Lock,
        watchers: list[Callable[[Request], None]],
    ) -> None:
        self._watchers = watchers
        self._simulator = simulator
        self._connection = connection
        self._clock = clock
        self._turn = turn

    def send(self, request: Request) -> Response:
        url = urlsplit(request.url)
        target = f"{url.path}?{url.query}" if url.query else url.path
        headers = {**request.headers, "Authorization": f"Bearer {self._connection.token}"}
        with self._turn:
            for watcher in self._watchers:
                watcher(request)
            reply = self._simulator.handle(request.method, target, headers, request.body or b"")
        delay = reply.fault.delay if reply.fault else 0.0
        if delay > self._connection.timeout:
            self._clock.sleep(self._connection.timeout)
            raise AnswerLostError("No answer in time.")
        self._clock.sleep(delay)
        with self._turn:
            reply = reply.settle()
        if reply.fault is not None and reply.fault.loses_reply:
            raise AnswerLostError("The connection broke.")
        names = {name.lower(): value for name, value in reply.headers}
        names.setdefault("date", format_datetime(self._simulator.world.wall(), usegmt=True))
        return Response(reply.status, reply.reason or "", names, reply.body)

    def close(self) -> None:
        """Nothing is held."""


class Marketplace:
    """One simulated account and the tasks that are run against it."""

    def __init__(self, contacts: int = 0, seed: int = 1, **switches: object) -> None:
        self.clock = VirtualClock()
        self.simulator = Simulator(contacts, seed, switches, clock=self.clock.monotonic)
        self._turn = threading.Lock()
        self._watchers: list[Callable[[Request], None]] = []

    def watch(self, watcher: Callable[[Request], None]) -> None:
        """Call ``watcher`` with each request right before it is served, one at a time."""
        self._watchers.append(watcher)

    def meanwhile(self, method: str, path: str, act: Callable[[], object]) -> None:
        """Let somebody else ``act`` once, right before the first request with this method and text in its address."""
        waiting = [act]

        def watcher(request: Request) -> None:
            if waiting and request.method == method and path in request.url:
                waiting.pop()()

        self.watch(watcher)

    def run(
        self,
        module: str,
        *,
        check: bool = False,
        diff: bool = True,
        role: str = "ops",
        verbosity: int = 0,
        **options: Any,
    ) -> TaskResult:
        """Run one task; ``options`` go through the module's own argument spec. A wrong option is an AssertionError."""
        spec, runner = RUNNERS[module]
        connection = {"api_url": API_URL, "api_token": self.simulator.tokens[role]} if spec.connects else {}
        given = {**connection, **options}
        checked = ArgumentSpecValidator(
            spec.argument_spec(),
            required_one_of=[list(names) for names in spec.required_one_of],
            mutually_exclusive=[list(names) for names in spec.mutually_exclusive],
        ).validate(given)
        assert not checked.error_messages, checked.error_messages
        policy = self.clock.retry_policy()
        task = Task(checked.validated_parameters, check, diff, self._transport, policy, verbosity=verbosity)
        return runner(task)

    def _transport(self, connection: Connection) -> Transport:
        return InProcessTransport(self.simulator, connection, self.clock, self._turn, self._watchers)

    def put(self, email: str, **members: Any) -> str:
        """Add a contact behind the back of the collection, always a new one; returns its id. Members are the API's."""
        contact_id = self.simulator.world.new_contact_id()
        admin.patch_contact(self.simulator.world, {"id": contact_id, "email": email, **members}, settled=True)
        return contact_id

    def live(self, email: str) -> list[dict[str, Any]]:
        """The live contacts in the store that have this address, oldest first."""
        return [record.data for record in self.simulator.store.by_email(email) if record.is_live]

    def writes(self) -> list[str]:
        """Method and path of every write that was sent."""
        return [f"{entry.method} {entry.path}" for entry in self.simulator.journal.writes()]
