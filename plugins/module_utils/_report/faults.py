# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the faults of contact files as systems read them that show each beside its line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, Iterable, Mapping

from .._text import one_line

_LONGEST = 500
# What would end a message, or a property of it, in a workflow command of GitHub Actions.
_OF_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_OF_PROPERTY = {**_OF_MESSAGE, ":": "%3A", ",": "%2C"}
_CHECK = "softwareone.marketplace"


def said(fault: Mapping[str, Any]) -> str:
    """A fault in one line, without its place in a file."""
    return one_line(f"{fault['field']}: {fault['message']}" if fault["field"] else fault["message"], _LONGEST)


def by_file(faults: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The faults of each file, in their order."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for fault in faults:
        found.setdefault(fault["file"] or "the option contacts", []).append(fault)
    return found


def workflow_commands(report: Mapping[str, Any], masked: bool) -> str:
    """Workflow commands of GitHub Actions: a job that prints them has each fault shown beside its line.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    del masked
    return "".join(_command(fault) for fault in _reported(report))


def _command(fault: Mapping[str, Any]) -> str:
    properties = {"file": fault["file"], "line": fault["line"] or (1 if fault["file"] else None), "title": _CHECK}
    told = ",".join(f"{name}={_escaped(str(value), _OF_PROPERTY)}" for name, value in properties.items() if value)
    return f"::error {told}::{_escaped(said(fault), _OF_MESSAGE)}\n"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in one_line(text, 1_000))


def code_quality(report: Mapping[str, Any], masked: bool) -> str:
    """A Code Quality report of GitLab, which shows the faults in a merge request.

    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    del masked
    seen: Counter[str] = Counter()
    found = []
    for fault in _reported(report):
        description = said(fault)
        # Without the line, so that a fault which only moved is not taken for a new one.
        known_by = f"{fault['file']}\n{description}"
        seen[known_by] += 1
        found.append(
            {
                "description": description,
                "check_name": _CHECK,
                "fingerprint": hashlib.sha256(f"{known_by}\n{seen[known_by]}".encode("utf-8", "replace")).hexdigest(),
                "severity": "major",
                "location": {"path": fault["file"] or ".", "lines": {"begin": fault["line"] or 1}},
            }
        )
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _reported(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The faults; of a run that failed otherwise, why, so that it never reads as one without faults."""
    faults: list[Mapping[str, Any]] = report["faults"]
    if faults or report["status"] != "error":
        return faults
    return [{"file": None, "line": None, "field": "", "message": report["message"]}]
