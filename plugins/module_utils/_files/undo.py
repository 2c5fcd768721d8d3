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
import json
import os
import shlex
import tempfile
import threading
from typing import Any, Collection, Iterator, Mapping, Tuple

from .._atomic import write_atomically
from .._contacts.contact import Contact
from .._contacts.desired import field_problems
from .._contacts.plan import CREATE, DELETE, ContactPlan
from .._errors import InputError
from .._text import HOLDS_TOKEN, Redactor, visible
from .documents import shown_path
from .earlier import keep_earlier, readdress
from .write import comment_text, entry_text, file_text, has_entries

_ABOUT = (
    "What these contacts were like before a run of softwareone.marketplace.",
    "To go back, apply this file: src: [{name}]. A contact that was deleted gets a new id. With the playbook:",
    "{command}",
)
_EARLIER = (
    "The way back from an earlier run is in {earlier}. To go back behind both, apply this file first, and that one in",
    "a run of its own afterwards.",
)
# With it, an inventory and a target as the run had them.
_PROVISION = "ansible-playbook softwareone.marketplace.provision -e "
_HINT = "Name a file in a folder that the user who runs the task can write to."

# Room for an id that is known only once the contact is created; the longest has 64 characters.
_ROOM = 80

# Tells the contacts of a run apart, in the order of their addresses.
Key = Tuple[str, str, int]


