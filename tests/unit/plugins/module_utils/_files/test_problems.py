# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad files of every kind in one directory: one line for each fault, with the right line number, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import (
    ContactFilesError,
    desired_contacts,
)

# Name, content, and the faults without the name.
BAD: dict[str, tuple[str | bytes, list[str]]] = {
    "01-number.yml": (
        "contacts:\n- email: a1@x.example\n  name: 123\n",
        ['3: name: 123 is read as a number; quote it to make it a text, as in "123"'],
    ),
    "02-boolean.yml": (
        "contacts:\n- email: a2@x.example\n  opt_outs:\n    - Invoices\n    - no\n",
        ['5: opt_outs: no is read as a boolean; quote it to make it a text, as in "no"'],
    ),
    "03-date.yml": (
        "contacts:\n- email: a3@x.example\n  reason: 2026-12-31\n",
        ['3: reason: 2026-12-31 is read as a date; quote it to make it a text, as in "2026-12-31"'],
    ),
    "04-null.yml": (
        "contacts:\n- name: Ann\n  email: null\n",
        ["3: email: has no value; it must be a text, or be left out"],
    ),
    "05-empty-list.yml": (
        "contacts:\n- email: a5@x.example\n  opt_outs:\n",
        ["3: opt_outs: has no value; it must be a list, as in []"],
    ),
    "06-text-for-list.yml": (
        "contacts:\n- email: a6@x.example\n  opt_outs: Invoices\n",
        ["3: opt_outs: is the text 'Invoices'; it must be a list, as in [one, two]"],
    ),
    "07-list-for-text.yml": (
        "contacts:\n- email: [a7@x.example]\n",
        ["2: email: is a list; it must be a text, or be left out"],
    ),
    "08-choice.yml": (
        "contacts:\n- email: a8@x.example\n  state: Blocked\n",
        ["3: state: 'Blocked' is not allowed; it must be present, blocked or absent; did you mean blocked?"],
    ),
    "09-unknown.yml": (
        "contacts:\n- email: a9@x.example\n  optouts: []\n",
        ["3: optouts: is not known here; did you mean opt_outs?"],
    ),
    "10-misspelt-email.yml": (
        "contacts:\n- name: Bob\n  e-mail: a10@x.example\n",
        ["3: e-mail: is not known here; did you mean email?"],
    ),
    "11-no-identity.yml": (
        "contacts:\n- email: a11@x.example\n- name: Bob\n",
        ["3: contacts[1]: has neither email nor id; it must have at least one of them"],
    ),
    "12-text-for-contact.yml": (
        "contacts:\n- a12@x.example\n",
        [
            "2: contacts[0]: is the text 'a12@x.example'; a contact must be a mapping, as in "
            "{email: ann@contoso.example}"
        ],
    ),
    "13-top-list.yml": (
        "# contacts\n- email: a13@x.example\n",
        ["1: is a list; a contact file must be a mapping with contacts, defaults or profiles"],
    ),
    "14-empty.yml": (
        "",
        ["1: has no value; a contact file must be a mapping with contacts, defaults or profiles"],
    ),
    "15-no-keys.yml": (
        "{}\n",
        ["1: has none of defaults, profiles, contacts, coverage and categories; it must have at least one of them"],
    ),
    "16-misspelt-top.yml": ("---\ncontact: []\n", ["2: contact: is not known here; did you mean contacts?"]),
    "17-duplicate-key.yml": (
        "contacts:\n- email: a17@x.example\n  name: A\n  name: B\n",
        ["4: name: is given twice; the first is in line 3"],
    ),
    "18-tag.yml": (
        "contacts:\n- email: a18@x.example\n  name: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n",
        ["3: name: has the tag '!vault'; tags are not allowed"],
    ),
    "19-python-tag.yml": (
        "contacts:\n- email: a19@x.example\n  opt_outs: !!python/tuple [A]\n",
        ["3: opt_outs: has the tag '!!python/tuple'; tags are not allowed"],
    ),
    "20-syntax.yml": (
        "contacts:\n- email: 'a20@x.example\n",
        ["3: is not valid YAML; check the indentation, the quotes and that a space follows each colon and dash"],
    ),
    "21-tab.yml": ("contacts:\n\t- email: x\n", ["2: is indented with a tab; YAML allows only spaces"]),
    "22-encoding.yml": (
        "contacts:\n- email: a22@x.example\n  name: J\xf6rg\n".encode("latin-1"),
        ["3: is not UTF-8; save the file as UTF-8"],
    ),
    "23-utf16.yml": ("contacts: []\n".encode("utf-16"), ["1: is UTF-16; save it as UTF-8"]),
    "24-two-documents.yml": (
        "contacts: []\n---\ncontacts: []\n",
        ["2: begins a second YAML document; a contact file has one"],
    ),
    "25-number-key.yml": (
        "contacts:\n- email: a25@x.example\n  1: x\n",
        ["3: contacts[0]: has '1' as a key; a key must be a text"],
    ),
    "26-email.yml": (
        "contacts:\n- email: a26@\n",
        ["2: email: 'a26@' has no name before or no domain behind an at sign"],
    ),
    "27-id.yml": (
        "contacts:\n- id: ../x\n",
        ["2: id: '../x' cannot be the id of a contact, which looks like CTT-1234-5678"],
    ),
    "28-name.yml": (
        'contacts:\n- email: a28@x.example\n  name: "a\\nb"\n',
        ["3: name: 'a\\nb' has control characters"],
    ),
    "29-empty-category.yml": (
        "contacts:\n- email: a29@x.example\n  opt_outs: [' ']\n",
        ["3: opt_outs: has an empty entry"],
    ),
    "30-both.yml": (
        "contacts:\n- email: a30@x.example\n  opt_outs: [Orders]\n  opt_ins: [orders]\n",
        ["4: opt_ins: opt_outs and opt_ins both name 'Orders'"],
    ),
    "31-profile.yml": (
        "profiles:\n  finance: {}\ncontacts:\n- email: a31@x.example\n  profiles:\n  - finanse\n",
        ["5: profiles: 'finanse' is not a profile; did you mean finance?"],
    ),
    "32-in-profile.yml": (
        "profiles:\n  ops:\n    opt_outs: A\n    email: x@x.example\n",
        [
            "3: profiles.ops.opt_outs: is the text 'A'; it must be a list, as in [one, two]",
            "4: profiles.ops.email: is not known here; known are name, opt_outs, opt_ins, opt_outs_mode, state, "
            "unblock, expires, reason",
        ],
    ),
    "33-defaults.yml": (
        "defaults:\n  unblock: sometimes\n",
        ["2: defaults.unblock: 'sometimes' is not allowed; it must be auto, always or never"],
    ),
    "34-same-file.yml": (
        "contacts:\n- email: a34@x.example\n- name: A\n  email: A34@x.example\n",
        ["4: email: 'A34@x.example' is declared twice; the other place is {}/34-same-file.yml:2"],
    ),
    "35-other-file.yml": (
        "contacts:\n- email: a34@x.example\n",
        ["2: email: 'a34@x.example' is declared twice; the other place is {}/34-same-file.yml:2"],
    ),
    "36-syntax.json": (
        '{"contacts": [\n{"email": }]}',
        ["2: is not valid JSON; check the commas, quotes and brackets"],
    ),
    "37-key.json": (
        '{\n"contacts": [\n{"email": "a37@x.example",\n"name": "A",\n"name": "B"}]}',
        ["5: name: is given twice; the first is in line 4"],
    ),
    "38-values.json": (
        '{"contacts": [\n{"email": null},\n{"email": "a38@x.example",\n "name": 12,\n "opt_outs": [true]}]}',
        [
            "2: email: has no value; it must be a text, or be left out",
            '4: name: 12 is read as a number; quote it to make it a text, as in "12"',
            "5: opt_outs: true is a boolean; it must be a text, or be left out",
        ],
    ),
    "39-column.csv": (
        "email,nme,name,name\na39@x.example,,,\n",
        ["1: has the unknown column 'nme'; did you mean name?", "1: name: is the name of two columns"],
    ),
    "40-semicolons.csv": (
        "email;name\na40@x.example;Ann\n",
        ["1: has the unknown column 'email;name'; cells are separated by commas"],
    ),
    "41-cells.csv": (
        'email,name\n"a41@x.example","A\nB",C\n\na411@x.example,A,B\n',
        [
            "2: contacts[0]: has 3 cells, but the header has 2",
            "2: name: 'A\\nB' has control characters",
            "5: contacts[1]: has 3 cells, but the header has 2",
        ],
    ),
    "42-choice.csv": (
        "email,state\na42@x.example,\na421@x.example,gone\n",
        ["3: state: 'gone' is not allowed; it must be present, blocked or absent"],
    ),
    "43-quotes.csv": ('email\n"a43@x.example\n', ["2: is not valid CSV; check the quotes"]),
    "44-empty.csv": (
        "",
        ["1: has no header; the first row must name the fields, as in email,name,opt_outs"],
    ),
    "441-no-identity.csv": ("name\nAnn\nBob\n", ["1: has neither a column email nor a column id"]),
    "45-merge.yml": (
        "contacts:\n- email: a45@x.example\n  <<: [x]\n",
        ["3: contacts[0]: has a << that names no mapping"],
    ),
    "46-contacts-mapping.yml": (
        "contacts:\n  email: a46@x.example\n",
        ["1: contacts: is a mapping; it must be a list, as in [one, two]"],
    ),
}


def test_each_fault_is_one_line_at_its_place(tmp_path: Path) -> None:
    expected = []
    for name, (content, faults) in BAD.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        expected += [f"{tmp_path}/{name}:{fault.replace('{}', str(tmp_path))}" for fault in faults]
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [str(tmp_path)])
    assert caught.value.problems == expected
    assert caught.value.message.split("\n") == [f"The contact files have {len(expected)} faults:", *expected]


def test_a_source_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").touch()
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [str(tmp_path / "empty"), str(tmp_path / "none.yml"), str(tmp_path / "a.txt"), ""])
    assert [line.replace(f"{tmp_path}/", "") for line in caught.value.problems] == [
        "a.txt: is no contact file; its name must end as in *.yml, *.yaml, *.json or *.csv",
        "empty: has no contact files (*.yml, *.yaml, *.json or *.csv)",
        "none.yml: does not exist",
        "src: has an empty entry; name a file or directory",
    ]


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "a\nb.yml").write_text("contacts:\n- email: '\u202e'\n", encoding="utf-8")
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [str(tmp_path)])
    (line,) = caught.value.problems
    assert "\n" not in line
    assert line.isprintable()
    assert "a\\nb.yml:2: email: " in line
