# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template repository: the shell of every step of its three pipelines, run as it stands on the simulator."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.examples import EXAMPLES, NUMBER, OTHER, Forge, clean_environment, install, served_forge
from tests.integration.lab import Account
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import snippets

TEMPLATE = EXAMPLES / "contacts-repo"
WORKFLOWS = TEMPLATE / ".github" / "workflows"
MARKER = "<!-- softwareone.marketplace report -->"
FIRST, LAST, MERGE = "1" * 40, "2" * 40, "e" * 40
READING, WRITING = "client", "ops"
SECRET = "SWO_API_TOKEN"
TOKEN = Forge.token
SYSTEMS = ("github", "gitlab", "azure")
Environment = dict[str, str]


@dataclass(frozen=True)
class Job:
    """``environment``: what the system keeps the job's secrets under. ``steps``: each shell text and its variables."""

    environment: str
    steps: list[tuple[str, Environment]]
    raw: dict[str, Any] = field(repr=False)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def github() -> dict[str, Job]:
    jobs = {name: job for path in sorted(WORKFLOWS.glob("*.yml")) for name, job in load(path)["jobs"].items()}
    return {
        name: Job(
            job.get("environment", ""),
            [(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step],
            job,
        )
        for name, job in jobs.items()
    }


def gitlab() -> dict[str, Job]:
    content = load(TEMPLATE / ".gitlab-ci.yml")
    before = content["default"]["before_script"]
    return {
        name: Job(job.get("environment", {}).get("name", ""), [(text, {}) for text in [*before, *job["script"]]], job)
        for name, job in content.items()
        if name not in ("default", "workflow")
    }


def azure() -> dict[str, Job]:
    stages = load(TEMPLATE / "azure-pipelines.yml")["stages"]
    return {
        job["job"]: Job(
            {"contacts-plan": "plan", "contacts-production": "production"}.get(_group(job), ""),
            [(step["bash"], step.get("env", {})) for step in job["steps"] if "bash" in step],
            {**job, "stage": stage},
        )
        for stage in stages
        for job in stage["jobs"]
    }


def _group(job: dict[str, Any]) -> str:
    return next((entry["group"] for entry in job.get("variables", [])), "")


JOBS = {"github": github(), "gitlab": gitlab(), "azure": azure()}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("artifact"))


@pytest.fixture
def forge() -> Iterator[Forge]:
    with served_forge() as forge:
        yield forge


