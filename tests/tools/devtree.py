# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder tree in which Ansible finds this checkout as softwareone.marketplace."""

from __future__ import annotations

import contextlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / ".dev"


def ensure() -> Path:
    link = TREE / "ansible_collections" / "softwareone" / "marketplace"
    link.parent.mkdir(parents=True, exist_ok=True)
    # Several test processes may get here at once: whoever comes second finds the link made.
    with contextlib.suppress(FileExistsError):
        link.symlink_to(Path("../../.."), target_is_directory=True)
    return TREE
