# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The modules around contact files: check them without the API, and write them from what is live."""

from __future__ import annotations

import os
from typing import Any, Mapping

from .._api.bulk import Workers
from .._atomic import write_atomically
from .._contacts.desired import DesiredEntry
from .._contacts.fields import CONTACT_FIELDS
from .._errors import InputError, SwoError
from .._files.export import export_contacts
from .._files.layers import desired_contacts
from .._files.write import entry_text, file_text
from .._report.result import failed_result
from .task import Task, TaskResult, run_with_api

_ENDINGS = (".yml", ".yaml")


def run_contact_files_info(task: Task) -> TaskResult:
    """``swo_contact_files_info``: read contact files and name every fault; no token, no request."""
    try:
        desired = desired_contacts(None, task.params["src"])
    except SwoError as error:
        return TaskResult({"changed": False, "contacts": [], "total": 0, **failed_result(error)}, failed=True)
    shown = [_view(entry) for entry in desired]
    shown.sort(key=lambda view: (view["email"] or "", view["id"] or ""))
    return TaskResult({"changed": False, "contacts": shown, "total": len(shown)})


def _view(entry: DesiredEntry) -> dict[str, Any]:
    fields = {name: getattr(entry.desired, name) for name in CONTACT_FIELDS}
    for name in ("opt_outs", "opt_ins"):
        fields[name] = None if fields[name] is None else list(fields[name])
    return {**fields, "reason": entry.reason, "source": entry.source}


def run_contacts_export(task: Task) -> TaskResult:
    """``swo_contacts_export``: write what is live as contact files."""
    return run_with_api(task, _export, {"files": [], "exported": 0, "left_out": []})


def _export(task: Task, workers: Workers) -> TaskResult:
    dest, is_split = task.params["dest"], task.params["split"] == "domain"
    _check_dest(dest, is_split)
    contacts = [contact for contact in workers.api.search().rows if contact.is_live]
    exported = export_contacts(contacts, workers.api.catalog(), by_domain=is_split)
    texts = {
        os.path.join(dest, name) if is_split else dest: file_text(map(entry_text, entries))
        for name, entries in sorted(exported.files.items())
    }
    contents = {path: text.encode("utf-8") for path, text in texts.items()}
    changed = {path: content for path, content in contents.items() if _content(path) != content}
    task.unless_checking(lambda: _write(changed))
    values = {
        "changed": bool(changed),
        "files": list(texts),
        "exported": exported.count,
        "left_out": [
            {"id": lost.contact.id, "email": lost.contact.email, "reason": lost.reason} for lost in exported.left_out
        ],
        "requests": workers.requests,
    }
    return TaskResult(values)


def _check_dest(dest: str, is_split: bool) -> None:
    """Refuse, before anything is asked of the API, what could not be read as contact files afterwards."""
    if is_split:
        if os.path.lexists(dest) and not os.path.isdir(dest):
            raise InputError(f"dest: {dest} is not a folder, which split=domain needs.")
    elif os.path.isdir(dest):
        raise InputError(f"dest: {dest} is a folder.", "Name a file in it, or set split=domain.")
    elif not dest.endswith(_ENDINGS):
        raise InputError(f"dest: {dest} has to end in {' or '.join(_ENDINGS)}.", "For a folder, set split=domain.")


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError:
        raise _unwritable(path) from None


def _write(contents: Mapping[str, bytes]) -> None:
    for path, content in contents.items():
        try:
            write_atomically(path, content, private=True)
        except OSError:
            raise _unwritable(path) from None


def _unwritable(path: str) -> InputError:
    return InputError(
        f"The file {path} cannot be written.",
        "Name a file, or with split=domain a folder, that the user who runs the task can write to.",
    )
