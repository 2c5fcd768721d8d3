# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are read, and what YAML, JSON and CSV become."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.csv_reader import read_csv
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.documents import read_sources
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.json_reader import read_json
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import desired_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.problems import (
    NonStringScalar,
    ParseError,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.yaml_reader import read_yaml


def write(folder: Path, *names: str, content: str = "contacts: []") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("email" if name.lower().endswith("csv") else content, encoding="utf-8")


def names_read(*src: Path) -> list[str]:
    documents, faults = read_sources([str(source) for source in src])
    assert not faults
    return [f"{document.layer}:{document.name}" for document in documents]


def test_a_directory_is_read_in_order_without_what_is_hidden_or_something_else(tmp_path: Path) -> None:
    wanted = ["A.YML", "a/b.yaml", "a.csv", "b/c/d.csv"]
    write(tmp_path, *wanted, ".hidden.yml", ".git/x.yml", "a/.x/y.yml", "README.md", "x.yml.bak", "yml", ".yml")
    (tmp_path / "z.json").write_text("{}")
    expected = sorted([*wanted, "z.json"])
    assert names_read(tmp_path) == [f"0:{tmp_path}/{name}" for name in expected]


def test_each_element_is_a_layer(tmp_path: Path) -> None:
    write(tmp_path, "base/a.yml", "base/b.yml", "prod.yml")
    names = names_read(tmp_path / "prod.yml", tmp_path / "base")
    assert names == [f"0:{tmp_path}/prod.yml", f"1:{tmp_path}/base/a.yml", f"1:{tmp_path}/base/b.yml"]


def test_names_are_as_the_user_wrote_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "contacts/a.yml")
    monkeypatch.chdir(tmp_path)
    assert names_read(Path("contacts")) == ["0:contacts/a.yml"]


def test_linked_directories_are_read_and_loops_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "elsewhere/a.yml", "src/b.yml")
    (tmp_path / "src" / "linked").symlink_to(tmp_path / "elsewhere")
    assert names_read(tmp_path / "src") == [f"0:{tmp_path}/src/b.yml", f"0:{tmp_path}/src/linked/a.yml"]
    (tmp_path / "src" / "loop").symlink_to(tmp_path / "src")
    documents, faults = read_sources([str(tmp_path / "src")])
    assert len(documents) == 2
    said = f"leads to a directory that was read as {tmp_path}/src already; remove one of the two"
    assert [str(fault) for fault in faults] == [f"{tmp_path}/src/loop: {said}"]


def test_any_number_of_paths_to_one_directory_is_walked_once(tmp_path: Path) -> None:
    for level in range(40):
        (tmp_path / f"d{level}").mkdir()
        for name in ("left", "right"):
            (tmp_path / f"d{level}" / name).symlink_to(tmp_path / f"d{level + 1}")
    write(tmp_path, "d40/a.yml")

    documents, faults = read_sources([str(tmp_path / "d0")])

    assert [os.path.basename(document.name) for document in documents] == ["a.yml"]
    assert len(faults) == 40
    assert all("was read as" in str(fault) for fault in faults)


def test_two_elements_may_lead_to_the_same_directory(tmp_path: Path) -> None:
    write(tmp_path, "a.yml")
    assert names_read(tmp_path, tmp_path) == [f"0:{tmp_path}/a.yml", f"1:{tmp_path}/a.yml"]


def test_what_is_no_regular_file_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yml"
    os.mkfifo(pipe)
    (tmp_path / "null.yml").symlink_to("/dev/zero")
    (tmp_path / "gone.yml").symlink_to("nowhere")
    faults = read_sources([str(tmp_path)])[1]
    assert [str(fault).replace(f"{tmp_path}/", "") for fault in faults] == [
        "gone.yml: does not exist",
        "null.yml: is not a regular file",
        "pipe.yml: is not a regular file",
    ]


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.softwareone.marketplace.plugins.module_utils._files.documents.MAX_SIZE", 10
    )
    write(tmp_path, "a.yml")
    assert "is larger than" in str(read_sources([str(tmp_path)])[1][0])


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.yml")

    def refuse(*arguments: Any) -> int:
        raise PermissionError("secret text")

    monkeypatch.setattr(
        "ansible_collections.softwareone.marketplace.plugins.module_utils._files.documents._open_at_once", refuse
    )
    assert [str(fault) for fault in read_sources([str(tmp_path)])[1]] == [
        f"{tmp_path}/a.yml: cannot be read: permission denied"
    ]


