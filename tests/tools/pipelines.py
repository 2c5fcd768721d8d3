# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lints the pipelines, those of this project and those of the template: python -m tests.tools.pipelines schemas

schemas     each file against the schema of its system
shellcheck  each shell script
actionlint  each workflow, if actionlint is installed
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.tools.devtree import ROOT
from tests.tools.sanity import SKIPPED

TEMPLATE = ROOT / "docs" / "examples" / "contacts-repo"
WORKFLOWS = sorted(path for home in (ROOT, TEMPLATE) for path in (home / ".github" / "workflows").glob("*.yml"))


def as_read(path: Path, folder: Path, loader: type[yaml.SafeLoader] | type[yaml.BaseLoader]) -> Path:
    """A copy as the system reads it, in one document; GitLab keeps the inputs in one of their own."""
    merged: dict[str, object] = {}
    # No tag of YAML that runs code: both loaders know plain values only.
    for document in yaml.load_all(path.read_text(encoding="utf-8"), loader):
        merged.update(document)
    copy = folder / path.name
    copy.write_text(json.dumps(merged), encoding="utf-8")
    return copy


def schema_commands(folder: Path) -> Iterator[list[str]]:
    check = ["check-jsonschema", "--builtin-schema"]
    yield [*check, "vendor.github-workflows", *map(str, WORKFLOWS)]
    yield [*check, "vendor.dependabot", str(ROOT / ".github" / "dependabot.yml")]
    gitlab = as_read(TEMPLATE / ".gitlab-ci.yml", folder, yaml.SafeLoader)
    yield [*check, "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(gitlab)]
    # To Azure all values are text. The patterns of its schema lack the strictness of the flag u.
    files = [TEMPLATE / "azure-pipelines.yml", TEMPLATE / "ci" / "azure.yml"]
    azure = [str(as_read(path, folder, yaml.BaseLoader)) for path in files]
    yield [
        *check,
        "vendor.azure-pipelines",
        "--data-transform",
        "azure-pipelines",
        "--regex-variant",
        "nonunicode",
        *azure,
    ]


def schemas() -> int:
    with tempfile.TemporaryDirectory(prefix="pipelines-") as folder:
        return max(subprocess.run(command, check=False).returncode for command in schema_commands(Path(folder)))


def shellcheck() -> int:
    scripts = [ROOT / ".ci" / "run", *sorted((TEMPLATE / "ci").glob("*.sh"))]
    return subprocess.run(["shellcheck", *map(str, scripts)], check=False).returncode


def actionlint() -> int:
    """The package is a fork that has the program inside; that of the author fetches it from elsewhere when installed.

    Either program does: this one, which is pinned, where it has a wheel, or another one that is on the path.
    """
    if not shutil.which("actionlint"):
        print("actionlint is not installed: https://github.com/rhysd/actionlint")
        return SKIPPED
    # Version 1.7.12 of the author's does not know this key yet; the fork does.
    unknown = 'unexpected key "queue" for "concurrency" section'
    return subprocess.run(["actionlint", "-ignore", unknown, *map(str, WORKFLOWS)], check=False).returncode


def main(arguments: list[str]) -> int:
    checks = {check.__name__: check for check in (schemas, shellcheck, actionlint)}
    if len(arguments) != 1 or arguments[0] not in checks:
        print(__doc__, file=sys.stderr)
        return 2
    return checks[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
