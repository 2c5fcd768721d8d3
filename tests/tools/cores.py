# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tests on each version of ansible-core that this machine can run: python -m tests.tools.cores [tests ...]

Without tests, those of what a run shows, leaves behind and does when it is interrupted. Each version gets an
environment of its own, with the newest interpreter that it knows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.tools import pythons
from tests.tools.devtree import ROOT
from tests.tools.sanity import CORES, Core

STATE = ROOT / ".venv" / "cores"
DEFAULT = tuple(f"tests/integration/test_{name}.py" for name in ("secrets", "parity", "errors", "interrupts"))
# What each version of ansible-core has of its own.
_OWN = ("ansible-core==", "resolvelib==")


def environment(core: Core, python: Path) -> Path:
    """The environment of the tests, with this version of ansible-core."""
    STATE.mkdir(parents=True, exist_ok=True)
    constraints = STATE / "constraints.txt"
    constraints.write_text("\n".join(_pins("constraints")), encoding="utf-8")
    wanted = (f"ansible-core=={core.release}", *_pins("run"), *_pins("test"))
    return pythons.environment(STATE / core.series, python, "-c", str(constraints), *wanted)


def _pins(name: str) -> list[str]:
    """The requirements of a file that all versions of ansible-core share."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", *_OWN))]


def run(core: Core, tests: list[str]) -> str:
    """What became of the tests on one version, in a line."""
    python = pythons.newest(core.lowest, core.highest)
    if python is None:
        return f"skipped, needs Python {pythons.name(core.lowest)} to {pythons.name(core.highest)}"
    interpreter = environment(core, python) / "bin" / "python"
    cache = f"cache_dir={STATE / core.series / 'pytest'}"
    passed, said = pythons.pytest_on(interpreter, "-n", "2", "-o", cache, *tests)
    return f"{'ok' if passed else 'FAILED'} on {python.name}: {said}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cores", default=" ".join(CORES), help=f"of ansible-core: {' '.join(CORES)}")
    parser.add_argument("tests", nargs="*", default=list(DEFAULT))
    arguments = parser.parse_args()
    results = {}
    for series in arguments.cores.split():
        results[series] = run(CORES[series], arguments.tests)
        print(f"ansible-core {CORES[series].release}: {results[series]}", flush=True)
    return int(any(result.startswith("FAILED") for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
