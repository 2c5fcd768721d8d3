# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what the collection costs, beside other ways to do the same: python -m tests.bench, or make bench

Writes README.md, plot.svg and results.json. Nothing is judged by a clock but in the page that comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from tests.bench import scale
from tests.bench.page import page
from tests.bench.plan import METHODS, QUICK, VENDOR, Group, Plan
from tests.bench.plot import plot
from tests.bench.results import Results
from tests.bench.runner import Bench, BenchError
from tests.tools import devtree, vendor_client

DOCS = devtree.ROOT / "docs" / "benchmarks"
RUNNERS = 200
_CHANGING = ("date", "load when it ended")


def measure(
    plan: Plan,
    only: Iterable[str] = (),
    earlier: Results | None = None,
    save: Callable[[Results], None] = lambda _results: None,
    is_resumed: bool = False,
) -> Results:
    """Run the groups of the plan, or those whose name has one of the words of ``only``; add to ``earlier``.

    :param save: called after each group with all that is known
    :param is_resumed: leave out the groups that ``earlier`` has
    """
    words = list(only)
    groups = [_possible(group) for group in plan.groups() if not words or any(word in group.name for word in words)]
    results = earlier or Results()
    if is_resumed:
        groups = [group for group in groups if not set(group.cases) <= set(results.runs)]

    def done(group: Group, seconds: float) -> None:
        print(f"{seconds:6.1f} s  {group.name}", flush=True)
        save(results)

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "home").mkdir()
        with Bench(Path(folder), done, results) as bench:
            return bench.run(groups)


def _possible(group: Group) -> Group:
    """The group without what this machine cannot run."""
    has_client = devtree.VENDOR_CLIENT.exists()
    return replace(group, cases=tuple(case for case in group.cases if has_client or case.method != VENDOR))


def write(plan: Plan, results: Results, folder: Path) -> None:
    """Write the pages, the plot and every single run."""
    folder.mkdir(parents=True, exist_ok=True)
    described = machine()
    data = {"machine": described, "plan": asdict(plan), "cases": results.as_json()}
    (folder / "results.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "plot.svg").write_text(plot(plan, results), encoding="utf-8")
    (folder / "README.md").write_text(page(plan, results, described), encoding="utf-8")
    scale.write(scale.PAGE if folder == DOCS else folder / "scale.md", plan, results, described)


def machine() -> dict[str, str]:
    """What the numbers depend on, in general terms."""
    return {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "system": platform.system(),
        "Python": platform.python_version(),
        **{name: version(name) for name in ("ansible-core", "requests", "PyYAML", "jsonschema")},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "load when it ended": f"{os.getloadavg()[0]:.1f} in the last minute, the benchmark's own included",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _plan(arguments: argparse.Namespace) -> Plan:
    plan = QUICK if arguments.quick else Plan()
    if arguments.sizes:
        plan = replace(plan, sizes=tuple(arguments.sizes))
    if arguments.repeat:
        plan = replace(plan, repeat=arguments.repeat)
    return replace(plan, runners=RUNNERS) if arguments.accounts else plan


def _earlier(folder: Path) -> Results:
    """What an earlier run left in the folder, if it ran on this machine."""
    path = folder / "results.json"
    if not path.exists():
        return Results()
    data = json.loads(path.read_text(encoding="utf-8"))
    if any(data["machine"][name] != value for name, value in machine().items() if name not in _CHANGING):
        raise BenchError(f"{path} was measured on another machine or with other versions; run without --keep.")
    return Results.from_json(data["cases"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller sets, once: three minutes")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="contacts: 100 1000 10000")
    parser.add_argument("--repeat", type=int, metavar="N", help="runs per case, of which the median counts: 3")
    parser.add_argument("--accounts", action="store_true", help=f"{RUNNERS} accounts on four ansible-runners, only")
    parser.add_argument("--resume", action="store_true", help="measure what an earlier run has not; implies --keep")
    parser.add_argument("--list", action="store_true", help="show the groups and measure nothing")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="groups whose name has one of the words")
    parser.add_argument("--keep", action="store_true", help="keep what an earlier run measured and this one does not")
    parser.add_argument("--output", type=Path, help="folder for the results; docs/benchmarks for a complete run")
    arguments = parser.parse_args()
    plan = _plan(arguments)
    if arguments.list:
        print("\n".join(group.name for group in plan.groups()))
        return 0
    devtree.isolate()
    if vendor_client.main():
        print(f"without {METHODS[VENDOR]}")
    is_partial = arguments.quick or arguments.sizes or arguments.repeat or arguments.only
    folder = arguments.output or (devtree.ROOT / ".venv" / "bench" if is_partial else DOCS)
    began = time.monotonic()
    try:
        earlier = _earlier(folder) if arguments.keep or arguments.resume or arguments.accounts else None
        only = ["runners"] if arguments.accounts else arguments.only
        measure(plan, only, earlier, lambda found: write(plan, found, folder), arguments.resume)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    print((folder / "README.md").read_text(encoding="utf-8"))
    print(f"{time.monotonic() - began:.0f} s; written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
