# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the notifications API of the SoftwareOne Marketplace.

``Simulator`` is the API without transport; ``python -m tests.simulator`` serves it over HTTP.
"""

from __future__ import annotations

from tests.simulator.core import Simulator
from tests.simulator.journal import Journal, assert_no_duplicates
from tests.simulator.model import JournalEntry, Reply, WireFault
from tests.simulator.rules import FaultError, Rule
from tests.simulator.switches import SWITCHES, Switch, SwitchError

__all__ = [
    "SWITCHES",
    "FaultError",
    "Journal",
    "JournalEntry",
    "Reply",
    "Rule",
    "Simulator",
    "Switch",
    "SwitchError",
    "WireFault",
    "assert_no_duplicates",
]
