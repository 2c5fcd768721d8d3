# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on its way through faults, gateway and API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from tests.simulator import admin, edits, effects, routes
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
    """``headers``: lower-case names. ``plan``: the rules that hit this request. ``created``: id of what it made."""

    world: World
    entry: JournalEntry
    headers: Mapping[str, str]
    body: bytes
    plan: Plan
    created: str | None = None

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
        after = (self.world.store.generation, self.world.store.environment)
        entry.committed = entry.committed or (entry.method != "GET" and before != after)
        return reply

    def plain(self) -> Reply:
        """The shortest way, for requests that no rule hits."""
        return self._finished(self.run())

    def _carried_out(self) -> Reply:
        is_dropped = bool(self.plan.value("drop_write"))
        if is_dropped:
            self.world.store.begin()
        reply = self._repeated() if self.plan.first("repeat") else self.run()
        if is_dropped:
            self.world.store.rollback()
            self.entry.committed = False
        if reply.status == 201:
            self.created = json.loads(reply.body)["id"]
        answering = self.plan.answering
        if answering:
            reply = self._spoiled(reply, answering)
        if reply.status in (200, 201):
            self._swapped(reply)
        changes = self.plan.value("edit")
        if changes:
            edits.edit(reply, changes, self.headers)
        return reply

    def _spoiled(self, reply: Reply | None, rule: Rule) -> Reply:
        """The answer that a rule gives instead; none at all if it only breaks the connection."""
        if not any(key in rule.do for key in ANSWERS):
            return Reply(0)
        wall = self.world.wall()
        return effects.answer(rule.do, reply, self.headers, wall, self.world.switches, self.entry.seq)

    def _swapped(self, reply: Reply) -> None:
        if self.plan.first("swap_body"):
            self._swap(reply)
        if self.plan.first("swap_id"):
            self._swap_id(reply)

    def _swap(self, reply: Reply) -> None:
        """Shows another contact than the one asked for."""
        value = json.loads(reply.body)
        others = [record for record in self.world.store.live() if record.id != value.get("id")]
        if others and "email" in value:
            projection = build(None, contact_schema(self.world), self.world.switches, hidden=("audit",))
            other = self.world.rng.choice(others)
            reply.body = json_bytes(project(full_contact(self.world, other), projection))

    def _swap_id(self, reply: Reply) -> None:
        """Shows the object under the id of another one: the one that the rule names, or any live contact."""
        value, wanted = json.loads(reply.body), self.plan.value("swap_id")
        others = [record.id for record in self.world.store.live() if record.id != value.get("id")]
        if "id" in value and (isinstance(wanted, str) or others):
            value["id"] = wanted if isinstance(wanted, str) else self.world.rng.choice(others)
            reply.body = json_bytes(value)

    def _repeated(self) -> Reply:
        """Carried out twice, by a gateway that sends it again or by two writers who want the same."""
        replies = {"first": self.run(), "last": self.run()}
        return replies[self.plan.value("repeat")]

    def _mutate(self, *, early: bool) -> None:
        for rule in self.plan.mutating(early=early):
            for change in rule.do["mutate"]:
                # A step about what this request does not have is left out.
                with suppress(edits.NothingMeantError):
                    admin.mutate(self.world, edits.named(change, partial(self._name, rule)))

    def _name(self, rule: Rule, word: str) -> str | None:
        """What a placeholder of ``mutate`` stands for."""
        contact_id = contact_id_in(self.entry.path) or self.created
        if word == "id":
            return contact_id
        if word == "email":
            body, record = self.entry.body, self.world.store.contacts.get(contact_id or "")
            email = body.get("email") if isinstance(body, dict) else None
            return email or (record.data["email"] if record else None)
        return self.world.new_contact_id() if word == "new" else str(rule.fired)

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


@dataclass
class Unheard:
    """A request that is carried out after its answer was given: nobody hears what became of it."""

    due: float
    serving: Serving

    def run(self) -> None:
        self.serving.run()

    def cancel(self) -> None:
        """Nobody waits for it."""


def late_reply(pending: Late, seconds: float) -> Reply:
    """What a transport gets at once: nothing but the time to wait."""
    return Reply(0, fault=WireFault(delay=seconds), entry=pending.serving.entry, late=pending.run)
