# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Reads the files of ``src``, layer by layer; what cannot be read is a problem, and each problem has its place."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Callable, Iterator, Sequence

from .._contacts.fields import FILE_FIELDS
from .._text import quoted, visible
from .csv_reader import read_csv
from .json_reader import read_json
from .problems import LineProblem, Lines, ParseError, Path, Problem, field_at, withheld
from .yaml_reader import read_yaml

READERS = {".yml": read_yaml, ".yaml": read_yaml, ".json": read_json, ".csv": read_csv}
ENDINGS = "*.yml, *.yaml, *.json or *.csv"
# Endings of files that stand beside contact files by right: what people read, and our own reports.
_SILENT = (".md", ".rst", ".html", ".xml")
# Reports whose endings are those of other files.
CODE_QUALITY, ANNOTATIONS = ".codequality.json", ".annotations.txt"
# Close enough to be a slip: .ymal and .cvs, but not .toml or .txt.
_ALIKE = 0.75
MAX_SIZE = 64 * 1024 * 1024
OPTION = "contacts"
# The environment variable that says where ansible-playbook was started.
STARTED_IN = "SWO_STARTED_IN"

# Opens what ansible-vault has encrypted; gets the path and the content, returns None where no password opens it.
Decrypt = Callable[[str, bytes], "bytes | None"]
_ENCRYPTED = b"$ANSIBLE_VAULT;"
_UNREADABLE_HERE = (
    "is encrypted with ansible-vault, which is read only by a task that runs on the controller itself; run it on "
    "localhost, without become, async, environment or an interpreter of its own"
)
_UNOPENED = (
    "is encrypted with ansible-vault, and none of the vault passwords opens it; give its password with "
    "--vault-password-file or --ask-vault-pass"
)
_KNOWN_FIELDS = frozenset((*FILE_FIELDS, "defaults", "contacts"))


@dataclass
class Document:
    """One contact file, or what the option contacts holds in the same form (its ``name`` is :data:`OPTION`).

    ``layer`` counts the elements of ``src``; ``text`` is kept to find lines in when there is a problem. Of a file that
    ``is_encrypted``, a problem tells no values.
    """

    name: str
    layer: int
    data: Any
    text: str = ""
    is_option: bool = False
    is_encrypted: bool = False

    def problem(self, line: int, path: Path, text: str) -> Problem:
        """What is wrong at a place of the file."""
        field = field_at(path)
        if self.is_encrypted:
            # A key that is not known may be anything.
            is_known = field in _KNOWN_FIELDS or (len(path) == 2 and isinstance(path[1], int))
            return Problem(self.name, line, field if is_known else "", withheld(text))
        return Problem(self.name, line, field, text)


