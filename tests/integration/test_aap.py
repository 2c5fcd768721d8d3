# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for Ansible Automation Platform and AWX: what ansible-builder makes of them, and the jobs they start."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.plugin_utils._account import OWNER_VARIABLE
from tests.integration.examples import EXAMPLES, clean_environment, install
from tests.integration.lab import Account
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import snippets

FOLDER = EXAMPLES / "aap"
TEMPLATE = EXAMPLES / "contacts-repo"
GUIDES = ROOT / "docs" / "docsite" / "rst"
# The keys that the roles of infra.aap_configuration document, as far as they make sense here.
KNOWN = {
    "controller_credential_types": {"name", "description", "kind", "inputs", "injectors"},
    "controller_credentials": {"name", "description", "organization", "credential_type", "inputs"},
    "controller_execution_environments": {"name", "description", "image", "pull", "organization", "credential"},
    "controller_projects": {
        "name",
        "organization",
        "scm_type",
        "scm_url",
        "scm_branch",
        "scm_update_on_launch",
        "default_environment",
        "credential",
    },
    "controller_inventories": {"name", "description", "organization"},
    "controller_inventory_sources": {
        "name",
        "inventory",
        "organization",
        "source",
        "source_project",
        "source_path",
        "overwrite",
        "overwrite_vars",
        "update_on_launch",
    },
    "controller_templates": {
        "name",
        "job_type",
        "organization",
        "project",
        "playbook",
        "inventory",
        "execution_environment",
        "credentials",
        "diff_mode",
        "allow_simultaneous",
        "survey_enabled",
        "survey_spec",
    },
    "controller_schedules": {"name", "unified_job_template", "organization", "rrule"},
}


class Loader(yaml.SafeLoader):
    """Knows the one tag of Ansible in these files."""


Loader.add_constructor("!unsafe", lambda loader, node: str(node.value))


