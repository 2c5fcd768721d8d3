# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs the examples: the collection as users install it, and systems with pull requests that answer locally."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from tests.integration.served import Answer, Asked, served, served_bytes
from tests.tools.devtree import ROOT

EXAMPLES = ROOT / "docs" / "examples"
NUMBER = 7
OWN, OTHER = "own", "other"
_KEPT = re.compile(r"LANG|LC_.*|COVERAGE_.*")


def install(folder: Path) -> Path:
    """Build the collection and install it; returns the path for ANSIBLE_COLLECTIONS_PATH."""
    galaxy = [sys.executable, "-m", "ansible", "galaxy", "collection"]
    place = folder / "collections"
    # Where the checkout is a collection already, there would be nothing to install.
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(place)}
    subprocess.run([*galaxy, "build", "--output-path", str(folder), str(ROOT)], check=True, capture_output=True)
    (artifact,) = folder.glob("*.tar.gz")
    install_it = [*galaxy, "install", "--offline", "-p", str(place), str(artifact)]
    subprocess.run(install_it, env=environment, check=True, capture_output=True)
    return place


def clean_environment(home: Path, collections: Path) -> dict[str, str]:
    """The environment of a machine that has Python, Ansible and the collection, and nothing configured."""
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    return {
        "LC_ALL": "C.UTF-8",
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        # Everything is here already; whatever asks the network for more fails.
        "PIP_NO_INDEX": "1",
    }


