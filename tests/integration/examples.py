# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs the examples: the collection as users install it, and systems with pull requests that answer locally."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

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
    merged = {"merged_at": "2026-11-20T10:00:00Z", "merge_commit_sha": commit, "base": {"ref": "main"}}
    mine = [{"number": NUMBER, "head": {"sha": head}, **merged} for head in forge.merges.get(commit, [])]
    # One that has the commit on its branch, one that went to another branch.
    open_one = {"number": 8, "head": {"sha": commit}, **merged, "merged_at": None, "merge_commit_sha": "f" * 40}
    elsewhere = {"number": 9, "head": {"sha": commit}, **merged, "base": {"ref": "test"}}
    return [open_one, elsewhere, *mine]


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


_AZURE = "/contoso/Team%20Contacts/_apis/git/repositories/4a1b"
_GITHUB = "/repos/contoso/contacts"
_GITLAB = "/api/v4/projects/42"
_LISTS: dict[str, Callable[..., Any]] = {
    rf"GET {_GITHUB}/issues/{NUMBER}/comments": _github_comments,
    rf"GET {_GITHUB}/commits/(\w+)/pulls": _github_pulls,
    rf"GET {_GITLAB}/merge_requests/{NUMBER}/notes": _gitlab_notes,
    rf"GET {_GITLAB}/repository/commits/(\w+)/merge_requests": _gitlab_requests,
}
_ROUTES: dict[str, Callable[..., Any]] = {
    **_LISTS,
    rf"POST {_GITHUB}/issues/{NUMBER}/comments": _create,
    rf"PATCH {_GITHUB}/issues/comments/(\d+)": _change,
    r"GET /api/v4/user": lambda forge, body: {"id": 5},
    rf"POST {_GITLAB}/merge_requests/{NUMBER}/notes": _create,
    rf"PUT {_GITLAB}/merge_requests/{NUMBER}/notes/(\d+)": _change,
    r"GET /contoso/_apis/connectionData": lambda forge, body: {"authenticatedUser": {"id": OWN}},
    rf"GET {_AZURE}/pullRequests/{NUMBER}/threads": _azure_threads,
    rf"POST {_AZURE}/pullRequests/{NUMBER}/threads": _create,
    rf"PATCH {_AZURE}/pullRequests/{NUMBER}/threads/(\d+)/comments/1": _change,
    rf"POST {_AZURE}/pullrequestquery": _azure_query,
}


@contextmanager
def served_forge() -> Iterator[Forge]:
    """A forge on a port of this machine."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            forge.calls.append((self.command, self.path))
            given = (self.headers.get("Authorization"), self.headers.get("PRIVATE-TOKEN"))
            if forge.token not in (str(given[0]).removeprefix("Bearer "), given[1]):
                return self.reply(401, {"message": "Bad credentials"}, {})
            try:
                value, headers = forge.answer(self.command, self.path, body)
            except KeyError:
                return self.reply(404, {"message": "Not Found"}, {})
            return self.reply(201 if self.command == "POST" and "query" not in self.path else 200, value, headers)

        def reply(self, status: int, value: Any, headers: Mapping[str, str]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
