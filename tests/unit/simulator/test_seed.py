# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeded account (notifications-api, section 16, last paragraph)."""

from __future__ import annotations

from tests.simulator.store import fold
from tests.unit.simulator.api import Api


def test_seed_has_what_hurts_naive_clients() -> None:
    api = Api(120)
    contacts = [record.data for record in api.sim.store.ordered()]
    live = [data for data in contacts if data["status"] != "Deleted"]
    assert len(live) == 120
    assert len(contacts) == 121
    blocked = [data for data in live if data["status"] == "Blocked"]
    assert sorted(bool(data["blockedReason"]) for data in blocked) == [False, True]
    names = [data["name"] or "" for data in live]
    assert any("'" in name for name in names)
    assert any('"' in name for name in names)
    assert any(not name.isascii() for name in names)
    assert sum("+" in data["email"] for data in live) > 5
    linked = [data for data in live if api.sim.world.user_of(data)]
    assert 20 < len(linked) < 60
    assert any(data["optOuts"] for data in live)
    assert len({fold(data["email"]) for data in live}) == 120


def test_same_seed_same_answers() -> None:
    def trace(seed: int) -> list[bytes]:
        api = Api(30, seed=seed, unordered_lists="shuffled", page_drift="on")
        answers = []
        for path in ("/contacts?limit=10", "/contacts?limit=10&offset=10", "/categories"):
            api.get(path)
            answers.append(api.reply.body)
        api.create("new@b.example")
        return [*answers, api.reply.body, str(api.sim.tokens).encode()]

    assert trace(3) == trace(3)
    assert trace(3)[0] != trace(4)[0]
