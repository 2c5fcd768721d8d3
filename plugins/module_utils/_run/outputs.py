# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What a task is to write, held against what it reads."""

from __future__ import annotations

import os
from typing import Sequence

from .._errors import InputError
from .._files.documents import holds_report, shown_path


class OverlapError(InputError):
    """Two outputs in one file would lose one of them, and one in place of an input would lose the input.

    ``path`` is the real path of the file.
    """

    def __init__(self, option: str, name: str, other: str, path: str) -> None:
        super().__init__(f"{option}: {name} is {other}; nothing was written.", "Name another file.")
        self.path = path


def check_outputs(outputs: Sequence[tuple[str, str]], sources: Sequence[str]) -> list[str]:
    """Refuse outputs (option and path) that would replace one another or a contact file; the files that are read.

    :param sources: all that is in ``src``, which may be earlier reports
    :raises OverlapError: names the first
    """
    files = {os.path.realpath(path) for path in sources}
    named: dict[str, str] = {}
    for option, path in outputs:
        real = os.path.realpath(path)
        if real in named:
            raise OverlapError(option, path, f"named by {named[real]}, too", real)
        if real in files and not holds_report(real):
            raise OverlapError(option, path, "a file that src reads", real)
        named[real] = option
    return [shown_path(path) for path in sources if os.path.realpath(path) not in named]
