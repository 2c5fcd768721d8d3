# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The way back from a run: a contact file that grows while the run goes on.

The entry of a contact is in the file before its first write, so a run that is killed leaves the way back of all that it
may have changed. A file of an earlier run is kept under another name.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from typing import Any, Collection, Tuple

from .._atomic import write_atomically
from .._contacts.contact import Contact
from .._contacts.desired import field_problems
from .._contacts.plan import CREATE, DELETE, ContactPlan
from .._errors import InputError
from .._text import escaped
from .write import comment_text, entry_text, file_text, has_entries

_ABOUT = (
    "What these contacts were like before a run of softwareone.marketplace.",
    "To go back, apply this file: src: [{name}]. A contact that was deleted gets a new id.",
)
_EARLIER = "The way back from an earlier run is in {earlier}; to go back behind both runs: src: [{name}, {earlier}]."
_HINT = "Name a file in a folder that the user who runs the task can write to."

# Tells the contacts of a run apart, in the order of their addresses.
Key = Tuple[str, str, int]


class UndoFile:
    """Takes the before-image of each contact from the workers of a run.

    :param path: of the contact file to write
    :raises InputError: nothing can be written there
    """

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)
        self._lock = threading.Lock()
        self._parts: dict[Key, str] = {}
        self._restored: dict[str, Key] = {}
        self._earlier: str | None = None
        self._is_begun = False
        self._can_grow = False
        if not path.isprintable() or os.path.splitext(path)[1].lower() not in (".yml", ".yaml"):
            raise InputError(f"undo_file {escaped(path)} has to be a file name that ends in .yml or .yaml.", _HINT)
        self._try_folder(path)

    def record(self, key: Key, plan: ContactPlan) -> None:
        """Write what takes ``plan`` back, and return once it is handed to the system.

        :raises InputError: it cannot be written, so the contact must not be changed; this ends the run
        """
        with self._lock:
            is_new = key not in self._parts
            self._parts[key] = self._part(key, plan)
            try:
                if not self._is_begun:
                    self._keep_earlier()
                    self._is_begun = True
                    self._rewrite()
                elif is_new and self._can_grow:
                    with open(self._path, "ab") as file:
                        file.write(self._parts[key].encode("utf-8"))
                else:
                    self._rewrite()
            except OSError:
                error = InputError(f"undo_file {self._path} cannot be written any more, so the run was stopped.", _HINT)
                error.stops_run = True
                raise error from None

    def forget(self, key: Key) -> None:
        """Take back an entry: the contact turned out not to be changed by this run."""
        with self._lock:
            if self._parts.pop(key, None) is not None:
                self._rewrite()

    def leave_alone(self, key: Key, plan: ContactPlan) -> None:
        """Put a note in place of an entry: the contact that was created may be somebody else's."""
        with self._lock:
            self._parts[key] = comment_text(
                f"{plan.desired.email} was there right after the API had refused to create it. Whether this run or "
                "somebody else created it is not known, so it is not removed."
            )
            self._rewrite()

    def keep(self, keys: Collection[Key]) -> None:
        """End the file with these entries alone, by address; without any there is none."""
        with self._lock:
            if not self._is_begun:
                return
            self._parts = {key: self._parts[key] for key in sorted(self._parts) if key in keys}
            # Where this fails, the file has more entries than it needs, which take nothing back.
            with contextlib.suppress(OSError):
                if self._parts:
                    self._rewrite()
                else:
                    os.unlink(self._path)
                    if self._earlier is not None:
                        os.replace(self._earlier, self._path)

    def _part(self, key: Key, plan: ContactPlan) -> str:
        """The entry that takes ``plan`` back, below notes on what it cannot say."""
        entry = _entry(plan)
        notes = ""
        for field, problem in field_problems({name: entry.get(name) for name in ("email", "name")}):
            del entry[field]
            notes += comment_text(f"{field} is left as it is: a file cannot hold what it was ({problem}).")
        text = entry_text(entry)
        if "email" not in entry and "id" not in entry:
            return notes + comment_text("The contact cannot be created again:\n" + text)
        if DELETE in plan.actions and self._restored.setdefault(entry["email"].lower(), key) != key:
            return notes + comment_text("Another contact has the same address, which only one can be given:\n" + text)
        return notes + text

    def _try_folder(self, path: str) -> None:
        try:
            folder = os.path.dirname(self._path)
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                is_folder = os.path.isdir(self._path)
        except OSError:
            is_folder = True
        if is_folder:
            raise InputError(f"undo_file {path} cannot be written, so nothing was changed.", _HINT)

    def _keep_earlier(self) -> None:
        """Give the file of an earlier run another name, since it may be the only way back from that run."""
        if not os.path.lexists(self._path):
            return
        stem, ending = os.path.splitext(self._path)
        number = 1
        while os.path.lexists(f"{stem}.{number}{ending}"):
            number += 1
        self._earlier = f"{stem}.{number}{ending}"
        os.rename(self._path, self._earlier)

    def _rewrite(self) -> None:
        name = os.path.basename(self._path)
        about = [line.format(name=name) for line in _ABOUT]
        if self._earlier is not None:
            about.append(_EARLIER.format(name=name, earlier=os.path.basename(self._earlier)))
        text = file_text(self._parts.values(), about)
        self._can_grow = has_entries(text)
        write_atomically(self._path, text.encode("utf-8"), private=True)


def _entry(plan: ContactPlan) -> dict[str, Any]:
    live = plan.live
    if CREATE in plan.actions or live is None:
        return {"email": plan.desired.email, "state": "absent"}
    if DELETE in plan.actions:
        return {**_fields(live, ("name", "opt_outs", "status")), "reason": f"was {live.id}"}
    # What the plan leaves alone is left alone on the way back, too: others may have changed it since.
    return {"id": live.id, **_fields(live, [change.field for change in plan.changes])}


def _fields(contact: Contact, names: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"email": contact.email}
    if "name" in names:
        fields["name"] = contact.name or ""
    if "opt_outs" in names:
        fields.update(opt_outs=sorted(contact.opt_outs or ()), opt_outs_mode="exact")
    if "status" not in names:
        return {**fields, "unblock": "never"}
    return {**fields, **({"state": "blocked"} if contact.is_blocked else {"state": "present", "unblock": "always"})}
