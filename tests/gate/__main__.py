# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs what catalogue.yml and parts.yml name and shows what holds: python -m tests.gate

Quick checks always run, the long jobs behind others with --long or by name: python -m tests.gate lint sanity. What the
last run of a job showed is kept in .venv/gate.json with its commit, and --write makes docs/quality.md of it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools import check
from tests.tools.devtree import ROOT
from tests.tools.sanity import SKIPPED

HERE = Path(__file__).resolve().parent
STATE = ROOT / ".venv" / "gate.json"
PAGE = ROOT / "docs" / "quality.md"
QUICK = 300
LINES = 40
HEAD = """\
<!--
Copyright (c) softwareone.marketplace contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Quality

What the community package, Automation Hub and Galaxy ask of a collection, and the command that shows that it holds.
`make gate` runs the quick ones, `make gate ARGS="--long --write"` all of them, and writes this page from what was run.
"""


@dataclass(frozen=True)
class Outcome:
    """What a command has shown, when and on which commit."""

    verdict: str  # holds, fails, skipped
    said: list[str]
    seconds: float
    commit: str
    date: str


@dataclass(frozen=True)
class Row:
    """One requirement; without an outcome, ``said`` is why there is none."""

    number: int
    area: str
    what: str
    command: str
    outcome: Outcome | None
    said: str

    @property
    def verdict(self) -> str:
        return self.outcome.verdict if self.outcome else "open"


def load(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8"))


def commit() -> str:
    """What is checked: a commit, with a plus if the tree is not the same."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    # The page is written after what it tells of.
    changes = git("status", "--porcelain", "--", ".", f":!{PAGE.relative_to(ROOT)}")
    return git("rev-parse", "--short", "HEAD") + ("+" if changes else "")


def run(command: str, limit: float) -> Outcome:
    began = time.monotonic()
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        printed = process.communicate(timeout=limit)[0]
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        printed, code = f"{process.communicate()[0]}\nnot done after {limit:.0f} s", 1
    verdict = {0: "holds", SKIPPED: "skipped"}.get(code, "fails")
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    lines = [line for line in printed.splitlines() if line.strip()][-LINES:]
    return Outcome(verdict, lines, round(time.monotonic() - began, 1), commit(), today)


def kept() -> dict[str, Outcome]:
    if not STATE.exists():
        return {}
    return {name: Outcome(**values) for name, values in json.loads(STATE.read_text(encoding="utf-8")).items()}


def run_parts(names: list[str], parts: dict[str, dict[str, Any]]) -> dict[str, Outcome]:
    """What each long job has shown the last time that it ran."""
    outcomes = kept()
    for name in names:
        outcome = outcomes[name] = run(parts[name]["command"], parts[name]["seconds"])
        STATE.write_text(
            json.dumps({key: asdict(value) for key, value in outcomes.items()}, indent=1), encoding="utf-8"
        )
        print(f"{outcome.verdict:8}{outcome.seconds:7.1f} s  {parts[name]['command']}", flush=True)
        print("" if outcome.verdict == "holds" else "".join(f"    {line}\n" for line in outcome.said), end="")
    return outcomes


def row(number: int, area: str, entry: dict[str, str], parts: dict[str, Any], outcomes: dict[str, Outcome]) -> Row:
    if "part" in entry:
        name = entry["part"]
        return Row(number, area, entry["what"], parts[name]["command"], outcomes.get(name), "not run here")
    if "command" in entry:
        return Row(number, area, entry["what"], entry["command"], run(entry["command"], QUICK), "")
    return Row(number, area, entry["what"], "", None, entry["later"])


def rows(parts: dict[str, Any], outcomes: dict[str, Outcome]) -> list[Row]:
    entries = [(area["area"], entry) for area in load("catalogue") for entry in area["requirements"]]
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(row, number, *entry, parts, outcomes) for number, entry in enumerate(entries, 1)]
        return [job.result() for job in jobs]


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def page(found: list[Row], parts: dict[str, Any], outcomes: dict[str, Outcome]) -> str:
    ticks = {"holds": "yes", "fails": "**no**", "skipped": "-", "open": "-"}
    held = sum(row.verdict == "holds" for row in found)
    lines = [HEAD, f"{held} of {len(found)} hold. Last run on {max(o.date for o in every(found, outcomes))}."]
    for area in dict.fromkeys(row.area for row in found):
        lines += ["", f"## {area}", "", "| # | what | holds | shown by |", "|---|---|---|---|"]
        for row in (row for row in found if row.area == area):
            shown = f"`{cell(row.command)}`" if row.command else row.said
            remark = ", not run yet" if row.command and row.outcome is None else ""
            lines.append(f"| {row.number} | {cell(row.what)} | {ticks[row.verdict]} | {shown}{remark} |")
    lines += ["", "## The long jobs", "", "| command | holds | took | commit | day |", "|---|---|---|---|---|"]
    for name, part in parts.items():
        outcome = outcomes.get(name)
        tail = f"{outcome.seconds:.0f} s | {outcome.commit} | {outcome.date}" if outcome else "not run yet | |"
        lines.append(f"| `{cell(part['command'])}` | {ticks[outcome.verdict if outcome else 'open']} | {tail} |")
    for name, outcome in outcomes.items():
        if name in parts:
            lines += ["", f"`{parts[name]['command']}` ended with", "", "```text", *matrix(outcome.said), "```"]
    return "\n".join(lines) + "\n"


def every(found: list[Row], outcomes: dict[str, Outcome]) -> list[Outcome]:
    return [*outcomes.values(), *(row.outcome for row in found if row.outcome)]


def matrix(said: list[str]) -> list[str]:
    """The lines that sum up: what was run, on what, and what became of it."""
    telling = [line for line in said if line.startswith(("ok ", "FAILED ", "ansible-core ", "skipped ", "TOTAL"))]
    # make lint tells each check as it ends, and all of them again.
    return list(dict.fromkeys(telling)) or said[-1:]


def main() -> int:
    parts = load("parts")
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=f"long jobs to run: {' '.join(parts)}", metavar="part")
    parser.add_argument("--long", action="store_true", help="run all of them")
    parser.add_argument("--write", action="store_true", help="write docs/quality.md")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - parts.keys()
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    check.prepare()
    outcomes = run_parts(list(parts) if arguments.long else arguments.parts, parts)
    found = rows(parts, outcomes)
    for row in found:
        print(f"{row.verdict:8}{row.number:3}  {row.what}: {row.command or row.said}")
        if row.outcome and row.verdict == "fails":
            print("".join(f"             {line}\n" for line in row.outcome.said[-5:]), end="")
    counts = {
        verdict: sum(row.verdict == verdict for row in found) for verdict in ("holds", "fails", "skipped", "open")
    }
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + f", of {len(found)}")
    if arguments.write:
        PAGE.write_text(page(found, parts, outcomes), encoding="utf-8")
        print(PAGE.relative_to(ROOT))
    return int(counts["fails"] > 0)


if __name__ == "__main__":
    sys.exit(main())
