# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection and looks into it: all that users need is in, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.tools.devtree import ROOT

SHIPPED = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MAINTAINERS",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "roles",
    "schemas",
    "tests/config.yml",
}
REQUIRED = {
    "COPYING",
    "changelogs/changelog.yaml",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "schemas/applied.schema.json",
    "schemas/contacts.schema.json",
    "schemas/overview.schema.json",
    "schemas/report.schema.json",
    "schemas/snapshot.schema.json",
    "tests/config.yml",
}


def build(folder: str) -> set[str]:
    command = ["ansible-galaxy", "collection", "build", "--output-path", folder, str(ROOT)]
    subprocess.run(command, check=True)
    (artifact,) = Path(folder).glob("*.tar.gz")
    with tarfile.open(artifact) as archive:
        return {member.name for member in archive if not member.isdir()}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="artifact-") as folder:
        names = build(folder)
    stray = {name for name in names if name not in SHIPPED and name.partition("/")[0] not in SHIPPED}
    for name in sorted(stray):
        print(f"{name}: would be shipped; add it to build_ignore in galaxy.yml or to {Path(__file__).name}")
    for name in sorted(REQUIRED - names):
        print(f"{name}: is missing in the artifact")
    return int(bool(stray or REQUIRED - names))


if __name__ == "__main__":
    sys.exit(main())
