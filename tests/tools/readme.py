# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tables of modules, playbooks and roles in README.md: python -m tests.tools.readme"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.tools.devtree import ROOT
from tests.tools.markdown import PLACE

README = ROOT / "README.md"

_MARKED = re.compile(r"(<!-- content:[^\n]*-->\n).*?(<!-- end of content -->)", re.DOTALL)


def tables() -> str:
    blocks = [_table("module", _modules()), _table("playbook", _playbooks()), _table("role", _roles())]
    return "\n\n".join(blocks)


def _table(kind: str, rows: Iterator[tuple[str, str, str]]) -> str:
    lines = [f"| {kind} | does |", "|---|---|"]
    return "\n".join(lines + [f"| [{name}]({PLACE}/{path}) | {does} |" for name, path, does in rows])


def _modules() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        does = re.search(r"^short_description: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        yield path.stem, f"plugins/modules/{path.name}", does[1] if does else ""


def _playbooks() -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "playbooks").glob("*.yml")):
        page = f"docs/docsite/rst/playbook_{path.stem}.rst"
        yield f"softwareone.marketplace.{path.stem}", page, _load(path)[0]["name"]


def _roles() -> Iterator[tuple[str, str, str]]:
    # A role without options is private.
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        role, entries = path.parent.parent.name, _load(path)["argument_specs"]
        does = "; ".join(
            entry["short_description"] if name == "main" else f"`{name}`: {entry['short_description']}"
            for name, entry in entries.items()
        )
        yield role, f"roles/{role}/README.md", does


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def with_tables(text: str) -> str:
    """``text`` with the tables as they should be between the marks."""
    return _MARKED.sub(lambda found: f"{found[1]}{tables()}\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
