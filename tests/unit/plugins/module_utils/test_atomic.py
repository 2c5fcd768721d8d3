# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

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
