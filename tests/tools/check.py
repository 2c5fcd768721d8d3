# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs groups of checks one after the other and sums up: python -m tests.tools.check lint sanity pytest

Every check runs, even after one failed, two at a time. The output of one is shown if it fails. pytest comes
last, has the machine to itself and is shown as it goes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.tools import devtree
from tests.tools.sanity import CORES, SKIPPED, newest_series

HOME = devtree.ROOT / ".venv" / "home"
BIN = Path(sys.executable).parent
COLLECTION = "ansible_collections.softwareone.marketplace"


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    installs: bool = False  # and so needs the user's home, where pip may be configured
    live: bool = False  # shown as it goes, and its last line again at the end


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
        remark = self.last_line if self.verdict == "skipped" else ""
        return f"{self.verdict:8}{self.seconds:6.1f} s  {self.check.name}  {remark}".rstrip()


def lint() -> Iterator[Check]:
    yield Check("ruff format", ("ruff", "format", "--check", "--diff", "."))
    yield Check("ruff check", ("ruff", "check", "."))
    packages = (f"{COLLECTION}.plugins", "demo", "tests.gate", "tests.simulator", "tests.tools")
    yield Check("mypy", ("mypy", *(part for package in packages for part in ("-p", package))))
    yield Check("yamllint", ("yamllint", "--strict", "."))
    yield Check("ansible-lint", ("ansible-lint", "--offline", "--strict", "-q"))
    # What is found in the template, its users would find.
    workflows = (".github", "docs/examples/contacts-repo/.github")
    yield Check("zizmor", ("zizmor", "--offline", "--no-progress", *workflows))
    for name in ("schemas", "shellcheck", "actionlint"):
        yield Check(f"pipelines {name}", (sys.executable, "-m", "tests.tools.pipelines", name))
    yield Check("reuse", ("reuse", "lint", "--lines"))
    yield Check("artifact", (sys.executable, "-m", "tests.tools.artifact"))
    yield Check("galaxy-importer", (sys.executable, "-m", "tests.tools.importer"), installs=True)
    yield Check("antsibull-changelog", ("antsibull-changelog", "lint"))
    yield Check("antsibull-docs", (sys.executable, "-m", "tests.tools.lint_docs"))


def sanity(cores: list[str]) -> Iterator[Check]:
    chosen = [newest_series() if core == "newest" else core for core in cores]
    for core in dict.fromkeys(chosen):
        yield Check(f"sanity {core}", (sys.executable, "-m", "tests.tools.sanity", core), installs=True)


def pytest() -> Iterator[Check]:
    yield Check("vendor client", (sys.executable, "-m", "tests.tools.vendor_client"), installs=True)
    yield Check("pytest", (sys.executable, "-m", "pytest", "-n", "2"), live=True)


def run(check: Check) -> Result:
    began = time.monotonic()
    lines = []
    with subprocess.Popen(
        check.command,
        env=os.environ if check.installs else {**os.environ, "HOME": str(HOME)},
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
    last_line = lines[-1].strip("= \n") if lines else ""
    result = Result(check, process.returncode, time.monotonic() - began, last_line)
    hidden = [] if check.live or result.verdict != "FAILED" else lines
    print(f"{result}\n{''.join(hidden)}", end="", flush=True)
    return result


def run_all(checks: list[Check]) -> list[Result]:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, [check for check in checks if not check.live]))
    return results + [run(check) for check in checks if check.live]


def prepare() -> None:
    os.chdir(devtree.ROOT)
    # Ansible distrusts folders that anybody may write to, and antsibull-docs those that nobody else may read.
    os.umask(0o022)
    devtree.isolate()
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Several tools write to the home of whoever runs them, and so get one. What git is told there still holds.
    HOME.mkdir(exist_ok=True)
    os.environ.setdefault("GIT_CONFIG_GLOBAL", str(Path.home() / ".gitconfig"))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="+", choices=["lint", "sanity", "pytest"])
    parser.add_argument("--cores", default="newest", help=f"of ansible-core: newest {' '.join(CORES)}")
    arguments = parser.parse_args()
    prepare()
    groups = {"lint": lint, "sanity": lambda: sanity(arguments.cores.split()), "pytest": pytest}
    results = run_all([check for group in arguments.groups for check in groups[group]()])
    failed = [result for result in results if result.verdict == "FAILED"]
    print("\n" + "\n".join(map(str, results)))
    print(f"\n{len(results) - len(failed)} of {len(results)} checks passed or skipped")
    print("".join(f"{result.check.name}: {result.last_line}\n" for result in results if result.check.live), end="")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
