# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code blocks of the documentation, and a check of the tasks in them against the modules' options."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._run import specs as _argspec
from tests.tools.devtree import ROOT

PREFIX = "softwareone.marketplace."
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))

_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^\.\. code-block:: (\S+)\n\n((?:   .*\n|\n)+)", re.MULTILINE)
# Keywords of a task that are not its action.
_KEYWORDS = {"name", "block", "check_mode", "diff", "loop", "loop_control", "module_defaults"} | {
    "delegate_to",
    "register",
    "run_once",
    "vars",
    "when",
}


@dataclass(frozen=True)
class Snippet:
    """One code block; ``name`` is the file name in its first comment, if there is one."""

    language: str
    text: str

    @property
    def name(self) -> str:
        found = re.match(r"# (\S+)\n", self.text)
        return found[1] if found else ""


def snippets(path: Path) -> list[Snippet]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [Snippet(language, textwrap.dedent(body)) for _indent, language, body in _FENCE.findall(text)]
    return [Snippet(language.partition("+")[0], textwrap.dedent(body)) for language, body in _DIRECTIVE.findall(text)]


def tasks(value: Any) -> Iterator[dict[str, Any]]:
    """Every task in a document, a playbook or a list of tasks."""
    if not isinstance(value, list):
        return
    for item in value:
        nested = [item[key] for key in ("tasks", "pre_tasks", "post_tasks", "block", "always") if key in item]
        for inner in nested:
            yield from tasks(inner)
        if not nested and "hosts" not in item and "name" in item and len(item) > 1:
            yield item


def problems(snippet: Snippet) -> list[str]:
    """What is wrong with the tasks of a YAML snippet."""
    found = []
    for task in tasks(yaml.safe_load(snippet.text)):
        for action in set(task) - _KEYWORDS:
            found += [f"{task['name']}: {problem}" for problem in _action_problems(action, task[action])]
    return found


def _action_problems(action: str, options: Any) -> list[str]:
    if "." not in action:
        return [f"{action} is neither a keyword nor the full name of a module"]
    if not action.startswith(PREFIX):
        return []
    module = action.removeprefix(PREFIX)
    if module not in MODULES:
        return [f"{action} does not exist"]
    spec: _argspec.Spec = getattr(_argspec, module.upper())
    arguments = spec.module_arguments()
    del arguments["supports_check_mode"]
    given = {"api_token": "a-token-for-checks"} if spec.connects else {}
    for name, value in (options or {}).items():
        given[name] = _without_template(arguments["argument_spec"].get(name, {}), value)
    return list(ArgumentSpecValidator(**arguments).validate(given).error_messages)


def _without_template(option: dict[str, Any], value: Any) -> Any:
    """A value that the option takes in place of a template, whose result is not known here."""
    if not (isinstance(value, str) and "{{" in value):
        return value
    if "choices" in option:
        return option["choices"][0]
    return {"bool": True, "int": 1, "list": [], "dict": {}}.get(option.get("type", "str"), "text")
