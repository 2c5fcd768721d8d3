# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules on the Pythons of other hosts, with the oldest libraries: python -m tests.tools.targets

The controller has ansible-core 2.16, which is the last to accept Python 2.7 and 3.6 on a host.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.integration.lab import TARGET_PYTHON
from tests.tools import cores, pythons
from tests.tools.devtree import ROOT
from tests.tools.sanity import CORES

STATE = ROOT / ".venv" / "targets"
OLDEST = ("requests==2.32.4", "urllib3==1.26.20", "jsonschema==4.18.0", "PyYAML==6.0.1")
# What Red Hat Enterprise Linux 9 has as packages.
DISTRIBUTION = ("requests==2.25.1", "urllib3==1.26.5", "jsonschema==3.2.0", "PyYAML==5.4.1")
SHIPPED = (
    "tests/integration/test_rhythm.py::test_the_same_where_modules_run_in_processes_of_their_own",
    "tests/integration/test_info.py::test_results_do_not_depend_on_where_the_module_runs",
    "tests/integration/test_bulk.py",
    "tests/integration/test_secrets.py",
    "-k",
    "shipped or processes or do_not_depend",
)
OWN = "tests/targets/test_interpreters.py::test_"


@dataclass(frozen=True)
class Target:
    name: str
    python: Path
    tests: tuple[str, ...]


def environment(name: str, python: Path, *requirements: str) -> Path:
    """The interpreter of a virtual environment whose PyYAML is without libyaml, as where no wheel is."""
    folder = pythons.environment(STATE / name, python, *requirements)
    for compiled in folder.glob("lib/python*/site-packages/yaml/_yaml*.so"):
        compiled.unlink()
    return folder / "bin" / "python"


def targets() -> Iterator[Target]:
    for name in ("python2.7", "python3.6", "python3.7"):
        program = shutil.which(name, path=pythons.search_path())
        if program:
            yield Target(f"{name}, too old", Path(program), (f"{OWN}python_is_too_old",))
    for version, python in pythons.installed().items():
        name = pythons.name(version)
        interpreter = environment(f"oldest-{name}", python, *OLDEST)
        yield Target(f"Python {name}, oldest libraries", interpreter, SHIPPED)
    nine = pythons.installed().get((3, 9))
    if nine:
        interpreter = environment("distribution", nine, *DISTRIBUTION)
        yield Target("Python 3.9, libraries of RHEL 9", interpreter, (f"{OWN}requests_is_too_old",))
        broken = environment("broken", nine, *OLDEST)
        for folder in broken.parents[1].glob("lib/python*/site-packages/idna"):
            shutil.rmtree(folder)
        yield Target("Python 3.9, requests without idna", broken, (f"{OWN}requests_lacks_a_library",))


def run(interpreter: Path, target: Target) -> bool:
    """Whether the tests pass on it; says so in a line."""
    where = {TARGET_PYTHON: str(target.python)}
    passed, said = pythons.pytest_on(interpreter, "-o", f"cache_dir={STATE / 'pytest'}", *target.tests, variables=where)
    print(f"{'ok' if passed else 'FAILED'} {target.name}: {said}", flush=True)
    return passed


def main() -> int:
    core = CORES["2.16"]
    controller = pythons.newest(core.lowest, core.highest)
    if controller is None:
        print("ansible-core 2.16 needs Python 3.10 to 3.12, of which this machine has none")
        return 1
    interpreter = cores.environment(core, controller) / "bin" / "python"
    chosen = [target for target in targets() if all(word in target.name for word in sys.argv[1:])]
    # All of them, whatever becomes of the first.
    return int(sum(not run(interpreter, target) for target in chosen) > 0)


if __name__ == "__main__":
    sys.exit(main())
