# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults, profiles and layers: what is declared in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredEntry
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import (
    ContactFilesError,
    desired_contacts,
)

ANN = {"email": "ann@contoso.example"}


def write(folder: Path, name: str, content: Any) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def declared(folder: Path, *layers: Any, contacts: Any = None) -> list[DesiredEntry]:
    src = [write(folder, f"{number}.yml", layer) for number, layer in enumerate(layers)]
    return desired_contacts(contacts, src)


def problems(folder: Path, *layers: Any, contacts: Any = None) -> list[str]:
    with pytest.raises(ContactFilesError) as caught:
        declared(folder, *layers, contacts=contacts)
    return [line.replace(f"{folder}/", "") for line in caught.value.problems]


def test_nothing_is_declared() -> None:
    assert desired_contacts(None, None) == []
    assert desired_contacts([], []) == []


def test_a_contact_as_written(tmp_path: Path) -> None:
    entry = {
        "id": "CTT-1",
        "email": " Ann@contoso.example ",
        "name": " Ann ",
        "opt_outs": [" Invoices"],
        "opt_ins": [],
        "state": "blocked",
        "unblock": "never",
        "reason": "ticket\n 4711 ",
    }
    (found,) = declared(tmp_path, {"contacts": [entry]})
    desired = found.desired
    assert (desired.id, desired.email, desired.name) == ("CTT-1", "Ann@contoso.example", "Ann")
    assert (desired.opt_outs, desired.opt_ins, desired.opt_outs_mode) == (("Invoices",), (), "exact")
    assert (desired.state, desired.unblock) == ("blocked", "never")
    assert (found.reason, found.source) == ("ticket 4711", str(tmp_path / "0.yml"))


def test_what_is_left_out_is_not_managed_or_default(tmp_path: Path) -> None:
    (found,) = declared(tmp_path, {"contacts": [ANN]})
    desired = found.desired
    assert (desired.id, desired.name, desired.opt_outs, desired.opt_ins, found.reason) == (None,) * 5
    assert (desired.opt_outs_mode, desired.state, desired.unblock) == ("exact", "present", "auto")


# Layers, the option, and the fields that the one contact has in the end.
MERGED: dict[str, tuple[list[Any], Any, dict[str, Any]]] = {
    "defaults fill in": ([{"defaults": {"state": "blocked"}, "contacts": [ANN]}], None, {"state": "blocked"}),
    "fields win over defaults": (
        [{"defaults": {"state": "blocked"}, "contacts": [{**ANN, "state": "present"}]}],
        None,
        {"state": "present"},
    ),
    "profiles win over defaults": (
        [
            {
                "defaults": {"state": "blocked", "unblock": "never"},
                "profiles": {"p": {"state": "absent"}},
                "contacts": [{**ANN, "profiles": ["p"]}],
            }
        ],
        None,
        {"state": "absent", "unblock": "never"},
    ),
    "fields win over profiles": (
        [{"profiles": {"p": {"name": "P"}}, "contacts": [{**ANN, "name": "Ann", "profiles": ["p"]}]}],
        None,
        {"name": "Ann"},
    ),
    "a later profile wins and lists are replaced": (
        [
            {
                "profiles": {"q": {"opt_outs": ["C"]}, "p": {"opt_outs": ["A", "B"], "name": "P"}},
                "contacts": [{**ANN, "profiles": ["p", "q"]}],
            }
        ],
        None,
        {"opt_outs": ("C",), "name": "P"},
    ),
    "a later layer wins per field": (
        [{"contacts": [{**ANN, "name": "A", "opt_outs": ["A"]}]}, {"contacts": [{**ANN, "opt_outs": []}]}],
        None,
        {"name": "A", "opt_outs": ()},
    ),
    "addresses match without case": (
        [{"contacts": [{**ANN, "name": "A"}]}, {"contacts": [{"email": "ANN@contoso.example", "state": "blocked"}]}],
        None,
        {"name": "A", "state": "blocked", "email": "ANN@contoso.example"},
    ),
    "a layer matches by id and gives a new address": (
        [{"contacts": [{**ANN, "id": "CTT-1", "name": "A"}]}, {"contacts": [{"id": "CTT-1", "email": "b@x.example"}]}],
        None,
        {"name": "A", "id": "CTT-1", "email": "b@x.example"},
    ),
    "a layer finds the address that the layer before gave": (
        [
            {"contacts": [{**ANN, "id": "CTT-1"}]},
            {"contacts": [{"id": "CTT-1", "email": "b@x.example"}]},
            {"contacts": [{"email": "b@x.example", "name": "B"}]},
        ],
        None,
        {"name": "B", "id": "CTT-1"},
    ),
    "a layer adds the id": (
        [{"contacts": [{**ANN, "name": "A"}]}, {"contacts": [{**ANN, "id": "CTT-1"}]}],
        None,
        {"name": "A", "id": "CTT-1"},
    ),
    "fields of the first layer win over defaults of the second": (
        [{"contacts": [{**ANN, "state": "present"}]}, {"defaults": {"state": "blocked"}, "contacts": [ANN]}],
        None,
        {"state": "present"},
    ),
    "defaults of a later layer win over earlier ones": (
        [
            {"defaults": {"state": "absent", "name": "D"}, "contacts": [ANN]},
            {"defaults": {"state": "blocked"}, "contacts": [ANN]},
        ],
        None,
        {"state": "blocked", "name": "D"},
    ),
    "defaults of a file that does not name the contact": (
        [{"contacts": [ANN]}, {"defaults": {"state": "blocked"}}],
        None,
        {"state": "present"},
    ),
    "a later layer overlays a profile per field": (
        [
            {"profiles": {"p": {"name": "P", "state": "blocked"}}, "contacts": [{**ANN, "profiles": ["p"]}]},
            {"profiles": {"p": {"state": "absent"}}},
        ],
        None,
        {"name": "P", "state": "absent"},
    ),
    "a later layer replaces the list of profiles": (
        [
            {"profiles": {"p": {"name": "P"}, "q": {"state": "absent"}}, "contacts": [{**ANN, "profiles": ["p"]}]},
            {"contacts": [{**ANN, "profiles": ["q"]}]},
        ],
        None,
        {"name": None, "state": "absent"},
    ),
    "the option is the last layer, and None is not given": (
        [{"contacts": [{**ANN, "name": "A", "state": "blocked"}]}],
        [{**ANN, "name": "B", "state": None, "opt_outs": None}],
        {"name": "B", "state": "blocked", "opt_outs": None},
    ),
    "an empty text clears": (
        [{"contacts": [{**ANN, "name": "A"}]}],
        [{**ANN, "name": ""}],
        {"name": ""},
    ),
}


