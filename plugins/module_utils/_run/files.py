# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The modules around contact files: check them without the API, and write them from what is live."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from difflib import get_close_matches
from time import gmtime, strftime
from typing import Any, Iterable, Mapping, Sequence

from .._api.account import known_account
from .._api.bulk import Workers
from .._api.client import METHODS
from .._api.connection import connection_from
from .._api.snapshot import digest_of, snapshot_text
from .._atomic import write_atomically
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.desired import DesiredEntry
from .._contacts.email_address import canonical_email
from .._contacts.fields import CONTACT_FIELDS
from .._errors import InputError, SwoError, option_named
from .._files.agreements import Agreements, offline_judgements, offline_problems
from .._files.documents import contact_files, skipped_files
from .._files.export import catalogue_text, export_contacts, exported_text, is_exported
from .._files.layers import desired_contacts, refuse_entries
from .._report.effects import FILES
from .._report.explained import Explained, explained
from .._report.outlook import CoverageRow, coverage_row
from .._report.report_files import write_reports
from .._report.result import contact_from_view, failed_result
from .._report.rows import Report, counts, declared_row, report_head
from .._text import Redactor, made_visible, quoted
from .collector import collecting_rarely
from .outputs import OutputError, check_outputs, refuse_unusable
from .task import Task, TaskResult, run_with_api

_ENDINGS = (".yml", ".yaml")


@collecting_rarely()
def run_contact_files_info(task: Task) -> TaskResult:
    """``swo_contact_files_info``: read contact files and name every fault; no token, no request."""
    check = _FilesCheck(task)
    try:
        check.prepare()
        check.read()
    except SwoError as error:
        check.failure = error
    try:
        check.write_reports()
    except SwoError as error:
        check.failure = check.failure or error
    return check.result()


