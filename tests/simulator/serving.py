# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on its way through faults, gateway and API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.simulator import admin, effects, routes
from tests.simulator.call import Call
from tests.simulator.errors import ApiError, GatewayError, error_reply, gateway_reply, unauthorized_reply
from tests.simulator.faults import Plan
from tests.simulator.model import JournalEntry, Reply, WireFault, json_bytes
from tests.simulator.projection import build, project
from tests.simulator.rows import contact_schema, full_contact
from tests.simulator.rules import ANSWERS, Rule
from tests.simulator.world import World


def contact_id_in(path: str) -> str | None:
    """The id in ``.../contacts/{id}...``."""
    rest = path.partition("/contacts/")[2]
    return rest.partition("/")[0] or None


@dataclass
class Serving:
    """``headers``: lower-case names. ``plan``: the rules that hit this request."""

    world: World
    entry: JournalEntry
    headers: Mapping[str, str]
    body: bytes
    plan: Plan

    def complete(self) -> Reply:
        """Carries the request out, unless a rule keeps it away from the API, and spoils the answer as planned."""
        self._mutate(early=True)
        skipping = self.plan.skipping
        reply = self._spoiled(None, skipping) if skipping else self._carried_out()
        self._mutate(early=False)
        return self._finished(reply)

    def run(self) -> Reply:
        """What the API answers when nothing goes wrong."""
        path, _sep, raw_query = self.entry.target.partition("?")
        switches = self.world.switches
        try:
            route, ids = routes.find_route(self.entry.method, path, switches["base_path"])
        except GatewayError:
            return gateway_reply()
        if route.access == "public":
            return route.handler()
        token = self.world.token_for(self.entry.auth_sha256)
        if token is None:
            return unauthorized_reply(switches, self.entry.seq)
        entry = self.entry
        call = Call(self.world, entry.method, path, raw_query, self.headers, self.body, token, self.plan.view)
        before = (self.world.store.generation, self.world.store.environment)
        try:
            reply = routes.run(route, call, ids)
        except ApiError as error:
            return error_reply(error, switches, entry.seq)
        entry.committed = entry.method != "GET" and before != (
            self.world.store.generation,
            self.world.store.environment,
        )
        return reply

    def plain(self) -> Reply:
        """The shortest way, for requests that no rule hits."""
        return self._finished(self.run())

    def _carried_out(self) -> Reply:
        is_dropped = bool(self.plan.value("drop_write"))
        if is_dropped:
            self.world.store.begin()
        reply = self.run()
        if is_dropped:
            self.world.store.rollback()
            self.entry.committed = False
        answering = self.plan.answering
        if answering:
            reply = self._spoiled(reply, answering)
        if self.plan.first("swap_body") and reply.status in (200, 201):
            self._swap(reply)
        changes = self.plan.value("edit")
        if changes:
            effects.edit(reply, changes, self.headers)
        return reply

    def _spoiled(self, reply: Reply | None, rule: Rule) -> Reply:
        """The answer that a rule gives instead; none at all if it only breaks the connection."""
        if not any(key in rule.do for key in ANSWERS):
            return Reply(0)
        wall = self.world.wall()
        return effects.answer(rule.do, reply, self.headers, wall, self.world.switches, self.entry.seq)

    def _swap(self, reply: Reply) -> None:
        """Shows another contact than the one asked for."""
        value = json.loads(reply.body)
        others = [record for record in self.world.store.live() if record.id != value.get("id")]
        if others and "email" in value:
            projection = build(None, contact_schema(self.world), self.world.switches, hidden=("audit",))
            other = self.world.rng.choice(others)
            reply.body = json_bytes(project(full_contact(self.world, other), projection))

    def _mutate(self, *, early: bool) -> None:
        for change in self.plan.mutations(early=early):
            admin.mutate(self.world, change, contact_id_in(self.entry.path))

    def _finished(self, reply: Reply) -> Reply:
        """Adds what the wire does, and notes the outcome in the journal."""
        fault = self.plan.wire(self.entry.seq)
        if fault and reply.fault:
            fault = replace(fault, delay=fault.delay + reply.fault.delay)
        reply.fault = fault or reply.fault
        reply.entry = self.entry
        self.entry.status = reply.status or None
        self.entry.sent_fully = not (reply.fault and reply.fault.loses_reply)
        return reply


@dataclass
class Late:
    """A request whose commit is delayed. It runs once, whoever comes first: its transport or the clock."""

    due: float
    serving: Serving
    reply: Reply | None = None

    def run(self) -> Reply:
        if self.reply is None:
            self.reply = self.serving.complete()
            fault = self.reply.fault
            # The transport has already waited for the commit.
            self.reply.fault = fault if fault and fault.action else None
        return self.reply

    def cancel(self) -> None:
        """Nothing will come of the request; a transport that still waits for it loses the connection."""
        if self.reply is None:
            self.reply = Reply(0, fault=WireFault("before_commit", "reset"), entry=self.serving.entry)


def late_reply(pending: Late, seconds: float) -> Reply:
    """What a transport gets at once: nothing but the time to wait."""
    return Reply(0, fault=WireFault(delay=seconds), entry=pending.serving.entry, late=pending.run)