@dataclass
class Forge:
    """A repository with one pull request, by the three APIs at once; each is asked by its own paths."""

    url: str = ""
    token: str = "a token that may comment"
    # As author, text
    comments: dict[int, tuple[str, str]] = field(default_factory=dict)
    # By merge commit: the last commits of the pull requests that were merged as it
    merges: dict[str, list[str]] = field(default_factory=dict)
    # The last commit of the pull request while it is open
    head: str = ""
    # As title, text, state
    issues: dict[int, list[str]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def say(self, author: str, text: str) -> int:
        key = len(self.comments) + 101
        self.comments[key] = (author, text)
        return key

    def own(self) -> dict[int, str]:
        return {key: text for key, (author, text) in self.comments.items() if author == OWN}

    def answer(self, method: str, target: str, body: Any) -> tuple[Any, dict[str, str]]:
        """The JSON, and headers; KeyError for what is not there."""
        parts = urlsplit(target)
        for pattern, handler in _ROUTES.items():
            found = re.fullmatch(pattern, f"{method} {parts.path}")
            if found:
                value = handler(self, body, *found.groups())
                return self._page(value, parts) if pattern in _LISTS else (value, {})
        raise KeyError(target)

    def _page(self, values: list[Any], parts: SplitResult) -> tuple[list[Any], dict[str, str]]:
        """One element a page, so that nobody gets by with the first one."""
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        more = {"Link": f'<{self.url}{parts.path}?page={page + 1}>; rel="next"'} if page < len(values) else {}
        return values[page - 1 : page], more


def _github_comments(forge: Forge, body: Any) -> Any:
    logins = {OWN: "github-actions[bot]", OTHER: "mallory"}
    return [
        {"id": key, "user": {"login": logins[author]}, "body": text} for key, (author, text) in forge.comments.items()
    ]


def _gitlab_notes(forge: Forge, body: Any) -> Any:
    ids = {OWN: 5, OTHER: 6}
    return [
        {"id": key, "author": {"id": ids[author]}, "system": False, "body": text}
        for key, (author, text) in forge.comments.items()
    ]


def _azure_threads(forge: Forge, body: Any) -> Any:
    threads = [
        {"id": key, "comments": [{"id": 1, "author": {"id": author}, "content": text}]}
        for key, (author, text) in forge.comments.items()
    ]
    return {"value": threads, "count": len(threads)}


def _create(forge: Forge, body: Any) -> Any:
    return {"id": forge.say(OWN, body["body"] if "body" in body else body["comments"][0]["content"])}


def _change(forge: Forge, body: Any, key: str) -> Any:
    forge.comments[int(key)] = (OWN, body.get("body", body.get("content")))
    return {"id": int(key)}


def _github_pulls(forge: Forge, body: Any, commit: str) -> Any:
    base: dict[str, Any] = {"state": "closed", "merged_at": "2026-11-20T10:00:00Z", "base": {"ref": "main"}}
    opened = {**base, "state": "open", "merged_at": None, "merge_commit_sha": "f" * 40}

    def pull(number: int, head: str, owner: str | None = "contoso") -> dict[str, Any]:
        repository = {"full_name": f"{owner}/contacts"} if owner else None
        return {"number": number, "head": {"sha": head, "repo": repository}, "merge_commit_sha": commit}

    mine = [{**pull(NUMBER, head), **base} for head in forge.merges.get(commit, [])]
    if commit == forge.head:
        mine.append({**pull(NUMBER, commit), **opened})
    return [
        # Ones that have the commit on their branch; one that went to another branch.
        {**pull(8, "d" * 40), **opened},
        {**pull(10, commit, "mallory"), **opened},
        {**pull(11, commit, None), **opened},
        {**pull(9, commit), **base, "base": {"ref": "test"}},
        {**pull(12, commit), **opened, "base": {"ref": "test"}},
        *mine,
    ]


def _gitlab_requests(forge: Forge, body: Any, commit: str) -> Any:
    merged = {"state": "merged", "target_branch": "main", "merge_commit_sha": commit, "squash_commit_sha": None}
    mine = [{"iid": NUMBER, "sha": head, **merged} for head in forge.merges.get(commit, [])]
    open_one = {"iid": 8, "sha": commit, **merged, "state": "opened", "merge_commit_sha": None}
    elsewhere = {"iid": 9, "sha": commit, **merged, "target_branch": "test"}
    return [open_one, elsewhere, *mine]


def _azure_query(forge: Forge, body: Any) -> Any:
    (query,) = body["queries"]
    assert query["type"] == "lastMergeCommit"
    (commit,) = query["items"]
    merged = {"status": "completed", "targetRefName": "refs/heads/main"}
    found = [
        {"pullRequestId": NUMBER, "lastMergeSourceCommit": {"commitId": head}, **merged}
        for head in forge.merges.get(commit, [])
    ]
    return {"results": [{commit: found}] if found else [{}]}


def _open(forge: Forge, body: Any) -> Any:
    if isinstance(body, list):
        values = {change["path"].rpartition(".")[2]: change["value"] for change in body}
        body = {"title": values["Title"], "body": values["Description"]}
    key = len(forge.issues) + 201
    forge.issues[key] = [body["title"], body.get("body") or body["description"], "open"]
    return {"id": key}


def _edit(forge: Forge, body: Any, key: str) -> Any:
    if isinstance(body, list):
        body = {change["path"].rpartition(".")[2]: change["value"] for change in body}
    issue = forge.issues[int(key)]
    text = body.get("body") or body.get("description") or body.get("Description")
    state = body.get("state") or body.get("state_event") or body.get("State")
    issue[1] = text or issue[1]
    issue[2] = {"closed": "closed", "close": "closed", "Done": "closed", None: issue[2]}[state]
    return {"id": int(key)}


def _still_open(forge: Forge) -> Iterator[tuple[int, str]]:
    return ((key, title) for key, (title, _text, state) in forge.issues.items() if state == "open")


def _github_issues(forge: Forge, body: Any) -> Any:
    issues = [
        {"number": key, "title": title, "user": {"login": "github-actions[bot]"}} for key, title in _still_open(forge)
    ]
    # One that somebody else opened under the same title, and one about something else.
    return [
        {"number": 1, "title": _TITLE, "user": {"login": "mallory"}},
        {"number": 2, "title": "Else", "user": {"login": "github-actions[bot]"}},
        *issues,
    ]


def _gitlab_issues(forge: Forge, body: Any) -> Any:
    issues = [{"iid": key, "title": title, "author": {"id": 5}} for key, title in _still_open(forge)]
    return [
        {"iid": 1, "title": _TITLE, "author": {"id": 6}},
        {"iid": 2, "title": "Else", "author": {"id": 5}},
        *issues,
    ]


def _azure_items(forge: Forge, body: Any) -> Any:
    for part in ("[System.CreatedBy] = @me", f"[System.Title] = '{_TITLE}'", "[System.State] <> 'Done'"):
        assert part in body["query"]
    return {"workItems": [{"id": key} for key, _title in _still_open(forge)]}


def _gitlab_jobs(forge: Forge, body: Any) -> Any:
    address = f"{forge.url}/contoso/contacts/-/jobs"
    return [
        {"name": name, "web_url": f"{address}/{key}"}
        for key, name in enumerate(("validate", "plan", "provision", "drift"), 31)
    ]


_TITLE = "The Marketplace account is not what the contact files say"
_STATES = [{"name": "To Do", "category": "Proposed"}, {"name": "Done", "category": "Completed"}]
_AZURE = "/contoso/Team%20Contacts/_apis/git/repositories/4a1b"
_BOARDS = "/contoso/Team%20Contacts/_apis/wit"
_GITHUB = "/repos/contoso/contacts"
_GITLAB = "/api/v4/projects/42"
_LISTS: dict[str, Callable[..., Any]] = {
    rf"GET {_GITHUB}/issues/{NUMBER}/comments": _github_comments,
    rf"GET {_GITHUB}/commits/(\w+)/pulls": _github_pulls,
    rf"GET {_GITHUB}/issues": _github_issues,
    rf"GET {_GITLAB}/merge_requests/{NUMBER}/notes": _gitlab_notes,
    rf"GET {_GITLAB}/repository/commits/(\w+)/merge_requests": _gitlab_requests,
    rf"GET {_GITLAB}/issues": _gitlab_issues,
    rf"GET {_GITLAB}/pipelines/77/jobs": _gitlab_jobs,
}
_ROUTES: dict[str, Callable[..., Any]] = {
    **_LISTS,
    rf"POST {_GITHUB}/issues/{NUMBER}/comments": _create,
    rf"PATCH {_GITHUB}/issues/comments/(\d+)": _change,
    rf"POST {_GITHUB}/issues": _open,
    rf"PATCH {_GITHUB}/issues/(\d+)": _edit,
    r"GET /api/v4/user": lambda forge, body: {"id": 5},
    rf"POST {_GITLAB}/merge_requests/{NUMBER}/notes": _create,
    rf"PUT {_GITLAB}/merge_requests/{NUMBER}/notes/(\d+)": _change,
    rf"POST {_GITLAB}/issues": _open,
    rf"PUT {_GITLAB}/issues/(\d+)": _edit,
    r"GET /contoso/_apis/connectionData": lambda forge, body: {"authenticatedUser": {"id": OWN}},
    rf"GET {_AZURE}/pullRequests/{NUMBER}/threads": _azure_threads,
    rf"POST {_AZURE}/pullRequests/{NUMBER}/threads": _create,
    rf"PATCH {_AZURE}/pullRequests/{NUMBER}/threads/(\d+)/comments/1": _change,
    rf"POST {_AZURE}/pullrequestquery": _azure_query,
    rf"GET {_BOARDS}/workitemtypes/Task/states": lambda forge, body: {"value": _STATES},
    rf"POST {_BOARDS}/wiql": _azure_items,
    rf"POST {_BOARDS}/workitems/\$Task": _open,
    rf"PATCH {_BOARDS}/workitems/(\d+)": _edit,
}


def _given_tokens(headers: Message) -> set[str]:
    """As each system takes it: as bearer, as the password of nobody, in a header of its own."""
    kind, _space, value = headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        value = base64.b64decode(value).decode().partition(":")[2]
    return {value, headers.get("PRIVATE-TOKEN", "")}


@contextmanager
def served_git(folder: Path, token: str) -> Iterator[str]:
    """The repositories in the folder by HTTP, for everybody to read, and to push for who has the token; the address."""

    def answer(asked: Asked) -> Answer:
        parts = urlsplit(asked.path)
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": asked.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": asked.headers.get("Content-Encoding", ""),
            # Without a user git takes no push.
            **({"REMOTE_USER": "pipeline"} if token in _given_tokens(asked.headers) else {}),
        }
        command = ["git", "http-backend"]
        answered = subprocess.run(command, input=asked.body, env=variables, capture_output=True, check=True).stdout
        head, _empty, content = answered.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return int(headers.pop("Status", "200").split()[0]), content, headers

    with served_bytes(answer) as address:
        yield address


@contextmanager
def served_forge() -> Iterator[Forge]:
    """A forge on a port of this machine."""
    forge = Forge()

    def answer(asked: Asked) -> Answer:
        forge.calls.append((asked.method, asked.path))
        if forge.token not in _given_tokens(asked.headers):
            return 401, {"message": "Bad credentials"}, {}
        try:
            value, headers = forge.answer(asked.method, asked.path, asked.body)
        except KeyError:
            return 404, {"message": "Not Found"}, {}
        return 201 if asked.method == "POST" and "query" not in asked.path else 200, value, headers

    with served(answer) as forge.url:
        yield forge
