# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures which lines and branches of plugins/ the tests run, playbooks in other processes included.

python -m tests.tools.coverage tests/unit measures those tests alone.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.tools import check
from tests.tools.devtree import ROOT

STATE = ROOT / ".venv" / "coverage"
# What is run from a shipped module's zip, and through the link of devtree, is the file in plugins/. No `source`:
# coverage would look for those other paths no more.
SETTINGS = f"""\
[run]
branch = True
parallel = True
patch = subprocess
concurrency = multiprocessing,thread
data_file = {STATE}/data
include =
    */ansible_collections/softwareone/marketplace/plugins/*
    {ROOT}/plugins/*
omit = */__init__.py
[paths]
source =
    {ROOT}/plugins
    */ansible_collections/softwareone/marketplace/plugins
[report]
skip_covered = True
exclude_also =
    if TYPE_CHECKING:
    @(abc\\.)?abstractmethod
[html]
directory = {STATE}/html
"""


def coverage(*arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def main() -> int:
    check.prepare()
    STATE.mkdir(exist_ok=True)
    settings = STATE / "settings.ini"
    settings.write_text(SETTINGS, encoding="utf-8")
    os.environ["COVERAGE_RCFILE"] = str(settings)
    coverage("erase")
    tests = sys.argv[1:] or ["tests/unit", "tests/integration"]
    code = coverage("run", "-m", "pytest", "-q", "-n", "2", *tests)
    coverage("combine", "--quiet")
    coverage("html", "--quiet")
    return code or coverage("report", "--precision=1")


if __name__ == "__main__":
    sys.exit(main())
