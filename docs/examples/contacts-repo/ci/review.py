# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pipelines say to people: the plan, the result and the issue about drift.

    python3 ci/review.py relative FOLDER name the files in the reports as they are named in the repository
    python3 ci/review.py tell FOLDER     print the hash of the plan in it
    python3 ci/review.py comment FOLDER  put the plan in it into a comment of its pull request
    python3 ci/review.py hash            print the hash that was in the comment, after the merge
    python3 ci/review.py result FOLDER   tell the pull request that was merged what came of it
    python3 ci/review.py issue FOLDER    keep an issue open as long as there is drift

The comment is the Markdown report and a last line that nobody sees, with the hash of the plan and the commit that it
was made for. `hash` prints that hash if the comment was written by this pipeline, and if the commit is the last one of
the pull request that was merged as the current commit. Otherwise it says why not, and fails.

With several accounts the comment has the plan of each that changes, and the hashes of all: contoso=...,fabrikam=...
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

MARKER = "<!-- softwareone.marketplace report -->"
TITLE = "The Marketplace account is not what the contact files say"
LIMIT = 64_000  # characters; GitHub takes 65,536 and the others more
LAST_LINE = "<!-- softwareone.marketplace plan {} of {} -->"
HASH = "[0-9a-f]{64}"
PLAN = re.compile(LAST_LINE.format(rf"({HASH}|[\w.-]+={HASH}(?:,[\w.-]+={HASH})*)", "([0-9a-f]{40,64})"))
# The host that has its name in no file, because in most repositories it is the only one.
ONLY = "localhost"


class ReviewError(Exception):
    """A sentence that says why there is no reviewed plan, or no comment."""


class Request(NamedTuple):
    """A pull request, and the last commit on its branch."""

    number: int
    head: str


class Comment(NamedTuple):
    """``key`` is what the system needs to change it."""

    key: Any
    text: str


class Reports(NamedTuple):
    """What a job left: the report as Markdown, and what programs need of it. Empty where the job did not get so far."""

    markdown: str
    values: dict[str, Any]


def setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ReviewError(f"The environment variable {name} is not set.")
    return value


class Forge:
    """What the three systems have in common: calls with a token, and answers in JSON."""

    def __init__(self, base: str, **headers: str) -> None:
        self.base = base.rstrip("/")
        self.session = requests.Session()
        self.session.headers.update(headers)
        # Only what can be sent twice without harm is sent again.
        retry = Retry(3, backoff_factor=1, status_forcelist=[429, 502, 503, 504], allowed_methods=["GET"])
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith(("https://", "http://")) else self.base + path
        answer = self.session.request(method, url, timeout=30, **options)
        if answer.status_code >= 300 or "json" not in answer.headers.get("Content-Type", ""):
            raise ReviewError(f"{method} {answer.url} was answered with {answer.status_code} {answer.reason}.")
        return answer

    def pages(self, path: str) -> Iterator[Any]:
        link: str | None = path
        while link:
            answer = self.send("GET", link)
            yield from answer.json()
            link = answer.links.get("next", {}).get("url")