class _FilesCheck:
    """What is known of the files so far."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._started = task.retry_policy.monotonic()
        self._reports: list[str] = list(task.params.get("reports") or [])
        self._files: list[str] = []
        self.src: list[str] = list(task.params.get("src") or [])
        self.desired: list[DesiredEntry] = []
        self._coverage: list[CoverageRow] = []
        self._explained: Explained | None = None
        self.failure: SwoError | None = None

    def prepare(self) -> None:
        """Refuse what must not begin, and take away what an earlier run reported: this one may not get to its end."""
        # A report of a refusal must not replace a contact file.
        try:
            self._files = check_outputs([("reports", path) for path in self._reports], contact_files(self.src))
        except OutputError as error:
            self._reports = [path for path in self._reports if path not in error.paths]
            raise
        reason = self._task.refusal or self._task.params.get("error")
        if reason:
            self.src, self._files = [], []
            raise InputError(reason)
        self.failure = InputError("The run did not get to its end.")
        self.write_reports()
        self.failure = None

    def read(self) -> None:
        """Read the files, with all that they pin.

        :raises SwoError: something is wrong with them, or the contact that is to be explained is in none
        """
        agreements = Agreements()
        self.desired = desired_contacts(None, self.src, self._task.decrypt, agreements)
        if self._task.params.get("email") is None:
            # Whoever asks about one contact may be after the cause of just such a problem.
            refuse_entries((), offline_problems(self.desired, agreements))
            self._coverage = [coverage_row(judgement) for judgement in offline_judgements(self.desired, agreements)]
        self._explained = _explained(self.desired, self._task.params.get("email"), self._task.params.get("live"))

    def result(self) -> TaskResult:
        shown = sorted(map(_view, self.desired), key=lambda view: (view["email"] or "", view["id"] or ""))
        values: dict[str, Any] = {
            "changed": False,
            "contacts": [] if self.failure else shown,
            "total": 0 if self.failure else len(shown),
            "status": self._status,
            "coverage": self._coverage,
            "explained": self._explained,
            "files": self._files,
            "skipped_files": skipped_files(self.src),
        }
        if self.failure is not None:
            values.update(failed_result(self.failure))
        return TaskResult(values, self.failure is not None)

    @property
    def _status(self) -> str:
        return "error" if self.failure else "clean"

    def write_reports(self) -> None:
        if not self._reports:
            return
        report: Report = {
            **report_head(self.failure),
            "api_url": None,
            "account": known_account(self._task.params.get("account_name")),
            "mode": "check",
            "status": self._status,
            "message": str(self.failure) if self.failure else None,
            "files": self._files,
            "warnings": [],
            "counts": counts(None, [], len(self.desired)),
            "categories": [],
            "coverage": self._coverage,
            "impact": [],
            "new_categories": [],
            "snapshot": None,
            "view": FILES,
            "plan_hash": None,
            "results": [declared_row(index, entry) for index, entry in enumerate(self.desired)],
            "unmanaged": [],
            "expired": [],
            "requests": dict.fromkeys(METHODS, 0),
            "duration_seconds": round(self._task.retry_policy.monotonic() - self._started, 3),
        }
        write_reports(report, self._reports, self._task.params.get("report_privacy"))


def _explained(
    entries: Sequence[DesiredEntry], email: str | None, live: Sequence[Mapping[str, Any]] | None
) -> Explained | None:
    """The contact with an address explained.

    :raises InputError: no file declares it
    """
    if email is None:
        return None
    key = canonical_email(email)
    found = [entry for entry in entries if canonical_email(entry.desired.label) == key]
    if not found:
        labels = [canonical_email(entry.desired.label) for entry in entries]
        near = get_close_matches(key, labels, n=1)
        hint = f"Did you mean {near[0]}?" if near else "Check the address and src."
        raise InputError(f"email: {quoted(email)} is in no file.", hint)
    return explained(found[0], None if live is None else [contact_from_view(row) for row in live])


def _view(entry: DesiredEntry) -> dict[str, Any]:
    fields = {name: getattr(entry.desired, name) for name in CONTACT_FIELDS}
    for name in ("opt_outs", "opt_ins"):
        fields[name] = None if fields[name] is None else list(fields[name])
    return {**fields, "reason": entry.reason, "source": entry.source}


@collecting_rarely()
def run_contacts_export(task: Task) -> TaskResult:
    """``swo_contacts_export``: write what is live as contact files."""
    return run_with_api(task, _export, {"files": [], "backup_files": [], "exported": 0, "left_out": []})


def _export(task: Task, workers: Workers) -> TaskResult:
    dest, is_split = task.params["dest"], task.params["split"] == "domain"
    given = [(name, task.params[name]) for name in ("dest", "categories_dest", "snapshot_dest")]
    refuse_unusable([(name, path) for name, path in given if path])
    _check_dest(dest, is_split)
    others = _other_files(task.params)
    redactor = Redactor(connection_from(task.params).token)
    contacts = [contact for contact in workers.api.search().rows if contact.is_live]
    catalog = workers.api.catalog()
    exported = export_contacts(contacts, catalog, by_domain=is_split, redactor=redactor)
    contents = {
        os.path.join(dest, name) if is_split else dest: exported_text(entries).encode("utf-8")
        for name, entries in sorted(exported.files.items())
    }
    _refuse_clash(contents, others)
    if "categories_dest" in others:
        contents[others["categories_dest"]] = catalogue_text(catalog, redactor).encode("utf-8")
    before = {path: _content(path) for path in contents}
    changed = {path: content for path, content in contents.items() if before[path] != content}
    _refuse_foreign([path for path in changed if not is_exported(before[path] or b"")], task.params["force"])
    replaced = [path for path in changed if before[path] is not None] if task.params["backup"] else []
    backups = {path: before[path] or b"" for path in replaced}
    is_new = False
    if "snapshot_dest" in others:
        is_new = _take_snapshot(task, others["snapshot_dest"], contacts, catalog, redactor)
    values = {
        "changed": bool(changed) or is_new,
        "files": list(contents),
        "backup_files": task.unless_checking(lambda: _write(changed, backups)) or [],
        "exported": exported.count,
        "left_out": [
            {"id": lost.contact.id, "email": lost.contact.email, "reason": lost.reason} for lost in exported.left_out
        ],
        "requests": workers.requests,
    }
    if task.diff:
        values["diff"] = [_diff(path, before[path] or b"", content) for path, content in changed.items()]
    return TaskResult(values)


def _other_files(params: Mapping[str, Any]) -> dict[str, str]:
    """The files to write besides contacts, by option.

    :raises InputError: one of them could not be read afterwards as what it is
    """
    found = {name: params[name] for name in ("categories_dest", "snapshot_dest") if params.get(name)}
    for name, endings in (("categories_dest", _ENDINGS), ("snapshot_dest", (".json",))):
        path = found.get(name)
        if path and (os.path.isdir(path) or not path.endswith(endings)):
            raise InputError(f"{name}: {path} has to be a file that ends in {' or '.join(endings)}.")
    return found


def _refuse_clash(contents: Iterable[str], others: Mapping[str, str]) -> None:
    """One file cannot be two."""
    taken = {os.path.realpath(path): "dest" for path in contents}
    for name, path in others.items():
        first = taken.setdefault(os.path.realpath(path), name)
        if first != name:
            raise InputError(f"{name}: {path} is written by {first}, too.", "Name another file.")


def _take_snapshot(task: Task, path: str, contacts: Sequence[Contact], catalog: Catalog, redactor: Redactor) -> bool:
    """Write what a plan needs; true if it says something else than before, its time aside.

    A file of that name that is no snapshot is left alone.
    """
    account = task.account or {"host": None, "token": None, "id": None, "name": None}
    api_url = connection_from(task.params).api_url
    text = snapshot_text(contacts, catalog, account, api_url, datetime.now(timezone.utc), redactor)
    before = _content(path)
    old = None if before is None else digest_of(before.decode("utf-8", "replace"))
    if before and old is None and not task.params["force"]:
        raise InputError(f"snapshot_dest: {path} is no snapshot, so it is not overwritten.", "Name another file.")
    task.unless_checking(lambda: _write({path: text.encode("utf-8")}, {}))
    return old != digest_of(text)


def _refuse_foreign(paths: Sequence[str], is_forced: bool) -> None:
    """Refuse to overwrite what somebody wrote by hand: the account knows no comments, profiles and reasons."""
    if paths and not is_forced:
        raise InputError(
            f"dest: {', '.join(paths)} was written or edited by hand, so it is not overwritten.",
            f"Name another file, or set {option_named('force')} to true; backup: true keeps the present one.",
        )


def _diff(path: str, before: bytes, after: bytes) -> dict[str, str]:
    """The difference as Ansible's callbacks print it: nothing in it may forge output."""
    texts = [made_visible(content.decode("utf-8", "replace")) for content in (before, after)]
    return {"before_header": path, "after_header": path, "before": texts[0], "after": texts[1]}


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


def _write(contents: Mapping[str, bytes], backups: Mapping[str, bytes]) -> list[str]:
    """Write all files, each after the copy of what it replaces; the names of the copies."""
    copies = []
    for path, content in contents.items():
        try:
            if path in backups:
                copies.append(f"{path}.{strftime('%Y%m%dT%H%M%SZ', gmtime())}.{os.getpid()}~")
                write_atomically(copies[-1], backups[path], private=True)
            write_atomically(path, content, private=True)
        except OSError:
            raise _unwritable(path) from None
    return copies


def _unwritable(path: str) -> InputError:
    return InputError(
        f"The file {path} cannot be written.",
        "Name a file, or with split=domain a folder, that the user who runs the task can write to.",
    )
