# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The structure of the code: who may import whom, and what may be done where; read from the sources."""

from __future__ import annotations

import ast
import functools
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.tools.devtree import ROOT

PLUGINS = ROOT / "plugins"
UTILS = PLUGINS / "module_utils"
PACKAGE = "ansible_collections.softwareone.marketplace.plugins."
LONGEST = 400

# From the ground up. A file imports only from its own room and from rooms on a floor below.
GROUND = ""
FLOORS: tuple[set[str], ...] = ({GROUND}, {"_contacts"}, {"_api", "_files"}, {"_apply"}, {"_report"}, {"_run"})
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# What is neither ours nor in Python, and the files that know it.
LIBRARIES = {
    "ansible": {"_run/masking.py", "_run/module.py", "_run/specs.py"},
    "requests": {"_api/deadline.py", "_api/transport.py"},
    "urllib3": {"_api/deadline.py", "_api/transport.py"},
    "jsonschema": {"_files/check.py"},
    "yaml": {"_files/yaml_reader.py"},
}
# What a file that calls itself pure, and the whole room of contacts, keeps its hands off.
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

# Check mode comes in by the module or the action plugin and is decided by the task.
READS_CHECK_MODE = {
    "module_utils/_run/module.py",
    "module_utils/_run/task.py",
    "plugin_utils/_action.py",
}
# Who says an exception of others in words of ours, or only asks for its kind.
TRANSLATORS = {"_translated", "_why", "_broken", "internal_error", "isinstance"}

FILES = sorted(path for path in PLUGINS.rglob("*.py") if path.name != "__init__.py")
HOUSE = [path for path in FILES if UTILS in path.parents]


def name_of(path: Path) -> str:
    return path.relative_to(PLUGINS).as_posix()


def place_of(path: Path) -> str:
    """The path as the tables above name it."""
    return path.relative_to(UTILS).as_posix()


def room_of(place: str) -> str:
    return place.rpartition("/")[0]


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST, package: str = "") -> Iterator[str]:
    """Every module that is imported, anywhere in the file; ``from package import module`` gives both names.

    :param package: where the file is; without it, relative imports are left out
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            parts = package.split(".")[: 1 - node.level or None] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def utils_of(tree: ast.AST, room: str = "") -> set[str]:
    """The files of module_utils that are imported, as the tables above name them."""
    prefix = PACKAGE + "module_utils"
    names = {
        name[len(prefix) + 1 :] for name in imports(tree, f"{prefix}.{room}".rstrip(".")) if name.startswith(prefix)
    }
    places = {place_of(path) for path in HOUSE}
    return {place for place in places if place[:-3].replace("/", ".") in names}


def upward(place: str, tree: ast.AST) -> set[str]:
    """What is imported from the same floor's other room, or from above."""
    room = room_of(place)
    return {
        used for used in utils_of(tree, room) if room_of(used) != room and FLOOR_OF[room_of(used)] >= FLOOR_OF[room]
    }


def cycle_from(place: str, uses: dict[str, set[str]]) -> bool:
    """True if a file imports itself by way of others."""
    seen: set[str] = set()
    ahead = list(uses[place])
    while ahead:
        used = ahead.pop()
        if used not in seen:
            seen.add(used)
            ahead += uses[used]
    return place in seen


def foreign(tree: ast.AST) -> set[str]:
    """The packages that are neither ours nor part of Python."""
    packages = {name.partition(".")[0] for name in imports(tree)} - {""}
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
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith(PACKAGE)):
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


def named(paths: Iterable[Path], rule: Callable[[Path], object]) -> dict[str, object]:
    """What a rule finds in files, by their names."""
    return {name_of(path): found for path in paths if (found := rule(path))}


def test_every_file_has_its_room() -> None:
    assert {room_of(place_of(path)) for path in HOUSE} == set(FLOOR_OF)
    assert all(path.name.startswith("_") is (room_of(place_of(path)) == GROUND) for path in HOUSE)


def test_a_file_imports_only_from_its_room_and_from_below() -> None:
    assert named(HOUSE, lambda path: upward(place_of(path), tree_of(path))) == {}


def test_no_file_imports_itself_by_way_of_others() -> None:
    uses = {place_of(path): utils_of(tree_of(path), room_of(place_of(path))) for path in HOUSE}
    assert [place for place in uses if cycle_from(place, uses)] == []


def test_imports_within_the_house_are_relative() -> None:
    assert named(HOUSE, lambda path: [name for name in imports(tree_of(path)) if name.startswith(PACKAGE)]) == {}


def test_a_file_knows_no_library_but_the_ones_that_are_its_own() -> None:
    users = {library: {place_of(path) for path in HOUSE if library in foreign(tree_of(path))} for library in LIBRARIES}
    assert users == LIBRARIES
    assert named(HOUSE, lambda path: foreign(tree_of(path)) - LIBRARIES.keys()) == {}


def impurities(path: Path) -> list[str]:
    tree = tree_of(path)
    if not (ast.get_docstring(tree) or "").startswith("Pure") and room_of(place_of(path)) != "_contacts":
        return []
    opened = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "open"]
    return opened + [module for module in imports(tree) if module.partition(".")[0] in IMPURE]


