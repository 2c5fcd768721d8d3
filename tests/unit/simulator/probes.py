# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of probes, one per switch: what the API shows under a value. ``test_switches.py`` says what that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Probe = Callable[[str], Any]
PROBES: dict[str, Probe] = {}


def probe(function: Probe) -> Probe:
    """Registers a function as the probe of the switch it is named after."""
    PROBES[function.__name__] = function
    return function
