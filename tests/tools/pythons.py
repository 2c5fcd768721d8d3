# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python interpreters of this machine, and a PATH that shows them as they are."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.tools.devtree import ROOT

Version = tuple[int, int]
CANDIDATES: tuple[Version, ...] = tuple((3, minor) for minor in range(8, 16))


def name(version: Version) -> str:
    return ".".join(map(str, version))


@functools.cache
def search_path() -> str:
    """PATH without version managers' shims, then the interpreters that those manage.

    A shim answers to the name of an interpreter that may not run at all, and ansible-test believes it.
    """
    folders = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry]
    roots = [folder.parent for folder in folders if folder.name == "shims"]
    if "PYENV_ROOT" in os.environ:
        roots.append(Path(os.environ["PYENV_ROOT"]))
    managed = [found for root in roots for found in sorted(root.glob("versions/[0-9]*/bin"), reverse=True)]
    clean = [folder for folder in folders if folder.name != "shims"]
    own = Path(sys.base_prefix, "bin")
    return os.pathsep.join(str(folder) for folder in dict.fromkeys([*clean, own, *managed]))


@functools.cache
def installed() -> dict[Version, Path]:
    """Each version's interpreter, oldest first."""
    found = {}
    for version in CANDIDATES:
        program = shutil.which(f"python{name(version)}", path=search_path())
        if program and _can_make_environments(program):
            found[version] = Path(program)
    return found


def newest(lowest: Version, highest: Version) -> Path | None:
    fitting = [path for version, path in installed().items() if lowest <= version <= highest]
    return fitting[-1] if fitting else None


def environment(folder: Path, python: Path, *requirements: str) -> Path:
    """A virtual environment, made again when its interpreter, its place or what it holds changes."""
    # By its real name: several checkouts may share one .venv, and must not build it anew for each other.
    folder = folder.resolve()
    stamp = folder / "stamp"
    content = "\n".join((str(python.resolve()), str(folder), *requirements))
    if not stamp.exists() or stamp.read_text() != content:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", *requirements], check=True)
        stamp.write_text(content)
    return folder


def pytest_on(python: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Whether pytest passes there, and its last line; prints the end of what it said of a failure."""
    began = time.monotonic()
    # -B: the trees that tests make must not depend on who ran them last.
    ended = subprocess.run(
        [python, "-B", "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ended.stdout.splitlines() or [ended.stderr[-500:]]
    if ended.returncode:
        print("\n".join(lines[-80:]), flush=True)
    return not ended.returncode, f"{lines[-1].strip('= ')} ({time.monotonic() - began:.0f} s)"


def _can_make_environments(program: str) -> bool:
    check = subprocess.run([program, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    return check.returncode == 0
