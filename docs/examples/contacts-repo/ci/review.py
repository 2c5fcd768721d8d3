# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan that people review: puts it into a comment of its pull request, and finds it there after the merge.

    python3 ci/review.py comment reports/plan.md reports/plan.json
    python3 ci/review.py hash

The comment is the Markdown report and a last line that nobody sees, with the hash of the plan and the commit that it
was made for. `hash` prints that hash if the comment was written by this pipeline, and if the commit is the last one of
the pull request that was merged as the current commit. Otherwise it says why not, and fails.
"""

from __future__ import annotations

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
LAST_LINE = "<!-- softwareone.marketplace plan {} of {} -->"
PLAN = re.compile(LAST_LINE.format("([0-9a-f]{64})", "([0-9a-f]{40,64})"))


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

    def current(self) -> Request | None:
        if os.environ.get("GITHUB_EVENT_NAME") != "pull_request":
            return None
        event = json.loads(Path(setting("GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
        return Request(event["pull_request"]["number"], event["pull_request"]["head"]["sha"])

    def merged(self) -> list[Request]:
        commit, branch = setting("GITHUB_SHA"), setting("GITHUB_REF_NAME")
        return [
            Request(found["number"], found["head"]["sha"])
            for found in self.pages(f"/commits/{commit}/pulls?per_page=100")
            if found["merged_at"] and found["merge_commit_sha"] == commit and found["base"]["ref"] == branch
        ]

    def own_comments(self, number: int) -> Iterator[Comment]:
        for comment in self.pages(f"/issues/{number}/comments?per_page=100"):
            if comment["user"]["login"] == self.OWN_LOGIN:
                yield Comment(comment["id"], comment["body"])

    def create(self, number: int, text: str) -> None:
        self.send("POST", f"/issues/{number}/comments", json={"body": text})

    def change(self, number: int, key: Any, text: str) -> None:
        self.send("PATCH", f"/issues/comments/{key}", json={"body": text})


class GitLab(Forge):
    def __init__(self) -> None:
        self.api = setting("CI_API_V4_URL")
        super().__init__(
            f"{self.api}/projects/{setting('CI_PROJECT_ID')}", **{"PRIVATE-TOKEN": setting("COMMENT_TOKEN")}
        )

    def current(self) -> Request | None:
        number = os.environ.get("CI_MERGE_REQUEST_IID")
        if not number:
            return None
        # The first one is set where the pipeline runs for the merged result.
        head = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or setting("CI_COMMIT_SHA")
        return Request(int(number), head)

    def merged(self) -> list[Request]:
        commit, branch = setting("CI_COMMIT_SHA"), setting("CI_COMMIT_BRANCH")
        return [
            Request(found["iid"], found["sha"])
            for found in self.pages(f"/repository/commits/{commit}/merge_requests?per_page=100")
            if found["state"] == "merged"
            and found["target_branch"] == branch
            and commit in (found["merge_commit_sha"], found["squash_commit_sha"], found["sha"])
        ]

    def own_comments(self, number: int) -> Iterator[Comment]:
        own_id = self.send("GET", f"{self.api}/user").json()["id"]
        for note in self.pages(f"/merge_requests/{number}/notes?per_page=100"):
            if note["author"]["id"] == own_id and not note["system"]:
                yield Comment(note["id"], note["body"])

    def create(self, number: int, text: str) -> None:
        self.send("POST", f"/merge_requests/{number}/notes", json={"body": text})

    def change(self, number: int, key: Any, text: str) -> None:
        self.send("PUT", f"/merge_requests/{number}/notes/{key}", json={"body": text})


class AzureRepos(Forge):
    VERSION = "api-version=7.1"

    def __init__(self) -> None:
        self.collection = setting("SYSTEM_COLLECTIONURI").rstrip("/")
        project, repository = quote(setting("SYSTEM_TEAMPROJECT")), setting("BUILD_REPOSITORY_ID")
        super().__init__(
            f"{self.collection}/{project}/_apis/git/repositories/{repository}",
            Authorization=f"Bearer {setting('SYSTEM_ACCESSTOKEN')}",
        )

    def current(self) -> Request | None:
        number = os.environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID")
        return Request(int(number), setting("SYSTEM_PULLREQUEST_SOURCECOMMITID")) if number else None

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


def forge() -> GitHub | GitLab | AzureRepos | None:
    """The system that this runs on; none on somebody's own machine."""
    if os.environ.get("GITHUB_ACTIONS"):
        return GitHub()
    if os.environ.get("GITLAB_CI"):
        return GitLab()
    return AzureRepos() if os.environ.get("TF_BUILD") else None


def hash_of(plan: Path) -> str | None:
    """The hash in the JSON report; none if the plan failed."""
    if not plan.exists():
        return None
    report = json.loads(plan.read_text(encoding="utf-8"))
    is_plan = report["mode"] == "check" and report["status"] in ("clean", "drift")
    return report["plan_hash"] if is_plan else None


def comment(markdown: Path, plan: Path) -> None:
    """Create the comment, or change the one of the last run."""
    plan_hash = hash_of(plan)
    if plan_hash:
        print(f"The hash of this plan is {plan_hash}.")
    system = forge()
    request = system.current() if system else None
    if system is None or request is None:
        print("This is not the pipeline of a pull request, so there is no comment.")
        return
    if not markdown.exists():
        raise ReviewError(f"There is no comment because there is no {markdown}. The messages above say why.")
    text = markdown.read_text(encoding="utf-8").rstrip("\n")
    if not text.startswith(MARKER):
        raise ReviewError(f"{markdown} is not a report of softwareone.marketplace.")
    if plan_hash:
        text += "\n\n" + LAST_LINE.format(plan_hash, request.head)
    found = next((old for old in system.own_comments(request.number) if old.text.startswith(MARKER)), None)
    if found is None:
        system.create(request.number, text)
    else:
        system.change(request.number, found.key, text)
    print(f"The comment on pull request {request.number} was {'created' if found is None else 'brought up to date'}.")


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
    try:
        if arguments[:1] == ["comment"] and len(arguments) == 3:
            comment(Path(arguments[1]), Path(arguments[2]))
        elif arguments == ["hash"]:
            print(reviewed_hash())
        else:
            raise ReviewError("Usage: review.py comment MARKDOWN JSON, or review.py hash")
    except ReviewError as error:
        print(error, file=sys.stderr)
        return 1
    except requests.RequestException as error:
        print(f"The comments could not be reached: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