YAML: dict[str, Any] = {
    "a: 1": {"a": NonStringScalar("a number", "1")},
    "a: 1.5": {"a": NonStringScalar("a number", "1.5")},
    "a: yes": {"a": NonStringScalar("a boolean", "yes")},
    "a: 2024-13-45": {"a": NonStringScalar("a date", "2024-13-45")},
    "a: 2024-01-01 10:00:00": {"a": NonStringScalar("a date", "2024-01-01 10:00:00")},
    "a:": {"a": NonStringScalar("null", "")},
    "a: ~": {"a": NonStringScalar("null", "~")},
    "": NonStringScalar("null", ""),
    "# nothing": NonStringScalar("null", ""),
    "a: '1'": {"a": "1"},
    "a: !!str 1": {"a": "1"},
    "a: ! yes": {"a": "yes"},
    "a: =": {"a": "="},
    "[]": [],
    "a: [b, {c: d}]": {"a": ["b", {"c": "d"}]},
    "a: &x [b]\nc: *x": {"a": ["b"], "c": ["b"]},
    "&k a: b\nc: *k": {"a": "b", "c": "a"},
    "a: &x {b: c, d: e}\nf: {<<: *x, b: z}": {"a": {"b": "c", "d": "e"}, "f": {"b": "z", "d": "e"}},
    "a: &x {b: c}\nd: &y {b: e, f: g}\nh: {<<: [*x, *y]}": {
        "a": {"b": "c"},
        "d": {"b": "e", "f": "g"},
        "h": {"b": "c", "f": "g"},
    },
    "--- \na: |\n  b\n...\n": {"a": "b\n"},
    "a: 1e3": {"a": "1e3"},
}


@pytest.mark.parametrize("text", YAML, ids=ascii)
@pytest.mark.parametrize("libyaml", [True, False], ids=["libyaml", "python"])
def test_yaml_becomes_data(text: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader")
    notes: list[Any] = []
    assert read_yaml(text, notes) == YAML[text]
    assert notes == []


TEXTS = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(TEXTS, st.booleans())
def test_what_pyyaml_writes_is_read_back(data: Any, flow: bool) -> None:
    assert read_yaml(yaml.safe_dump(data, default_flow_style=flow), []) == data


BROKEN_YAML = {
    "two documents": ("a: b\n---\nc: d\n", 2, "second YAML document"),
    "an unknown anchor": ("a: b\nc: *x\n", 2, "anchor 'x'"),
    "an anchor inside itself": ("a: &x\n  - *x\n", 2, "anchor 'x'"),
    "deep nesting": ("\n" + "[" * 100 + "]" * 100, 2, "nested too deeply"),
    "very deep nesting": ("[" * 100_000, 1, "nested too deeply"),
    "an open quote": ("a: 'b\n", 2, "not valid YAML"),
    "bad indentation": ("a: b\n c: d\n", 2, "not valid YAML"),
    "a tab": ("a:\n\t- b\n", 2, "indented with a tab"),
    "a control character": ("a: b\nc: \x07\n", 2, "character that YAML does not allow"),
    "a bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{chr(98 + number)}: &{chr(98 + number)} [{','.join(['*' + chr(97 + number)] * 10)}]\n"
            for number in range(20)
        ),
        6,
        "repeats too much",
    ),
    "a bomb of one long text": (
        "defaults: {reason: &a " + "x" * 100_000 + "}\ncontacts:\n" + "  - *a\n" * 50_000,
        34,
        "repeats too much",
    ),
    "a bomb of one long key": (
        "defaults: &a {? " + "x" * 100_000 + " : y}\ncontacts:\n" + "  - *a\n" * 50_000,
        34,
        "repeats too much",
    ),
}