@dataclass
class Pipeline:
    """A copy of the template, as one system runs its jobs."""

    system: str
    folder: Path
    account: Account
    forge: Forge
    base: Environment
    tokens: Environment
    given_hash: str = ""
    is_set_up: bool = False

    def job(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The steps of a job, until one fails; the output is that of the last one."""
        job = JOBS[self.system][name]
        for text, wanted in job.steps:
            # What this installs is the same in every job.
            if "setup" in text and self.is_set_up:
                continue
            done = self.shell(text, **variables, **self._secrets(job, wanted))
            if done.returncode:
                break
            self.is_set_up = True
        return done

    def shell(self, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-eu", "-c", text],
            cwd=self.folder,
            env={**self.base, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def _secrets(self, job: Job, wanted: Environment) -> Environment:
        """What a step finds in its environment: all that the job has on GitLab, what it asks for elsewhere."""
        kept = {SECRET: self.tokens[job.environment]} if job.environment else {}
        plain = {"SWO_API_URL": self.account.api_url} if job.environment else {}
        if self.system == "gitlab":
            manual = {"SWO_PLAN_HASH": self.given_hash} if self.given_hash else {}
            return {**kept, **plain, **manual, "COMMENT_TOKEN": self.forge.token}
        known = {
            f"secrets.{SECRET}": kept.get(SECRET, ""),
            "vars.SWO_API_URL": plain.get("SWO_API_URL", ""),
            "github.token": self.forge.token,
            "inputs.plan": self.given_hash,
            f"$({SECRET})": kept.get(SECRET, f"$({SECRET})"),
            "$(System.AccessToken)": self.forge.token,
            "parameters.plan": self.given_hash or "reviewed",
        }
        asked = {name: known[re.sub(r"^\$\{\{ (.*) \}\}$", r"\1", value)] for name, value in wanted.items()}
        return {**(plain if self.system == "azure" else {}), **asked}

    def review(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        token = {"github": "GITHUB_TOKEN", "gitlab": "COMMENT_TOKEN", "azure": "SYSTEM_ACCESSTOKEN"}[self.system]
        return self.shell(f"python3 ci/review.py {command}", **{token: TOKEN, **variables})

    def pull_request(self, head: str) -> Environment:
        """What the system sets in the pipeline of a pull request."""
        event = self.folder.parent / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": NUMBER, "head": {"sha": head}}}), encoding="utf-8")
        return {
            "github": {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": self.forge.url,
                "GITHUB_REPOSITORY": "contoso/contacts",
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_SHA": "f" * 40,
            },
            "gitlab": {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": f"{self.forge.url}/api/v4",
                "CI_PROJECT_ID": "42",
                "CI_MERGE_REQUEST_IID": str(NUMBER),
                "CI_COMMIT_SHA": head,
            },
            "azure": {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": f"{self.forge.url}/contoso/",
                "SYSTEM_TEAMPROJECT": "Team Contacts",
                "BUILD_REPOSITORY_ID": "4a1b",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": str(NUMBER),
                "SYSTEM_PULLREQUEST_SOURCECOMMITID": head,
                "BUILD_SOURCEVERSION": "f" * 40,
            },
        }[self.system]

    def on_main(self) -> Environment:
        """What the system sets after the merge."""
        variables = self.pull_request(LAST)
        for name in ("CI_MERGE_REQUEST_IID", "SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCECOMMITID"):
            variables.pop(name, None)
        return {
            **variables,
            **{
                "github": {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": MERGE, "GITHUB_REF_NAME": "main"},
                "gitlab": {"CI_COMMIT_SHA": MERGE, "CI_COMMIT_BRANCH": "main"},
                "azure": {"BUILD_SOURCEVERSION": MERGE, "BUILD_SOURCEBRANCH": "refs/heads/main"},
            }[self.system],
        }

    def report(self, name: str) -> Any:
        return json.loads((self.folder / "reports" / name).read_text(encoding="utf-8"))


def writes(account: Account) -> list[str]:
    return [entry["method"] for entry in account.journal() if entry["method"] != "GET"]


@pytest.fixture
def pipeline(
    request: pytest.FixtureRequest, tmp_path: Path, account: Account, forge: Forge, collections: Path
) -> Pipeline:
    folder = tmp_path / "contacts"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    base = clean_environment(tmp_path / "home", collections)
    tokens = {"plan": account.tokens[READING], "production": account.tokens[WRITING]}
    # As runners of GitLab check out; Ansible reads no ansible.cfg there.
    folder.chmod(0o777)
    system = getattr(request, "param", "github")
    # The step that installs is the same text in all systems, so one of them is enough.
    return Pipeline(system, folder, account, forge, base, tokens, is_set_up=system != "github")


def marked(plan_hash: str, head: str) -> str:
    return f"{MARKER}\nwhatever\n\n<!-- softwareone.marketplace plan {plan_hash} of {head} -->"


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_from_the_pull_request_to_the_night(pipeline: Pipeline) -> None:
    account, forge = pipeline.account, pipeline.forge
    forbidden = forge.say(OTHER, marked("a" * 64, LAST))
    account.put(email="somebody@fabrikam.example", name="Some Body")

    if pipeline.system == "github":
        checked = pipeline.job("validate")
        assert "6 contacts are declared, without a fault." in checked.stdout, checked.stdout + checked.stderr
        assert account.journal() == []

    planned = pipeline.job("plan", **pipeline.pull_request(FIRST))
    assert (planned.returncode, planned.stderr) == (0, "")
    ((key, text),) = forge.own().items()
    assert text.startswith(MARKER)
    assert text.endswith(
        f"\n\n<!-- softwareone.marketplace plan {pipeline.report('plan.json')['plan_hash']} of {FIRST} -->"
    )
    # In full only where people have to ask for it.
    assert "`a***@contoso.example`" in text
    assert "ann@contoso.example" not in text
    assert "ann@contoso.example" in (pipeline.folder / "reports" / "plan.html").read_text(encoding="utf-8")

    if pipeline.system == "github":
        file = pipeline.folder / "contacts" / "base" / "finance.yml"
        file.write_text(file.read_text(encoding="utf-8").replace("Ann Example", "Ann Sample"), encoding="utf-8")
        again = pipeline.job("plan", **pipeline.pull_request(LAST))
    else:
        again = pipeline.review("comment reports/plan.md reports/plan.json", **pipeline.pull_request(LAST))
    assert again.returncode == 0, again.stdout + again.stderr
    # The same comment, brought up to date.
    assert list(forge.own()) == [key]
    assert forge.own()[key].endswith(f" of {LAST} -->")
    assert forge.own()[key] != text
    assert forge.comments[forbidden] == (OTHER, marked("a" * 64, LAST))
    assert writes(account) == []

    forge.merges[MERGE] = [LAST]
    applied = pipeline.job("provision", **pipeline.on_main())
    assert applied.returncode == 0, applied.stdout + applied.stderr
    name = "Ann Sample" if pipeline.system == "github" else "Ann Example"
    assert [contact["name"] for contact in account.live("ann@contoso.example")] == [name]
    assert [contact["name"] for contact in account.live("ops+alerts@contoso.example")] == [
        "Operations desk (production)"
    ]
    assert account.live("somebody@fabrikam.example")
    assert (pipeline.folder / "reports" / "undo.yml").exists()

    account.put(email="ann@contoso.example", name="Ann Exmaple")
    before = writes(account)
    drifted = pipeline.job("drift", **pipeline.on_main())
    assert drifted.returncode != 0
    assert pipeline.report("drift.json")["status"] == "drift"
    assert "Ann Exmaple" in (pipeline.folder / "reports" / "drift.html").read_text(encoding="utf-8")
    assert writes(account) == before


def test_without_a_reviewed_plan(pipeline: Pipeline) -> None:
    """Nothing is written before somebody has named the plan, and a plan that has changed needs another look."""
    account = pipeline.account
    closed = pipeline.job("provision", **pipeline.on_main())
    assert closed.returncode != 0
    assert "This commit is the merge of 0 pull requests, not of one: no plan was reviewed." in closed.stderr
    assert "Nothing was written." in closed.stderr
    shown = pipeline.report("plan.json")["plan_hash"]
    assert f"The hash of this plan is {shown}." in closed.stdout
    assert pipeline.forge.own() == {}

    account.put(email="ann@contoso.example", name="Ann Exmaple")
    pipeline.given_hash = shown
    changed = pipeline.job("provision", **pipeline.on_main())
    assert changed.returncode != 0
    assert "This is not the plan that was reviewed" in changed.stdout
    assert writes(account) == []

    pipeline.given_hash = pipeline.report("provision.json")["plan_hash"]
    named = pipeline.job("provision", **pipeline.on_main())
    assert named.returncode == 0, named.stdout + named.stderr
    assert pipeline.job("drift").returncode == 0
    assert pipeline.report("drift.json")["status"] == "clean"

    pipeline.given_hash = "53a30649"
    short = pipeline.job("provision", **pipeline.on_main())
    assert (short.returncode, short.stderr) == (
        1,
        "Nothing was written: SWO_PLAN_HASH is not the hash of a plan, which has 64 digits.\n",
    )


def test_a_plan_that_failed(pipeline: Pipeline) -> None:
    """The comment says so, and has no hash that could be applied."""
    pipeline.forge.merges[MERGE] = [LAST]
    pipeline.tokens["plan"] = pipeline.account.tokens["disabled"]
    failed = pipeline.job("plan", **pipeline.pull_request(LAST))
    assert failed.returncode != 0
    (text,) = pipeline.forge.own().values()
    assert "HTTP 401" in text
    assert "marketplace plan" not in text
    refused = pipeline.review("hash", **pipeline.on_main())
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Pull request {NUMBER} has 0 plans for its last commit {LAST}, not one.\n"


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_where_the_hash_comes_from(pipeline: Pipeline) -> None:
    forge = pipeline.forge

    def asked() -> tuple[int, str, str]:
        done = pipeline.review("hash", **pipeline.on_main())
        return done.returncode, done.stdout, done.stderr

    none = f"Pull request {NUMBER} has 0 plans for its last commit {LAST}, not one.\n"
    forge.merges[MERGE] = [LAST]
    forge.say(OTHER, marked("a" * 64, LAST))
    assert asked() == (1, "", none)
    key = forge.say("own", marked("b" * 64, FIRST))
    assert asked() == (1, "", none)
    # A name in a contact file cannot pass for the last line.
    forge.comments[key] = ("own", marked("b" * 64, LAST) + "\n| `more` |")
    assert asked() == (1, "", none)
    forge.comments[key] = ("own", marked("b" * 64, LAST).replace("\n", "\r\n") + "\n")
    assert asked() == (0, "b" * 64 + "\n", "")
    forge.say("own", marked("c" * 64, LAST))
    assert asked()[0] == 1

    forge.merges[MERGE] = [LAST, FIRST]
    assert "the merge of 2 pull requests" in asked()[2]
    forge.merges.clear()
    assert "the merge of 0 pull requests" in asked()[2]
    forge.token = "another one by now"
    assert re.search(r"was answered with 401 ", pipeline.review("hash", **pipeline.on_main()).stderr)


def test_outside_of_a_pipeline(pipeline: Pipeline) -> None:
    assert "so there is no review" in pipeline.review("hash").stderr
    assert pipeline.review("nonsense").returncode == 1
    report = pipeline.folder / "plan.json"
    report.write_text('{"mode": "check", "status": "clean", "plan_hash": "abc"}', encoding="utf-8")
    said = pipeline.review("comment none.md plan.json")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("The hash of this plan is abc.\nThis is not the pipeline of a pull request")
    missing = pipeline.review("comment none.md none.json", **pipeline.pull_request(LAST))
    assert (missing.returncode, missing.stderr[:25]) == (1, "There is no comment becau")


def test_before_a_commit(pipeline: Pipeline) -> None:
    """The hook of pre-commit, on a file with a fault."""
    ((hook,),) = [repo["hooks"] for repo in load(pipeline.folder / ".pre-commit-config.yaml")["repos"]]
    assert re.match(hook["files"], "contacts/base/finance.yml")
    file = pipeline.folder / "contacts" / "base" / "finance.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("state: blocked", "state: Blocked"), encoding="utf-8")
    done = pipeline.shell(hook["entry"])
    assert done.returncode != 0
    assert re.search(r"contacts/base/finance\.yml:\d+: state: 'Blocked' is not allowed", done.stdout)


def test_the_readme(pipeline: Pipeline, tmp_path: Path) -> None:
    """Its commands one after the other, but for what needs the network."""
    account = pipeline.account
    account.put(email="live@contoso.example", name="Live One")
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "origin.git"], check=True)
    (tmp_path / "ansible-collection-marketplace" / "docs").mkdir(parents=True)
    (tmp_path / "ansible-collection-marketplace" / "docs" / "examples").symlink_to(EXAMPLES)
    shutil.rmtree(pipeline.folder)
    pipeline.folder = tmp_path
    text = "".join(snippet.text for snippet in snippets(TEMPLATE / "README.md") if snippet.language == "shell")
    for line in ("git clone --depth 1", "python3 -m venv", ". .venv/bin/activate"):
        assert f"\n{line}" in f"\n{text}"
        text = re.sub(rf"^{re.escape(line)}.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("your token", account.tokens[READING])
    done = pipeline.shell(
        text,
        SWO_API_URL=account.api_url,
        REPOSITORY=str(tmp_path / "origin.git"),
        EDITOR="sed -i s/Live/Alive/",
        GIT_CONFIG_GLOBAL="/dev/null",
        **{f"GIT_{who}_{what}": "ann@contoso.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 contacts exported, 0 differences." in done.stdout
    assert writes(account) == []

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path / "origin.git"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert "name: Live One\n" in git("show", "main:contacts/base/contacts.yml")
    assert "name: Alive One\n" in git("show", "finance-reads-renewals:contacts/base/contacts.yml")
    # No report or virtual environment was committed.
    names = git("ls-tree", "-r", "--name-only", "main").split()
    assert not [name for name in names if name.startswith(("reports/", ".venv/"))]


def test_the_systems_run_the_same() -> None:
    wanted = {name: ["bash ci/setup.sh", f"bash ci/{name}.sh"] for name in ("validate", "plan", "provision", "drift")}
    for system in SYSTEMS:
        assert {name: [text for text, rest in job.steps] for name, job in JOBS[system].items()} == wanted, system
    environments = {"validate": "", "plan": "plan", "provision": "production", "drift": "plan"}
    for system in SYSTEMS:
        assert {name: job.environment for name, job in JOBS[system].items()} == environments, system


def test_github() -> None:
    workflows = {path.stem: load(path) for path in WORKFLOWS.glob("*.yml")}
    assert {name: content["on"] for name, content in workflows.items()} == {
        "plan": {"pull_request": {"branches": ["main"]}},
        "provision": {
            "push": {"branches": ["main"]},
            "workflow_dispatch": {
                "inputs": {
                    "plan": {"description": "Hash of a plan that you have read", "required": True, "type": "string"}
                }
            },
        },
        "drift": {"schedule": [{"cron": "23 2 * * *"}], "workflow_dispatch": None},
    }
    assert [content["permissions"] for content in workflows.values()] == [{}] * 3
    # Two runs never write at the same time, and a run that writes is not stopped by the next one.
    assert workflows["provision"]["concurrency"] == {"group": "provision", "cancel-in-progress": False}
    jobs = {name: job.raw for name, job in JOBS["github"].items()}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "validate": {"contents": "read"},
        "plan": {"contents": "read", "pull-requests": "write"},
        "provision": {"contents": "read", "pull-requests": "read"},
        "drift": {"contents": "read"},
    }
    assert jobs["plan"]["needs"] == "validate"
    assert jobs["plan"]["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["provision"]["if"] == "github.ref == 'refs/heads/main'"
    for name, job in jobs.items():
        assert job["timeout-minutes"] <= 60
        checkout, python, *others = job["steps"]
        assert checkout["with"] == {"persist-credentials": False}
        assert python["with"] == {"python-version": "3.12"}
        kept = [step for step in others if "uses" in step]
        assert [(step["if"], step["with"]["path"]) for step in kept] == [("always()", "reports/")] * (
            name != "validate"
        )
    for path in WORKFLOWS.glob("*.yml"):
        for line in re.findall(r"uses: .*", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"uses: actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)


def test_gitlab() -> None:
    jobs = {name: job.raw for name, job in JOBS["gitlab"].items()}
    rules = {name: [rule["if"] for rule in job["rules"]] for name, job in jobs.items()}
    request = '$CI_PIPELINE_SOURCE == "merge_request_event"'
    assert rules == {
        "validate": [request],
        "plan": [f"{request} && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"],
        "provision": ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE =~ /^(push|web)$/"],
        "drift": ['$CI_PIPELINE_SOURCE == "schedule"'],
    }
    assert jobs["plan"]["needs"] == ["validate"]
    assert jobs["provision"]["resource_group"] == "production"
    assert "interruptible" not in jobs["provision"]
    for name in ("plan", "provision", "drift"):
        assert (jobs[name]["artifacts"]["when"], jobs[name]["artifacts"]["paths"]) == ("always", ["reports/"])
        assert "allow_failure" not in jobs[name]


def test_azure() -> None:
    content = load(TEMPLATE / "azure-pipelines.yml")
    assert (content["trigger"], content["pr"]) == ({"branches": {"include": ["main"]}}, "none")
    assert [(entry["branches"], entry["always"]) for entry in content["schedules"]] == [({"include": ["main"]}, True)]
    jobs = {name: job.raw for name, job in JOBS["azure"].items()}
    conditions = {name: job["stage"]["condition"] for name, job in jobs.items()}
    request = "eq(variables['Build.Reason'], 'PullRequest')"
    assert (conditions["validate"], conditions["plan"]) == (request, request)
    assert "eq(variables['Build.SourceBranch'], 'refs/heads/main')" in conditions["provision"]
    assert "'PullRequest'" not in conditions["provision"]
    assert conditions["drift"] == "eq(variables['Build.Reason'], 'Schedule')"
    assert jobs["plan"]["dependsOn"] == "validate"
    for name, job in jobs.items():
        assert job["stage"]["dependsOn"] == []
        kept = [step for step in job["steps"] if "publish" in step]
        assert [(step["condition"], step["publish"]) for step in kept] == [("always()", "reports")] * (
            name != "validate"
        )


def test_code_owners() -> None:
    lines = (TEMPLATE / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
    patterns = [line.split()[0] for line in lines if line and not line.startswith("#")]
    for pattern in patterns:
        assert pattern == "*" or list(TEMPLATE.glob(pattern.strip("/"))), pattern
    # What a pipeline runs or reads has an owner of its own.
    owned = {
        path.name for pattern in patterns if pattern != "*" for path in TEMPLATE.glob(pattern.strip("/").split("/")[0])
    }
    run_by_nobody = {"README.md", ".gitignore", ".pre-commit-config.yaml"}
    assert {path.name for path in TEMPLATE.iterdir()} - owned == run_by_nobody


def test_every_contact_file_names_the_schema() -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_contact_files.rst").read_text(encoding="utf-8")
    (line,) = re.findall(r"# yaml-language-server: \S+", guide)
    files = sorted((TEMPLATE / "contacts").rglob("*.yml"))
    assert len(files) == 4
    for path in files:
        assert f"\n{line}\n" in path.read_text(encoding="utf-8")
