# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README tells the truth about switches, faults, options and control calls."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.simulator import SWITCHES, Simulator, Switch
from tests.simulator.control import Control
from tests.simulator.rules import DO

README = (Path(__file__).resolve().parents[2] / "simulator" / "README.md").read_text(encoding="utf-8")


def _row(switch: Switch) -> str:
    values = [f"`{value}`" for value in switch.values]
    values += ["any whole number"] * switch.number + ["any path"] * switch.path
    return f"| `{switch.name}` | {', '.join(values)} | {switch.description} |"


def test_switches() -> None:
    rows = README.partition("## Switches")[2].strip().splitlines()[4:]
    assert rows == [_row(switch) for switch in SWITCHES.values()]


def test_faults() -> None:
    rows = README.partition("| `do` | |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert rows == [f"| `{name}` | {text} |" for name, text in DO.items()]


def test_example_rules_are_valid() -> None:
    rules = [json.loads(line) for line in re.findall(r'^\{"when".*$', README, re.MULTILINE)]
    assert len(rules) == 25
    sim = Simulator()
    for rule in rules:
        sim.add_fault(rule)


def test_control_calls() -> None:
    table = README.partition("## Control calls")[2].partition("## Fault rules")[0]
    told = set(re.findall(r"`((?:GET|PUT|POST|PATCH|DELETE) /[a-z/]+)", table))
    source = {f"{method} {path.removesuffix('*')}" for method, path in Control(Simulator()).calls}
    assert told == source
