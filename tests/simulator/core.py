# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator without any transport: requests in, replies out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tests.simulator import admin
from tests.simulator.exports import Exports
from tests.simulator.faults import Faults, Plan
from tests.simulator.journal import Journal
from tests.simulator.model import JournalEntry, JsonObject, Reply, WireFault
from tests.simulator.rules import Facts, Rule
from tests.simulator.serving import Late, Serving, Unheard, contact_id_in, late_reply
from tests.simulator.store import Store
from tests.simulator.switches import SwitchSet
from tests.simulator.world import Clock, World, auth_hash

_hash = lru_cache(maxsize=64)(auth_hash)


class Simulator:
    """The notifications API of one Marketplace, in memory.

    ``contacts``: live contacts to seed. ``seed``: same seed, same data and same answers. ``switches``: section 16 of
    notifications-api, see ``switches.py``; unknown ones raise ``SwitchError``. ``clock``: monotonic seconds.
    """

    def __init__(
        self,
        contacts: int = 0,
        seed: int = 1,
        switches: Mapping[str, object] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.world = World(contacts, seed, switches, clock)
        self.journal = Journal()
        self._faults = Faults(self.world.switches)
        self._pending: list[Late | Unheard] = []

    @property
    def store(self) -> Store:
        """The state, with every delayed commit that is due."""
        self._run_due()
        return self.world.store

    @property
    def switches(self) -> SwitchSet:
        return self.world.switches

    @property
    def tokens(self) -> dict[str, str]:
        """The secret per role: ops, vendor, client, disabled."""
        return {role: token.secret for role, token in self.world.tokens.items()}

    @property
    def faults(self) -> list[Rule]:
        """The rules added by hand, with their counters."""
        return self._faults.rules

    def add_fault(self, rule: Mapping[str, Any]) -> Rule:
        """Adds a rule ``{when, do, times, name}``; ``FaultError`` if it cannot be understood."""
        return self._faults.add(rule)

    def clear_faults(self) -> None:
        self._faults.clear()

    def unfired_faults(self) -> list[Rule]:
        return self._faults.unfired()

    def assert_faults_fired(self) -> None:
        """A rule that never hit anything is an error: a test that leaves one has proved nothing with it."""
        assert not self.unfired_faults(), f"never fired: {[rule.as_dict() for rule in self.unfired_faults()]}"

    @property
    def exports(self) -> Exports:
        """The other host of switch ``redirect_list``."""
        return self.world.exports

    def dump_store(self) -> JsonObject:
        """The state as JSON: contacts, categories, users, subscribers."""
        self._run_due()
        return admin.dump(self.world)

    def load_store(self, state: Mapping[str, Any], *, merge: bool = False) -> None:
        """Replaces the collections in ``state``; ``merge`` adds to them by id. ``AdminError`` if it makes no sense."""
        admin.load(self.world, state, merge=merge)

    def patch_contact(self, partial: Mapping[str, Any]) -> JsonObject:
        """Changes or creates one contact, by id or email, behind the back of the API; returns it as stored."""
        return admin.patch_contact(self.world, partial).data

    def patch_category(self, partial: Mapping[str, Any]) -> JsonObject:
        """The same for a category, by id."""
        return admin.patch_category(self.world, partial)

    def remove_contact(self, key: str) -> bool:
        """Takes a contact out, by id or email, without a trace; whether there was one."""
        return admin.remove_contact(self.world, key)

    def advance(self, seconds: float) -> None:
        """Moves the clock forward without waiting, and runs the commits that become due."""
        self.world.advance(seconds)
        self._run_due()

    def reset(self, contacts: int = 0, seed: int = 1, switches: Mapping[str, object] | None = None) -> None:
        """A new start: seeded store, default switches but for those given, no rules, empty journal."""
        self.world.switches.update(SwitchSet(switches).as_dict())
        self.world.load(contacts, seed)
        self.journal.clear()
        self._faults.clear()
        for late in self._pending:
            late.cancel()
        self._pending.clear()

    def accept(self) -> WireFault | None:
        """For transports with connections: what a rule does to the one just accepted."""
        return self._faults.accept()

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", connection: int | None = None
    ) -> Reply:
        """Answers one request. ``target``: raw path and query, nothing decoded.

        ``connection``: number of a connection that went through ``accept``; without it each request counts as its own.
        """
        self._run_due()
        lowered = {name.lower(): value for name, value in headers.items()}
        authorization = lowered.get("authorization")
        digest = _hash(authorization) if authorization else None
        now = self.world.now()
        entry = self.journal.open(method, target, body, auth_sha256=digest, connection=connection, now=now)
        plan = self._plan(entry)
        serving = Serving(self.world, entry, lowered, body, plan)
        if not plan.rules:
            return serving.plain()
        late = plan.value("delay_commit")
        if late is None or plan.skipping:
            self._carry_out_later(serving)
            return serving.complete()
        pending = Late(self.world.now() + float(late), serving)
        self._pending.append(pending)
        return late_reply(pending, float(late))

    def _carry_out_later(self, serving: Serving) -> None:
        """For a request that gets its answer, or loses it, before it is carried out."""
        skipping = serving.plan.skipping
        if skipping and "late_commit" in skipping.do:
            self._pending.append(Unheard(self.world.now() + float(skipping.do["late_commit"]), serving))

    def _plan(self, entry: JournalEntry) -> Plan:
        if not self._faults.active():
            return Plan()
        token = self.world.token_for(entry.auth_sha256)
        path, _sep, raw_query = entry.target.partition("?")
        contact_id = contact_id_in(path)
        record = self.world.store.contacts.get(contact_id or "")
        email = record.data["email"] if record else None
        role = token.role if token else None
        facts = Facts(entry.method, path, raw_query, entry.body, role, contact_id, email)
        return self._faults.plan(facts, has_connection=entry.connection is not None)

    def _run_due(self) -> None:
        """Carries out the delayed requests whose time has come, the longest due first."""
        now = self.world.now()
        due = sorted((late for late in self._pending if late.due <= now), key=lambda late: late.due)
        if due:
            self._pending = [late for late in self._pending if late.due > now]
        for late in due:
            late.run()
