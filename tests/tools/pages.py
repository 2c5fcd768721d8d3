# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what is generated in the manual: python -m tests.tools.pages

The tables of variables come from the roles' specifications, the console blocks from runs on the simulator, and the
Markdown, which is what Automation Hub shows, from the rst.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from demo.account import Account, simulated
from tests.tools import devtree
from tests.tools.markdown import as_markdown

RST = devtree.ROOT / "docs" / "docsite" / "rst"
PLAYBOOKS = sorted((devtree.ROOT / "playbooks").glob("*.yml"))
# Each is a script: its YAML blocks are files, its console blocks are run.
PAGES = [RST / "start.rst", *(RST / f"playbook_{path.stem}.rst" for path in PLAYBOOKS), RST / "exit_codes.rst"]
# What Automation Hub shows beside the README, which has the start.
HUB = [*PAGES[1:], RST / "guide_privacy.rst"]

TARGET: dict[str, Any] = {
    "type": "str",
    "default": "localhost",
    "description": "Host or group of the inventory; each host is an account.",
}
OVERVIEW: dict[str, Any] = {
    "type": "list",
    "elements": "str",
    "description": [
        "Files for one overview of all accounts, as C(.html), C(.md) or C(.json).",
        "A text with commas is taken for a list.",
    ],
}
_TABLE = re.compile(r"(^\.\. variables of (\w+)\n\n).*?(^\.\. end of variables$)", re.MULTILINE | re.DOTALL)
_STEP = re.compile(
    r"^\.\. by hand: (?P<hand>\{.*\})$|^\.\. code-block:: (?P<language>\S+)\n\n(?P<body>(?:   .*\n|\n(?=\n*   ))+)",
    re.MULTILINE,
)
_SILENT = re.compile(r"(ok|changed|skipping|included): [^=]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def options_of(playbook: str) -> dict[str, Any]:
    """The variables of a playbook: its own, and those of the role that it runs."""
    (play,) = yaml.safe_load((devtree.ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    tasks = [inner for task in play["tasks"] for inner in task.get("block", [task])]
    (role,) = [task["ansible.builtin.include_role"] for task in tasks if "ansible.builtin.include_role" in task]
    path = devtree.ROOT / "roles" / role["name"].rpartition(".")[2] / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    own = {"target": TARGET}
    if any(task.get("ansible.builtin.import_tasks") == "tasks/overview.yml" for task in tasks):
        own["swo_contacts_overview"] = OVERVIEW
    return {**own, **specs[role.get("tasks_from", "main")]["options"]}


def _rows(options: Mapping[str, Any], prefix: str = "") -> Iterator[list[str]]:
    for name, option in options.items():
        kind = f"list of {option['elements']}" if "elements" in option else option["type"]
        default = option.get("default")
        shown = default if isinstance(default, str) else json.dumps(default)
        yield [
            f"``{prefix}{name}``",
            kind if default is None else f"{kind}, ``{shown}``",
            " ".join(_sentences(option)),
        ]
        yield from _rows(option.get("options", {}), f"{prefix}{name}.")


def _sentences(option: Mapping[str, Any]) -> Iterator[str]:
    description = option["description"]
    for sentence in [description] if isinstance(description, str) else description:
        yield re.sub(r"\b[A-Z]\(([^)]*)\)", r"``\1``", sentence)
    if "choices" in option:
        yield f"One of {', '.join(f'``{choice}``' for choice in option['choices'])}."


def variables(playbook: str) -> str:
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 30 20 50", ""]
    for row in [["Variable", "Type, default", "Meaning"], *_rows(options_of(playbook))]:
        lines += [f"   {'*' if cell is row[0] else ' '} - {cell}" for cell in row]
    return "\n".join(lines) + "\n\n"


def with_variables(text: str) -> str:
    """``text`` with its tables of variables as they should be."""
    return _TABLE.sub(lambda found: f"{found[1]}{variables(found[2])}{found[3]}", text)


def with_transcripts(text: str, account: Account, folder: Path) -> str:
    """``text`` with each console block as it looks now, run in order, from the files that stand before it."""

    def step(found: re.Match[str]) -> str:
        if found["hand"]:
            account.put([json.loads(found["hand"])])
            return found[0]
        body = textwrap.dedent(found["body"])
        if found["language"] != "console":
            name = re.match(r"# (\S+)\n", body)
            if name:
                (folder / name[1]).write_text(body, encoding="utf-8")
            return found[0]
        commands = re.findall(r"^\$ (.*(?:\\\n.*)*)", body, re.MULTILINE)
        shown = "\n".join(f"$ {command}\n{_output(command, account, folder)}" for command in commands)
        return f".. code-block:: console\n\n{textwrap.indent(shown, '   ')}"

    return _STEP.sub(step, text)


def _output(command: str, account: Account, folder: Path) -> str:
    environment = {
        **os.environ,
        "HOME": str(folder / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SWO_API_URL": account.api_url,
        "SWO_API_TOKEN": account.token,
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return shortened(_TIME.sub("2026-11-02T06:00:00.000Z", done.stdout).replace(f"{folder}/", ""))


def shortened(output: str) -> str:
    """Without the tasks that only say that they are done, and without what Ansible adds to an error."""
    output = re.sub(r"^Origin: .*?\n(?=fatal: )", "", output, flags=re.MULTILINE | re.DOTALL)
    output = re.sub(r"^(fatal: .*?FAILED! =>) \{.*\}$", r"\1 {...}", output, flags=re.MULTILINE)
    blocks: list[str] = []
    for block in re.split(r"\n+(?=(?:TASK|PLAY)\b)", output.strip("\n")):
        head, *lines = block.splitlines() or [""]
        if not (head.startswith("TASK ") and all(_SILENT.fullmatch(line) for line in lines)):
            blocks.append("".join(f"{line.rstrip()}\n" for line in (head, *lines)))
    return "\n".join(blocks) if output else ""


def with_run(text: str) -> str:
    """``text`` as it should be after a run on a fresh account in an empty folder."""
    with simulated() as account, tempfile.TemporaryDirectory(prefix="pages-") as folder:
        return with_transcripts(text, account, Path(folder).resolve())


def hub_page(path: Path) -> Path:
    return devtree.ROOT / "docs" / f"{path.stem}.md"


def main() -> int:
    devtree.isolate()
    for path in PAGES:
        path.write_text(with_run(with_variables(path.read_text(encoding="utf-8"))), encoding="utf-8")
    for path in HUB:
        hub_page(path).write_text(as_markdown(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
