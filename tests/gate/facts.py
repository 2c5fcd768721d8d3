# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no linter looks at in metadata and documentation: python -m tests.gate.facts NAME prints what is wrong."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from tests.tools.devtree import ROOT

MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
HUB_TAGS = {
    "ai",
    "application",
    "cloud",
    "database",
    "eda",
    "infrastructure",
    "linux",
    "monitoring",
    "networking",
    "security",
    "storage",
    "tools",
    "windows",
}
# Plugin types of Ansible that a collection may have, and the folders for code of its own.
DIRECTORIES = {
    "action",
    "become",
    "cache",
    "callback",
    "cliconf",
    "connection",
    "doc_fragments",
    "filter",
    "httpapi",
    "inventory",
    "lookup",
    "module_utils",
    "modules",
    "netconf",
    "plugin_utils",
    "shell",
    "strategy",
    "sub_plugins",
    "terminal",
    "test",
    "vars",
}


def load(*path: str) -> Any:
    return yaml.safe_load(ROOT.joinpath(*path).read_text(encoding="utf-8"))


def texts(name: str) -> Iterator[tuple[str, Any]]:
    """DOCUMENTATION or RETURN of each module."""
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                yield path.stem, yaml.safe_load(ast.literal_eval(node.value))


def version_is_stable() -> Iterator[str]:
    version = load("galaxy.yml")["version"]
    if version.startswith("0."):
        yield f"the version is {version}"


def tags() -> Iterator[str]:
    found = load("galaxy.yml")["tags"]
    if not HUB_TAGS & set(found) or len(found) > 20:
        yield f"tags: {', '.join(found)}"


def galaxy_keys() -> Iterator[str]:
    metadata = load("galaxy.yml")
    for key in ("license", "repository", "readme", "authors", "description"):
        if not metadata.get(key):
            yield f"galaxy.yml has no {key}"
    if "license_file" in metadata:
        yield "galaxy.yml has license and license_file"


def action_group() -> Iterator[str]:
    listed = set(load("meta", "runtime.yml")["action_groups"]["all"])
    connecting = {
        name
        for name, text in texts("DOCUMENTATION")
        if "softwareone.marketplace._connection" in text["extends_documentation_fragment"]
    }
    for name in sorted(listed ^ connecting):
        yield f"{name} is {'listed' if name in listed else 'missing'} in the action group"


def plugin_directories() -> Iterator[str]:
    for path in (ROOT / "plugins").iterdir():
        if path.is_dir() and path.name not in DIRECTORIES and path.name != "__pycache__":
            yield f"plugins/{path.name} is nothing that Ansible knows"


def attributes() -> Iterator[str]:
    for name, text in texts("DOCUMENTATION"):
        if not any("softwareone.marketplace._attributes" in entry for entry in text["extends_documentation_fragment"]):
            yield f"{name} has no attributes"


def returns() -> Iterator[str]:
    for name, text in texts("RETURN"):
        for key, value in text.items():
            yield from _value(f"{name}: {key}", value, is_outermost=True)


def _value(where: str, value: Mapping[str, Any], is_outermost: bool = False) -> Iterator[str]:
    needed = ["description", "type", *(["returned"] if is_outermost else [])]
    if value.get("type") == "list":
        needed.append("elements")
    if "contains" not in value:
        needed.append("sample")
    for key in needed:
        if key not in value:
            yield f"{where} has no {key}"
    for key, inner in value.get("contains", {}).items():
        yield from _value(f"{where}.{key}", inner)


FACTS: dict[str, Callable[[], Iterator[str]]] = {
    fact.__name__: fact
    for fact in (version_is_stable, tags, galaxy_keys, action_group, plugin_directories, attributes, returns)
}


def main() -> int:
    wrong = list(FACTS[sys.argv[1]]())
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
