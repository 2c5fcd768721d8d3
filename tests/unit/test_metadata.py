# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down more than once has to be the same everywhere."""

from __future__ import annotations

import ast

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.client import Client
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import (
    OLDEST_REQUESTS,
    Request,
    Response,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import PLEASE_REPORT
from ansible_collections.softwareone.marketplace.plugins.module_utils._python import OLDEST
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor
from ansible_collections.softwareone.marketplace.plugins.module_utils._version import VERSION
from tests.gate.facts import load
from tests.tools.devtree import ROOT
from tests.tools.release import PLACES, unreleased, with_version

LOWER_BOUNDS = {
    Requirement(line).name: Requirement(line)
    for line in (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
}


def test_the_version_is_that_of_the_collection() -> None:
    assert load("galaxy.yml")["version"] == VERSION
    assert Version(VERSION).public == VERSION
    for name in PLACES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert with_version(name, text, Version(VERSION)) == text


class Recorder:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Request] = []

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        return Response(200, "OK", {}, b"{}")

    def close(self) -> None:
        """Nothing is held."""


def test_the_api_is_told_the_version() -> None:
    transport = Recorder()
    Client(transport, "https://api.example/public/v1", Redactor(""), RetryPolicy(), read_only=True).get("/x", "read")
    assert transport.sent[0].headers["User-Agent"] == f"softwareone.marketplace/{VERSION}"


def test_problems_are_reported_where_the_collection_says() -> None:
    assert f"{load('galaxy.yml')['issues']}." in PLEASE_REPORT


def test_the_requirements_of_an_execution_environment_are_lower_bounds() -> None:
    assert {"requests", "jsonschema"} <= LOWER_BOUNDS.keys()
    assert str(LOWER_BOUNDS["requests"].specifier) == f">={OLDEST_REQUESTS}"
    for requirement in LOWER_BOUNDS.values():
        assert [bound.operator for bound in requirement.specifier] == [">="]
        assert (requirement.marker, requirement.url, requirement.extras) == (None, None, set())


def test_an_execution_environment_installs_them() -> None:
    assert load("meta", "execution-environment.yml")["dependencies"]["python"] == "meta/ee-requirements.txt"


def documented_requirements() -> list[Requirement]:
    """The libraries that the documentation of the modules asks for."""
    found = []
    for folder in ("modules", "doc_fragments"):
        for path in (ROOT / "plugins" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "requirements:" in node.value:
                    lines = yaml.safe_load(node.value)["requirements"]
                    # A remark may follow: what the library is for.
                    found += [Requirement(line.partition(", ")[0]) for line in lines]
    return found


def test_the_documentation_asks_for_the_same_libraries() -> None:
    asked = {requirement.name: requirement for requirement in documented_requirements()}
    assert asked["requests"].specifier == LOWER_BOUNDS["requests"].specifier
    for name, requirement in asked.items():
        # PyYAML comes with ansible-core.
        assert name in ("python", "PyYAML") or requirement.specifier == LOWER_BOUNDS[name].specifier


def test_python_and_ansible_core_are_the_same_everywhere() -> None:
    oldest = {str(requirement.specifier) for requirement in documented_requirements() if requirement.name == "python"}
    assert oldest == {load("tests", "config.yml")["modules"]["python_requires"]} == {f">={OLDEST[0]}.{OLDEST[1]}"}
    assert load("meta", "runtime.yml")["requires_ansible"] == ">=2.16.0"


def test_nothing_depends_on_another_collection() -> None:
    assert load("galaxy.yml")["dependencies"] == {}


def test_what_is_not_released_yet_came_in_the_next_version() -> None:
    released = [Version(version) for version in load("changelogs", "changelog.yaml")["releases"]]
    coming = [Version(version) for version in unreleased()]
    assert len(coming) <= 1
    assert all(version > max([*released, Version("0")]) for version in coming)