class GitHub(Forge):
    OWN_LOGIN = "github-actions[bot]"

    def __init__(self) -> None:
        super().__init__(
            f"{setting('GITHUB_API_URL')}/repos/{setting('GITHUB_REPOSITORY')}",
            Authorization=f"Bearer {setting('GITHUB_TOKEN')}",
            Accept="application/vnd.github+json",
        )

    def planned(self) -> list[Request]:
        """Those of the run that has ended; not that of a fork, and not one that has moved on."""
        event = json.loads(Path(setting("GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
        if "workflow_run" not in event:
            return []
        head = event["workflow_run"]["head_sha"]
        return [
            Request(found["number"], head)
            for found in self.pages(f"/commits/{head}/pulls?per_page=100")
            if found["state"] == "open"
            and (found["base"]["ref"], found["head"]["sha"]) == ("main", head)
            and (found["head"]["repo"] or {}).get("full_name") == setting("GITHUB_REPOSITORY")
        ]

    def merged(self) -> list[Request]:
        commit, branch = setting("GITHUB_SHA"), setting("GITHUB_REF_NAME")
        return [
            Request(found["number"], found["head"]["sha"])
            for found in self.pages(f"/commits/{commit}/pulls?per_page=100")
            if found["merged_at"] and found["merge_commit_sha"] == commit and found["base"]["ref"] == branch
        ]

    def files(self, job: str) -> str:
        run = f"{setting('GITHUB_SERVER_URL')}/{setting('GITHUB_REPOSITORY')}/actions/runs/{setting('GITHUB_RUN_ID')}"
        return os.environ.get("REPORTS_URL") or run

    def own_comments(self, number: int) -> Iterator[Comment]:
        for comment in self.pages(f"/issues/{number}/comments?per_page=100"):
            if comment["user"]["login"] == self.OWN_LOGIN:
                yield Comment(comment["id"], comment["body"])

    def create(self, number: int, text: str) -> None:
        self.send("POST", f"/issues/{number}/comments", json={"body": text})

    def change(self, number: int, key: Any, text: str) -> None:
        self.send("PATCH", f"/issues/comments/{key}", json={"body": text})

    def open_issues(self) -> list[int]:
        return [
            found["number"]
            for found in self.pages("/issues?state=open&per_page=100")
            if (found["title"], found["user"]["login"]) == (TITLE, self.OWN_LOGIN)
        ]

    def open_issue(self, text: str) -> None:
        self.send("POST", "/issues", json={"title": TITLE, "body": text})

    def change_issue(self, number: int, text: str) -> None:
        self.send("PATCH", f"/issues/{number}", json={"body": text})

    def close_issue(self, number: int) -> None:
        self.send("PATCH", f"/issues/{number}", json={"state": "closed"})


class GitLab(Forge):
    def __init__(self) -> None:
        self.api = setting("CI_API_V4_URL")
        super().__init__(
            f"{self.api}/projects/{setting('CI_PROJECT_ID')}", **{"PRIVATE-TOKEN": setting("COMMENT_TOKEN")}
        )

    def planned(self) -> list[Request]:
        number = os.environ.get("CI_MERGE_REQUEST_IID")
        if not number:
            return []
        # The first one is set where the pipeline runs for the merged result.
        head = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or setting("CI_COMMIT_SHA")
        return [Request(int(number), head)]

    def merged(self) -> list[Request]:
        commit, branch = setting("CI_COMMIT_SHA"), setting("CI_COMMIT_BRANCH")
        return [
            Request(found["iid"], found["sha"])
            for found in self.pages(f"/repository/commits/{commit}/merge_requests?per_page=100")
            if found["state"] == "merged"
            and found["target_branch"] == branch
            and commit in (found["merge_commit_sha"], found["squash_commit_sha"], found["sha"])
        ]

    def files(self, job: str) -> str:
        jobs = self.pages(f"/pipelines/{setting('CI_PIPELINE_ID')}/jobs?per_page=100")
        found = next((found["web_url"] for found in jobs if found["name"] == job), None)
        return f"{found}/artifacts/browse/reports/" if found else setting("CI_PIPELINE_URL")

    def own_id(self) -> int:
        return int(self.send("GET", f"{self.api}/user").json()["id"])

    def own_comments(self, number: int) -> Iterator[Comment]:
        own_id = self.own_id()
        for note in self.pages(f"/merge_requests/{number}/notes?per_page=100"):
            if note["author"]["id"] == own_id and not note["system"]:
                yield Comment(note["id"], note["body"])

    def create(self, number: int, text: str) -> None:
        self.send("POST", f"/merge_requests/{number}/notes", json={"body": text})

    def change(self, number: int, key: Any, text: str) -> None:
        self.send("PUT", f"/merge_requests/{number}/notes/{key}", json={"body": text})

    def open_issues(self) -> list[int]:
        own_id = self.own_id()
        return [
            found["iid"]
            for found in self.pages("/issues?state=opened&scope=all&per_page=100")
            if (found["title"], found["author"]["id"]) == (TITLE, own_id)
        ]

    def open_issue(self, text: str) -> None:
        self.send("POST", "/issues", json={"title": TITLE, "description": text, "confidential": True})

    def change_issue(self, number: int, text: str) -> None:
        self.send("PUT", f"/issues/{number}", json={"description": text})

    def close_issue(self, number: int) -> None:
        self.send("PUT", f"/issues/{number}", json={"state_event": "close"})


class AzureRepos(Forge):
    """Its issues are work items of the type Task, which each process of Azure Boards has."""

    VERSION = "api-version=7.1"

    def __init__(self) -> None:
        self.collection = setting("SYSTEM_COLLECTIONURI").rstrip("/")
        self.project = f"{self.collection}/{quote(setting('SYSTEM_TEAMPROJECT'))}"
        super().__init__(f"{self.project}/_apis/git/repositories/{setting('BUILD_REPOSITORY_ID')}")
        self.session.auth = ("", setting("COMMENT_TOKEN"))

    def planned(self) -> list[Request]:
        number = os.environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID")
        return [Request(int(number), setting("SYSTEM_PULLREQUEST_SOURCECOMMITID"))] if number else []

    def merged(self) -> list[Request]:
        commit, branch = setting("BUILD_SOURCEVERSION"), setting("BUILD_SOURCEBRANCH")
        query = {"queries": [{"type": "lastMergeCommit", "items": [commit]}]}
        results = self.send("POST", f"/pullrequestquery?{self.VERSION}", json=query).json()["results"]
        return [
            Request(found["pullRequestId"], found["lastMergeSourceCommit"]["commitId"])
            for result in results
            for found in result.get(commit, [])
            if found["status"] == "completed" and found["targetRefName"] == branch
        ]

    def files(self, job: str) -> str:
        return (
            f"{self.project}/_build/results?buildId={setting('BUILD_BUILDID')}&view=artifacts&type=publishedArtifacts"
        )

    def own_comments(self, number: int) -> Iterator[Comment]:
        own_id = self.send("GET", f"{self.collection}/_apis/connectionData").json()["authenticatedUser"]["id"]
        for thread in self.send("GET", f"/pullRequests/{number}/threads?{self.VERSION}").json()["value"]:
            for comment in thread["comments"]:
                if comment["author"]["id"] == own_id and not comment.get("isDeleted"):
                    yield Comment((thread["id"], comment["id"]), comment.get("content") or "")

    def create(self, number: int, text: str) -> None:
        # Closed, so that a policy that all comments are resolved is content.
        thread = {"comments": [{"parentCommentId": 0, "content": text, "commentType": "text"}], "status": "closed"}
        self.send("POST", f"/pullRequests/{number}/threads?{self.VERSION}", json=thread)

    def change(self, number: int, key: Any, text: str) -> None:
        path = f"/pullRequests/{number}/threads/{key[0]}/comments/{key[1]}?{self.VERSION}"
        self.send("PATCH", path, json={"content": text})

    def closed_state(self) -> str:
        """What it is called depends on the process: Closed, Done."""
        states = self.send("GET", f"{self.project}/_apis/wit/workitemtypes/Task/states?{self.VERSION}").json()["value"]
        return next(str(state["name"]) for state in states if state["category"] == "Completed")

    def open_issues(self) -> list[int]:
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.CreatedBy] = @me"
            f" AND [System.Title] = '{TITLE}' AND [System.State] <> '{self.closed_state()}'"
        )
        found = self.send("POST", f"{self.project}/_apis/wit/wiql?{self.VERSION}", json={"query": query}).json()
        return [item["id"] for item in found["workItems"]]

    def edit(self, method: str, item: str, **fields: str) -> None:
        changes = [{"op": "add", "path": f"/fields/System.{name}", "value": text} for name, text in fields.items()]
        self.send(
            method,
            f"{self.project}/_apis/wit/workitems/{item}?{self.VERSION}",
            data=json.dumps(changes),
            headers={"Content-Type": "application/json-patch+json"},
        )

    def open_issue(self, text: str) -> None:
        self.edit("POST", "$Task", Title=TITLE, Description=f"<pre>{html.escape(text)}</pre>")

    def change_issue(self, number: int, text: str) -> None:
        self.edit("PATCH", str(number), Description=f"<pre>{html.escape(text)}</pre>")

    def close_issue(self, number: int) -> None:
        self.edit("PATCH", str(number), State=self.closed_state())


def forge() -> GitHub | GitLab | AzureRepos | None:
    """The system that this runs on; none on somebody's own machine."""
    if os.environ.get("GITHUB_ACTIONS"):
        return GitHub()
    if os.environ.get("GITLAB_CI"):
        return GitLab()
    return AzureRepos() if os.environ.get("TF_BUILD") else None


def read(folder: Path, name: str) -> Reports:
    """What a job left; it may have run the code of a pull request, so a link out of the folder is not followed."""

    def text(path: Path) -> str:
        if path.is_symlink() or folder.is_symlink():
            raise ReviewError(f"{path} is a link, and not a report.")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    markdown, values = text(folder / f"{name}.md").rstrip("\n"), text(folder / f"{name}.json")
    if markdown and not markdown.startswith(MARKER):
        raise ReviewError(f"{folder / name}.md is not a report of softwareone.marketplace.")
    return Reports(markdown, json.loads(values) if values else {})


def read_all(folder: Path, name: str) -> dict[str, Reports]:
    """What a job left, by host of the inventory."""
    stems = sorted({path.stem for path in folder.glob(f"{name}*") if path.suffix in (".md", ".json")})
    hosts = {stem.removeprefix(name).removeprefix("-") or ONLY: stem for stem in stems}
    return {host: read(folder, stem) for host, stem in hosts.items()}


def together(found: dict[str, Reports]) -> str:
    """One report: of each account that it has something to say of, and the names of the others."""
    quiet = [host for host, report in found.items() if report.values.get("status") == "clean"] if len(found) > 1 else []
    texts = [report.markdown.removeprefix(MARKER).strip() for host, report in found.items() if host not in quiet]
    if quiet:
        texts.append(f"Nothing to do: {', '.join(quiet)}.")
    text = "\n\n".join(filter(None, texts))
    return f"{MARKER}\n{text}" if text else ""


def hash_of(found: dict[str, Reports]) -> str | None:
    """The hash in the JSON report, or those of all hosts; none if a plan failed."""
    hashes = {}
    for host, report in found.items():
        values = report.values
        if values.get("mode") != "check" or values.get("status") not in ("clean", "drift", "pending"):
            return None
        hashes[host] = values["plan_hash"]
    if list(hashes) == [ONLY]:
        return str(hashes[ONLY])
    return ",".join(f"{host}={plan_hash}" for host, plan_hash in hashes.items()) or None


def relative(folder: Path) -> None:
    """The folder of a runner means nothing to who reads a report."""
    for path in folder.iterdir():
        if path.suffix in (".md", ".json", ".html"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(f"{Path.cwd()}/", ""), encoding="utf-8")


def tell(folder: Path) -> None:
    plan_hash = hash_of(read_all(folder, "plan"))
    print(f"The hash of this plan is {plan_hash}." if plan_hash else "There is no plan. The messages above say why.")


def with_link(text: str, link: str, what: str) -> str:
    """The text as far as it fits, and where the rest of it is."""
    cut = "" if len(text) <= LIMIT else "\n\nThis report is longer than a comment can be."
    return f"{text[:LIMIT]}{cut}\n\n[{what}]({link})"


def comment(folder: Path) -> None:
    """Create the comment, or change the one of the last run."""
    system = forge()
    requests_of_it = system.planned() if system else []
    if system is None or not requests_of_it:
        print("This is not the pipeline of a pull request, so there is no comment.")
        return
    found_plans = read_all(folder, "plan")
    plan, plan_hash = together(found_plans), hash_of(found_plans)
    link = system.files("plan")
    for number, head in requests_of_it:
        text = plan or f"{MARKER}\nThere is no plan for {head}. The run says why."
        text = with_link(text, link, "The full report, with the addresses" if plan else "The run")
        if plan_hash:
            text += "\n\n" + LAST_LINE.format(plan_hash, head)
        found = next((old for old in system.own_comments(number) if old.text.startswith(MARKER)), None)
        if found is None:
            system.create(number, text)
        else:
            system.change(number, found.key, text)
        print(f"The comment on pull request {number} was {'created' if found is None else 'brought up to date'}.")


def result(folder: Path) -> None:
    """A comment of its own for each run, so that none hides another."""
    system = forge()
    merged = system.merged() if system else []
    if system is None or len(merged) != 1:
        print(f"This commit is the merge of {len(merged)} pull requests, not of one: nobody is told.")
        return
    report = together(read_all(folder, "provision"))
    link = system.files("provision")
    if report:
        # Without the marker, which is that of the plan.
        text = with_link(report.removeprefix(MARKER).strip(), link, "The report, and the undo file `undo.yml`")
    else:
        text = with_link("Nothing was provisioned.", link, "The run says why")
    system.create(merged[0].number, text)
    print(f"Pull request {merged[0].number} was told.")


def issue(folder: Path) -> None:
    """Open, changed or closed; a comparison that failed says nothing about drift, and changes nothing."""
    system = forge()
    found = read_all(folder, "drift")
    statuses = {report.values.get("status") for report in found.values()}
    if system is None or not statuses or not statuses <= {"clean", "pending", "drift"}:
        print("There is no comparison, so there is nothing to say about drift.")
        return
    numbers = system.open_issues()
    if "drift" not in statuses:
        for number in numbers:
            system.close_issue(number)
        print(f"There is no drift; {len(numbers)} issues were closed.")
        return
    text = with_link(together(found), system.files("drift"), "The full report, with the addresses")
    for number in numbers:
        system.change_issue(number, text)
    if not numbers:
        system.open_issue(text)
    print(f"There is drift; the issue was {'brought up to date' if numbers else 'opened'}.")


def reviewed_hash() -> str:
    system = forge()
    if system is None:
        raise ReviewError("This is neither GitHub Actions nor GitLab CI nor Azure Pipelines, so there is no review.")
    merged = system.merged()
    if len(merged) != 1:
        raise ReviewError(f"This commit is the merge of {len(merged)} pull requests, not of one: no plan was reviewed.")
    number, head = merged[0]
    hashes = set()
    for old in system.own_comments(number):
        found = PLAN.fullmatch(old.text.rstrip().rpartition("\n")[2].strip())
        if old.text.startswith(MARKER) and found and found[2] == head:
            hashes.add(found[1])
    if len(hashes) != 1:
        raise ReviewError(f"Pull request {number} has {len(hashes)} plans for its last commit {head}, not one.")
    return hashes.pop()


def main(arguments: list[str]) -> int:
    commands = {"relative": relative, "tell": tell, "comment": comment, "result": result, "issue": issue}
    try:
        if arguments == ["hash"]:
            print(reviewed_hash())
        elif len(arguments) == 2 and arguments[0] in commands:
            commands[arguments[0]](Path(arguments[1]))
        else:
            raise ReviewError((__doc__ or "").strip())
    except ReviewError as error:
        print(error, file=sys.stderr)
        return 1
    except requests.RequestException as error:
        print(f"The system of this pipeline could not be reached: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
