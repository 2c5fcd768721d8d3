# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run without a change costs, counted: libraries, calls for a contact, requests. No time is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._run import specs
from tests.bench.people import CATEGORY_IDS, person, write_file
from tests.harness import Marketplace
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving
from tests.tools.devtree import TREE

ROOMS = "/plugins/module_utils/"
# Calls of functions for one contact of a file that is as it is live: what grows here, grows for each of thousands.
MOST_CALLS = 155
# Each of them would be loaded in every task, and is needed by few.
HEAVY = {"asyncio", "concurrent.futures", "html", "jsonschema", "xml.etree.ElementTree"}
OWN = {f"_report.{name}" for name in ("html", "html_parts", "html_assets", "junit", "markdown", "overview")}

RUN = """
import json, sys
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task
result = run_contacts(Task(json.load(sys.stdin)))
assert not result.failed and result.values["counts"]["unchanged"] == 3, result
print(json.dumps(sorted(sys.modules)))
"""


def test_a_run_without_change_loads_no_library_that_it_does_not_use(tmp_path: Path) -> None:
    (tmp_path / "contacts.yml").write_text(
        "contacts: [{email: a@x.example}, {email: b@x.example}, {email: c@x.example}]"
    )
    market = Marketplace()
    for letter in "abc":
        market.put(f"{letter}@x.example")
    simulator: Simulator = market.simulator
    with serving(simulator) as server:
        given = {"api_url": server.api_url, "api_token": simulator.tokens["ops"], "src": [str(tmp_path)]}
        options = ArgumentSpecValidator(specs.SWO_CONTACTS.argument_spec()).validate(given).validated_parameters
        done = subprocess.run(
            [sys.executable, "-c", RUN],
            input=json.dumps(options),
            env={"PYTHONPATH": str(TREE)},
            capture_output=True,
            text=True,
            check=True,
        )
    loaded = json.loads(done.stdout)
    assert "requests" in loaded
    assert HEAVY & set(loaded) == set()
    assert {name for name in loaded if name.partition("module_utils.")[2] in OWN} == set()


def test_each_further_contact_costs_the_same_few_calls(tmp_path: Path) -> None:
    sizes = (200, 400, 1_000)
    totals = [calls_of_a_run_without_change(tmp_path / f"{size}.yml", size) for size in sizes]
    each = [(totals[at + 1] - totals[at]) / (sizes[at + 1] - sizes[at]) for at in (0, 1)]
    assert each[1] == pytest.approx(each[0], rel=0.02)
    assert each[1] <= MOST_CALLS


def calls_of_a_run_without_change(path: Path, size: int) -> int:
    market = Marketplace()
    for declared in map(person, range(size)):
        opt_outs = [{"id": CATEGORY_IDS[name]} for name in declared["opt_outs"]]
        market.put(declared["email"], name=declared["name"], optOuts=opt_outs)
    write_file(path, size)
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and ROOMS in frame.f_code.co_filename:
            calls[threading.current_thread().name] += 1

    threading.setprofile(count)
    sys.setprofile(count)
    try:
        result = market.run("swo_contacts", src=[str(path)])
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert result.values["counts"]["unchanged"] == size
    market.simulator.journal.assert_requests(size // 100 + 2)
    return calls.total()
