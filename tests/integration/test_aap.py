# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for Ansible Automation Platform and AWX: the image that they make, and jobs as controllers start them."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import requests
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.softwareone.marketplace.plugins.plugin_utils._account import OWNER_VARIABLE
from tests.integration.controller import Recorded, recording
from tests.integration.examples import EXAMPLES, clean_environment
from tests.integration.lab import Account
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving
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
    "controller_notifications": {"name", "organization", "notification_type", "notification_configuration", "messages"},
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
        "extra_vars",
        "ask_limit_on_launch",
        "notification_templates_error",
    },
    "controller_workflows": {
        "name",
        "organization",
        "allow_simultaneous",
        "notification_templates_approvals",
        "notification_templates_error",
        "simplified_workflow_nodes",
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


class Controller:
    """A project and an inventory, and jobs as AWX starts them: awx/main/tasks/jobs.py, by ansible-runner.

    A job finds the project as its working directory, the inventory as a script in a folder of its own, its extra
    variables in a file, where only those of the template may hold templates of Jinja, and what its credentials inject.
    """

    def __init__(self, top: Path, collections: Path, project: Path = TEMPLATE) -> None:
        self.top = top
        self.project = top / "project"
        # The one path of the node that jobs see, /srv/marketplace in the files.
        self.exposed = top / "exposed"
        self.environment = clean_environment(top / "home", collections)
        self.arguments: list[str] = []
        self.inventory: dict[str, Any] = {}
        self.jobs = 0
        self.exposed.mkdir()
        shutil.copytree(project, self.project)

    def sync(self, **hosts: dict[str, Any]) -> None:
        """Take over the inventory of the project, and what people add to its hosts in the controller."""
        (source,) = OBJECTS["controller_inventory_sources"].values()
        listed = subprocess.run(
            ["ansible-inventory", "-i", source["source_path"], "--list", "--export"],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        self.inventory = json.loads(listed.stdout)
        for name, variables in hosts.items():
            self.inventory["_meta"]["hostvars"].setdefault(name, {}).update(variables)

    def launch(self, name: str, *, tokens: dict[str, str], limit: str = "", part: str = "", **given: Any) -> Job:
        """``part``: 2/3 for the second of three slices; ``given``: what a survey or the job before it gives."""
        template = OBJECTS["controller_templates"][f"Marketplace contacts: {name}"]
        self.jobs += 1
        data = self.top / f"awx_{self.jobs}"
        for folder in ("inventory", "env"):
            (data / folder).mkdir(parents=True)
        shutil.copytree(self.project, data / "project")
        hosts = data / "inventory" / "hosts"
        hosts.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(self._slice(part))!r})\n", encoding="utf-8")
        hosts.chmod(0o700)
        own = json.loads(json.dumps(template["extra_vars"]).replace("/srv/marketplace", str(self.exposed)))
        lines = yaml.safe_dump({**own, "awx_job_id": self.jobs}) + "".join(
            f"{key}: {marked_unsafe(value)}\n" for key, value in given.items()
        )
        (data / "env" / "extravars").write_text(lines, encoding="utf-8")
        assert template.get("ask_limit_on_launch") or not limit
        options = ["--check"] * (template["job_type"] == "check") + ["--diff"] * template.get("diff_mode", False)
        options += ["--limit", limit] * bool(limit) + self.arguments
        injected = {key: text for one in template["credentials"] if one in tokens for key, text in inject(tokens[one])}
        runner = ansible_runner.run(
            private_data_dir=str(data),
            playbook=template["playbook"],
            inventory=str(hosts),
            cmdline=shlex.join(options),
            envvars={**self.environment, "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True", **injected},
            suppress_env_files=True,
            quiet=True,
        )
        events = list(runner.events)
        (stats,) = (event["event_data"] for event in events if event["event"] == "playbook_on_stats")
        job = Job(runner.rc, "".join(event["stdout"] + "\n" for event in events), stats["artifact_data"])
        # The container and its files are gone with the job.
        shutil.rmtree(data)
        return job

    def _slice(self, part: str) -> dict[str, Any]:
        """Hosts are dealt out one by one; the variables of the others are not in the job."""
        found = copy.deepcopy(self.inventory)
        if part:
            number, count = map(int, part.split("/"))
            left = sorted(found["_meta"]["hostvars"])[number - 1 :: count]
            found["_meta"]["hostvars"] = {name: found["_meta"]["hostvars"][name] for name in left}
            for group in found.values():
                if "hosts" in group:
                    group["hosts"] = [name for name in group["hosts"] if name in left]
        return found

    def kept(self) -> list[str]:
        return sorted(path.name for path in self.exposed.iterdir())


