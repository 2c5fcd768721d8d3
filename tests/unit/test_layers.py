# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The structure of the code: who may import whom, and what may be done where; read from the sources."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.devtree import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.softwareone.marketplace.plugins."
LONGEST = 250

# A file of module_utils imports only from files that stand before it.
_BOTTOM_UP = """
_version _errors _redact _mask _fields _limits _faults _failure _signals _atomic
_email _contact _catalog _rql _retry _pace _http _connection _argspec _scope
_problem _pages _client _contacts_api _desired _query _transport
_plan _verify _apply _workers
_yaml _json _csv _files _locate _overlay _schema _form_faults _guard _reading _declared
_report_words _report_html_script _report_html_style _report_html _report_junit _report_markdown _reports _report
_runner _module
_set_plan _live _set_apply _set_report _undo _export _set_runner _file_runners
"""
LAYERS = _BOTTOM_UP.split()

# What is neither ours nor in Python, and the files that know it.
LIBRARIES = {
    "ansible": {"_argspec", "_module"},
    "requests": {"_transport"},
    "urllib3": {"_transport"},
    "jsonschema": {"_form_faults"},
    "yaml": {"_export", "_yaml"},
}
# What a file that calls itself pure keeps its hands off.
IMPURE = {
    "asyncio",
    "io",
    "pathlib",
    "random",
    "select",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "threading",
    "time",
}

# Check mode comes in by the module or the action plugin and is decided by the runner.
READS_CHECK_MODE = {
    "module_utils/_file_runners.py",
    "module_utils/_module.py",
    "module_utils/_runner.py",
    "module_utils/_set_runner.py",
    "plugin_utils/_action.py",
}
# Who says an exception of others in words of ours.
TRANSLATORS = {"_translated", "_why", "_broken", "internal_error"}

FILES = sorted(PLUGINS.rglob("*.py"))
UTILS = {path.stem: path for path in FILES if path.parent.name == "module_utils"}


def name_of(path: Path) -> str:
    return path.relative_to(PLUGINS).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, anywhere in the file; ``from package import module`` gives both names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def utils_of(tree: ast.AST) -> set[str]:
    """The files of module_utils that are imported."""
    prefix = PACKAGE + "module_utils."
    return {name[len(prefix) :].partition(".")[0] for name in imports(tree) if name.startswith(prefix)}


def upward(name: str, tree: ast.AST) -> set[str]:
    return {used for used in utils_of(tree) if used in LAYERS and LAYERS.index(used) >= LAYERS.index(name)}


def foreign(tree: ast.AST) -> set[str]:
    """The packages that are neither ours nor part of Python."""
    packages = {name.partition(".")[0] for name in imports(tree)}
    return packages - set(sys.stdlib_module_names) - {"__future__", "ansible_collections"}