def test_a_pure_file_touches_neither_clock_nor_network_nor_files() -> None:
    assert named(HOUSE, impurities) == {}


def test_check_mode_is_decided_in_one_place() -> None:
    assert named(FILES, lambda path: attributes(tree_of(path), "check_mode")).keys() == READS_CHECK_MODE


def test_only_the_rim_ends_a_module_or_warns() -> None:
    found = named(FILES, lambda path: attributes(tree_of(path), "fail_json", "exit_json", "warn", "deprecate"))
    assert found.keys() == {"module_utils/_run/module.py"}


def test_no_exception_is_handed_to_ansible() -> None:
    assert named(FILES, lambda path: keywords(tree_of(path), "exception")) == {}


def test_the_text_of_an_exception_of_others_is_never_used() -> None:
    assert named(FILES, lambda path: leaks(tree_of(path))) == {}


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in ("modules", "action")], ids=name_of)
def test_a_module_and_its_action_only_name_spec_and_runner(path: Path) -> None:
    tree = tree_of(path)
    used = utils_of(tree)
    assert used >= {"_run/specs.py"} | ({"_run/module.py"} if path.parent.name == "modules" else set())
    assert {room_of(place) for place in used - {"_python.py"}} == {"_run"}
    assert [node for node in ast.walk(tree) if isinstance(node, (ast.If, ast.For, ast.While, ast.Try))][1:] == []


def test_no_file_is_long() -> None:
    # A module and a fragment are documentation.
    code = [path for path in FILES if path.parent.name not in ("modules", "doc_fragments")]
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


# Put between two texts, so that the arrow between them points the right way.
DELIBERATE = {"module_utils/_report/markdown.py": {"\u200e"}}


def unsafe(path: Path) -> set[str]:
    """The control, format or separator characters, or halves of one, in a text or pattern of the file."""
    texts = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)]
    characters = {character for text in texts if isinstance(text, str) for character in text} - set("\t\n\r")
    return {character for character in characters if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def test_what_is_unsafe_to_show_stands_in_one_table() -> None:
    assert named((path for path in HOUSE if path.name != "_text.py"), unsafe) == DELIBERATE


def test_a_private_file_says_so() -> None:
    banner = "# This file is PRIVATE to the collection: it can change or vanish in any release.\n"
    private = [path for path in FILES if any(part.startswith("_") for part in path.relative_to(PLUGINS).parts)]
    assert named(private, lambda path: banner not in path.read_text(encoding="utf-8")) == {}


def test_a_package_is_empty() -> None:
    """A text in it fails sanity on ansible-core 2.16 and 2.17."""
    assert named(PLUGINS.rglob("__init__.py"), lambda path: path.stat().st_size) == {}


def test_a_file_says_what_it_is_for() -> None:
    helpers = [path for path in FILES if name_of(path).partition("/")[0] in ("module_utils", "plugin_utils")]
    assert named(helpers, lambda path: not ast.get_docstring(tree_of(path))) == {}


def test_what_a_python_before_3_7_has_to_read_does_without_the_future() -> None:
    """So that it can say that it is too old."""
    old = {name_of(path) for path in FILES if path.parent.name == "modules" or path.name == "_python.py"}
    assert named(FILES, lambda path: "__future__" not in imports(tree_of(path))).keys() == old


HANDLER = f"from {PACKAGE}module_utils._errors import SwoError\ntry:\n    x()\nexcept {{}}:\n    {{}}"


@pytest.mark.parametrize(
    "source",
    [
        "from .._report import html",
        "from .._report.html import render",
        f"from {PACKAGE}module_utils._report.html import render",
        f"import {PACKAGE}module_utils._report.html",
        "def f():\n    from .._report import html",
    ],
)
def test_an_import_that_points_upward_is_found(source: str) -> None:
    tree = ast.parse(source)
    assert upward("_api/rql.py", tree) == upward("_apply/apply.py", tree) == {"_report/html.py"}
    assert upward("_report/junit.py", tree) == upward("_run/task.py", tree) == set()


def test_an_import_from_the_next_room_is_found() -> None:
    assert upward("_api/rql.py", ast.parse("from .._files.check import usable")) == {"_files/check.py"}


def test_a_circle_is_found() -> None:
    assert cycle_from("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not cycle_from("a", {"a": {"b", "c"}, "b": {"c"}, "c": set()})


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
        ("Exception as error", "print(isinstance(error, OSError))", False),
        ("Exception as error", "raise SwoError('x') from error", False),
        ("Exception as error", "raise _translated(error, 'x') from None", False),
        ("Exception as error", "fail(internal_error(error))", False),
        ("SwoError as error", "print(error)", False),
        ("Exception", "print('x')", False),
    ],
)
def test_the_text_of_an_exception_is_found(caught: str, use: str, is_leak: bool) -> None:
    assert bool(leaks(ast.parse(HANDLER.format(caught, use)))) is is_leak
