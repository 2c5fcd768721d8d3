# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of the manual as Markdown: the little of rst that these pages use; the rest stays as it stands."""

from __future__ import annotations

import re
import textwrap

from tests.tools.devtree import ROOT

PLACE = "https://github.com/softwareone-platform/ansible-collection-marketplace/blob/main"
NAMES = "ansible_collections.softwareone.marketplace."
LANGUAGES = {"yaml+jinja": "yaml"}

_REF = re.compile(rf":ref:`(?:([^`<]+) <)?{re.escape(NAMES)}([\w.]+)>?`")
_CODE = re.compile(r"^( *)\.\. code-block:: (\S+)\n\n((?:\1   .*\n|\n(?=\n*\1   ))+)", re.MULTILINE)
_INDENTED = r"((?:   .*\n|\n(?=\n*   ))+)"


def as_markdown(text: str) -> str:
    head, _blank, text = text.partition("\n\n")
    licence = "\n".join(line.strip() for line in head.splitlines()[1:])
    code: list[str] = []

    def fenced(found: re.Match[str]) -> str:
        indent, language, body = found.groups()
        block = f"```{LANGUAGES.get(language, language)}\n{textwrap.dedent(body)}```\n"
        code.append(textwrap.indent(block, indent))
        return f"\0{len(code) - 1}\0\n"

    text = _CODE.sub(fenced, text)
    text = re.sub(rf"^\.\. contents::\n{_INDENTED}", "", text, flags=re.MULTILINE)
    text = re.sub(rf"^\.\. list-table::\n{_INDENTED}", lambda found: _table(found[1]), text, flags=re.MULTILINE)
    text = re.sub(rf"^\.\. seealso::\n\n{_INDENTED}", lambda found: _see_also(found[1]), text, flags=re.MULTILINE)
    text = re.sub(r"^\.\. .*\n", "", text, flags=re.MULTILINE)  # labels and remarks
    text = re.sub(r"^(\S.*)\n=+$", r"# \1", text, flags=re.MULTILINE)
    text = re.sub(r"^(\S.*)\n-+$", r"## \1", text, flags=re.MULTILINE)
    text = re.sub(r"^#\. ", "1. ", text, flags=re.MULTILINE)
    text = _inline(text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = re.sub(r"\0(\d+)\0\n", lambda found: code[int(found[1])], text)
    return f"<!--\n{licence}\nWritten by python -m tests.tools.pages\n-->\n\n{text.strip()}\n"


def _inline(text: str) -> str:
    text = _REF.sub(_link, text)
    text = re.sub(r"``(.+?)``", lambda found: f"`{found[1]}`", text)
    return re.sub(r"`([^`<]+?)\s+<([^>]+)>`__?", r"[\1](\2)", text)


def _link(found: re.Match[str]) -> str:
    kind, _dot, page = found[2].rpartition(".")
    if kind != "docsite":
        name, _line, kind = found[2].rpartition("_")
        paths = {"module": f"plugins/modules/{name}.py", "role": f"roles/{name}/README.md"}
        return f"[{found[1] or name}]({PLACE}/{paths[kind]})"
    path = f"docs/docsite/rst/{page}.rst"
    title = re.search(r"^(.+)\n=+$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    return f"[{found[1] or (title[1] if title else page)}]({PLACE}/{path})"


def _table(body: str) -> str:
    rows: list[list[str]] = []
    for line in body.splitlines():
        if line.startswith("   * - "):
            rows.append([line[7:]])
        elif line.startswith("     - "):
            rows[-1].append(line[7:])
        elif line.startswith("       "):
            rows[-1][-1] += f" {line.strip()}"
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"


def _see_also(body: str) -> str:
    entries = re.findall(r"^(\S.*)\n   (\S.*(?:\n   \S.*)*)", textwrap.dedent(body), re.MULTILINE)
    return "See also:\n\n" + "".join(f"- {term}: {' '.join(text.split())}\n" for term, text in entries)
