# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What a task is to write, held against what it reads."""

from __future__ import annotations

import os
from typing import Sequence

from .._errors import InputError, option_named
from .._files.documents import holds_report, shown_path, would_read
from .._text import visible


class OutputError(InputError):
    """A file that must not be written; ``paths`` are the outputs that lead to it, as they were given."""

    def __init__(self, reason: str, paths: Sequence[str], hint: str = "Name another file.") -> None:
        super().__init__(reason, hint)
        self.paths = paths


def check_outputs(outputs: Sequence[tuple[str, str]], sources: Sequence[str], snapshot: str | None = None) -> list[str]:
    """Refuse outputs (option and path) that would replace one another or a contact file; the files that are read.

    Two outputs in one file would lose one of them, and one in place of an input would lose the input.

    :param sources: all that is in ``src``, which may be earlier reports
    :raises OutputError: names the first
    """
    refuse_unusable([*outputs, *([("snapshot", snapshot)] if snapshot else [])])
    files = {os.path.realpath(path) for path in sources}
    named = {os.path.realpath(snapshot): "snapshot"} if snapshot else {}
    for option, path in outputs:
        real = os.path.realpath(path)
        same = [name for _option, name in outputs if os.path.realpath(name) == real]
        if real in named:
            raise OutputError(
                f"{option_named(option)}: {path} is named by {named[real]}, too; nothing was written.", same
            )
        if real in files and not holds_report(real):
            raise OutputError(f"{option_named(option)}: {path} is a file that src reads; nothing was written.", same)
        named[real] = option
    return [shown_path(path) for path in sources if os.path.realpath(path) not in named]


def refuse_unusable(paths: Sequence[tuple[str, str]]) -> None:
    """:raises OutputError: one of the paths (option and path) can be that of no file"""
    for option, path in paths:
        if not path.strip():
            empty = [name for _option, name in paths if not name.strip()]
            raise OutputError(f"{option_named(option)} has an empty entry.", empty, "Name a file, or leave it out.")
        if not _can_be_a_file(path):
            unusable = [name for _option, name in paths if not _can_be_a_file(name)]
            raise OutputError(f"{option_named(option)}: {visible(path)} cannot be the name of a file.", unusable)


def refuse_in_source(undo_path: str, src: Sequence[str]) -> None:
    """:raises InputError: the undo file would be read as a contact file by the next run"""
    if would_read(src, undo_path):
        raise InputError(
            f"{option_named('undo_file')}: {undo_path} is in a directory of src, so the next run would "
            "read it as a contact file; nothing was written.",
            "Name a file elsewhere, or in a directory whose name begins with a dot.",
        )


def _can_be_a_file(path: str) -> bool:
    try:
        os.lstat(path)
    except ValueError:
        return False
    except OSError:
        # Whether it can be written there shows when it is.
        return True
    return True