@dataclass(frozen=True)
class Job:
    code: int
    output: str
    artifacts: dict[str, Any]

    @property
    def printed(self) -> str:
        return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", self.output).split())


def marked_unsafe(value: Any) -> str:
    """As the controller writes what did not come from the template itself."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {marked_unsafe(inner)}" for key, inner in value.items()) + "}"
    return f"!unsafe {json.dumps(value)}"


def inject(token: str) -> list[tuple[str, str]]:
    """What the controller puts into the environment of a job; a field that is not filled in is undefined, so empty."""
    render = ImmutableSandboxedEnvironment().from_string
    assert set(TYPE["injectors"]) == {"env"}
    return [(name, render(text).render(token=token)) for name, text in TYPE["injectors"]["env"].items()]


def test_the_variables_are_those_that_modules_read() -> None:
    fragment = (ROOT / "plugins" / "doc_fragments" / "_connection.py").read_text(encoding="utf-8")
    read = set(re.findall(r"E\((SWO_\w+)\)", fragment))
    assert {"SWO_API_TOKEN", "SWO_API_URL"} <= read
    assert set(TYPE["injectors"]["env"]) == {"SWO_API_TOKEN", "SWO_API_URL", OWNER_VARIABLE}
    fields = {entry["id"]: entry for entry in TYPE["inputs"]["fields"]}
    assert TYPE["inputs"]["required"] == ["token"]
    assert [name for name, entry in fields.items() if entry.get("secret")] == ["token"]
    assert dict(inject("t")) == {"SWO_API_TOKEN": "t", "SWO_API_URL": "", OWNER_VARIABLE: ""}
    own = [item for item in OBJECTS["controller_credentials"].values() if item["credential_type"] == TYPE["name"]]
    assert len(own) == 2
    for credential in own:
        assert set(TYPE["inputs"]["required"]) <= set(credential["inputs"]) <= set(fields)


def test_the_guide_shows_this_type() -> None:
    shown = [yaml.safe_load(snippet.text) for snippet in snippets(GUIDES / "authentication.rst")[:2]]
    assert shown == [TYPE["inputs"], TYPE["injectors"]]


LOST = "Nothing was written: swo_contacts_expect_plan is not set."
REFUSED = "This is not the plan that was reviewed"


def test_plan_approve_provision(account: Account, tmp_path: Path, collections: Path) -> None:
    (workflow,) = OBJECTS["controller_workflows"].values()
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    assert [node.get("success_nodes") for node in nodes.values()] == [["approve"], ["provision"], None]
    plan, provision = (nodes[name]["unified_job_template"].rpartition(" ")[2] for name in ("plan", "provision"))
    tokens = {"Marketplace, reads": account.tokens["client"], "Marketplace, writes": account.tokens["ops"]}
    controller = Controller(tmp_path, collections)
    # No credential has an address, so that of the simulator is a variable of the host.
    controller.sync(localhost={"swo_api_url": account.api_url})

    planned = controller.launch(plan, tokens=tokens)
    assert planned.code == 0, planned.output
    assert "Ann Example" in planned.printed
    (plan_hash,) = re.findall(r"The hash of this plan is ([0-9a-f]{64})\.", planned.printed)
    assert planned.artifacts == {"swo_contacts_expect_plan": {"localhost": plan_hash}}
    assert (account.contacts(), controller.kept()) == ([], [])

    # Whoever approves takes some time.
    account.put(email="ann@contoso.example", name="Ann Exmaple")
    before = account.contacts()
    refused = controller.launch(provision, tokens=tokens, **planned.artifacts)
    assert (refused.code != 0, REFUSED in refused.printed) == (True, True), refused.output
    assert account.contacts() == before

    again = controller.launch(plan, tokens=tokens)
    applied = controller.launch(provision, tokens=tokens, **again.artifacts)
    assert applied.code == 0, applied.output
    assert account.live("ann@contoso.example")[0]["name"] == "Ann Example"
    # A job that writes hands nothing on.
    assert applied.artifacts == {}
    kept = controller.kept()
    assert kept == [
        *(f"provision-localhost-{job}.{kind}" for job in (2, 4) for kind in ("html", "json")),
        "undo-localhost-4.yml",
    ]

    account.put(email="ann@contoso.example", name="Ann Exmaple")
    drifted = controller.launch("drift", tokens=tokens)
    assert drifted.code != 0
    assert "Ann Exmaple" in drifted.printed
    assert account.live("ann@contoso.example")[0]["name"] == "Ann Exmaple"
    assert json.loads((controller.exposed / "drift-localhost.json").read_text(encoding="utf-8"))["status"] == "drift"
    for done in (planned, refused, again, applied, drifted):
        assert not [token for token in tokens.values() if token in done.output]


def test_by_hand_the_survey_asks_for_the_hash(account: Account, tmp_path: Path, collections: Path) -> None:
    tokens = {"Marketplace, reads": account.tokens["client"], "Marketplace, writes": account.tokens["ops"]}
    template = OBJECTS["controller_templates"]["Marketplace contacts: provision"]
    (question,) = template["survey_spec"]["spec"]
    name = question["variable"]
    assert (template["survey_enabled"], question["required"]) == (True, True)
    controller = Controller(tmp_path, collections)
    controller.sync(localhost={"swo_api_url": account.api_url})
    # A workflow does not ask, and hands on what its first job has.
    for given, said in (({}, LOST), ({name: ""}, LOST), ({name: {}}, LOST), ({name: "a" * 64}, REFUSED)):
        refused = controller.launch("provision", tokens=tokens, **given)
        assert (refused.code != 0, said in refused.printed) == (True, True), refused.output
    assert account.contacts() == []
    (plan_hash,) = controller.launch("plan", tokens=tokens).artifacts[name].values()
    applied = controller.launch("provision", tokens=tokens, **{name: plan_hash})
    assert applied.code == 0, applied.output
    assert len(account.contacts()) == 6


NAMES = ("contoso", "fabrikam", "northwind")
PASSWORD = "not for production"


class Accounts:
    """The example of several accounts as a project: tokens are variables of the hosts, encrypted by ansible-vault."""

    def __init__(self, top: Path, collections: Path, simulators: dict[str, Simulator], urls: dict[str, str]) -> None:
        self.simulators = simulators
        self.urls = urls
        self.controller = Controller(top, collections, EXAMPLES / "accounts")
        project = self.controller.project
        shutil.copytree(TEMPLATE / "playbooks", project / "playbooks")
        password = top / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        (project / "host_vars").mkdir()
        for name in NAMES:
            encrypt = [
                "ansible-vault",
                "encrypt_string",
                "--vault-password-file",
                str(password),
                "--name",
                "swo_api_token",
            ]
            text = subprocess.run(
                [*encrypt, self.token(name)],
                env=self.controller.environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            (project / "host_vars" / f"{name}.yml").write_text(text, encoding="utf-8")
        self.controller.sync(**{name: {"swo_api_url": urls[name]} for name in NAMES})
        assert not [name for name in NAMES if self.token(name) in json.dumps(self.controller.inventory)]
        # The credential of the type Vault, instead of those of the Marketplace.
        self.controller.arguments = ["--vault-password-file", str(password)]

    def token(self, name: str) -> str:
        return self.simulators[name].tokens["ops"]

    def launch(self, name: str, **given: Any) -> Job:
        job = self.controller.launch(name, tokens={}, **given)
        assert not [one for one in NAMES if self.token(one) in job.output]
        return job

    def write(self, account: str, **members: str) -> None:
        """As somebody does who works in the account."""
        headers = {"Authorization": f"Bearer {self.token(account)}"}
        requests.post(
            f"{self.urls[account]}/notifications/contacts", json=members, headers=headers, timeout=10
        ).raise_for_status()

    def writes(self) -> dict[str, int]:
        return {name: len(list(simulator.journal.writes())) for name, simulator in self.simulators.items()}

    def assert_that_each_got_its_own(self) -> None:
        """By the journals: no request to an account came with another token, or with somebody else's people."""
        for name, simulator in self.simulators.items():
            digest = hashlib.sha256(f"Bearer {self.token(name)}".encode()).hexdigest()
            assert {entry.auth_sha256 for entry in simulator.journal.since()} <= {digest}
            written = [entry.body["email"] for entry in simulator.journal.writes() if "email" in (entry.body or {})]
            assert not [email for email in written if any(other in email for other in NAMES if other != name)]


