# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the playbooks and about privacy: complete, and as the code has it. Runs are in test_transcripts.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tools import pages
from tests.tools.devtree import ROOT
from tests.tools.markdown import as_markdown
from tests.unit.docs.snippets import GUIDES, PLAYBOOKS, README

TEMPLATE = ROOT / "docs" / "examples" / "contacts-repo"
OUTDATED = "run python -m tests.tools.pages"


def page(playbook: str) -> str:
    return (pages.RST / f"playbook_{playbook}.rst").read_text(encoding="utf-8")


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_has_a_page_with_what_is_asked_of_it(playbook: str) -> None:
    text = page(playbook)
    sections = re.findall(r"^(.+)\n-+$", text, re.MULTILINE)
    assert [name for name in ("Example", "Variables", "Exit codes") if name not in sections] == []
    assert f"$ ansible-playbook softwareone.marketplace.{playbook} " in text


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_variables_are_those_of_the_role(playbook: str) -> None:
    text = page(playbook)
    options = pages.options_of(playbook)
    named = re.findall(r"^   \* - ``([\w.]+)``$", text, re.MULTILINE)
    assert [name for name in named if "." not in name] == list(options)
    assert pages.with_variables(text) == text, OUTDATED


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_target_is_what_the_playbook_takes(playbook: str) -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    assert f"target | default('{pages.TARGET['default']}')" in play["hosts"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_page_leaves_no_variable_out_that_the_tasks_use(playbook: str) -> None:
    """What the specification forgot, the page would forget as well."""
    options = pages.options_of(playbook)
    role = "contacts_drift" if playbook == "drift" else "contacts"
    entry = {"drift": "main", "provision": "main"}.get(playbook, playbook)
    tasks = (ROOT / "roles" / role / "tasks" / f"{entry}.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"\bswo_contacts_(?!module)\w+", tasks))
    assert used - set(options) - {"swo_contacts_export"} == set()


@pytest.mark.parametrize("path", pages.HUB, ids=lambda path: path.stem)
def test_automation_hub_shows_the_same_page(path: Path) -> None:
    shown = pages.hub_page(path).read_text(encoding="utf-8")
    assert shown == as_markdown(path.read_text(encoding="utf-8")), OUTDATED
    prose = re.sub(r"```.*?```", "", shown, flags=re.DOTALL)
    assert [left for left in (".. ", ":ref:", "``", "`__") if left in prose] == []
    places = re.findall(r"\(https://github\.com/[^)]*?/blob/main/([^)#]+)\)", prose)
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(
    "path", [README, *ROOT.glob("roles/*/README.md"), *GUIDES], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_no_command_is_shown_that_ansible_warns_of(path: Path) -> None:
    """Without an inventory it gives two warnings, unless it is told not to."""
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"^ *(?:\$ )?ansible-playbook .*$", text, re.MULTILINE)
    if any(" -i " not in command for command in commands):
        assert "export ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false\n" in text


def test_the_exit_codes_say_which_playbooks_write_no_report() -> None:
    text = (pages.RST / "exit_codes.rst").read_text(encoding="utf-8")
    without = re.findall(r"^   \* - 0\n     - ``(\w+)``\n     - .*\n     - none$", text, re.MULTILINE)
    assert without == [
        name for name in ("validate", "export", "explain") if "swo_contacts_reports" not in pages.options_of(name)
    ]


def test_privacy_has_the_days_that_the_template_keeps_artifacts() -> None:
    text = (pages.RST / "guide_privacy.rst").read_text(encoding="utf-8")
    told = re.findall(r"\* - artifact ``(\w+)``.*\n.*\n     - (\d+) days on (GitHub and )?GitLab", text)
    github = {
        path.stem: str(days)
        for path in (TEMPLATE / ".github" / "workflows").glob("*.yml")
        for days in re.findall(r"retention-days: (\d+)", path.read_text(encoding="utf-8"))
    }
    *_documents, jobs = yaml.safe_load_all((TEMPLATE / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    gitlab = {name: job["artifacts"]["expire_in"].split()[0] for name, job in jobs.items() if "artifacts" in job}
    assert {name: days for name, days, _both in told} == gitlab
    assert {name: days for name, days, both in told if both} == github


def test_privacy_names_what_is_ignored_by_git() -> None:
    ignored = (TEMPLATE / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/reports/", "/contacts-drift-*.json"} <= set(ignored)