def attributes(tree: ast.AST, *names: str) -> list[int]:
    """The lines on which one of these attributes is read or called."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in names]


def keywords(tree: ast.AST, name: str) -> list[int]:
    return [node.value.lineno for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == name]


def our_exceptions(tree: ast.AST) -> set[str]:
    """The names in this file under which exceptions of the collection are known."""
    ours = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            ours |= {alias.asname or alias.name for alias in node.names}
    return ours


def leaks(tree: ast.Module) -> list[int]:
    """The lines on which an exception of others is used as a text.

    It may be raised from, asked for an attribute other than its arguments, and handed to a translator.
    """
    ours = our_exceptions(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return [
        node.lineno
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler) and _catches_others(handler, ours)
        for node in ast.walk(handler)
        if isinstance(node, ast.Name) and node.id == handler.name and not _is_harmless(node, parents[node])
    ]


def _catches_others(handler: ast.ExceptHandler, ours: set[str]) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return not all(isinstance(kind, ast.Name) and kind.id in ours for kind in caught)


def _is_harmless(node: ast.Name, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Attribute):
        return parent.attr != "args"
    if isinstance(parent, ast.Raise):
        return parent.cause is node
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in TRANSLATORS


def test_every_util_has_its_layer() -> None:
    assert set(UTILS) - set(LAYERS) == set()
    assert len(LAYERS) == len(set(LAYERS))


@pytest.mark.parametrize("name", UTILS)
def test_a_util_imports_only_what_stands_below_it(name: str) -> None:
    assert upward(name, tree_of(UTILS[name])) == set()


@pytest.mark.parametrize("name", UTILS)
def test_a_util_knows_no_library_but_the_ones_that_are_its_own(name: str) -> None:
    assert foreign(tree_of(UTILS[name])) == {library for library, users in LIBRARIES.items() if name in users}


def is_pure(path: Path) -> bool:
    return (ast.get_docstring(tree_of(path)) or "").startswith("Pure")


def test_the_core_calls_itself_pure() -> None:
    pure = {name for name, path in UTILS.items() if is_pure(path)}
    assert pure >= {"_rql", "_email", "_contact", "_catalog", "_retry", "_problem", "_redact", "_desired", "_plan"}


@pytest.mark.parametrize("name", [name for name, path in UTILS.items() if is_pure(path)])
def test_a_pure_util_touches_neither_clock_nor_network_nor_files(name: str) -> None:
    tree = tree_of(UTILS[name])
    assert {module.partition(".")[0] for module in imports(tree)} & IMPURE == set()
    opened = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "open"]
    assert opened == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_check_mode_is_decided_in_one_place(path: Path) -> None:
    assert bool(attributes(tree_of(path), "check_mode")) is (name_of(path) in READS_CHECK_MODE)


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) != "module_utils/_module.py"], ids=name_of)
def test_only_the_rim_ends_a_module_or_warns(path: Path) -> None:
    assert attributes(tree_of(path), "fail_json", "exit_json", "warn", "deprecate") == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_exception_is_handed_to_ansible(path: Path) -> None:
    assert keywords(tree_of(path), "exception") == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_text_of_an_exception_of_others_is_never_used(path: Path) -> None:
    assert leaks(tree_of(path)) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in ("modules", "action")], ids=name_of)
def test_a_module_and_its_action_only_name_spec_and_runner(path: Path) -> None:
    tree = tree_of(path)
    rim = {"modules": {"_module"}, "action": set()}[path.parent.name]
    used = utils_of(tree)
    assert used >= rim | {"_argspec"}
    assert {name for name in used - rim - {"_argspec"} if not name.endswith(("_runner", "_runners"))} == set()
    assert [node for node in ast.walk(tree) if isinstance(node, (ast.If, ast.For, ast.While, ast.Try))][1:] == []


# A module and a fragment are documentation.
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parent.name not in ("modules", "doc_fragments")], ids=name_of
)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", [path for path in FILES if path.name.startswith("_")], ids=name_of)
def test_a_private_file_says_so(path: Path) -> None:
    banner = "# This file is PRIVATE to the collection: it can change or vanish in any release.\n"
    assert banner in path.read_text(encoding="utf-8")
    assert path.parent.name in ("module_utils", "plugin_utils", "doc_fragments")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_says_what_it_is_for(path: Path) -> None:
    tree = tree_of(path)
    if path.parent.name in ("module_utils", "plugin_utils"):
        assert ast.get_docstring(tree)
    assert "__future__" in {name.partition(".")[0] for name in imports(tree)}


HANDLER = f"from {PACKAGE}module_utils._errors import SwoError\ntry:\n    x()\nexcept {{}}:\n    {{}}"


@pytest.mark.parametrize(
    "source",
    [
        f"from {PACKAGE}module_utils import _plan",
        f"from {PACKAGE}module_utils._plan import plan_contact",
        f"import {PACKAGE}module_utils._plan",
        f"def f():\n    from {PACKAGE}module_utils import _plan",
    ],
)
def test_an_import_that_points_upward_is_found(source: str) -> None:
    tree = ast.parse(source)
    assert upward("_rql", tree) == upward("_plan", tree) == {"_plan"}
    assert upward("_runner", tree) == set()


@pytest.mark.parametrize(
    "source", ["import ansible", "from ansible.module_utils import basic", "if x:\n    import ansible.x"]
)
def test_a_library_is_found(source: str) -> None:
    assert foreign(ast.parse(f"import json, os.path\n{source}")) == {"ansible"}


@pytest.mark.parametrize(
    ("caught", "use", "is_leak"),
    [
        ("Exception as error", "print(str(error))", True),
        ("Exception as error", "print(f'{error}')", True),
        ("Exception as error", "print('%s' % error)", True),
        ("Exception as error", "fail(error)", True),
        ("Exception as error", "raise SwoError(error.args[0])", True),
        ("OSError as error", "print(error)", True),
        ("(SwoError, OSError) as error", "print(error)", True),
        ("OSError as error", "print(error.strerror)", False),
        ("Exception as error", "raise SwoError('x') from error", False),
        ("Exception as error", "raise _translated(error, 'x') from None", False),
        ("Exception as error", "fail(internal_error(error))", False),
        ("SwoError as error", "print(error)", False),
        ("Exception", "print('x')", False),
    ],
)
def test_the_text_of_an_exception_is_found(caught: str, use: str, is_leak: bool) -> None:
    assert bool(leaks(ast.parse(HANDLER.format(caught, use)))) is is_leak
