# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the artifact into an empty path, takes away what is only read, and runs it: python -m tests.tools.bare

On the oldest and the newest ansible-core that this machine can run; release candidates count.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.integration.lab import Account, simulator
from tests.tools import cores, pythons
from tests.tools.devtree import ROOT
from tests.tools.sanity import CORES, Core

# The community package may take all else away.
KEPT = {"FILES.json", "MANIFEST.json", "meta", "playbooks", "plugins", "roles"}
PEOPLE = "contacts: [{email: ann@contoso.example, name: Ann}]\n"


def environment(folder: Path) -> dict[str, str]:
    """One that knows no other place for collections."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SWO_"))}
    return {**kept, "HOME": str(folder), "ANSIBLE_COLLECTIONS_PATH": str(folder)}


def install(core: Core, python: Path, folder: Path) -> Path:
    """The folder of programs that finds the artifact, and nothing else, as a collection below ``folder``."""
    programs = cores.environment(core, python) / "bin"
    galaxy: list[str | Path] = [programs / "python", programs / "ansible-galaxy", "collection"]
    subprocess.run([*galaxy, "build", "--output-path", folder, ROOT], check=True, capture_output=True)
    (artifact,) = folder.glob("*.tar.gz")
    where = ("--collections-path", folder, "--offline")
    # What is installed somewhere already would do, so nothing is known.
    subprocess.run([*galaxy, "install", *where, artifact], env=environment(folder), check=True, capture_output=True)
    (installed,) = folder.glob("ansible_collections/softwareone/marketplace")
    for path in installed.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return programs


def play(programs: Path, folder: Path, account: Account, name: str) -> str:
    """What the playbook has printed."""
    done = subprocess.run(
        [
            programs / "python",
            programs / "ansible-playbook",
            f"softwareone.marketplace.{name}",
            "-e",
            "swo_contacts_src=people.yml",
        ],
        cwd=folder,
        env={
            **environment(folder),
            "SWO_API_URL": account.api_url,
            "SWO_API_TOKEN": account.tokens["ops"],
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return f"{done.stdout}\ncode {done.returncode}"


def run(core: Core, python: Path) -> bool:
    """Whether an empty account is provisioned, and found to be clean."""
    with tempfile.TemporaryDirectory(prefix="bare-") as name, simulator(Path(name, "simulator.log")) as account:
        folder = Path(name)
        programs = install(core, python, folder)
        (folder / "people.yml").write_text(PEOPLE, encoding="utf-8")
        printed = {
            playbook: play(programs, folder, account, playbook) for playbook in ("validate", "provision", "drift")
        }
        works = len(account.live("ann@contoso.example")) == 1
    works = works and all(text.endswith("code 0") for text in printed.values())
    print("" if works else "\n".join(printed.values()), end="")
    print(f"{'ok' if works else 'FAILED'} ansible-core {core.release} on {python.name}", flush=True)
    return works


def main() -> int:
    runnable = [
        (core, python) for core in CORES.values() if (python := pythons.newest(core.lowest, core.highest)) is not None
    ]
    return int(sum(not run(core, python) for core, python in dict.fromkeys([runnable[0], runnable[-1]])) > 0)


if __name__ == "__main__":
    sys.exit(main())
