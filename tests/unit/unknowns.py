# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worlds that differ in one thing that is not known of the API: a switch of the simulator, and its value."""

from __future__ import annotations

from tests.simulator.switches import SWITCHES

# Whichever switch names its default, it is the same world, so the first stands for all.
WORLDS = [
    (switch.name, value)
    for number, switch in enumerate(SWITCHES.values())
    for value in switch.values
    if value != switch.default or number == 0
]
