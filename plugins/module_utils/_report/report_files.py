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
from itertools import islice
from typing import Any, Callable, Collection, Iterable, Iterator, Mapping, Sequence

from .._atomic import write_atomically
from .._errors import InputError, SwoError, option_named
from .._files.documents import ANNOTATIONS, CODE_QUALITY
from .._text import encodable
from .mask import mask_report
from .rows import is_told

PRIVACY = ("full", "masked")
# What is read by many, and outlives its deletion: comments, logs, and what a system shows beside the code.
_MASKED_UNLESS_TOLD = (".md", ANNOTATIONS, CODE_QUALITY)
# A test view counts what has passed, too.
_WITH_UNCHANGED = (".xml",)


class ReportError(SwoError):
    """A report could not be written; says nothing about what was done in the account."""


# Pieces of text that become bytes together.
_PIECES = 100

# Takes a report, masked already where it has to be, and whether it is; gives its text in pieces.
_Form = Callable[[Mapping[str, Any], bool], Iterable[str]]


def _json(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    privacy = "masked" if masked else "full"
    yield from json.JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).iterencode({**report, "privacy": privacy})
    yield "\n"


# What makes the other forms is imported where that is asked for: most runs write no report.
def _markdown(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import markdown

    yield markdown.render(report, masked)


def _html(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import html

    return html.render(report, masked)


def _junit(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import junit

    del masked
    return junit.render(report)


def _annotations(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import faults

    yield faults.workflow_commands(report, masked)


def _code_quality(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import faults

    yield faults.code_quality(report, masked)


def _overview_markdown(overview: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import overview_forms

    yield overview_forms.markdown(overview, masked)


def _overview_html(overview: Mapping[str, Any], masked: bool) -> Iterator[str]:
    from . import overview_forms

    yield overview_forms.html(overview, masked)


FORMATS: dict[str, _Form] = {
    ".json": _json,
    ".md": _markdown,
    ".html": _html,
    ".xml": _junit,
    ANNOTATIONS: _annotations,
    CODE_QUALITY: _code_quality,
}

OVERVIEW_FORMATS: dict[str, _Form] = {".json": _json, ".md": _overview_markdown, ".html": _overview_html}


def render(report: Mapping[str, Any], kind: str, masked: bool) -> Iterator[bytes]:
    """The report as UTF-8, in pieces; ``kind`` is a key of ``FORMATS``. The same input gives the same text."""
    return _encoded(FORMATS[kind](mask_report(report) if masked else report, masked))


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    rest = iter(pieces)
    while some := list(islice(rest, _PIECES)):
        yield encodable("".join(some)).encode("utf-8")


def _kind(path: str) -> str:
    name = path.lower()
    return next((ending for ending in (ANNOTATIONS, CODE_QUALITY) if name.endswith(ending)), os.path.splitext(name)[1])


def write_reports(report: Mapping[str, Any], paths: Sequence[str], privacy: str | None) -> None:
    """Write every report that can be written, then complain about the others: none may say what an earlier run said.

    Without ``privacy`` the forms that are read by many are masked, and the others are full.
    """
    brief = {**report, "results": [row for row in report["results"] if is_told(row)]}

    def content(path: str, masked: bool) -> Iterator[bytes]:
        kind = _kind(path)
        return render(report if kind in _WITH_UNCHANGED else brief, kind, masked)

    _write(option_named("reports"), paths, FORMATS, privacy, content)


def write_overview(overview: Mapping[str, Any], paths: Sequence[str], privacy: str | None) -> None:
    """Write the overview of several accounts as :func:`write_reports` does; links go to files that exist."""

    def content(path: str, masked: bool) -> Iterator[bytes]:
        shown = {**overview, "accounts": [_linked(line, os.path.realpath(path)) for line in overview["accounts"]]}
        return _encoded(OVERVIEW_FORMATS[_kind(path)](mask_report(shown) if masked else shown, masked))

    _write("dest", paths, OVERVIEW_FORMATS, privacy, content)


def _linked(line: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The line of an account with those of its reports that are here, relative to the overview at ``path``."""
    reports = [os.path.relpath(report, os.path.dirname(path)) for report in line["reports"] if os.path.isfile(report)]
    return {**line, "reports": reports}


def _write(
    option: str,
    paths: Sequence[str],
    formats: Collection[str],
    privacy: str | None,
    content: Callable[[str, bool], Iterable[bytes]],
) -> None:
    """Write what ``content`` makes for a path, masked or not.

    :raises InputError: an option cannot be used; unless it leaves open what to mask, the other files were written
    :raises ReportError: a file could not be written
    """
    if privacy is not None and privacy not in PRIVACY:
        raise InputError(f"{option_named('report_privacy')}: {privacy!r} has to be {' or '.join(PRIVACY)}.")
    usable = [path for path in paths if _kind(path) in formats]
    problems = []
    for path in usable:
        masked = _kind(path) in _MASKED_UNLESS_TOLD if privacy is None else privacy == "masked"
        try:
            write_atomically(os.path.realpath(path), content(path, masked), private=not masked)
        except OSError as error:
            problems.append(f"{path!r} ({os.strerror(error.errno or 0)})")
    for path in paths:
        if path not in usable:
            *others, last = formats
            raise InputError(f"{option}: {path!r} has to end in {', '.join(others)} or {last}.")
    if problems:
        raise ReportError(
            f"{option}: could not write {', '.join(problems)}.",
            "Name files in a folder that the user who runs the task can write to.",
        )
