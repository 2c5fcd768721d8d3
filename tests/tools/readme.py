# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the table of modules in README.md: python -m tests.tools.readme"""

from __future__ import annotations

import re

from tests.tools.devtree import ROOT

README = ROOT / "README.md"
PLACE = "https://github.com/softwareone-platform/ansible-collection-marketplace/blob/main/plugins/modules"

_MARKED = re.compile(r"(<!-- modules:[^\n]*-->\n).*?(<!-- end of modules -->)", re.DOTALL)


def table() -> str:
    rows = ["| module | does |", "|---|---|"]
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        does = re.search(r"^short_description: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        rows.append(f"| [{path.stem}]({PLACE}/{path.name}) | {does[1] if does else ''} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """``text`` with the table as it should be between the marks."""
    return _MARKED.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
