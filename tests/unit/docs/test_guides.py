# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides: their snippets are valid, and each error message is explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import GUIDES, README, Snippet, problems, snippets

ACCOUNT = ROOT / "plugins" / "plugin_utils" / "_account.py"
SOURCES = [
    *sorted((ROOT / "plugins" / "module_utils").rglob("*.py")),
    *(ROOT / "plugins" / "lookup").glob("*.py"),
    ACCOUNT,
]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
TROUBLESHOOTING = ROOT / "docs" / "docsite" / "rst" / "troubleshooting.rst"
YAML = [(path, snippet) for path in [README, *GUIDES] for snippet in snippets(path) if snippet.language == "yaml"]
GAP = "\0"
# Said by ansible-core, not by the collection.
FOREIGN = {"Failed to import the required Python library (requests)"}


@pytest.mark.parametrize(("path", "snippet"), YAML, ids=[f"{row[0].stem}-{number}" for number, row in enumerate(YAML)])
def test_yaml(path: Path, snippet: Snippet) -> None:
    assert problems(snippet) == []


def test_every_guide_is_listed() -> None:
    listed = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    entries = [entry for section in listed["sections"] for entry in section["toctree"]]
    names = [entry if isinstance(entry, str) else entry["ref"] for entry in entries]
    assert sorted(names) == [path.stem for path in GUIDES]


def explained() -> list[str]:
    """The messages of the guide, with ... for what differs."""
    text = TROUBLESHOOTING.read_text(encoding="utf-8")
    terms = re.findall(r"^(?=``)(.*)\n   \S", text, re.MULTILINE) + re.findall(r"^- (``.*)$", text, re.MULTILINE)
    return [message for term in terms for message in re.findall(r"``(.*?)``(?:, |$)", term)]


def test_every_explained_message_exists() -> None:
    said = "\n".join(text for path in SOURCES for text in literals(ast.parse(path.read_text(encoding="utf-8"))))
    said += "\n".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("roles/*/tasks/*.yml"), *PLAYBOOKS])
    said += "\n".join(verdicts())
    said = re.sub(r"\s+", " ", said)
    assert len(explained()) > 60
    for message in set(explained()) - FOREIGN:
        if re.fullmatch(r"HTTP \d+ \.\.\.", message):
            continue
        for part in pieces(message, "..."):
            assert part in said, f"no message has {part!r}"


def literals(tree: ast.AST) -> Iterator[str]:
    """Every text of a source, with a NUL for what is put into it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield _joined(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _joined(node: ast.JoinedStr) -> str:
    parts = [
        f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else ast.literal_eval(part)
        for part in node.values
    ]
    # Limits are constants; the guide has the number.
    filled = "".join(parts).replace("{MAX_TIMEOUT}", "600").replace("{MAX_LENGTH}", "320")
    return re.sub(r"\{[^}]*\}", GAP, filled)


def pieces(message: str, gap: str) -> list[str]:
    """The parts of a message that do not differ and are long enough to be told apart."""
    parts = (part.strip(" .:'()") for part in message.removeprefix("Could not ").split(gap))
    return [part for part in parts if len(part) > 5]


def raised() -> Iterator[str]:
    """The first argument of every error that the modules raise, as far as it is a text."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error") and node.args:
                yield from _template(node.args[0])


def _template(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute) and argument.func.attr == "format":
        argument = argument.func.value
    if isinstance(argument, ast.JoinedStr):
        yield _joined(argument)
    elif isinstance(argument, ast.Constant):
        yield re.sub(r"\{[^}]*\}", GAP, str(argument.value))


def verdicts() -> Iterator[str]:
    """What the roles fail with, as far as it is not a variable."""
    tasks = [task for path in ROOT.glob("roles/*/tasks/*.yml") for task in yaml.safe_load(path.read_text("utf-8"))]
    tasks += [task for path in PLAYBOOKS for play in yaml.safe_load(path.read_text("utf-8")) for task in play["tasks"]]
    for task in _tasks(tasks):
        for action, key in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
            if action in task:
                yield re.sub(r"\{\{.*?\}\}", GAP, task[action][key])
    # Handed to a module, which fails with it.
    for node in ast.walk(ast.parse(ACCOUNT.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Return, ast.Assign)):
            yield from (text for text in literals(node) if text.endswith("."))


def _tasks(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        for key in ("block", "rescue", "always"):
            yield from _tasks(item.get(key, []))


def reasons() -> Iterator[str]:
    """Why a run stops early."""
    tree = ast.parse((ROOT / "plugins" / "module_utils" / "_apply" / "apply_set.py").read_text(encoding="utf-8"))
    yield from (text for text in literals(tree) if text.startswith("the run was stopped"))


def test_every_message_is_explained() -> None:
    guide = "\n".join(explained())
    messages = {*raised(), *verdicts(), *reasons()}
    assert len(messages) > 40
    missing = [message for message in messages if any(part not in guide for part in pieces(message, GAP))]
    shown = "\n".join(sorted(message.replace(GAP, "...") for message in missing))
    assert not missing, f"explain in {TROUBLESHOOTING.name}:\n{shown}"
