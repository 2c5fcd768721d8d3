# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts that come and go while a client pages (notifications-api, section 11; faults, section 4 F)."""

from __future__ import annotations

from tests.simulator.store import Record
from tests.simulator.world import World, new_contact


def drift(world: World, served: list[Record], mode: str) -> None:
    """Changes the set in front of the client's offset: every later row moves, total stays with ``both``."""
    if mode in ("delete", "both"):
        candidates = [record for record in served if record.is_live and not world.user_of(record.data)]
        if candidates:
            victim = world.rng.choice(candidates)
            world.store.put({**victim.data, "status": "Deleted", "revision": victim.data["revision"] + 1})
    if mode in ("insert", "both"):
        _insert(world, served)


def _insert(world: World, served: list[Record]) -> None:
    """A contact whose id sorts among those already served."""
    taken = world.store.contacts
    first, last = served[0].id, served[-1].id
    start = int(first[4:].replace("-", ""))
    number = next((n for n in range(start, start + 10_000) if world.contact_id(n) not in taken), start)
    contact_id = world.contact_id(number)
    if contact_id in taken or not first <= contact_id <= last:
        contact_id = world.new_contact_id()
    audit = {"created": {"at": world.stamp()}}
    email = f"drift{world.store.generation}@northwind.example"
    world.store.put({"id": contact_id, **new_contact(), "name": "Drift", "email": email, "audit": audit})