@pytest.mark.parametrize("case", MERGED)
def test_layers_merge(case: str, tmp_path: Path) -> None:
    layers, contacts, expected = MERGED[case]
    (found,) = declared(tmp_path, *layers, contacts=contacts)
    assert {field: getattr(found.desired, field) for field in expected} == expected


def test_the_source_is_the_last_file_that_names_the_contact(tmp_path: Path) -> None:
    both = [{"contacts": [ANN]}, {"contacts": [ANN]}]
    (first, second) = declared(tmp_path, *both, contacts=[ANN, {"email": "bob@x.example"}])
    assert (first.source, second.source) == (str(tmp_path / "1.yml"), None)


def test_contacts_stand_in_the_order_in_which_they_are_first_named(tmp_path: Path) -> None:
    emails = ["c@x.example", "a@x.example", "b@x.example"]
    later = {"contacts": [{"email": "d@x.example"}, {"email": emails[2]}]}
    found = declared(tmp_path, {"contacts": [{"email": email} for email in emails]}, later)
    assert [contact.desired.email for contact in found] == [*emails, "d@x.example"]


def test_a_profile_of_one_file_is_usable_in_all_files_of_a_directory(tmp_path: Path) -> None:
    write(tmp_path, "z/profiles.yml", {"profiles": {"p": {"name": "P"}}})
    write(tmp_path, "a.csv", "email,profiles\nann@contoso.example,p\n")
    (found,) = desired_contacts(None, [str(tmp_path)])
    assert found.desired.name == "P"
    assert found.source == str(tmp_path / "a.csv")


