# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs groups of checks one after the other and sums up: python -m tests.tools.check lint sanity pytest

Every check runs, even after one failed. A check's output is shown when it fails; pytest comes last and is
shown as it goes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.tools import devtree
from tests.tools.sanity import CORES, SKIPPED, newest_series
from tests.tools.vendor_client import VENV as VENDOR_CLIENT

BIN = Path(sys.executable).parent
COLLECTION = "ansible_collections.softwareone.marketplace"


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    live: bool = False


@dataclass(frozen=True)
class Result:
    check: Check
    code: int
    seconds: float
    last_line: str

    @property
    def verdict(self) -> str:
        return {0: "ok", SKIPPED: "skipped"}.get(self.code, "FAILED")

    def __str__(self) -> str:
        remark = self.last_line if self.verdict == "skipped" or self.check.live else ""
        return f"{self.verdict:8}{self.seconds:6.1f} s  {self.check.name:22} {remark}".rstrip()


def lint() -> Iterator[Check]:
    yield Check("ruff format", ("ruff", "format", "--check", "--diff", "."))
    yield Check("ruff check", ("ruff", "check", "."))
    yield Check("mypy", ("mypy", "-p", f"{COLLECTION}.plugins", "-p", "tests.simulator", "-p", "tests.tools"))
    yield Check("yamllint", ("yamllint", "--strict", "."))
    yield Check("ansible-lint", ("ansible-lint", "--offline", "--strict", "-q"))
    yield Check("reuse", ("reuse", "lint", "--lines"))
    yield Check("antsibull-changelog", ("antsibull-changelog", "lint"))
    yield Check(
        "antsibull-docs",
        (
            "antsibull-docs",
            "lint-collection-docs",
            "--plugin-docs",
            "--validate-collection-refs=all",
            "--disallow-unknown-collection-refs",
            ".",
        ),
    )


def sanity(cores: list[str]) -> Iterator[Check]:
    chosen = [newest_series() if core == "newest" else core for core in cores]
    for core in dict.fromkeys(chosen):
        yield Check(f"sanity {core}", (sys.executable, "-m", "tests.tools.sanity", core))


def pytest() -> Iterator[Check]:
    yield Check("vendor client", (sys.executable, "-m", "tests.tools.vendor_client"))
    yield Check("pytest", (sys.executable, "-m", "pytest", "-n", "2"), live=True)


def run(check: Check) -> Result:
    print(f"--- {check.name}", flush=True)
    began = time.monotonic()
    lines = []
    with subprocess.Popen(
        check.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if check.live:
                print(line, end="", flush=True)
    result = Result(check, process.returncode, time.monotonic() - began, lines[-1].strip() if lines else "")
    if result.verdict == "FAILED" and not check.live:
        print("".join(lines), end="", flush=True)
    return result


def prepare() -> None:
    os.chdir(devtree.ROOT)
    # Ansible distrusts folders that anybody may write to, and antsibull-docs those that nobody else may read.
    os.umask(0o022)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(devtree.ensure())
    os.environ["SWO_PYTHON312_VENV"] = str(VENDOR_CLIENT)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="+", choices=["lint", "sanity", "pytest"])
    parser.add_argument("--cores", default="newest", help=f"of ansible-core: newest {' '.join(CORES)}")
    arguments = parser.parse_args()
    prepare()
    groups = {"lint": lint, "sanity": lambda: sanity(arguments.cores.split()), "pytest": pytest}
    results = [run(check) for group in arguments.groups for check in groups[group]()]
    print("\n" + "\n".join(map(str, results)))
    return int(any(result.verdict == "FAILED" for result in results))


if __name__ == "__main__":
    sys.exit(main())
