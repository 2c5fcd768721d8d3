# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example policies ask for what a real report has; whether they deny is for the engine of the policies to say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.tools.devtree import ROOT
from tests.unit.contact_sets import address, entry, people

POLICIES = sorted((ROOT / "docs" / "examples" / "policy").glob("*.rego"))
_PATH = re.compile(r"\binput((?:\.\w+|\[\w+\])+)")
_COMPARED = re.compile(r'\binput((?:\.\w+|\[\w+\])+) [!=]= "(\w+)"')
_DATA = re.compile(r"\bdata((?:\.\w+)+)")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("plan")
    marketplace = Marketplace()
    people(marketplace, range(3))
    options: dict[str, Any] = {"dest": str(folder / "live.yml"), "snapshot_dest": str(folder / "snapshot.json")}
    marketplace.run("swo_contacts_export", **options)
    source = folder / "rules.yml"
    source.write_text("coverage: [{category: Orders, at_least: 1}]\n")
    result = marketplace.run(
        "swo_contacts",
        check=True,
        src=[str(source)],
        contacts=[entry(0, state="absent"), entry(1, name="M")],
        snapshot=options["snapshot_dest"],
        reports=[str(folder / "plan.json")],
    )
    assert not result.failed, result.values["msg"]
    found: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    assert {row["email"] for row in found["results"]} == {address(0), address(1)}
    return found


def values(document: Any, path: str) -> list[Any]:
    """Everything that a path of a policy leads to, with each index for a variable."""
    found = [document]
    for name, index in re.findall(r"\.(\w+)|\[(\w+)\]", path):
        found = [item for value in found for item in value] if index else [value[name] for value in found]
    return found


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)
def test_each_path_of_a_policy_leads_to_something_in_a_real_plan(policy: Path, report: dict[str, Any]) -> None:
    text = policy.read_text(encoding="utf-8")
    paths = set(_PATH.findall(text))

    assert paths
    for path in paths:
        assert [value for value in values(report, path) if value is not None], path


def test_a_value_that_is_compared_is_one_that_a_plan_can_have(report: dict[str, Any]) -> None:
    text = "\n".join(policy.read_text(encoding="utf-8") for policy in POLICIES)
    compared = dict(_COMPARED.findall(text))

    assert compared == {".results[index].actions[_]": "delete", ".coverage[index].verdict": "holds"}
    for path, value in compared.items():
        assert value in values(report, path)


def test_what_the_pipeline_has_to_give_is_in_the_readme() -> None:
    readme = (ROOT / "docs" / "examples" / "policy" / "README.md").read_text(encoding="utf-8")
    given = json.loads(re.findall(r"```json\n(.*?)\n```", readme, re.DOTALL)[0])
    asked = {path for policy in POLICIES for path in _DATA.findall(policy.read_text(encoding="utf-8"))}

    assert asked == {".pipeline.branch", ".pipeline.expect_plan"}
    assert all(values(given, path) for path in asked)
    assert all(policy.name in readme for policy in POLICIES)