CLASHES: dict[str, tuple[list[Any], Any, list[str]]] = {
    "an address twice in one file": (
        ['contacts:\n  - email: a@x.example\n  - name: A\n    email: "A@x.example "\n'],
        None,
        ["0.yml:4: email: 'A@x.example ' is declared twice; the other place is 0.yml:2"],
    ),
    "an id twice in one file": (
        ["contacts:\n- {id: CTT-1}\n- {id: CTT-1, email: a@x.example}\n"],
        None,
        ["0.yml:3: id: 'CTT-1' is declared twice; the other place is 0.yml:2"],
    ),
    "two entries of a layer mean one contact of the layer below": (
        ["contacts: [{id: CTT-1, email: a@x.example}]", "contacts:\n- {id: CTT-1}\n- {email: a@x.example}\n"],
        None,
        ["1.yml:3: email: 'a@x.example' is declared twice; the other place is 1.yml:2"],
    ),
    "an overlay gives a contact the address of another": (
        ["contacts:\n- {id: CTT-1}\n- {email: a@x.example}\n", "contacts:\n- {id: CTT-1, email: a@x.example}\n"],
        None,
        ["0.yml:3: email: 'a@x.example' is declared twice; the other place is 1.yml:2"],
    ),
    "two ids for one address": (
        ["contacts: [{id: CTT-1, email: a@x.example}]", "contacts: [{id: CTT-2, email: a@x.example}]"],
        None,
        ["1.yml:1: email: 'a@x.example' is declared twice; the other place is 0.yml:1"],
    ),
    "twice in the option": (
        [],
        [{"email": "a@x.example"}, {"email": "A@x.example"}],
        ["contacts[1]: email: 'A@x.example' is declared twice; the other place is contacts[0]"],
    ),
    "lists that contradict each other after merging": (
        ["contacts:\n- {email: a@x.example, opt_outs: [Invoices]}\n"],
        [{"email": "a@x.example", "opt_ins": ["invoices"]}],
        ["contacts[0]: opt_ins: opt_outs and opt_ins both name 'Invoices'"],
    ),
    "a profile that contradicts": (
        ["profiles: {p: {opt_outs: [A]}}\ncontacts:\n- {email: a@x.example, profiles: [p], opt_ins: [a]}\n"],
        None,
        ["0.yml:3: opt_ins: opt_outs and opt_ins both name 'A'"],
    ),
    "faults of the option": (
        [],
        [{"email": "a@x.example"}, {"email": "a@"}, {"name": "x"}, {"email": "b@x.example", "name": "\n"}],
        [
            "contacts[1]: email: 'a@' has no name before or no domain behind an at sign",
            "contacts[2]: has neither email nor id; it must have at least one of them",
            "contacts[3]: name: '\\n' has control characters",
        ],
    ),
}


@pytest.mark.parametrize("case", CLASHES)
def test_what_cannot_stand_together(case: str, tmp_path: Path) -> None:
    layers, contacts, expected = CLASHES[case]
    found = problems(tmp_path, *layers, contacts=contacts)
    assert [line.replace(f"{tmp_path}/", "") for line in found] == expected


def test_a_profile_twice_in_one_layer(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        write(tmp_path, name, "# comment\nprofiles:\n  p: {name: P}\n")
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [str(tmp_path)])
    place = f"{tmp_path}/a.yml:3"
    assert caught.value.problems == [f"{tmp_path}/b.yml:3: profiles.p: is defined twice; the other place is {place}"]


def test_the_message_counts(tmp_path: Path) -> None:
    with pytest.raises(ContactFilesError, match=r"^The contact files have 1 fault:\n\S+:1: email: ") as one:
        declared(tmp_path, {"contacts": [{"email": "a@"}]})
    assert one.value.message.count("\n") == 1
    with pytest.raises(ContactFilesError, match=r"^The option contacts has 2 faults:\ncontacts\[0\]: ") as two:
        desired_contacts([{"email": "a@"}, {"email": "b@"}], None)
    assert two.value.hint == ""
    with pytest.raises(ContactFilesError, match=r"\nand 100 more$") as many:
        desired_contacts([{"email": f"{number}@"} for number in range(600)], None)
    assert len(many.value.problems) == 600


def test_a_sound_file_needs_no_jsonschema(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yml", "contacts: [{email: a@x.example}]")
    code = (
        "import sys; sys.modules['jsonschema'] = None\n"
        "from ansible_collections.softwareone.marketplace.plugins.module_utils._files import layers\n"
        "print(len(layers.desired_contacts(None, sys.argv[1:])))\n"
        "print('yaml' in sys.modules)"
    )
    for name, expected in ((path, "1\nTrue"), (write(tmp_path, "a.json", yaml_as_json(path)), "1\nFalse")):
        command = [sys.executable, "-c", code, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONPATH": tree()})
        assert done.stdout.strip() == expected


def test_a_fault_without_jsonschema_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    found = problems(tmp_path, "contacts: [{emial: a@x.example}]")
    assert len(found) == 1
    assert "install the Python library jsonschema (4.18 or newer)" in found[0]


def yaml_as_json(path: str) -> Any:
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def tree() -> str:
    from tests.tools import devtree

    return str(devtree.TREE)
