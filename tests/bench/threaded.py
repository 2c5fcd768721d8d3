# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one would write without the collection: reads a contact file, compares, writes what differs, in eight threads.

Arguments: the file, and the number of threads. It trusts what it is told: no proof that the lists are complete, no look
before a write and none after it, no retry, no report.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import requests
import yaml

PAGE = 100
_API = os.environ["SWO_API_URL"] + "/notifications"
_threads = local()


def call(method: str, path: str, body: Any = None) -> Any:
    """One request, on a connection that the thread keeps."""
    if not hasattr(_threads, "session"):
        _threads.session = requests.Session()
        _threads.session.headers["Authorization"] = "Bearer " + os.environ["SWO_API_TOKEN"]
    answer = _threads.session.request(method, _API + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def page(offset: int) -> Any:
    return call("GET", f"/contacts?ne(status,Deleted)&order=id&select=%2BoptOuts&limit={PAGE}&offset={offset}")


def main() -> int:
    path, threads = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        wanted = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))["contacts"]
    ids = {row["name"]: row["id"] for row in call("GET", f"/categories?limit={PAGE}")["data"]}
    with ThreadPoolExecutor(int(threads)) as pool:
        first = page(0)
        rest = pool.map(page, range(PAGE, first["$meta"]["pagination"]["total"], PAGE))
        live = {row["email"].lower(): row for part in (first, *rest) for row in part["data"]}
        writes = list(filter(None, (write_for(each, live.get(each["email"].lower()), ids) for each in wanted)))
        list(pool.map(lambda write: call(*write), writes))
    return len(writes)


def write_for(wanted: dict[str, Any], live: dict[str, Any] | None, ids: dict[str, str]) -> tuple[str, str, Any] | None:
    """Method, path and body of the request that the contact needs."""
    opt_outs = {ids[name] for name in wanted["opt_outs"]}
    body = {"email": wanted["email"], "name": wanted["name"], "optOuts": [{"id": each} for each in sorted(opt_outs)]}
    if live is None:
        return "POST", "/contacts", body
    if live["name"] == wanted["name"] and {each["id"] for each in live.get("optOuts") or ()} == opt_outs:
        return None
    return "PUT", f"/contacts/{live['id']}", body


if __name__ == "__main__":
    print(main())
