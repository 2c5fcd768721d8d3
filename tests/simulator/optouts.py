# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the opt-outs that a write asks for (notifications-api, section 6)."""

from __future__ import annotations

from tests.simulator.call import Call
from tests.simulator.errors import ApiError, invalid
from tests.simulator.model import JsonObject


def resolve(call: Call, ids: list[str], *, held: frozenset[str]) -> list[JsonObject]:
    """The references to keep. Those the contact already holds stay unchecked: only new ones are looked up."""
    kept = []
    for position, category_id in enumerate(ids):
        if category_id in held or _is_accepted(call, category_id, f"optOuts[{position}].id"):
            kept.append({"id": category_id})
    return kept


def _is_accepted(call: Call, category_id: str, path: str) -> bool:
    category = call.world.store.categories.get(category_id)
    if category is None or category["status"] == "Deleted":
        raise _unknown(call, category_id, path)
    mode, message = "accepted", ""
    if category["status"] != "Published":
        mode, message = call.switches["optout_unpublished"], f"Category '{category_id}' is not published"
    elif not category["optOutAllowed"]:
        mode, message = call.switches["optout_not_allowed"], f"Category '{category_id}' does not allow opting out"
    if mode == "400":
        raise ApiError(400, message, errors={path: [message]})
    return mode == "accepted"


def _unknown(call: Call, category_id: str, path: str) -> ApiError:
    message = f"Category with id '{category_id}' not found"
    status = int(call.switches["optout_unknown"])
    if status == 500:
        return ApiError(500, "No persistence entity found for the given reference")
    return invalid(path, message) if status == 400 else ApiError(404, message, kind="missing")
