# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ansible finds this checkout as softwareone.marketplace, and nothing else of this machine."""

from __future__ import annotations

import atexit
import contextlib
import locale
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / ".dev"
VENDOR_CLIENT = ROOT / ".venv" / "mpt"
# Says where a test finds a file; the collection does not read it.
KEPT = {"SWO_OPENAPI_CONTACTS"}


def isolate() -> None:
    """Keep a developer's configuration of Ansible, and a token of a real account, out of what is run from here."""
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "SWO_", "MPT_"))]:
        if name not in KEPT:
            del os.environ[name]
    _link()
    configuration = TREE / "ansible.cfg"
    configuration.touch()
    os.environ["ANSIBLE_CONFIG"] = str(configuration)
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(TREE)
    os.environ["ANSIBLE_LOCALHOST_WARNING"] = "false"
    if VENDOR_CLIENT.exists():
        os.environ["SWO_PYTHON312_VENV"] = str(VENDOR_CLIENT)
    if " " in sys.executable:
        sys.executable = _without_space(Path(sys.executable))
    if not _has_utf8():
        # Ansible begins in no other locale.
        os.environ["LC_ALL"] = "C.UTF-8"


def _without_space(program: Path) -> str:
    """This interpreter by a path that Ansible can ship modules to: it takes a space for the end of the name."""
    folder = tempfile.mkdtemp(prefix="python-", dir=None if " " not in tempfile.gettempdir() else "/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    link = Path(folder) / "environment"
    link.symlink_to(program.parents[1], target_is_directory=True)
    return str(link / program.parent.name / program.name)


def _has_utf8() -> bool:
    """Whether the locale of the environment is there and writes UTF-8."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
        return locale.nl_langinfo(locale.CODESET).upper() == "UTF-8"
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, before)


def _link() -> None:
    link = TREE / "ansible_collections" / "softwareone" / "marketplace"
    link.parent.mkdir(parents=True, exist_ok=True)
    # Several test processes may get here at once: whoever comes second finds the link made.
    with contextlib.suppress(FileExistsError):
        link.symlink_to(Path("../../.."), target_is_directory=True)