class UndoFile:
    """Takes the before-image of each contact from the workers of a run.

    :param path: of the contact file to write
    :param redactor: knows what must not be written to any file
    :raises InputError: nothing can be written there
    """

    def __init__(self, path: str, redactor: Redactor) -> None:
        self._path = os.path.realpath(path)
        self._redactor = redactor
        self._lock = threading.Lock()
        self._parts: dict[Key, str] = {}
        self._notes: dict[Key, str] = {}
        # Creations that were begun, with their addresses, and the places of their entries: file, start, size.
        self._begun: dict[Key, str] = {}
        self._places: dict[Key, tuple[int, int, int]] = {}
        self._restored: dict[str, Key] = {}
        self._deleted: dict[Key, tuple[str, str]] = {}
        self._earlier: str | None = None
        self._is_begun = False
        self._can_grow = False
        if not path.isprintable() or os.path.splitext(path)[1].lower() not in (".yml", ".yaml"):
            raise InputError(f"undo_file {path} has to be a file name that ends in .yml or .yaml.", _HINT)
        self._try_folder(path)

    def record(self, key: Key, plan: ContactPlan) -> None:
        """Write what takes ``plan`` back, and return once it is handed to the system.

        :raises InputError: it cannot be written, so the contact must not be changed; this ends the run
        """
        with self._lock, self._writing():
            is_new = key not in self._parts
            self._parts[key] = self._notes.get(key, "") + self._part(key, plan)
            if not self._is_begun:
                self._earlier = keep_earlier(self._path)
                self._is_begun = True
                self._rewrite()
            elif is_new and self._can_grow:
                self._append(key)
            else:
                self._rewrite()

    def created(self, key: Key, contact: Contact) -> None:
        """Name a contact by its id once it has one, so that nobody else who has its address later is removed.

        :raises InputError: as of :meth:`record`
        """
        with self._lock, self._writing():
            self._begun.pop(key, None)
            entry = {"id": contact.id, "email": contact.email, "state": "absent"}
            if self._redactor.is_in(entry):
                self._parts[key] = comment_text(f"A contact that this run created is not removed: {HOLDS_TOKEN}.")
            else:
                self._parts[key] = entry_text(entry)
            if not self._replace(key):
                self._rewrite()

    def _replace(self, key: Key) -> bool:
        """Write an entry in the place of the one that was appended, if there is room and the file is still the one."""
        number, start, size = self._places.pop(key, (0, 0, 0))
        content = self._parts[key].encode("utf-8")
        if len(content) + len(_padding(0)) > size:
            return False
        try:
            with open(self._path, "r+b") as file:
                # Another run with the same undo_file may have put its own there.
                if os.fstat(file.fileno()).st_ino != number:
                    return False
                file.seek(start)
                file.write(content + _padding(size - len(content)))
        except FileNotFoundError:
            return False
        return True

    def leave_alone(self, key: Key, comment: str) -> None:
        """Put a comment in place of an entry: the contact may be somebody else's.

        :raises InputError: as of :meth:`record`
        """
        with self._lock, self._writing():
            self._begun.pop(key, None)
            self._parts[key] = self._notes[key] = comment_text(visible(self._redactor.text(comment)))
            self._rewrite()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            error = InputError(f"undo_file {self._path} cannot be written any more, so the run was stopped.", _HINT)
            error.stops_run = True
            raise error from None

    def keep(self, keys: Collection[Key]) -> None:
        """End the file with these entries alone, by address; without any there is none."""
        with self._lock:
            if not self._is_begun:
                return
            for key, email in self._begun.items():
                said = f"Whether this run created {email} is not known, so it is not removed."
                self._parts[key] = comment_text(visible(said))
            self._parts = {key: self._parts[key] for key in sorted(self._parts) if key in keys}
            # Where this fails, the file has more entries than it needs, which take nothing back.
            with contextlib.suppress(OSError):
                if self._parts:
                    self._rewrite()
                    readdress(self._path, dict(self._deleted[key] for key in self._deleted if key in keys))
                else:
                    os.unlink(self._path)
                    if self._earlier is not None:
                        os.replace(self._earlier, self._path)

    def _part(self, key: Key, plan: ContactPlan) -> str:
        """The entry that takes ``plan`` back, below notes on what it cannot say."""
        entry, notes = self._sayable(_entry(plan))
        text = entry_text(entry)
        self._begun.pop(key, None)
        if CREATE in plan.actions:
            self._begun[key] = plan.desired.label
            return text
        if plan.live is not None and plan.live.opt_outs is None and DELETE in plan.actions:
            notes += comment_text("The API did not send its opt_outs, so it comes back without any.")
        if "email" not in entry and "id" not in entry:
            return notes + comment_text("The contact cannot be created again:\n" + text)
        if DELETE in plan.actions and plan.live is not None:
            if self._restored.setdefault(entry["email"].lower(), key) != key:
                same = "Another contact has the same address, which only one can be given:\n"
                return notes + comment_text(same + text)
            self._deleted[key] = (plan.live.id, text)
        return notes + text

    def _sayable(self, entry: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """What a file can and may hold of an entry, and notes on the rest."""
        problems = dict(field_problems({name: entry.get(name) for name in ("email", "name")}))
        problems.update({name: HOLDS_TOKEN for name, value in entry.items() if self._redactor.is_in(value)})
        notes = [
            f"{name} is left as it is: a file cannot hold what it was ({said})." for name, said in problems.items()
        ]
        shown = "".join(comment_text(self._redactor.text(note)) for note in notes)
        return {name: value for name, value in entry.items() if name not in problems}, shown

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

    def _append(self, key: Key) -> None:
        content = self._parts[key].encode("utf-8")
        if key in self._begun:
            content += _padding(_ROOM)
        with open(self._path, "ab") as file:
            self._places[key] = os.fstat(file.fileno()).st_ino, file.tell(), len(content)
            file.write(content)

    def _rewrite(self) -> None:
        name = os.path.basename(self._path)
        # As JSON, because a path may have spaces or commas.
        variable = json.dumps({"swo_contacts_src": [shown_path(self._path)]}, ensure_ascii=False)
        about = [line.format(name=name, command=_PROVISION + shlex.quote(variable)) for line in _ABOUT]
        if self._earlier is not None:
            about += [line.format(earlier=os.path.basename(self._earlier)) for line in _EARLIER]
        self._places.clear()
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
    names = [change.field for change in plan.changes]
    fields = _fields(live, names)
    if "email" not in names:
        del fields["email"]
    return {"id": live.id, **fields}


def _fields(contact: Contact, names: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"email": contact.email}
    if "name" in names:
        fields["name"] = contact.name or ""
    if "opt_outs" in names and contact.opt_outs is not None:
        fields.update(opt_outs=sorted(contact.opt_outs), opt_outs_mode="exact")
    if "status" not in names:
        return {**fields, "unblock": "never"}
    return {**fields, **({"state": "blocked"} if contact.is_blocked else {"state": "present", "unblock": "always"})}


def _padding(size: int) -> bytes:
    """A line of comment of this size, so that an entry can grow in its place; at least as long as its marks."""
    return b"  #" + b" " * (size - 4) + b"\n"
