# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._atomic import write_atomically


@pytest.mark.parametrize("private", [True, False])
def test_a_new_file_and_its_folder_are_made(tmp_path: Path, private: bool) -> None:
    file = tmp_path / "a" / "b" / "report.json"
    umask = os.umask(0o022)
    try:
        write_atomically(str(file), b"{}", private)
    finally:
        os.umask(umask)
    assert file.read_bytes() == b"{}"
    assert file.stat().st_mode & 0o777 == (0o600 if private else 0o644)


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"old")
    file.chmod(0o640)
    write_atomically(str(file), b"new", private=True)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)


def test_where_a_file_cannot_be_replaced_it_stays_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "report.json"
    (folder / "kept").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write_atomically(str(folder), b"new", private=False)
    assert list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == [folder / "kept"]


class Interrupted(Exception):
    """What a signal raises, wherever the program is."""


def _write_interrupted(path: Path, line: int) -> bool:
    """Write a file, interrupted right before the given line of those that run; whether there was such a line."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        del argument
        if frame.f_code is not write_atomically.__code__:
            return None
        lines += event == "line"
        if event == "line" and lines == line:
            raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        write_atomically(str(path), b"new", private=False)
    except Interrupted:
        return True
    finally:
        sys.settrace(before)
    return False


# Right before a file would be closed, an interrupt leaves that to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_wherever_an_interrupt_comes_nothing_is_left(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"old")
    line = 1
    while _write_interrupted(file, line):
        assert list(tmp_path.iterdir()) == [file], line
        line += 1
    assert line > 8
    assert file.read_bytes() == b"new"
