# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md: what it shows works, what it lists is complete, and what Automation Hub asks of it is there."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.modules import swo_contacts
from ansible_collections.softwareone.marketplace.plugins.plugin_utils._account import known_variables
from tests.tools.devtree import ROOT
from tests.tools.readme import with_tables
from tests.unit.docs.snippets import MODULES, PLAYBOOKS, PREFIX, README, snippets

TEXT = README.read_text(encoding="utf-8")
PROSE = re.sub(r"^ *```.*?```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
REPOSITORY = "https://github.com/softwareone-platform/ansible-collection-marketplace"
YAML = [snippet for snippet in snippets(README) if snippet.language == "yaml"]
SHELL = [line for snippet in snippets(README) if snippet.language == "shell" for line in snippet.text.splitlines()]


def test_every_code_block_has_a_language_that_is_tested() -> None:
    assert TEXT.count("```") == 2 * len(snippets(README))
    assert {snippet.language for snippet in snippets(README)} == {"shell", "text", "yaml"}


def test_shell() -> None:
    """Each command is one that exists here."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in SHELL:
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] == "make":
            assert words[1] in targets
        elif words[0] == "ansible-playbook":
            assert words[1].removeprefix(PREFIX) in PLAYBOOKS
        else:
            assert words[0] in ("git", "cd", "export", "ansible-galaxy", "python3"), line


def test_variables_of_the_playbooks() -> None:
    known = {"target", *known_variables()}
    used = re.findall(r"-e (\w+)=", TEXT)
    assert len(used) > 5
    assert sorted(set(used) - known) == []


def test_drift_in_a_dozen_lines() -> None:
    (workflow,) = [snippet for snippet in YAML if snippet.name.startswith(".github/")]
    assert len(workflow.text.splitlines()) <= 14  # with the comment that names the file
    (job,) = yaml.safe_load(workflow.text)["jobs"].values()
    assert job["steps"][-1]["run"].split()[1] == f"{PREFIX}drift"


def test_that_workflow_has_the_pins_of_the_template_and_no_permission_too_many() -> None:
    (workflow,) = [snippet for snippet in YAML if snippet.name.startswith(".github/")]
    template = (ROOT / "docs/examples/contacts-repo/.github/workflows/drift.yml").read_text(encoding="utf-8")
    pins = re.findall(r"uses: ([\w/-]+@[0-9a-f]{40})\b", workflow.text)
    assert len(pins) == workflow.text.count("uses:") > 0
    assert [pin for pin in pins if pin not in template] == []
    loaded = yaml.safe_load(workflow.text)
    assert (loaded["permissions"], loaded["jobs"]["drift"]["permissions"]) == ({}, {"contents": "read"})


def test_tables() -> None:
    assert "<!-- content:" in TEXT
    assert with_tables(TEXT) == TEXT, "run python -m tests.tools.readme"
    assert all(f"/{module}.py)" in TEXT for module in MODULES)
    assert all(f"/playbook_{playbook}.rst)" in TEXT for playbook in PLAYBOOKS)


def test_readers_meet_what_an_entry_without_a_state_does() -> None:
    """An entry without a state lifts a block that was set by hand, so nobody may read that it does not."""
    files = [yaml.safe_load(snippet.text) for snippet in YAML if snippet.name == "people.yml"]
    assert {"unblock": "never"} in [file.get("defaults") for file in files]
    module = (ROOT / "plugins" / "modules" / "swo_contact.py").read_text(encoding="utf-8")
    for text in (TEXT, module):
        assert "lifts a block that somebody set by hand" in " ".join(text.split())
        assert "unblocked or opted into" not in text
    entries = yaml.safe_load((ROOT / "demo" / "contacts.yml").read_text(encoding="utf-8"))["contacts"]
    (hotline,) = [entry for entry in entries if entry["email"].startswith("hotline@")]
    assert "state" not in hotline
    assert "Only the name is managed" not in (ROOT / "demo" / "contacts.yml").read_text(encoding="utf-8")


def test_defaults_that_are_named() -> None:
    options = yaml.safe_load(swo_contacts.DOCUMENTATION)["options"]
    assert options["max_removals"]["default"] == ["10", "10%"]
    assert "10 contacts and 10 % at most" in TEXT
    assert options["concurrency"]["default"] == 8
    assert "eight at a time" in TEXT


def test_picture() -> None:
    (path,) = re.findall(r"!\[[^]]+\]\(https://raw\.githubusercontent\.com/[^)]*/main/(docs/images/[^)]+)\)", TEXT)
    assert (ROOT / path).stat().st_size < 150_000


def test_links_are_absolute() -> None:
    links = re.findall(r"\]\(([^)]*)\)", TEXT)
    assert [link for link in links if not link.startswith("https://")] == []
    assert "](#" not in TEXT


def test_links_into_the_repository() -> None:
    paths = set(re.findall(rf"{REPOSITORY}/(?:blob|tree)/main/([^)#]+)", TEXT))
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


@pytest.mark.parametrize(
    "section",
    [
        "Description",
        "Requirements",
        "Installation",
        "Use cases",
        "Testing",
        "Contributing",
        "Communication",
        "Support",
        "Release notes",
        "Related information",
        "License",
    ],
)
def test_section(section: str) -> None:
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE).count(section) == 1


def test_what_automation_hub_refuses() -> None:
    assert not re.search(r"pip3? install +ansible", TEXT)
    assert "**Create issue**" in TEXT
    assert TEXT.isascii()


def test_versions_agree_with_the_metadata() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    oldest = runtime["requires_ansible"].removeprefix(">=").rpartition(".")[0]
    assert f"ansible-core {oldest} or newer" in PROSE
    requests = re.search(r"^requests>=(\S+)$", (ROOT / "meta/ee-requirements.txt").read_text(), re.MULTILINE)
    assert requests is not None
    assert f"requests {requests[1]} or newer" in PROSE
    assert f"'requests>={requests[1]}'" in TEXT
