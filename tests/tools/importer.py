# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection and imports it as Automation Hub and Galaxy do: python -m tests.tools.importer

galaxy-importer wants releases of ansible-core and ansible-lint that the other checks have left behind, so it gets an
environment and a home of its own in .venv. It only logs most of what it finds; here all of that is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.tools import pythons
from tests.tools.devtree import ROOT
from tests.tools.sanity import SKIPPED

STATE = ROOT / ".venv" / "importer"
# What the Hub runs. Pinned here and not in requirements/, where a bot would raise it.
PINS = ("galaxy-importer==0.4.44", "ansible-core==2.16.19", "ansible-lint==24.12.2")
# The Hub's settings.
SETTINGS = {
    "CHECK_CHANGELOG": "1",
    "CHECK_REQUIRED_TAGS": "1",
    "RUN_ANSIBLE_DOC": "1",
    "RUN_ANSIBLE_LINT": "1",
    "RUN_ANSIBLE_TEST": "0",  # sanity is a check of its own
}
VERSION: str = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
PROBLEMS = ("ERROR:", "WARNING:", "CRITICAL:")
SUCCESS = "Importer processing completed successfully"


def run(command: Sequence[str | Path], folder: str, venv: Path) -> list[str]:
    """The lines that a program of the environment has printed."""
    home = STATE / "home"
    home.mkdir(parents=True, exist_ok=True)
    # Of what is on the way to 1.0.0 the Hub says so, and it is no news.
    settings = {
        **SETTINGS,
        "REQUIRE_V1_OR_GREATER": str(int(not VERSION.startswith("0."))),
        "ANSIBLE_LOCAL_TMP": folder,
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **{f"GALAXY_IMPORTER_{name}": value for name, value in settings.items()},
            "HOME": str(home),
            "PATH": f"{venv / 'bin'}{os.pathsep}{os.defpath}",
            "LC_ALL": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return [*done.stdout.splitlines(), *([f"ERROR: exit status {done.returncode}"] if done.returncode else [])]


def problems(lines: list[str]) -> list[str]:
    """What is wrong according to what the importer has printed."""
    found = [line for line in lines if line.startswith(PROBLEMS)]
    return found if found or SUCCESS in lines else [*lines, "the importer did not get to its end"]


def imported(venv: Path) -> list[str]:
    """What the importer says about the artifact."""
    programs = venv / "bin"
    with tempfile.TemporaryDirectory(prefix="importer-") as folder:
        build: list[str | Path] = [programs / "ansible-galaxy", "collection", "build", "--output-path", folder, ROOT]
        said = run(build, folder, venv)
        artifacts = list(Path(folder).glob("*.tar.gz"))
        if not artifacts:
            return said
        return run([programs / "python", "-m", "galaxy_importer.main", *artifacts], folder, venv)


def main() -> int:
    python = pythons.newest((3, 11), (3, 12))
    if python is None:
        print("galaxy-importer needs Python 3.11 or 3.12, of which this machine has none")
        return SKIPPED
    try:
        venv = pythons.environment(STATE / "venv", python, *PINS)
    except subprocess.CalledProcessError:
        print(f"{PINS[0]} cannot be installed")
        return SKIPPED
    found = problems(imported(venv))
    print("\n".join(found) or "the artifact can be imported")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