def configuration() -> dict[str, dict[str, dict[str, Any]]]:
    """The objects by kind and name."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted((FOLDER / "configuration").glob("*.yml")):
        for kind, objects in yaml.load(path.read_text(encoding="utf-8"), Loader).items():
            assert kind not in found
            found[kind] = {item["name"]: item for item in objects}
            assert len(found[kind]) == len(objects)
    return found


OBJECTS = configuration()
(TYPE,) = OBJECTS["controller_credential_types"].values()


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("artifact"))


def builder(*arguments: str | Path) -> str:
    path = shutil.which("ansible-builder", path=str(Path(sys.executable).parent)) or shutil.which("ansible-builder")
    if path is None:
        pytest.skip("ansible-builder is not installed")
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_image_gets_exactly_these_libraries(collections: Path) -> None:
    seen = yaml.safe_load(builder("introspect", "--sanitize", collections))
    wanted = {"requests>=2.32.4", "jsonschema>=4.18.0"}
    # Each line ends with a comment that says which collection wants it.
    assert {re.sub(r"\s*#.*", "", line) for line in seen["python"]} == wanted
    assert seen.get("system", []) == []


def test_the_image_is_described(tmp_path: Path) -> None:
    file = FOLDER / "execution-environment.yml"
    builder("create", "--file", file, "--context", tmp_path, "--output-filename", "Containerfile")
    recipe = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert 'ARG EE_BASE_IMAGE="quay.io/centos/centos:stream9"' in recipe
    assert 'ARG PYPKG="python3.12"' in recipe
    galaxy = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert galaxy == yaml.safe_load((TEMPLATE / "requirements.yml").read_text(encoding="utf-8"))


def environment_of(token: str, url: str) -> dict[str, str]:
    """What the controller puts into the environment of a job."""
    injectors = TYPE["injectors"]
    assert set(injectors) == {"env"}
    render = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string
    return {name: render(text).render(token=token, url=url, account="") for name, text in injectors["env"].items()}


def test_the_variables_are_those_that_modules_read() -> None:
    fragment = (ROOT / "plugins" / "doc_fragments" / "_connection.py").read_text(encoding="utf-8")
    read = set(re.findall(r"E\((SWO_\w+)\)", fragment))
    assert {"SWO_API_TOKEN", "SWO_API_URL"} <= read
    assert set(TYPE["injectors"]["env"]) == {"SWO_API_TOKEN", "SWO_API_URL", OWNER_VARIABLE}
    fields = {entry["id"]: entry for entry in TYPE["inputs"]["fields"]}
    assert TYPE["inputs"]["required"] == ["token"]
    assert [name for name, entry in fields.items() if entry.get("secret")] == ["token"]
    assert environment_of("t", "u") == {"SWO_API_TOKEN": "t", "SWO_API_URL": "u", OWNER_VARIABLE: ""}
    for credential in OBJECTS["controller_credentials"].values():
        assert set(TYPE["inputs"]["required"]) <= set(credential["inputs"]) <= set(fields)


def test_the_guide_shows_this_type() -> None:
    shown = [yaml.safe_load(snippet.text) for snippet in snippets(GUIDES / "authentication.rst")[:2]]
    assert shown == [TYPE["inputs"], TYPE["injectors"]]


def run(
    name: str, account: Account, folder: Path, collections: Path, answers: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Start a job template as a controller does: by its playbook, type and survey, with its credential only."""
    template = OBJECTS["controller_templates"][f"Marketplace contacts: {name}"]
    roles = {"Marketplace, reads": "client", "Marketplace, writes": "ops"}
    (credential,) = template["credentials"]
    (source,) = OBJECTS["controller_inventory_sources"].values()
    options = ["--check"] * (template["job_type"] == "check") + ["--diff"] * template.get("diff_mode", False)
    questions = template.get("survey_spec", {"spec": []})["spec"]
    assert {question["variable"] for question in questions if question["required"]} == set(answers or {})
    extra = ["-e", json.dumps(answers)] if answers else []
    return subprocess.run(
        ["ansible-playbook", "-i", source["source_path"], *options, *extra, template["playbook"]],
        cwd=folder,
        env={
            **clean_environment(folder.parent / "home", collections),
            **environment_of(account.tokens[roles[credential]], account.api_url),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_from_the_plan_to_the_night(account: Account, tmp_path: Path, collections: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(TEMPLATE, project)
    planned = run("plan", account, project, collections)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    (plan_hash,) = re.findall(r"The hash of this plan is ([0-9a-f]{64})\.", planned.stdout)
    assert "Ann Example" in planned.stdout
    assert account.contacts() == []

    refused = run("provision", account, project, collections, {"swo_contacts_expect_plan": "a" * 64})
    assert refused.returncode != 0
    assert "This is not the plan that was reviewed" in refused.stdout
    assert account.contacts() == []

    applied = run("provision", account, project, collections, {"swo_contacts_expect_plan": plan_hash})
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert len(account.contacts()) == 6

    account.put(email="ann@contoso.example", name="Ann Exmaple")
    drifted = run("drift", account, project, collections)
    assert drifted.returncode != 0
    assert "Ann Exmaple" in drifted.stdout
    assert account.live("ann@contoso.example")[0]["name"] == "Ann Exmaple"
    tokens = [account.tokens[role] for role in ("client", "ops")]
    for done in (planned, refused, applied, drifted):
        assert not [token for token in tokens if token in done.stdout + done.stderr]


def test_the_files_name_each_other() -> None:
    for kind, objects in OBJECTS.items():
        for item in objects.values():
            assert set(item) <= KNOWN[kind], item["name"]
    wanted = {
        "credential_type": "controller_credential_types",
        "default_environment": "controller_execution_environments",
        "execution_environment": "controller_execution_environments",
        "inventory": "controller_inventories",
        "project": "controller_projects",
        "source_project": "controller_projects",
        "unified_job_template": "controller_templates",
        "credentials": "controller_credentials",
    }
    for item in (item for objects in OBJECTS.values() for item in objects.values()):
        for key in set(item) & set(wanted):
            names = item[key] if isinstance(item[key], list) else [item[key]]
            assert set(names) <= set(OBJECTS[wanted[key]]), item["name"]
    for template in OBJECTS["controller_templates"].values():
        assert (TEMPLATE / template["playbook"]).is_file()


def test_every_night() -> None:
    (schedule,) = OBJECTS["controller_schedules"].values()
    assert schedule["unified_job_template"] == "Marketplace contacts: drift"
    assert re.fullmatch(r"DTSTART:\d{8}T\d{6}Z RRULE:FREQ=DAILY;INTERVAL=1", schedule["rrule"])


def test_nothing_can_be_taken_for_a_setting_of_ansible() -> None:
    for path in FOLDER.rglob("*.yml"):
        assert "ANSIBLE_" not in path.read_text(encoding="utf-8")