@pytest.fixture
def accounts(tmp_path: Path, collections: Path) -> Iterator[Accounts]:
    simulators = {name: Simulator(seed=number) for number, name in enumerate(NAMES, 1)}
    with ExitStack() as stack:
        urls = {name: stack.enter_context(serving(simulator)).api_url for name, simulator in simulators.items()}
        yield Accounts(tmp_path, collections, simulators, urls)


def test_several_accounts_with_vaulted_tokens(accounts: Accounts) -> None:
    planned = accounts.launch("plan")
    assert planned.code == 0, planned.output
    hashes = planned.artifacts["swo_contacts_expect_plan"]
    assert sorted(hashes) == list(NAMES)
    assert len(set(hashes.values())) == 3

    # One account moves before the approval: the others are what was approved.
    accounts.write("fabrikam", email="bruno@fabrikam.example", name="Else")
    applied = accounts.launch("provision", **planned.artifacts)
    assert applied.code != 0
    assert REFUSED in applied.printed
    assert accounts.writes() == {"contoso": 4, "fabrikam": 1, "northwind": 2}

    # A slice sees its own host only; each finds its own plan, or says that it has none.
    again = accounts.launch("plan", limit="contoso,northwind").artifacts
    for number, name in enumerate(NAMES, 1):
        job = accounts.launch("provision", part=f"{number}/3", **again)
        assert (job.code == 0, "is none for fabrikam" in job.printed) == (
            (name != "fabrikam"),
            (name == "fabrikam"),
        )
    rest = accounts.launch("plan", limit="fabrikam")
    assert list(rest.artifacts["swo_contacts_expect_plan"]) == ["fabrikam"]
    assert accounts.launch("provision", limit="fabrikam", **rest.artifacts).code == 0
    assert accounts.launch("drift").code == 0
    assert accounts.writes() == {"contoso": 4, "fabrikam": 3, "northwind": 2}
    assert [name for name in accounts.controller.kept() if name.startswith("drift")] == [
        f"drift-{name}.{kind}" for name in NAMES for kind in ("html", "json")
    ]
    accounts.assert_that_each_got_its_own()


