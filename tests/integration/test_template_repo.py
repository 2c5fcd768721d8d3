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
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.integration.examples import EXAMPLES, NUMBER, OTHER, Forge, clean_environment, served_forge, served_git
from tests.integration.lab import Account, simulator
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import snippets

TEMPLATE = EXAMPLES / "contacts-repo"
WORKFLOWS = TEMPLATE / ".github" / "workflows"
MARKER = "<!-- softwareone.marketplace report -->"
READING, WRITING = "client", "ops"
SECRET = "SWO_API_TOKEN"
# The account of the token that writes.
OWN = "ACC-0001-0001"
TOKEN = Forge.token
SYSTEMS = ("github", "gitlab", "azure")
# The jobs that run after another one, on what it left behind.
AFTER = {"comment": "plan", "result": "provision", "issue": "drift"}
Environment = dict[str, str]


@dataclass(frozen=True)
class Job:
    """``steps``: each shell text and its variables; ``always``: those that run after a step has failed, too.

    ``tokens``: what the system gives to this job; plan and production are those of the account.
    """

    tokens: frozenset[str]
    steps: list[tuple[str, Environment]]
    raw: dict[str, Any] = field(repr=False)
    always: list[tuple[str, Environment]] = field(default_factory=list)


def load(path: Path) -> Any:
    """The last document of the file; on GitLab the one before it has the inputs."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))[-1]


def github() -> dict[str, Job]:
    jobs = {name: job for path in sorted(WORKFLOWS.glob("*.yml")) for name, job in load(path)["jobs"].items()}
    return {
        name: Job(
            frozenset(filter(None, [job.get("environment")])),
            [(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step and "if" not in step],
            job,
            [(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step and "if" in step],
        )
        for name, job in jobs.items()
    }


def gitlab() -> dict[str, Job]:
    """A variable belongs to an environment; COMMENT_TOKEN to comment and to production."""
    content = load(TEMPLATE / ".gitlab-ci.yml")
    default = content["default"]["before_script"]
    tokens = {"": (), "plan": ("plan",), "comment": ("comment",), "production": ("production", "comment")}
    return {
        name: Job(
            frozenset(tokens[job.get("environment", {}).get("name", "")]),
            [(text, job.get("variables", {})) for text in [*job.get("before_script", default), *job["script"]]],
            job,
            [(text, {}) for text in job.get("after_script", [])],
        )
        for name, job in content.items()
        if name not in ("default", "workflow", "stages")
    }


def azure() -> dict[str, Job]:
    found = {}
    for stage in load(TEMPLATE / "ci" / "azure.yml")["stages"]:
        for job in stage["jobs"]:
            deploy = job.get("strategy", {}).get("runOnce", {}).get("deploy", job)
            steps = [step for step in deploy["steps"] if "bash" in step]
            groups = (entry.get("group", "") for entry in job.get("variables", []))
            found[job.get("job") or job["deployment"]] = Job(
                frozenset(group.removeprefix("contacts-") for group in groups if group),
                [(step["bash"], step.get("env", {})) for step in steps if "condition" not in step],
                {**job, "stage": stage, "steps": deploy["steps"]},
                [(step["bash"], step.get("env", {})) for step in steps if step.get("condition") == "always()"],
            )
    return found


JOBS = {"github": github(), "gitlab": gitlab(), "azure": azure()}


@pytest.fixture
def forge() -> Iterator[Forge]:
    with served_forge() as forge:
        yield forge


@dataclass
class Pipeline:
    """A clone of a repository that was made from the template, as one system runs its jobs."""

    system: str
    folder: Path
    origin: Path
    account: Account
    forge: Forge
    base: Environment
    tokens: Environment
    given_hash: str = ""
    is_set_up: bool = False

    def job(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The steps of a job, until one fails; the output is that of the last one."""
        job = JOBS[self.system][name]
        place = self._place_after(name) if name in AFTER else self.folder
        for text, wanted in job.steps:
            # What this installs is the same in every job.
            if "setup" in text and self.is_set_up:
                continue
            done = self.run(text, place, {**variables, **self._given(job, wanted, place)})
            if done.returncode:
                break
            self.is_set_up = self.is_set_up or "setup" in text
        for text, wanted in job.always:
            told = self.run(text, place, {**variables, **self._given(job, wanted, place), "SYSTEM_JOBATTEMPT": "1"})
            assert told.returncode == 0
            if text.startswith("echo"):
                assert told.stdout == "##vso[task.setvariable variable=number;isOutput=true]1\n"
            else:
                done.stdout += told.stdout
                done.stderr += told.stderr
        return done

    def shell(self, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(text, self.folder, variables)

    def run(self, text: str, place: Path, variables: Environment) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-eu", "-c", text],
            cwd=place,
            env={**self.base, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def _place_after(self, name: str) -> Path:
        """A new machine, with the reports of the job before, and main as the system checks it out."""
        place = self.folder.parent / f"after-{name}"
        shutil.rmtree(place, ignore_errors=True)
        # On GitLab the job of a merge request gets main itself.
        if (self.system, name) == ("gitlab", "comment"):
            place.mkdir()
        else:
            self.git("clone", "--quiet", "--branch", "main", self.origin.as_uri(), str(place))
        reports = self.folder / "reports"
        there = self.folder.parent / f"{AFTER[name]}-1" if self.system == "azure" else place / "reports"
        shutil.rmtree(there, ignore_errors=True)
        if reports.exists():
            shutil.copytree(reports, there, symlinks=True)
        return place

    def _given(self, job: Job, wanted: Environment, place: Path) -> Environment:
        """What a step finds in its environment: all that the job has on GitLab, what it asks for elsewhere."""
        account = next((self.tokens[name] for name in job.tokens & self.tokens.keys()), None)
        kept = {SECRET: account} if account else {}
        plain = {"SWO_API_URL": self.account.api_url} if account else {}
        may_comment = {"COMMENT_TOKEN": self.forge.token} if "comment" in job.tokens else {}
        may_push = {"RECORD_TOKEN": self.tokens["record"]} if "record" in self.tokens else {}
        run = f"{self.forge.url}/contoso/contacts/actions/runs/77"
        known = {
            f"secrets.{SECRET}": kept.get(SECRET, ""),
            "vars.SWO_API_URL": plain.get("SWO_API_URL", ""),
            "github.token": self.forge.token,
            "inputs.plan": self.given_hash,
            "github.event.workflow_run.html_url": run,
            "needs.provision.outputs.reports": f"{run}/artifacts/1",
            # Empty if nothing was kept.
            "needs.drift.outputs.reports": "",
            f"$({SECRET})": kept.get(SECRET, f"$({SECRET})"),
            "$(COMMENT_TOKEN)": may_comment.get("COMMENT_TOKEN", "$(COMMENT_TOKEN)"),
            "secrets.RECORD_TOKEN": may_push.get("RECORD_TOKEN", ""),
            "$(RECORD_TOKEN)": may_push.get("RECORD_TOKEN", "$(RECORD_TOKEN)"),
            "parameters.plan": self.given_hash or "reviewed",
            "$[[ inputs.plan ]]": self.given_hash or "reviewed",
            "empty": "empty",
            "$CI_PROJECT_DIR/reports": f"{place}/reports",
            **{
                f"$(Pipeline.Workspace)/{name}-$(attempt)": str(self.folder.parent / f"{name}-1")
                for name in AFTER.values()
            },
        }
        asked = {name: known[re.sub(r"^\$\{\{ (.*) \}\}$", r"\1", value)] for name, value in wanted.items()}
        every = {
            "github": {},
            "gitlab": {**kept, **plain, **may_comment, **(may_push if "production" in job.tokens else {})},
            "azure": plain,
        }[self.system]
        return {**every, **asked}

    def review(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        token = "GITHUB_TOKEN" if self.system == "github" else "COMMENT_TOKEN"
        return self.shell(f"python3 ci/review.py {command}", **{token: TOKEN, **variables})

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@contoso.example")
        environment = {**self.base, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.folder), *who, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, text: str = "Change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", text)
        return self.git("rev-parse", "HEAD")

    def push(self) -> str:
        """A new last commit of the pull request."""
        self.forge.head = self.commit()
        return self.forge.head

    def merge(self, *heads: str) -> str:
        """The pull request is merged, as a commit of its own that is the tip of main."""
        merge = self.commit("Merge")
        self.git("push", "--quiet", "--force", str(self.origin), "HEAD:main")
        self.forge.merges[merge] = list(heads)
        self.forge.head = ""
        return merge

    def pull_request(self) -> Environment:
        """What the system sets in the pipeline of a pull request, and on GitHub in the run after it."""
        head = self.git("rev-parse", "HEAD")
        event = self.folder.parent / "event.json"
        event.write_text(json.dumps({"workflow_run": {"head_sha": head}}), encoding="utf-8")
        return {
            "github": {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": self.forge.url,
                "GITHUB_SERVER_URL": self.forge.url,
                "GITHUB_REPOSITORY": "contoso/contacts",
                "GITHUB_RUN_ID": "78",
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_SHA": "f" * 40,
                "GITHUB_STEP_SUMMARY": str(self.folder.parent / "summary.md"),
            },
            "gitlab": {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": f"{self.forge.url}/api/v4",
                "CI_PROJECT_ID": "42",
                "CI_PROJECT_URL": self.git("remote", "get-url", "origin").removesuffix(".git"),
                "CI_PIPELINE_ID": "77",
                "CI_PIPELINE_URL": f"{self.forge.url}/contoso/contacts/-/pipelines/77",
                "CI_DEFAULT_BRANCH": "main",
                "CI_REPOSITORY_URL": self.origin.as_uri(),
                "CI_MERGE_REQUEST_IID": str(NUMBER),
                "CI_COMMIT_SHA": head,
            },
            "azure": {
                "TF_BUILD": "True",
                "SYSTEM_COLLECTIONURI": f"{self.forge.url}/contoso/",
                "SYSTEM_TEAMPROJECT": "Team Contacts",
                "BUILD_REPOSITORY_ID": "4a1b",
                "BUILD_BUILDID": "77",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": str(NUMBER),
                "SYSTEM_PULLREQUEST_SOURCECOMMITID": head,
                "BUILD_SOURCEVERSION": "f" * 40,
            },
        }[self.system]

    def on_main(self) -> Environment:
        """What the system sets after the merge."""
        commit = self.git("rev-parse", "HEAD")
        variables = self.pull_request()
        for name in ("CI_MERGE_REQUEST_IID", "SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCECOMMITID"):
            variables.pop(name, None)
        return {
            **variables,
            **{
                "github": {"GITHUB_SHA": commit, "GITHUB_REF_NAME": "main"},
                "gitlab": {"CI_COMMIT_SHA": commit, "CI_COMMIT_BRANCH": "main"},
                "azure": {"BUILD_SOURCEVERSION": commit, "BUILD_SOURCEBRANCH": "refs/heads/main"},
            }[self.system],
        }

    def files(self, job: str) -> str:
        """Where people find what a job left."""
        number = {"plan": 32, "provision": 33, "drift": 34}[job]
        run = f"{self.forge.url}/contoso/contacts/actions/runs"
        return {
            "github": {"plan": f"{run}/77", "provision": f"{run}/77/artifacts/1", "drift": f"{run}/78"}[job],
            "gitlab": f"{self.forge.url}/contoso/contacts/-/jobs/{number}/artifacts/browse/reports/",
            "azure": f"{self.forge.url}/contoso/Team%20Contacts/_build/results"
            "?buildId=77&view=artifacts&type=publishedArtifacts",
        }[self.system]

    def report(self, name: str) -> Any:
        return json.loads((self.folder / "reports" / name).read_text(encoding="utf-8"))


def writes(account: Account) -> list[str]:
    return [entry["method"] for entry in account.journal() if entry["method"] != "GET"]


@pytest.fixture
def pipeline(
    request: pytest.FixtureRequest, tmp_path: Path, account: Account, forge: Forge, collections: Path
) -> Pipeline:
    folder, origin = tmp_path / "contacts", tmp_path / "contacts.git"
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    base = clean_environment(tmp_path / "home", collections)
    tokens = {"plan": account.tokens[READING], "production": account.tokens[WRITING]}
    # As runners of GitLab check out; Ansible reads no ansible.cfg there.
    folder.chmod(0o777)
    system = getattr(request, "param", "github")
    # The step that installs is the same text in all systems, so one of them is enough.
    pipeline = Pipeline(system, folder, origin, account, forge, base, tokens, is_set_up=system != "github")
    pipeline.git("init", "--quiet", "--initial-branch", "main")
    pipeline.git("init", "--quiet", "--bare", "--initial-branch", "main", str(origin))
    pipeline.git("remote", "add", "origin", str(origin))
    pipeline.commit()
    pipeline.git("push", "--quiet", "origin", "main")
    return pipeline


def marked(plan_hash: str, head: str) -> str:
    return f"{MARKER}\nwhatever\n\n<!-- softwareone.marketplace plan {plan_hash} of {head} -->"


def rename_ann(pipeline: Pipeline, old: str, new: str) -> None:
    file = pipeline.folder / "contacts" / "base" / "finance.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_from_the_pull_request_to_the_night(pipeline: Pipeline) -> None:
    account, forge = pipeline.account, pipeline.forge
    forbidden = forge.say(OTHER, marked("a" * 64, "2" * 40))
    account.put(email="somebody@fabrikam.example", name="Some Body")

    if pipeline.system == "github":
        checked = pipeline.job("validate")
        assert "6 contacts in the files, without a fault." in checked.stdout, checked.stdout + checked.stderr
        assert account.journal() == []

    first = pipeline.push()
    planned = pipeline.job("plan", **pipeline.pull_request())
    assert (planned.returncode, planned.stderr) == (0, "")
    plan_hash = pipeline.report("plan.json")["plan_hash"]
    assert f"The hash of this plan is {plan_hash}.\n" in planned.stdout
    # The job that runs the code of the pull request says nothing there.
    assert forge.calls == []
    commented = pipeline.job("comment", **pipeline.pull_request())
    assert (commented.returncode, commented.stderr) == (0, ""), commented.stdout
    ((key, text),) = forge.own().items()
    assert text.startswith(MARKER)
    assert text.endswith(
        f"\n\n[The full report, with the addresses]({pipeline.files('plan')})"
        f"\n\n<!-- softwareone.marketplace plan {plan_hash} of {first} -->"
    )
    # In full only where people have to ask for it.
    # People with the same mask are told apart by a number.
    assert re.search(r"`a\*{3}\d*@contoso\.example`", text)
    assert "ann@contoso.example" not in text
    page = (pipeline.folder / "reports" / "plan.html").read_text(encoding="utf-8")
    assert "ann@contoso.example" in page.replace("<wbr>", "")

    rename_ann(pipeline, "Ann Example", "Ann Sample")
    last = pipeline.push()
    for name in ("plan", "comment"):
        again = pipeline.job(name, **pipeline.pull_request())
        assert again.returncode == 0, again.stdout + again.stderr
    # The same comment, brought up to date.
    assert list(forge.own()) == [key]
    assert forge.own()[key].endswith(f" of {last} -->")
    assert forge.own()[key] != text
    assert forge.comments[forbidden] == (OTHER, marked("a" * 64, "2" * 40))
    assert writes(account) == []

    pipeline.merge(last)
    applied = pipeline.job("provision", **pipeline.on_main())
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert [contact["name"] for contact in account.live("ann@contoso.example")] == ["Ann Sample"]
    assert [contact["name"] for contact in account.live("ops+alerts@contoso.example")] == [
        "Operations desk (production)"
    ]
    assert account.live("somebody@fabrikam.example")
    assert (pipeline.folder / "reports" / "undo.yml").exists()
    told = pipeline.job("result", **pipeline.on_main())
    assert (told.returncode, told.stdout) == (0, f"Pull request {NUMBER} was told.\n"), told.stderr
    answer = forge.own()[max(forge.own())]
    assert answer.endswith(f"\n\n[The report, and the undo file `undo.yml`]({pipeline.files('provision')})")
    assert "marketplace report" not in answer
    assert "ann@contoso.example" not in answer
    # What was reviewed is still found, for a run that is started again.
    assert pipeline.review("hash", **pipeline.on_main()).returncode == 0

    night(pipeline)


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_a_pull_request_is_planned_without_a_token_and_applied_with_its_hash(pipeline: Pipeline) -> None:
    account = pipeline.account
    account.put(email="somebody@fabrikam.example", name="Some Body")
    token = {SECRET: account.tokens[READING], "SWO_API_URL": account.api_url}
    taken = pipeline.shell("bash ci/snapshot.sh", **token)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    pipeline.commit("Plan from a snapshot")
    pipeline.git("push", "--quiet", "origin", "HEAD:main")
    del pipeline.tokens["plan"]
    asked = len(account.journal())
    rename_ann(pipeline, "Ann Example", "Ann Sample")
    head = pipeline.push()

    planned = pipeline.job("plan", **pipeline.pull_request())

    assert (planned.returncode, planned.stderr) == (0, "")
    assert len(account.journal()) == asked
    assert pipeline.report("plan.json")["snapshot"]["age_seconds"] < 600
    commented = pipeline.job("comment", **pipeline.pull_request())
    assert commented.returncode == 0, commented.stdout + commented.stderr
    (text,) = pipeline.forge.own().values()
    assert "Planned from a snapshot that is " in text
    pipeline.merge(head)
    # What the plan depends on has changed: what was reviewed is not what would be done.
    account.put(email="ann@contoso.example", name="Ann", optOuts=[])
    refused = pipeline.job("provision", **pipeline.on_main())
    assert refused.returncode != 0
    assert "This is not the plan that was reviewed" in refused.stdout
    assert writes(account) == []
    account.remove("ann@contoso.example")
    applied = pipeline.job("provision", **pipeline.on_main())
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert [contact["name"] for contact in account.live("ann@contoso.example")] == ["Ann Sample"]


def night(pipeline: Pipeline) -> None:
    """Drift opens one issue, which is closed when there is none any more."""
    account, forge = pipeline.account, pipeline.forge

    def look() -> tuple[int, str]:
        looked = pipeline.job("drift", **pipeline.on_main())
        said = pipeline.job("issue", **pipeline.on_main())
        assert (said.returncode, said.stderr) == (0, "")
        return looked.returncode, said.stdout

    assert look() == (0, "There is no drift; 0 issues were closed.\n")
    account.put(email="ann@contoso.example", name="Ann Exmaple")
    before = writes(account)
    code, said = look()
    assert (code != 0, said) == (True, "There is drift; the issue was opened.\n")
    assert pipeline.report("drift.json")["status"] == "drift"
    assert "Ann Exmaple" in (pipeline.folder / "reports" / "drift.html").read_text(encoding="utf-8")
    ((title, text, state),) = forge.issues.values()
    assert (title, state) == ("The Marketplace account is not what the contact files say", "open")
    assert pipeline.files("drift").replace("&", "&amp;" if pipeline.system == "azure" else "&") in text
    assert "ann@contoso.example" not in text
    account.put(email="ann@contoso.example", name="Ann Exampel")
    assert look()[1] == "There is drift; the issue was brought up to date.\n"
    assert [state for _title, _text, state in forge.issues.values()] == ["open"]
    assert writes(account) == [*before, *writes(account)[len(before) :]]

    good_token = pipeline.tokens["plan"]
    pipeline.tokens["plan"] = account.tokens["disabled"]
    assert look()[1] == "There is no comparison, so there is nothing to say about drift.\n"
    pipeline.tokens["plan"] = good_token
    account.put(email="ann@contoso.example", name="Ann Sample")
    assert look() == (0, "There is no drift; 1 issues were closed.\n")
    assert [state for _title, _text, state in forge.issues.values()] == ["closed"]


@pytest.fixture
def recording(pipeline: Pipeline, tmp_path: Path) -> Iterator[Pipeline]:
    """The lines of the inventory that the README says, one account of both tokens, and one token that may push."""
    pipeline.tokens["plan"] = pipeline.tokens["production"]
    inventory = pipeline.folder / "inventory.yml"
    text = inventory.read_text(encoding="utf-8").replace(
        "# swo_expect_account: ACC-0000-0000", f"swo_expect_account: {OWN}"
    )
    inventory.write_text(text.replace("# swo_contacts_applied_file", "swo_contacts_applied_file"), encoding="utf-8")
    assert len(re.findall(r"^      swo_(?:expect|contacts_applied)", inventory.read_text(encoding="utf-8"), re.M)) == 2
    pipeline.tokens["record"] = "a token that may push"
    with served_git(tmp_path, pipeline.tokens["record"]) as address:
        pipeline.git("remote", "set-url", "origin", f"{address}/{pipeline.origin.name}")
        yield pipeline


def checked_out(pipeline: Pipeline, name: str) -> subprocess.CompletedProcess[str]:
    """A job in a folder that was used before, with the branches that the system checks out: all but on GitLab."""
    if pipeline.system != "gitlab":
        pipeline.git("fetch", "--quiet", "--prune", "origin")
    return pipeline.job(name, **pipeline.on_main())


def provision(pipeline: Pipeline) -> subprocess.CompletedProcess[str]:
    """The plan is read, and started by hand."""
    pipeline.merge()
    planned = checked_out(pipeline, "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    pipeline.given_hash = pipeline.report("plan.json")["plan_hash"]
    return checked_out(pipeline, "provision")


def provisioned(pipeline: Pipeline) -> subprocess.CompletedProcess[str]:
    done = provision(pipeline)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def origin(pipeline: Pipeline, *arguments: str) -> str:
    return pipeline.git("--git-dir", str(pipeline.origin), *arguments)


def refuse(pipeline: Pipeline, test: str) -> None:
    hook = pipeline.origin / "hooks" / "update"
    hook.write_text(f"#!/bin/sh\n{test}\n", encoding="utf-8")
    hook.chmod(0o755)


NOT_KEPT = "The record of what was applied was not kept. The next run has the one before."


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_the_record_is_on_a_branch_of_its_own(recording: Pipeline) -> None:
    pipeline, account = recording, recording.account
    # The first attempt is refused.
    refuse(pipeline, 'test "$1" != refs/heads/applied -o -e tried || { touch tried; exit 1; }')
    first = provisioned(pipeline)
    assert (pipeline.origin / "tried").exists()
    assert NOT_KEPT not in first.stdout
    assert origin(pipeline, "ls-tree", "-r", "--name-only", "applied") == "localhost.json"
    # Nothing of it is on main.
    assert pipeline.git("status", "--porcelain") == ""

    rename_ann(pipeline, "Ann Example", "Ann Sample")
    rename_ann(pipeline, "Accounts payable", "Payable accounts")
    pipeline.merge()
    tip = origin(pipeline, "rev-parse", "applied")
    assert checked_out(pipeline, "drift").returncode == 0
    assert pipeline.report("drift.json")["status"] == "pending"
    # A run that fails in part leaves the record of what it did.
    account.fail({"status": 400}, email="ann@contoso.example", method="PUT", times=1)
    failed = provision(pipeline)
    assert failed.returncode != 0
    assert NOT_KEPT not in failed.stdout
    half = origin(pipeline, "show", "applied:localhost.json")
    assert "Payable accounts" in half
    assert "Ann Sample" not in half
    provisioned(pipeline)
    assert origin(pipeline, "rev-parse", "applied~2") == tip
    assert "Ann Sample" in origin(pipeline, "show", "applied:localhost.json")
    assert checked_out(pipeline, "drift").returncode == 0
    assert pipeline.report("drift.json")["status"] == "clean"

    # It is deleted: the check says less, and the next run writes a new one.
    origin(pipeline, "update-ref", "-d", "refs/heads/applied")
    rename_ann(pipeline, "Ann Sample", "Ann Example")
    pipeline.merge()
    assert checked_out(pipeline, "drift").returncode != 0
    before = len(writes(account))
    provisioned(pipeline)
    assert writes(account)[before:] == ["PUT"]
    assert "Ann Example" in origin(pipeline, "show", "applied:localhost.json")
    assert origin(pipeline, "rev-list", "--count", "applied") == "1"


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_a_record_that_cannot_be_kept_fails_nothing(recording: Pipeline) -> None:
    pipeline = recording
    warning = {"github": "::warning::", "gitlab": "Warning: ", "azure": "##vso[task.logissue type=warning]"}
    pipeline.tokens["record"] = "a token that was revoked"
    done = provisioned(pipeline)
    assert f"\n{warning[pipeline.system]}{NOT_KEPT}\n" in done.stdout
    assert [contact["name"] for contact in pipeline.account.live("ann@contoso.example")] == ["Ann Example"]
    del pipeline.tokens["record"]
    done = checked_out(pipeline, "provision")
    assert "RECORD_TOKEN is not set.\n" in done.stderr
    assert NOT_KEPT in done.stdout
    assert not origin(pipeline, "branch", "--list", "applied")


def test_a_record_that_somebody_else_wrote_meanwhile_stays(recording: Pipeline) -> None:
    """It is the newer one; whoever started this run again, or without waiting, has an older one."""
    pipeline = recording
    refuse(pipeline, 'git update-ref refs/heads/applied refs/heads/main; test "$1" != refs/heads/applied')
    done = provisioned(pipeline)
    assert NOT_KEPT in done.stdout
    assert origin(pipeline, "rev-parse", "applied") == origin(pipeline, "rev-parse", "main")


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_a_run_of_an_old_commit_is_refused(pipeline: Pipeline) -> None:
    """One pull request, then another; then somebody starts the run of the first one again."""
    account = pipeline.account
    old = pipeline.push()
    for name in ("plan", "comment"):
        assert pipeline.job(name, **pipeline.pull_request()).returncode == 0
    old_merge = pipeline.merge(old)
    assert pipeline.job("provision", **pipeline.on_main()).returncode == 0

    rename_ann(pipeline, "Ann Example", "Ann Sample")
    new = pipeline.push()
    pipeline.forge.comments.clear()
    for name in ("plan", "comment"):
        assert pipeline.job(name, **pipeline.pull_request()).returncode == 0
    new_merge = pipeline.merge(new)
    assert pipeline.job("provision", **pipeline.on_main()).returncode == 0

    pipeline.git("checkout", "--quiet", "--detach", old_merge)
    # Its files would take the change back, and somebody has read the plan of that.
    shown = pipeline.job("plan", **pipeline.on_main())
    assert pipeline.report("plan.json")["status"] == "drift", shown.stdout
    pipeline.given_hash = pipeline.report("plan.json")["plan_hash"]
    before = account.journal()
    refused = pipeline.job("provision", **pipeline.on_main())
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"The commit {old_merge} is not the last one of main, which is {new_merge}. Only the run of that one may"
        " provision.\nNothing was written.\n"
    )
    assert account.journal() == before
    pipeline.job("result", **pipeline.on_main())
    assert pipeline.forge.own()[max(pipeline.forge.own())].startswith("Nothing was provisioned.\n\n[The run says why](")

    nowhere = str(pipeline.folder / "nowhere")
    pipeline.git("remote", "set-url", "origin", nowhere)
    moved = {"CI_REPOSITORY_URL": nowhere} if pipeline.system == "gitlab" else {}
    unknown = pipeline.job("provision", **{**pipeline.on_main(), **moved})
    assert unknown.returncode == 1
    assert "which is unknown." in unknown.stderr
    assert account.journal() == before


def test_merges_that_wait_for_one_another(pipeline: Pipeline) -> None:
    """The last of them was planned with the files of the others, and applies them."""
    first = pipeline.merge(pipeline.push())
    rename_ann(pipeline, "Ann Example", "Ann Sample")
    last = pipeline.push()
    for name in ("plan", "comment"):
        assert pipeline.job(name, **pipeline.pull_request()).returncode == 0
    second = pipeline.merge(last)

    pipeline.git("checkout", "--quiet", "--detach", first)
    assert pipeline.job("provision", **pipeline.on_main()).returncode == 1
    assert writes(pipeline.account) == []
    pipeline.git("checkout", "--quiet", "--detach", second)
    assert pipeline.job("provision", **pipeline.on_main()).returncode == 0
    assert [contact["name"] for contact in pipeline.account.live("ann@contoso.example")] == ["Ann Sample"]
    assert set(writes(pipeline.account)) == {"POST"}


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_code_of_a_pull_request_has_no_part_in_the_comment(pipeline: Pipeline) -> None:
    """It can leave what it likes in the reports; what writes the comment is the code of main."""
    for name in ("review.py", "comment.sh", "setup.sh"):
        (pipeline.folder / "ci" / name).write_text("exit(7)\n", encoding="utf-8")
    pipeline.push()
    reports = pipeline.folder / "reports"
    reports.mkdir()
    (reports / "plan.md").write_text(f"{MARKER}\n{'long ' * 20_000}", encoding="utf-8")
    done = pipeline.job("comment", **pipeline.pull_request())
    assert done.returncode == 0, done.stderr
    (text,) = pipeline.forge.own().values()
    assert len(text) < 65_536
    assert "\n\nThis report is longer than a comment can be.\n\n[The full report" in text

    secret = pipeline.folder.parent / "secret"
    secret.write_text(f"{MARKER}\nthe token", encoding="utf-8")
    (reports / "plan.md").unlink()
    (reports / "plan.md").symlink_to(secret)
    linked = pipeline.job("comment", **pipeline.pull_request())
    assert linked.returncode == 1
    assert linked.stderr.endswith("plan.md is a link, and not a report.\n")
    (reports / "plan.md").unlink()
    (reports / "plan.md").write_text("# Merge this", encoding="utf-8")
    other = pipeline.job("comment", **pipeline.pull_request())
    assert (other.returncode, other.stderr[-42:]) == (1, " is not a report of softwareone.marketplace.\n"[-42:])
    assert "the token" not in "".join(pipeline.forge.own().values())


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_what_is_shown_names_no_folder_of_the_runner(pipeline: Pipeline) -> None:
    pipeline.push()
    assert pipeline.job("plan", **pipeline.pull_request()).returncode == 0
    for name in ("plan.md", "plan.json", "plan.html"):
        assert str(pipeline.folder) not in (pipeline.folder / "reports" / name).read_text(encoding="utf-8"), name


def test_the_summary_of_a_job(pipeline: Pipeline) -> None:
    pipeline.push()
    pipeline.job("plan", **pipeline.pull_request())
    plan = (pipeline.folder / "reports" / "plan.md").read_text(encoding="utf-8")
    summary = pipeline.folder.parent / "summary.md"
    assert summary.read_text(encoding="utf-8") == plan
    on_azure = pipeline.shell("bash ci/summary.sh reports/plan.md", TF_BUILD="True")
    assert on_azure.stdout == f"##vso[task.uploadsummary]{pipeline.folder}/reports/plan.md\n"
    for name in ("plan.md", "none.md"):
        assert pipeline.shell(f"bash ci/summary.sh reports/{name}").stdout == ""


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_a_fault_is_shown_beside_its_line(pipeline: Pipeline) -> None:
    """By the job that has no token and no right to write; nothing in a file can give an order to the system."""
    file = pipeline.folder / "contacts" / "base" / "finance.yml"
    evil = "ann@contoso.example ::error::forged ##vso[task.complete]"
    text = file.read_text(encoding="utf-8").rstrip("\n") + f"\n  - {{email: '{evil}'}}\n"
    file.write_text(text, encoding="utf-8")
    line = text.count("\n")
    pipeline.push()
    done = pipeline.job("validate", **pipeline.pull_request())
    assert done.returncode != 0
    commands = [text for text in done.stdout.splitlines() if text.startswith("::")]
    if pipeline.system == "github":
        (command,) = commands
        place = f"::error file=contacts/base/finance.yml,line={line},title=softwareone.marketplace::email: "
        assert command.startswith(place)
        assert "ann@" not in command
        summary = (pipeline.folder.parent / "summary.md").read_text(encoding="utf-8")
        assert f"| `contacts/base/finance.yml:{line}` | `email`: " in summary
    else:
        assert commands == []
    orders = [text for text in done.stdout.splitlines() if "##vso[" in text]
    assert len(orders) == (1 if pipeline.system == "azure" else 0)
    (item,) = json.loads((pipeline.folder / "reports" / "files.codequality.json").read_text(encoding="utf-8"))
    assert item["location"] == {"path": "contacts/base/finance.yml", "lines": {"begin": line}}


def test_without_a_reviewed_plan(pipeline: Pipeline) -> None:
    """Nothing is written before somebody has named the plan, and a plan that has changed needs another look."""
    account = pipeline.account
    closed = pipeline.job("provision", **pipeline.on_main())
    assert closed.returncode != 0
    assert "This commit is the merge of 0 pull requests, not of one: no plan was reviewed." in closed.stderr
    assert "Nothing was written." in closed.stderr
    shown = pipeline.report("plan.json")["plan_hash"]
    assert f"The hash of this plan is {shown}." in closed.stdout
    untold = pipeline.job("result", **pipeline.on_main())
    assert untold.stdout == "This commit is the merge of 0 pull requests, not of one: nobody is told.\n"
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
    pipeline.tokens["plan"] = pipeline.account.tokens["disabled"]
    last = pipeline.push()
    failed = pipeline.job("plan", **pipeline.pull_request())
    assert failed.returncode != 0
    assert pipeline.job("comment", **pipeline.pull_request()).returncode == 0
    ((key, text),) = pipeline.forge.own().items()
    assert "HTTP 401" in text
    assert "marketplace plan" not in text

    # Where the files have a fault there is not even a report.
    shutil.rmtree(pipeline.folder / "reports")
    assert pipeline.job("comment", **pipeline.pull_request()).returncode == 0
    text = pipeline.forge.own()[key]
    assert text == f"{MARKER}\nThere is no plan for {last}. The run says why.\n\n[The run]({pipeline.files('plan')})"

    pipeline.merge(last)
    refused = pipeline.review("hash", **pipeline.on_main())
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Pull request {NUMBER} has 0 plans for its last commit {last}, not one.\n"


@pytest.mark.parametrize("pipeline", SYSTEMS, indirect=True)
def test_where_the_hash_comes_from(pipeline: Pipeline) -> None:
    forge = pipeline.forge
    first, last = pipeline.push(), pipeline.push()
    merge = pipeline.merge(last)

    def asked() -> tuple[int, str, str]:
        done = pipeline.review("hash", **pipeline.on_main())
        return done.returncode, done.stdout, done.stderr

    none = f"Pull request {NUMBER} has 0 plans for its last commit {last}, not one.\n"
    forge.say(OTHER, marked("a" * 64, last))
    assert asked() == (1, "", none)
    key = forge.say("own", marked("b" * 64, first))
    assert asked() == (1, "", none)
    # A name in a contact file cannot pass for the last line.
    forge.comments[key] = ("own", marked("b" * 64, last) + "\n| `more` |")
    assert asked() == (1, "", none)
    forge.comments[key] = ("own", marked("b" * 64, last).replace("\n", "\r\n") + "\n")
    assert asked() == (0, "b" * 64 + "\n", "")
    forge.say("own", marked("c" * 64, last))
    assert asked()[0] == 1

    forge.merges[merge] = [last, first]
    assert "the merge of 2 pull requests" in asked()[2]
    forge.merges.clear()
    assert "the merge of 0 pull requests" in asked()[2]
    forge.token = "another one by now"
    assert re.search(r"was answered with 401 ", pipeline.review("hash", **pipeline.on_main()).stderr)


SEVERAL = """\
all:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    swo_api_token: "{{ lookup('ansible.builtin.env', 'TOKEN_OF_' ~ inventory_hostname | upper) }}"
    swo_contacts_src: ["contacts/{{ inventory_hostname }}.yml"]
  hosts:
    contoso: {swo_api_url: %s}
    fabrikam: {swo_api_url: %s}
    northwind: {swo_api_url: %s}
"""
THREE = ("contoso", "fabrikam", "northwind")


@pytest.fixture
def three(pipeline: Pipeline, tmp_path: Path) -> Iterator[dict[str, Account]]:
    """The repository of three accounts; northwind is as its file says."""
    with simulator(tmp_path / "2.log", "--seed", "2") as two, simulator(tmp_path / "3.log", "--seed", "3") as three:
        accounts = dict(zip(THREE, (pipeline.account, two, three), strict=True))
        accounts["northwind"].put(email="ann@northwind.example", name="Ann")
        folder = pipeline.folder
        shutil.rmtree(folder / "contacts")
        (folder / "contacts").mkdir()
        for name in THREE:
            entry = {"email": f"ann@{name}.example", "name": "Ann"}
            (folder / "contacts" / f"{name}.yml").write_text(yaml.safe_dump({"contacts": [entry]}), encoding="utf-8")
        inventory = SEVERAL % tuple(account.api_url for account in accounts.values())
        (folder / "inventory.yml").write_text(inventory, encoding="utf-8")
        # The token of the pipeline itself is of none of them.
        pipeline.tokens.update(plan="", production="")
        yield accounts


def test_several_accounts_have_a_plan_each(pipeline: Pipeline, three: dict[str, Account]) -> None:
    def tokens(role: str) -> Environment:
        return {f"TOKEN_OF_{name.upper()}": account.tokens[role] for name, account in three.items()}

    last = pipeline.push()
    checked = pipeline.job("validate")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    planned = pipeline.job("plan", **pipeline.pull_request(), **tokens(READING))
    assert planned.returncode == 0, planned.stdout + planned.stderr
    hashes = {name: pipeline.report(f"plan-{name}.json")["plan_hash"] for name in THREE}
    named = ",".join(f"{name}={plan_hash}" for name, plan_hash in hashes.items())
    assert f"The hash of this plan is {named}.\n" in planned.stdout
    assert pipeline.job("comment", **pipeline.pull_request()).returncode == 0
    (text,) = pipeline.forge.own().values()
    assert text.count(MARKER) == 1
    # Of each account that changes there is a plan, which names it; of the third there is none.
    assert [name for name in THREE if re.search(rf"`a\*{{3}}\d*@{name}\.example`", text)] == ["contoso", "fabrikam"]
    assert "\nNothing to do: northwind.\n" in text
    assert text.endswith(f"<!-- softwareone.marketplace plan {named} of {last} -->")

    # One of them moves after the review: what was reviewed of the others is applied.
    three["fabrikam"].put(email="ann@fabrikam.example", name="Else")
    pipeline.merge(last)
    applied = pipeline.job("provision", **pipeline.on_main(), **tokens(WRITING))
    assert applied.returncode != 0
    assert "This is not the plan that was reviewed" in applied.stdout
    assert {name: writes(account) for name, account in three.items()} == {
        "contoso": ["POST"],
        "fabrikam": [],
        "northwind": [],
    }
    assert sorted(path.name for path in (pipeline.folder / "reports").glob("undo*")) == ["undo-contoso.yml"]
    assert pipeline.job("result", **pipeline.on_main()).returncode == 0
    answer = pipeline.forge.own()[max(pipeline.forge.own())]
    assert "This is not the plan that was reviewed" in answer

    looked = pipeline.job("drift", **pipeline.on_main(), **tokens(READING))
    assert looked.returncode != 0
    assert pipeline.job("issue", **pipeline.on_main()).stdout == "There is drift; the issue was opened.\n"
    ((_title, said, _state),) = pipeline.forge.issues.values()
    assert "Nothing to do: contoso, northwind." in said

    # By hand, with the hash of the one that is to be healed; there is nothing to do to the others.
    again = pipeline.job("plan", **pipeline.on_main(), **tokens(READING))
    (plan_hash,) = re.findall(r"fabrikam=([0-9a-f]{64})", again.stdout)
    pipeline.given_hash = f"fabrikam={plan_hash}"
    healed = pipeline.job("provision", **pipeline.on_main(), **tokens(WRITING))
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert [contact["name"] for contact in three["fabrikam"].live("ann@fabrikam.example")] == ["Ann"]
    for name, account in three.items():
        assert not [
            entry for entry in account.journal() if any(other in json.dumps(entry) for other in THREE if other != name)
        ]


def test_outside_of_a_pipeline(pipeline: Pipeline) -> None:
    assert "so there is no review" in pipeline.review("hash").stderr
    assert pipeline.review("nonsense").returncode == 1
    report = pipeline.folder / "plan.json"
    report.write_text('{"mode": "check", "status": "clean", "plan_hash": "abc"}', encoding="utf-8")
    assert pipeline.review("tell .").stdout == "The hash of this plan is abc.\n"
    assert pipeline.review("tell ci").stdout == "There is no plan. The messages above say why.\n"
    for command, answer in {
        "comment": "This is not the pipeline of a pull request",
        "result": "This commit is the merge of 0 pull requests",
        "issue": "There is no comparison",
    }.items():
        said = pipeline.review(f"{command} .")
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout.startswith(answer)
    # A plan of main, made by hand, has no pull request.
    pipeline.push()
    variables = pipeline.pull_request()
    pipeline.forge.head = ""
    assert "so there is no comment" in pipeline.review("comment .", **variables).stdout


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
    names = ("validate", "plan", "comment", "provision", "result", "drift", "issue")
    wanted = {name: ["bash ci/setup.sh", f"bash ci/{name}.sh"] for name in names}
    for system in SYSTEMS:
        steps = {name: [text for text, rest in job.steps] for name, job in JOBS[system].items()}
        if system == "gitlab":
            clone = 'git clone --quiet --depth 1 --branch "$CI_DEFAULT_BRANCH" "$CI_REPOSITORY_URL" main'
            assert steps.pop("comment") == [clone, "bash main/ci/setup.sh", "bash main/ci/comment.sh"]
            steps["comment"] = wanted["comment"]
        assert steps == wanted, system
        # Only there, and after a failure, too.
        kept = [
            name
            for name, job in JOBS[system].items()
            if any(text == "bash ci/record.sh put" for text, _rest in job.always)
        ]
        assert kept == ["provision"]


def test_who_holds_which_token() -> None:
    """What runs the code of a pull request can write nothing; what comments on it has no token of the account."""
    held = {name: set(job.tokens) for name, job in JOBS["gitlab"].items()}
    assert held == {
        "validate": set(),
        "plan": {"plan"},
        "comment": {"comment"},
        "provision": {"production", "comment"},
        "result": {"comment"},
        "drift": {"plan"},
        "issue": {"comment"},
    }
    assert {name: set(job.tokens) for name, job in JOBS["azure"].items()} == held
    # There the token of a job is what its permissions say.
    jobs = {name: job.raw for name, job in JOBS["github"].items()}
    assert {name: set(job.tokens) for name, job in JOBS["github"].items()} == {
        name: tokens - {"comment"} for name, tokens in held.items()
    }
    read = {"contents": "read"}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "validate": read,
        "plan": read,
        "comment": {**read, "actions": "read", "pull-requests": "write"},
        "provision": {**read, "pull-requests": "read"},
        "result": {**read, "pull-requests": "write"},
        "drift": read,
        "issue": {**read, "issues": "write"},
    }
    for system in SYSTEMS:
        for name, job in JOBS[system].items():
            asked = {key for _text, wanted in job.steps for key in wanted}
            # One step has it, and where the system hands on all variables, one job.
            assert "RECORD_TOKEN" not in asked
            late = {text for text, wanted in job.always if "RECORD_TOKEN" in wanted}
            assert late == ({"bash ci/record.sh put"} if system != "gitlab" and name == "provision" else set())
            assert (SECRET in asked) is (system != "gitlab" and name in ("plan", "provision", "drift"))
            assert name not in ("validate", "plan") or not asked & {"GITHUB_TOKEN", "COMMENT_TOKEN"}
    assert "System.AccessToken" not in (TEMPLATE / "ci" / "azure.yml").read_text(encoding="utf-8")


def test_github() -> None:
    workflows = {path.stem: load(path) for path in WORKFLOWS.glob("*.yml")}
    assert {name: content["on"] for name, content in workflows.items()} == {
        "plan": {"pull_request": {"branches": ["main"]}, "workflow_dispatch": None},
        "comment": {"workflow_run": {"workflows": ["plan"], "types": ["completed"]}},
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
    assert [content["permissions"] for content in workflows.values()] == [{}] * 4
    # Two runs never touch the account at the same time, no run is stopped by the next one, and none is dropped.
    for name in ("provision", "drift"):
        assert workflows[name]["concurrency"] == {"group": "account", "cancel-in-progress": False, "queue": "max"}
    jobs = {name: job.raw for name, job in JOBS["github"].items()}
    assert jobs["plan"]["needs"] == "validate"
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["plan"]["if"] == f"github.event_name == 'workflow_dispatch' || {own}"
    assert "github.event.workflow_run.head_repository.full_name == github.repository" in jobs["comment"]["if"]
    for name in ("provision", "drift"):
        assert jobs[name]["if"] == "github.ref == 'refs/heads/main'"
    for name, job in jobs.items():
        assert job["timeout-minutes"] <= 60
        checkout, python, *others = job["steps"]
        # All branches, for the one with the record.
        whole = {"fetch-depth": 0} if name in ("plan", "provision", "drift") else {}
        assert checkout["with"] == {"persist-credentials": False, **whole}
        assert python["with"] == {"python-version": "3.12"}
        kept = [step for step in others if "upload-artifact" in step.get("uses", "")]
        assert [(step["if"], step["with"]["path"]) for step in kept] == [("always()", "reports/")] * (
            name in AFTER.values()
        )
        got = [step["with"] for step in others if "download-artifact" in step.get("uses", "")]
        assert [(inputs["pattern"], inputs["path"]) for inputs in got] == (
            [(AFTER[name], "reports/")] if name in AFTER else []
        )
    for path in WORKFLOWS.glob("*.yml"):
        for line in re.findall(r"uses: .*", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"uses: actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)


def test_the_project_pins_the_same_actions() -> None:
    def pins(folder: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in (folder / ".github" / "workflows").glob("*.yml"):
            for action, pin in re.findall(r"uses: ([^@\n]+)@(.*)", path.read_text(encoding="utf-8")):
                found.setdefault(action, set()).add(pin)
        return found

    ours, theirs = pins(ROOT), pins(TEMPLATE)
    both = ours.keys() & theirs.keys()
    assert "actions/checkout" in both
    assert {action: ours[action] for action in both} == {action: theirs[action] for action in both}


def test_gitlab() -> None:
    jobs = {name: job.raw for name, job in JOBS["gitlab"].items()}
    rules = {name: [rule["if"] for rule in job["rules"]] for name, job in jobs.items()}
    request = '$CI_PIPELINE_SOURCE == "merge_request_event"'
    of_this_project = f"{request} && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    by_hand = '$CI_PIPELINE_SOURCE == "web" && "$[[ inputs.task ]]"'
    main = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
    provision = [f'{main} && $CI_PIPELINE_SOURCE == "push"', f'{main} && {by_hand} == "provision"']
    assert rules == {
        "validate": [request, provision[0]],
        "plan": [of_this_project, f'{by_hand} == "plan"'],
        "comment": [of_this_project],
        "provision": provision,
        "result": provision,
        "drift": ['$CI_PIPELINE_SOURCE == "schedule"'],
        "issue": ['$CI_PIPELINE_SOURCE == "schedule"'],
    }
    assert jobs["plan"]["needs"] == [{"job": "validate", "optional": True}]
    reports = jobs["validate"]["artifacts"]["reports"]
    assert reports == {"codequality": "reports/files.codequality.json", "junit": "reports/files.xml"}
    # No checkout: the code of the merge request is not there, only its reports are.
    assert jobs["comment"]["variables"]["GIT_STRATEGY"] == "empty"
    for name in ("provision", "drift"):
        assert jobs[name]["resource_group"] == "account"
        assert "interruptible" not in jobs[name]
    for name in AFTER.values():
        kept = jobs[name]["artifacts"]
        assert (kept["when"], kept["access"], kept["paths"]) == ("always", "developer", ["reports/"])
        assert re.fullmatch(r"\d\d days", kept["expire_in"])
    for name, before in AFTER.items():
        assert jobs[name]["needs"] == [before]
        assert {rule["when"] for rule in jobs[name]["rules"]} == {"always"}
    text = (TEMPLATE / ".gitlab-ci.yml").read_text(encoding="utf-8")
    inputs = next(yaml.safe_load_all(text))["spec"]["inputs"]
    assert (inputs["task"]["options"], inputs["task"]["default"]) == (["plan", "provision"], "plan")
    assert [bool(re.search(inputs["plan"]["regex"], value)) for value in ("reviewed", "a" * 64, "x=" + "a" * 64)] == [
        True
    ] * 3
    assert not [value for value in ("$(id)", "a", "x=a", "a" * 64 + ",") if re.search(inputs["plan"]["regex"], value)]
    assert "allow_failure" not in text


def test_azure() -> None:
    content = load(TEMPLATE / "azure-pipelines.yml")
    assert (content["trigger"], content["pr"]) == ({"branches": {"include": ["main"]}}, "none")
    assert [(entry["branches"], entry["always"]) for entry in content["schedules"]] == [({"include": ["main"]}, True)]
    # All that is run comes from main, whatever a pull request changes.
    (repository,) = content["resources"]["repositories"]
    assert (repository["repository"], repository["ref"]) == ("main", "refs/heads/main")
    assert content["extends"]["template"] == "ci/azure.yml@main"
    assert not content.keys() & {"pool", "stages", "jobs", "steps", "variables"}
    parameters = [parameter["name"] for parameter in content["parameters"]]
    assert parameters == list(content["extends"]["parameters"])
    assert parameters == [parameter["name"] for parameter in load(TEMPLATE / "ci" / "azure.yml")["parameters"]]

    jobs = {name: job.raw for name, job in JOBS["azure"].items()}
    stages = {job["stage"]["stage"]: job["stage"] for job in jobs.values()}
    assert stages["plan"]["condition"].startswith("or(eq(variables['Build.Reason'], 'PullRequest')")
    assert "eq(variables['Build.SourceBranch'], 'refs/heads/main')" in stages["provision"]["condition"]
    assert "'PullRequest'" not in stages["provision"]["condition"]
    assert stages["drift"]["condition"] == "eq(variables['Build.Reason'], 'Schedule')"
    assert (stages["provision"]["lockBehavior"], jobs["provision"]["environment"]) == (
        "sequential",
        "contacts-production",
    )
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in jobs["plan"]["condition"]
    assert "'Skipped'" not in jobs["comment"]["condition"]
    for name, job in jobs.items():
        assert (job["stage"]["dependsOn"], job["stage"]["pool"]) == ([], {"vmImage": "ubuntu-24.04"})
        whole = {"fetchDepth": 0} if name in ("plan", "provision", "drift") else {}
        assert job["steps"][0] == {"checkout": "main" if name == "comment" else "self", **whole}
        kept = [step for step in job["steps"] if "publish" in step]
        assert [(step["condition"], step["artifact"]) for step in kept] == (
            [("always()", f"{name}-$(System.JobAttempt)")] if name in AFTER.values() else []
        )
    for name, before in AFTER.items():
        assert jobs[name]["dependsOn"] == before
        (download,) = [step for step in jobs[name]["steps"] if "download" in step]
        assert download["artifact"] == f"{before}-$(attempt)"
        (attempt,) = [entry["value"] for entry in jobs[name]["variables"] if entry.get("name") == "attempt"]
        # The job of a deployment puts its own name before that of the step.
        step = "provision.attempt.number" if before == "provision" else "attempt.number"
        assert attempt == f"$[ dependencies.{before}.outputs['{step}'] ]"


def test_what_is_installed_is_exact() -> None:
    """All of it, with what it needs in turn, in the versions that this is tested with."""
    lines = (TEMPLATE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert set(pins) <= set((ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8").splitlines())
    assert all(re.match(r"[a-z0-9-]+==[0-9.]+( ; |$)", pin) for pin in pins)
    names = {canonicalize_name(Requirement(pin).name) for pin in pins}
    wanted, found = ["ansible-core", "requests", "jsonschema"], set[str]()
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name not in found:
            found.add(name)
            needed = map(Requirement, metadata.requires(name) or [])
            wanted += [one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})]
    assert found <= names
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert load(TEMPLATE / "requirements.yml") == {
        "collections": [{"name": "softwareone.marketplace", "version": galaxy["version"]}]
    }


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
