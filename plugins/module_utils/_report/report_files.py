# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Writes the reports of a run: the ending of a path chooses the form, a file is replaced whole or not at all.

A new file with full e-mail addresses can be read by its owner only (0600); a masked one follows the umask. A file that
is replaced keeps its permissions, so that whoever wants others to read a report sets them once.
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Mapping, Sequence

from .._atomic import write_atomically
from .._errors import InputError, SwoError
from .._files.documents import ANNOTATIONS, CODE_QUALITY
from .._text import encodable
from . import faults, html, junit, markdown
from .mask import mask_report
from .rows import UNCHANGED

PRIVACY = ("full", "masked")
# What is read by many, and outlives its deletion: comments, logs, and what a system shows beside the code.
_MASKED_UNLESS_TOLD = (".md", ANNOTATIONS, CODE_QUALITY)
# A test view counts what has passed, too.
_WITH_UNCHANGED = (".xml",)


class ReportError(SwoError):
    """A report could not be written; says nothing about what was done in the account."""


def _json(report: Mapping[str, Any], masked: bool) -> str:
    privacy = "masked" if masked else "full"
    return json.dumps({**report, "privacy": privacy}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _junit(report: Mapping[str, Any], masked: bool) -> str:
    del masked
    return junit.render(report)


# Each takes the report, masked already where it has to be, and whether it is.
FORMATS: dict[str, Callable[[Mapping[str, Any], bool], str]] = {
    ".json": _json,
    ".md": markdown.render,
    ".html": html.render,
    ".xml": _junit,
    ANNOTATIONS: faults.workflow_commands,
    CODE_QUALITY: faults.code_quality,
}


def render(report: Mapping[str, Any], kind: str, masked: bool) -> str:
    """The report as text; ``kind`` is a key of ``FORMATS``. The same input gives the same text."""
    shown = mask_report(report) if masked else report
    return encodable(FORMATS[kind](shown, masked))


def _check(paths: Sequence[str]) -> None:
    """Refuse paths that choose no form."""
    for path in paths:
        if _kind(path) not in FORMATS:
            allowed = "{} or {}".format(", ".join(list(FORMATS)[:-1]), list(FORMATS)[-1])
            raise InputError(f"reports: {path!r} has to end in {allowed}.")


def _kind(path: str) -> str:
    name = path.lower()
    return next((ending for ending in (ANNOTATIONS, CODE_QUALITY) if name.endswith(ending)), os.path.splitext(name)[1])


def write_reports(report: Mapping[str, Any], paths: Sequence[str], privacy: str | None) -> None:
    """Write every report that can be written, then complain about the others: none may say what an earlier run said.

    Without ``privacy`` the forms that are read by many are masked, and the others are full.
    """
    if privacy is not None and privacy not in PRIVACY:
        raise InputError("report_privacy: {!r} has to be {}.".format(privacy, " or ".join(PRIVACY)))
    problems = []
    brief = {**report, "results": [row for row in report["results"] if row["outcome"] != UNCHANGED]}
    for path in paths:
        kind = _kind(path)
        if kind not in FORMATS:
            continue
        masked = kind in _MASKED_UNLESS_TOLD if privacy is None else privacy == "masked"
        try:
            content = render(report if kind in _WITH_UNCHANGED else brief, kind, masked).encode("utf-8")
            write_atomically(os.path.realpath(path), content, private=not masked)
        except OSError as error:
            problems.append(f"{path!r} ({os.strerror(error.errno or 0)})")
    _check(paths)
    if problems:
        raise ReportError(
            "reports: could not write {}.".format(", ".join(problems)),
            "Name files in a folder that the user who runs the task can write to.",
        )
