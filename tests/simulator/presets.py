# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules that stand behind the switches ``faults`` and ``commit_then_fail`` (notifications-api, section 16)."""

from __future__ import annotations

from tests.simulator.model import JsonObject

_EVERY_THIRD: JsonObject = {"every": 3}
_DO: dict[str, JsonObject] = {
    "429_seconds": {"status": 429, "retry_after": "1"},
    "429_date": {"status": 429, "retry_after": {"date_in": 1}},
    "429_bare": {"status": 429},
    "500_problem": {"status": 500},
    "502_html": {"status": 502, "html": True},
    "503_html": {"status": 503, "html": True},
    "504_html": {"status": 504, "html": True},
    "reset_before_commit": {"reset": True},
    "reset_after_commit": {"reset": True},
    "slow": {"delay": 0.5},
    "truncated_json": {"cut": 17},
    "200_html": {"status": 200, "html": True},
}


def preset_rules(faults: str, commit_then_fail: str) -> list[JsonObject]:
    """The rules for the values of the two switches."""
    rules: list[JsonObject] = []
    if faults != "none":
        phase = {"phase": faults[6:]} if faults.startswith("reset") else {}
        rules.append({"when": {**_EVERY_THIRD, **phase}, "do": _DO[faults]})
    if commit_then_fail == "on":
        when = {"method": "POST", "path": "*/contacts", "phase": "after_commit"}
        rules.append({"when": when, "do": {"status": 504, "html": True}})
    return rules
