# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests one contact costs: a look, and around a write one right before it and one that proves it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import ORDERS, address

# What is there, what is desired besides the address or id, and the requests: GET, POST, PUT, DELETE.
COSTS: dict[str, tuple[dict[str, Any] | None, dict[str, Any], tuple[int, int, int, int]]] = {
    "nothing": ({"name": "N"}, {"name": "N"}, (1, 0, 0, 0)),
    "nothing, opt-outs": ({"optOuts": [ORDERS]}, {"opt_outs": [ORDERS]}, (2, 0, 0, 0)),
    "nothing to delete": (None, {"state": "absent"}, (1, 0, 0, 0)),
    "create": (None, {"name": "N"}, (2, 1, 0, 0)),
    "update": ({"name": "N"}, {"name": "M"}, (3, 0, 1, 0)),
    "update and block": ({"name": "N"}, {"name": "M", "state": "blocked"}, (3, 1, 1, 0)),
    "block": ({}, {"state": "blocked"}, (3, 1, 0, 0)),
    "unblock": ({"status": "Blocked"}, {}, (3, 1, 0, 0)),
    "delete": ({}, {"state": "absent"}, (3, 0, 0, 1)),
}


@pytest.mark.parametrize("key", ["email", "id"])
@pytest.mark.parametrize("case", COSTS)
def test_one_contact_costs_so_many_requests(case: str, key: str) -> None:
    members, fields, costs = COSTS[case]
    marketplace = Marketplace()
    identity = {"email": address(1)}
    if members is not None:
        contact_id = marketplace.put(address(1), **members)
        identity = {"id": contact_id} if key == "id" else identity

    result = marketplace.run("swo_contact", **identity, **fields)

    assert not result.failed, result.values["msg"]
    gets, *writes = costs
    # Before a PUT, an answer without opt-outs is compared with the list, which an id alone never asked.
    gets += costs[2] if key == "id" else 0
    assert tuple(result.values["requests"].values()) == (gets, *writes)
    assert list(result.values["requests"]) == ["GET", "POST", "PUT", "DELETE"]