def test_the_token_of_a_credential_reaches_no_account_that_it_is_not_of(accounts: Accounts) -> None:
    """As before the tokens are in the vault: every slice would take the one of the job."""
    inventory = accounts.controller.inventory
    for variables in (*inventory["_meta"]["hostvars"].values(), inventory["accounts"]["vars"]):
        variables.pop("swo_api_token", None)
    for part, limit in (("", ""), ("1/3", ""), ("2/3", ""), ("", "northwind")):
        job = accounts.controller.launch(
            "plan", tokens={"Marketplace, reads": accounts.token("contoso")}, part=part, limit=limit
        )
        assert (job.code != 0, "has no swo_api_token of its own" in job.printed) == (True, True), job.output
    assert [len(simulator.journal.since()) for simulator in accounts.simulators.values()] == [0, 0, 0]


SECRETS = {
    "MARKETPLACE_TOKEN_READS": "idt:TKN-1111-1111:reads",
    "MARKETPLACE_TOKEN_WRITES": "idt:TKN-1111-1112:writes",
    "MARKETPLACE_REPOSITORY_TOKEN": "of the repository",
    "MARKETPLACE_REGISTRY_TOKEN": "of the registry",
}
OF_CONTROLLER = "a token of the controller"


def configure(top: Path, recorded: Recorded, collections: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    # Old versions of the roles need the second variable on new versions of ansible-core.
    options = {"aap_hostname": recorded.url, "aap_configuration_enforce_defaults": True}
    return subprocess.run(
        ["ansible-playbook", "configure.yml", "-e", json.dumps({**options, "aap_configuration_async_dir": str(top)})],
        cwd=FOLDER,
        env={
            **clean_environment(top / "home", Path(collections)),
            "CONTROLLER_OAUTH_TOKEN": OF_CONTROLLER,
            **secrets,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("left_out", SECRETS)
def test_a_secret_that_is_not_set_takes_the_place_of_none(tmp_path: Path, left_out: str) -> None:
    with recording(OF_CONTROLLER) as recorded:
        before = copy.deepcopy(recorded.objects)
        done = configure(tmp_path, recorded, "", **{**SECRETS, left_out: ""})
        assert recorded.objects == before
    assert done.returncode != 0
    printed = " ".join(done.stdout.split())
    (said,) = re.findall(r'"msg": "(Nothing was applied[^"]*)"', printed)
    (name,) = [
        credential["name"]
        for credential in OBJECTS["controller_credentials"].values()
        if left_out in str(credential["inputs"])
    ]
    assert re.search(rf"have no value: +{name} \((token|password)\)\.", said)
    assert not [secret for secret in SECRETS.values() if secret in printed]


def roles() -> str:
    """The path of collections with those that apply the files: AAP_COLLECTIONS, or one of the usual ones."""
    usual = ("~/.ansible/collections", "/usr/share/ansible/collections")
    for path in (*os.environ.get("AAP_COLLECTIONS", "").split(os.pathsep), *usual):
        if path and (Path(path).expanduser() / "ansible_collections" / "infra" / "aap_configuration").is_dir():
            return path
    pytest.skip("infra.aap_configuration is not installed: AAP_COLLECTIONS=path of collections")


def test_the_roles_of_infra_aap_configuration_apply_the_files(tmp_path: Path) -> None:
    path = roles()
    with recording(OF_CONTROLLER) as recorded:
        done = configure(tmp_path, recorded, path, **SECRETS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [secret for secret in (*SECRETS.values(), OF_CONTROLLER) if secret in done.stdout + done.stderr]
    kinds = {
        "credential_types": "controller_credential_types",
        "credentials": "controller_credentials",
        "execution_environments": "controller_execution_environments",
        "notification_templates": "controller_notifications",
        "projects": "controller_projects",
        "inventories": "controller_inventories",
        "inventory_sources": "controller_inventory_sources",
        "job_templates": "controller_templates",
        "workflow_job_templates": "controller_workflows",
        "schedules": "controller_schedules",
    }
    assert set(kinds.values()) == set(OBJECTS)
    for kind, variable in kinds.items():
        assert set(recorded.named(kind)) >= set(OBJECTS[variable]), kind
    (kind_of_token,) = [one for one in recorded.objects["credential_types"].values() if "injectors" in one]
    assert {key: kind_of_token[key] for key in ("inputs", "injectors")} == {
        key: TYPE[key] for key in ("inputs", "injectors")
    }
    given = {str(value) for one in recorded.objects["credentials"].values() for value in one["inputs"].values()}
    assert given >= set(SECRETS.values())
    for name, template in OBJECTS["controller_templates"].items():
        posted = recorded.named("job_templates")[name]
        assert json.loads(posted["extra_vars"]) == template["extra_vars"]
        names = [recorded.objects["credentials"][one["id"]]["name"] for one in told(recorded, posted, "credentials")]
        assert names == template["credentials"]
        assert told(recorded, posted, "survey_spec") == [template[key] for key in ("survey_spec",) if key in template]
    nodes = recorded.named("workflow_job_template_nodes")
    after = {
        name: [
            recorded.objects["workflow_job_template_nodes"][one["id"]]["identifier"]
            for one in told(recorded, node, "success_nodes")
        ]
        for name, node in nodes.items()
    }
    assert after == {"plan": ["approve"], "approve": ["provision"], "provision": []}
    assert [one["name"] for one in told(recorded, nodes["approve"], "create_approval_template")] == ["Apply this plan"]


def told(recorded: Recorded, owner: dict[str, Any], below: str) -> list[Any]:
    (kind,) = [kind for kind, objects in recorded.objects.items() if owner["id"] in objects]
    return recorded.told.get((kind, owner["id"], below), [])


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
        "notification_templates_error": "controller_notifications",
        "notification_templates_approvals": "controller_notifications",
    }
    # The types that every controller has.
    built_in = {"Source Control", "Container Registry"}
    for item in (item for objects in OBJECTS.values() for item in objects.values()):
        for key in set(item) & set(wanted):
            names = set(item[key] if isinstance(item[key], list) else [item[key]])
            assert names <= set(OBJECTS[wanted[key]]) | built_in, item["name"]
    for kind in ("controller_projects", "controller_execution_environments"):
        for item in OBJECTS[kind].values():
            assert item["credential"] in OBJECTS["controller_credentials"]
    for template in OBJECTS["controller_templates"].values():
        assert (TEMPLATE / template["playbook"]).is_file()
        assert template["extra_vars"]["target"] == "all"
    for workflow in OBJECTS["controller_workflows"].values():
        for node in workflow["simplified_workflow_nodes"]:
            assert ("approval_node" in node) != (node.get("unified_job_template") in OBJECTS["controller_templates"])


def test_every_night() -> None:
    (schedule,) = OBJECTS["controller_schedules"].values()
    assert schedule["unified_job_template"] == "Marketplace contacts: drift"
    assert re.fullmatch(r"DTSTART:\d{8}T\d{6}Z RRULE:FREQ=DAILY;INTERVAL=1", schedule["rrule"])


def test_nothing_can_be_taken_for_a_setting_of_ansible() -> None:
    for path in FOLDER.rglob("*.yml"):
        assert "ANSIBLE_" not in path.read_text(encoding="utf-8")