def read_sources(src: Sequence[str], decrypt: Decrypt | None = None) -> tuple[list[Document], list[Problem]]:
    """All files of all elements of ``src``, in order, and what is wrong with those that cannot be used."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for layer, source in enumerate(src):
        for name in _files_of(source, problems):
            document = _read(name, layer, problems, decrypt)
            if document is not None and not (name != source and _is_ours(document.data)):
                documents.append(document)
    return documents, problems


def contact_files(src: Sequence[str]) -> list[str]:
    """The files that ``src`` names, directly or as what is in a directory."""
    return [path for source in src for path in _files_of(source, [])]


def would_read(src: Sequence[str], path: str) -> bool:
    """True if a directory of ``src`` is read so that a new contact file at ``path`` would be among its files."""
    folders: dict[str, str] = {}
    for source in src:
        if os.path.isdir(source):
            for _name in _walk(source, "", folders, []):
                pass
    folder, name = os.path.split(os.path.realpath(path))
    names = [name]
    while folder not in folders and not os.path.isdir(folder):
        folder, name = os.path.split(folder)
        names.append(name)
    return folder in folders and not any(name.startswith(".") for name in names)


def skipped_files(src: Sequence[str]) -> list[str]:
    """The files in directories of ``src`` that are not read, for people to look over."""
    return [
        os.path.join(source, path)
        for source in src
        if os.path.isdir(source)
        for path in sorted(_walk(source, "", {}, []))
        if not reader_of(path) and not path.lower().endswith((*_SILENT, CODE_QUALITY, ANNOTATIONS))
    ]


def holds_report(path: str) -> bool:
    """True if the file is an earlier report, which a new one may replace."""
    if path.lower().endswith(CODE_QUALITY):
        return True
    document = _read(path, 0, []) if path.lower().endswith(".json") else None
    return document is not None and _is_report(document.data)


def _is_report(data: Any) -> bool:
    """True for a report of the collection in JSON, which may lie where it was asked for."""
    return isinstance(data, dict) and data.get("collection") == "softwareone.marketplace" and "schema_version" in data


def _is_ours(data: Any) -> bool:
    """True for what the collection itself writes in JSON and is no contact file."""
    return _is_report(data) or (isinstance(data, dict) and "snapshot_version" in data)


def reader_of(name: str) -> Any:
    """What reads a file of this name, or None."""
    if name.lower().endswith(CODE_QUALITY):
        return None
    return READERS.get(os.path.splitext(name)[1].lower())


def _files_of(source: str, problems: list[Problem]) -> list[str]:
    if not source or source.isspace():
        problems.append(Problem("src", 0, "", "has an empty entry; name a file or directory"))
        return []
    if not os.path.exists(source):
        problems.append(_problem(source, "does not exist"))
        return []
    if not os.path.isdir(source):
        if reader_of(source):
            return [source]
        problems.append(_problem(source, f"is no contact file; its name must end as in {ENDINGS}"))
        return []
    known = len(problems)
    names = [os.path.join(source, path) for path in sorted(_walk(source, "", {}, problems))]
    found = [name for name in names if reader_of(name)]
    problems.extend(_misnamed(name) for name in names if _meant_ending(name))
    if not found and len(problems) == known:
        problems.append(_problem(source, f"has no contact files ({ENDINGS})"))
    return found


def _problem(path: str, text: str) -> Problem:
    """What is wrong with a file or directory as a whole."""
    return Problem(shown_path(path), 0, "", text)


def _meant_ending(name: str) -> str | None:
    """Which known ending a file that is not read was probably meant to have."""
    ending = os.path.splitext(name)[1].lower()
    if ending in READERS or ending in _SILENT or ending.endswith("~"):
        return None
    return next(iter(get_close_matches(ending, READERS, n=1, cutoff=_ALIKE)), None)


def _misnamed(name: str) -> Problem:
    ending = quoted(os.path.splitext(name)[1])
    return _problem(name, f"is not read, because its name ends in {ending}; did you mean {_meant_ending(name)}?")


def _walk(top: str, folder: str, seen: dict[str, str], problems: list[Problem]) -> Iterator[str]:
    """The files below ``top``, as paths relative to it, without hidden ones.

    Links can make many paths to one directory, more than can be followed: each directory is entered once.

    :param seen: the directories that were entered, each with the path that led there
    """
    place = os.path.join(top, folder) if folder else top
    real = os.path.realpath(place)
    if real in seen:
        said = f"leads to a directory that was read as {visible(shown_path(seen[real]))} already; remove one of the two"
        problems.append(_problem(place, said))
        return
    seen[real] = place
    try:
        names = sorted(os.listdir(place))
    except OSError as error:
        problems.append(_problem(place, _why(error)))
        return
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith("."):
            continue
        if os.path.isdir(os.path.join(top, path)):
            yield from _walk(top, path, seen, problems)
        else:
            yield path


def _read(path: str, layer: int, problems: list[Problem], decrypt: Decrypt | None = None) -> Document | None:
    document = Document(shown_path(path), layer, None)
    line_problems: list[LineProblem] = []
    try:
        content = _content_of(path)
        if content.startswith(_ENCRYPTED):
            document.is_encrypted = True
            content = _decrypted(path, content, decrypt)
        document.text = _text_of(content)
        document.data = reader_of(path)(document.text, line_problems)
    except OSError as error:
        problems.append(document.problem(0, (), _why(error)))
        return None
    except ParseError as error:
        problems.append(document.problem(error.line, (), error.text))
        return None
    problems.extend(document.problem(line, place, said) for place, line, said in line_problems)
    return document


def _decrypted(path: str, content: bytes, decrypt: Decrypt | None) -> bytes:
    """What is encrypted in a file.

    :raises ParseError: it cannot be opened, or not here
    """
    if decrypt is None:
        raise ParseError(0, _UNREADABLE_HERE)
    opened = decrypt(path, content)
    if opened is None:
        raise ParseError(0, _UNOPENED)
    return opened


def shown_path(path: str) -> str:
    """The path as people know it: relative to where Ansible was started, unless it lies elsewhere."""
    try:
        # A shipped module is run in the folder of the playbook, and told where that is by its action plugin.
        relative = os.path.relpath(path, os.environ.get(STARTED_IN) or os.curdir)
    except OSError:
        return path
    return path if relative.startswith(os.pardir) else relative


def _content_of(name: str) -> bytes:
    """What is in a file.

    :raises ParseError: it is no regular file, or too large
    """
    with open(name, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ParseError(0, "is not a regular file")
        content = file.read(MAX_SIZE + 1)
    if len(content) > MAX_SIZE:
        raise ParseError(0, f"is larger than {MAX_SIZE // 2**20} MiB")
    return content


def _text_of(content: bytes) -> str:
    """The content as text.

    :raises ParseError: it is not UTF-8
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError(1, "is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(content.count(b"\n", 0, error.start) + 1, "is not UTF-8; save the file as UTF-8") from None


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for a writer, which a named pipe would do for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "cannot be read: permission denied"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return "cannot be read"


class Locator:
    """Turns places in documents into lines; reads a document again, once, when it is first asked about it."""

    def __init__(self) -> None:
        self._lines: dict[int, Lines] = {}

    def line(self, document: Document, path: Path) -> int:
        """The line of the value, or of the nearest thing around it that has one."""
        lines = self._lines.get(id(document))
        if lines is None:
            lines = self._lines[id(document)] = _lines_of(document)
        while path and path not in lines:
            path = path[:-1]
        return lines.get(path, 1)

    def problem(self, document: Document, path: Path, text: str) -> Problem:
        if document.is_option:
            index = path[1] if len(path) > 1 else 0
            return Problem(document.name, int(index), field_at(path) if len(path) > 2 else "", text, option=True)
        return document.problem(self.line(document, path), path, text)

    def place(self, document: Document, path: Path) -> str:
        """The place as a message about another place names it."""
        if document.is_option:
            return f"{document.name}[{path[1]}]"
        return f"{document.name}:{self.line(document, path)}"


def _lines_of(document: Document) -> Lines:
    lines: Lines = {}
    if not document.is_option:
        with suppress(ParseError):
            reader_of(document.name)(document.text, [], lines)
    return lines