@pytest.mark.parametrize("case", BROKEN_YAML)
@pytest.mark.parametrize("libyaml", [True, False], ids=["libyaml", "python"])
def test_yaml_that_cannot_be_read(case: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    text, line, expected = BROKEN_YAML[case]
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader")
    with pytest.raises(ParseError, match=expected) as caught:
        read_yaml(text, [])
    assert caught.value.line == line


def test_without_pyyaml_the_fault_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(ParseError, match="PyYAML is not installed"):
        read_yaml("a: b", [])


@pytest.mark.parametrize("text", ["{", '{"a": }', '{"a": 1,}', "", '{"a": "\x01"}', "[" * 100_000], ids=ascii)
def test_json_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ParseError):
        read_json(text, [])


@settings(deadline=None)
@given(TEXTS)
def test_json_is_read_and_every_place_is_found(data: Any) -> None:
    import json

    lines: dict[Any, int] = {}
    assert read_json(json.dumps(data, indent=1), [], lines) == data

    def places(value: Any, path: tuple[Any, ...]) -> Any:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            yield (*path, key)
            yield from places(item, (*path, key))

    found = list(places(data, ()))
    assert sorted(lines, key=repr) == sorted(found, key=repr)
    # With an indent each place has a line of its own, in the order of the text.
    assert sorted(lines.values()) == [lines[path] for path in found]


CSV: dict[str, Any] = {
    "email\na@x.example\n": [{"email": "a@x.example"}],
    "email,name\r\na@x.example,Ann\r\n": [{"email": "a@x.example", "name": "Ann"}],
    "email,opt_outs\na@x.example,Invoices; Renewals\n": [
        {"email": "a@x.example", "opt_outs": ["Invoices", "Renewals"]}
    ],
    "email,name,opt_outs\na@x.example, ,\n": [{"email": "a@x.example"}],
    "email,name\n\n,\na@x.example,\n": [{"email": "a@x.example"}],
    'email,name\na@x.example,"An,\nn"\n': [{"email": "a@x.example", "name": "An,\nn"}],
    " email , profiles \na@x.example,p;q": [{"email": "a@x.example", "profiles": ["p", "q"]}],
    "email\n": [],
}


@pytest.mark.parametrize("text", CSV, ids=ascii)
def test_csv_becomes_contacts(text: str) -> None:
    notes: list[Any] = []
    assert read_csv(text, notes) == {"contacts": CSV[text]}
    assert notes == []


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=ascii)
@pytest.mark.parametrize("name", ["a.yml", "a.json", "a.csv"])
def test_a_byte_order_mark_and_line_ends_of_windows(name: str, ending: str, tmp_path: Path) -> None:
    text = {
        "a.yml": "contacts:\n- email: ü@x.example\n",
        "a.json": '{"contacts": [\n{"email": "ü@x.example"}]}',
        "a.csv": "email\nü@x.example\n",
    }[name]
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", ending).encode())
    (found,) = desired_contacts(None, [str(path)])
    assert found.desired.email == "ü@x.example"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("key.yml", "-----BEGIN KEY-----\nSECRET\n"),
        ("word.yml", "SECRET"),
        ("number.yml", "5ec8e7"),
        ("text.json", '"SECRET"'),
        ("list.yml", "- SECRET\n"),
        ("pairs.yml", "password: SECRET\n"),
        ("table.csv", "SECRET,SECRET-2\nSECRET,b\n"),
    ],
)
def test_what_is_no_contact_file_is_not_quoted(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        desired_contacts(None, [str(tmp_path / name)])
    assert "SECRET" not in str(caught.value)
    assert "5ec8e7" not in str(caught.value)
