# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An automation controller that keeps what it is told: enough of its API for the modules that configure one."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integration.served import Answer, Asked, served

ROOT = "/api/v2"
# What an object has below its own address, as far as the examples use it.
_LISTS = (
    "credentials",
    "labels",
    "instance_groups",
    "notification_templates_approvals",
    "notification_templates_error",
    "notification_templates_started",
    "notification_templates_success",
    "success_nodes",
    "failure_nodes",
    "always_nodes",
    "workflow_nodes",
)
_BELOW = (*_LISTS, "survey_spec", "update", "create_approval_template")
_STARTED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")


@dataclass
class Recorded:
    """``objects``: by kind and id, as posted; ``told``: what was posted below an object, by kind, id and name."""

    url: str = ""
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    told: dict[tuple[str, int, str], list[Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        key = sum(map(len, self.objects.values())) + 1
        address = f"{ROOT}/{kind}/{key}/"
        found = {
            **values,
            "id": key,
            "type": kind.rstrip("s"),
            "url": address,
            "related": {name: f"{address}{name}/" for name in _BELOW},
            "summary_fields": {},
            # Of a project, and of the job that fetches it, which ends at once.
            "scm_revision": "0" * 40,
            "status": "successful",
            "finished": True,
            "failed": False,
        }
        self.objects.setdefault(kind, {})[key] = found
        return found

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        return {
            str(found.get("name") or found.get("identifier")): found for found in self.objects.get(kind, {}).values()
        }

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = re.fullmatch(rf"{ROOT}/(\w+)/(?:(\d+)/(?:(\w+)/)?)?", parts.path)
        if not found or found[1] in ("ping", "config"):
            return 200, {"version": "24.6.1", "current_version": f"{ROOT}/"}
        kind, key, below = found[1], int(found[2] or 0), found[3]
        if below:
            return self._below(method, self.objects[kind][key], kind, below, body)
        if method == "POST":
            return 201, self.add(kind, body)
        if key:
            self.objects[kind][key].update(body or {})
            return 200, self.objects[kind][key]
        kinds = _STARTED if kind == "unified_job_templates" else (kind,)
        every = [one for name in kinds for one in self.objects.get(name, {}).values()]
        return 200, _listed([one for one in every if _fits(one, query)])

    def _below(self, method: str, owner: dict[str, Any], kind: str, below: str, body: Any) -> tuple[int, Any]:
        told = self.told.setdefault((kind, owner["id"], below), [])
        if method == "GET":
            # A survey is one object; the others are lists.
            return 200, _listed(told) if below in _LISTS else (told or [{}])[-1]
        if method == "DELETE":
            told.clear()
            return 200, owner
        told.append(body)
        if below == "create_approval_template":
            owner["related"]["unified_job_template"] = self.add("workflow_approval_templates", body)["url"]
        return {"create_approval_template": 201, "update": 202, "survey_spec": 200}.get(below, 204), owner


def _listed(results: list[Any]) -> dict[str, Any]:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _fits(one: dict[str, Any], query: dict[str, str]) -> bool:
    wanted = {name.rpartition("__")[2]: value for name, value in query.items()}
    return all(str(one.get(name)) == wanted[name] for name in ("name", "identifier") if name in wanted)


@contextmanager
def recording(token: str) -> Iterator[Recorded]:
    """A controller on a port of this machine, with what every controller has."""
    recorded = Recorded()
    recorded.add("organizations", {"name": "Default"})
    for name in ("Source Control", "Container Registry", "Vault"):
        recorded.add("credential_types", {"name": name})

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {token}":
            return 401, {"detail": "Authentication credentials were not provided."}, {}
        with recorded.lock:
            return *recorded.answer(asked.method, asked.path, asked.body), {}

    with served(answer) as recorded.url:
        yield recorded
