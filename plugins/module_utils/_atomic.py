# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import Iterable


def write_atomically(path: str, content: bytes | Iterable[bytes], private: bool) -> None:
    """Replace ``path``; its folder is made where it is missing, and a file that exists keeps its permissions.

    :param content: at once, or in pieces, of which only one at a time is in memory
    :param private: let only the owner read a new file
    :raises OSError: it cannot be written; nothing is left behind
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
    except (ValueError, RecursionError):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from None
    # Its name is known before it is there: wherever an interrupt comes, nothing is left behind.
    draft = os.path.join(folder, f".draft-{secrets.token_hex(8)}.tmp")
    try:
        with open(draft, "xb", opener=_private) as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, _permissions(path, private))
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _permissions(path: str, private: bool) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        pass
    if private:
        return 0o600
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
