# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts as contact files, read back by what reads contact files."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import plan_contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InvalidAnswerError
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.export import (
    Exported,
    export_contacts,
    exported_text,
    is_exported,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import desired_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.write import SCHEMA_URL
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import Redactor

CATALOG = Catalog(
    [
        Category("NTC-1", "Orders"),
        Category("NTC-2", "Technical updates"),
        Category("NTC-3", "News"),
        Category("NTC-4", "news "),
        Category("NTC-5", "Security", opt_out_allowed=False),
        Category("NTC-6", "Old", status="Unpublished"),
        Category("NTC-7", "NTC-1"),
        Category("NTC-8", "Two\nlines"),
        Category("NTC-9", "\ud800"),
        Category("NTC-10", " "),
    ]
)


def contact(email: str = "ann@contoso.example", **fields: Any) -> Contact:
    return Contact(**{"id": "CTT-1", "email": email, "name": "Ann", **fields})


def exported(*contacts: Contact, by_domain: bool = False) -> Exported:
    return export_contacts(contacts, CATALOG, by_domain, Redactor(""))


def entry(**fields: Any) -> dict[str, Any]:
    """The one entry for one contact with these fields."""
    (entries,) = exported(contact(**fields)).files.values()
    (found,) = entries
    return found


def losses(*contacts: Contact) -> list[tuple[str, str]]:
    return [(lost.contact.id, lost.reason) for lost in exported(*contacts).left_out]


def test_an_entry_says_all_that_is_managed_and_no_id() -> None:
    assert entry(name=None) == {"email": "ann@contoso.example"}
    assert entry(name="") == {"email": "ann@contoso.example"}
    assert entry(
        opt_outs=frozenset({"NTC-2", "NTC-1"}), status="Blocked", blocked_reason="bounced", user_id="USR-1"
    ) == {
        "email": "ann@contoso.example",
        "name": "Ann",
        "opt_outs": ["Orders", "Technical updates"],
        "state": "blocked",
    }


def test_the_address_keeps_its_case_but_not_its_outer_spaces() -> None:
    assert entry(email=" Ann@Contoso.Example ")["email"] == "Ann@Contoso.Example"


@pytest.mark.parametrize("category_id", ["NTC-3", "NTC-4", "NTC-7", "NTC-8", "NTC-9", "NTC-10"])
def test_a_category_is_named_by_its_id_where_its_name_would_mean_another_or_cannot_be_written(category_id: str) -> None:
    assert entry(opt_outs=frozenset({category_id}))["opt_outs"] == [category_id]


@pytest.mark.parametrize(
    ("category_id", "reason"),
    [
        ("NTC-5", "opt_outs: The notification category 'Security' (NTC-5) cannot be opted out of."),
        ("NTC-6", "opt_outs: The notification category 'Old' (NTC-6) is not published (status Unpublished)."),
        ("NTC-404", "opt_outs: There is no notification category 'NTC-404'."),
    ],
)
def test_an_opt_out_that_cannot_be_named_is_told_and_survives_the_file(category_id: str, reason: str) -> None:
    person = contact(opt_outs=frozenset({category_id, "NTC-1"}))
    assert losses(person) == [("CTT-1", reason)]
    assert entry(opt_outs=person.opt_outs)["opt_outs"] == ["Orders"]


@pytest.mark.parametrize("name", ["a\nb", "\x01", "\ud800", "\u2028"])
def test_a_name_that_a_file_cannot_hold_is_told_and_not_managed(name: str) -> None:
    assert losses(contact(name=name)) == [("CTT-1", f"name: {name!r} has control characters")]
    assert entry(name=name) == {"email": "ann@contoso.example"}
    assert losses(contact(name="  ")) == [("CTT-1", "name: has only spaces; use an empty text to clear it")]


def test_contacts_that_share_an_address_are_all_left_out() -> None:
    shared = [contact(), contact("ANN@contoso.example", id="CTT-2"), contact("bob@contoso.example", id="CTT-3")]
    reason = "email: another live contact has the same address"
    assert losses(*shared) == [("CTT-1", reason), ("CTT-2", reason)]
    assert [row["email"] for row in exported(*shared).files["contacts.yml"]] == ["bob@contoso.example"]
    assert exported(*shared).count == 1


@pytest.mark.parametrize("email", ['"a b"@contoso.example', "nobody", "a@b c", "@", "a@../../etc/passwd", "a@.hidden"])
def test_an_address_that_no_file_may_hold_is_left_out(email: str) -> None:
    (lost,) = exported(contact(email)).left_out
    assert lost.reason.startswith("email: has ")
    assert exported(contact(email), by_domain=True).files == {"contacts.yml": []}


def test_opt_outs_that_were_not_sent_are_not_taken_for_none() -> None:
    with pytest.raises(InvalidAnswerError):
        exported(contact(opt_outs=None))


def test_the_order_is_that_of_the_addresses_whatever_the_api_gives() -> None:
    people = [
        contact(email, id=f"CTT-{number}") for number, email in enumerate(["B@a.example", "a@b.example", "c@a.example"])
    ]
    for order in permutations(people):
        assert [row["email"] for row in exported(*order).files["contacts.yml"]] == [
            "a@b.example",
            "B@a.example",
            "c@a.example",
        ]
        assert list(exported(*order, by_domain=True).files) == ["b.example.yml", "a.example.yml"]


def test_the_domain_of_a_file_is_as_dns_has_it() -> None:
    files = exported(contact("a@Bücher.example"), contact("b@xn--bcher-kva.example"), by_domain=True).files
    assert {name: len(rows) for name, rows in files.items()} == {"xn--bcher-kva.example.yml": 2}


def test_nobody_is_a_file_that_says_so(tmp_path: Path) -> None:
    for by_domain in (False, True):
        assert exported(by_domain=by_domain).files == {"contacts.yml": []}
    assert read(written([]), tmp_path) == []


def test_the_text_is_what_people_and_linters_expect() -> None:
    text = written([entry(name='Chloé: "Desk" # 1', opt_outs=frozenset({"NTC-1"}))])
    assert text == (
        f"---\n# yaml-language-server: $schema={SCHEMA_URL}\n"
        "# Written by softwareone.marketplace.swo_contacts_export, 48d672fc0d0856d3. Once edited, it is "
        "overwritten only with force: true.\n"
        "# at_least: opt-outs that people choose later are kept. To give a category back, list it under opt_ins.\n"
        "defaults:\n"
        "  opt_outs_mode: at_least\n"
        "contacts:\n"
        "  - email: ann@contoso.example\n"
        "    name: 'Chloé: \"Desk\" # 1'\n"
        "    opt_outs:\n"
        "      - Orders\n"
    )


def written(entries: list[dict[str, Any]]) -> str:
    return exported_text(entries)


def test_an_export_knows_its_own_files() -> None:
    assert is_exported(written([]).encode())
    assert is_exported(b" \n")
    assert not is_exported(b"contacts: []\n")
    text = written([entry()])
    assert is_exported(text.encode())
    assert not is_exported(text.replace("Ann", "Anna").encode())
    assert not is_exported((text + "# by hand\n").encode())


def test_an_opt_out_that_somebody_chooses_after_the_export_is_kept(tmp_path: Path) -> None:
    for before in (frozenset[str](), frozenset({"NTC-1"})):
        (declared,) = read(written([entry(opt_outs=before)]), tmp_path)
        assert plan_contact(declared.desired, contact(opt_outs=before | {"NTC-2"}), CATALOG).is_noop


def read(text: str, folder: Path) -> list[Any]:
    path = folder / "contacts.yml"
    path.write_bytes(text.encode())
    return desired_contacts(None, [str(path)])


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["yes", "null", "~", "123", "1e3", "2024-01-01", "=", "<<", "- a", "{a: b}", "!x", "&a", "*a", "%", "'", "…"]
    ),
)
PEOPLE = st.builds(
    Contact,
    id=st.integers(1, 10**6).map(lambda number: f"CTT-{number}"),
    email=st.one_of(
        st.text(max_size=12),
        st.tuples(
            st.from_regex(r"[A-Za-z0-9+!=~'-]{1,6}", fullmatch=True), st.sampled_from(["a.example", "ü.example", "1.2"])
        ).map("@".join),
    ),
    name=st.none() | WORDS,
    status=st.sampled_from(["Active", "Blocked", "New", "Strange"]),
    blocked_reason=st.none() | st.just("bounced"),
    opt_outs=st.frozensets(st.sampled_from([f"NTC-{number}" for number in range(1, 12)])),
)


@given(st.lists(PEOPLE, max_size=6, unique_by=lambda person: person.id))
def test_whatever_is_live_the_files_are_sound_and_would_change_nothing(people: list[Contact]) -> None:
    found = exported(*people)
    by_key = {person.key: person for person in people}
    with TemporaryDirectory() as folder:
        declared = [one for name, rows in found.files.items() for one in read(written(rows), Path(folder))]
    assert len(declared) == found.count
    for one in declared:
        live = by_key[one.desired.email and Contact("x", one.desired.email).key]
        assert plan_contact(one.desired, live, CATALOG).is_noop
    silent = {lost.contact.id for lost in found.left_out if lost.reason.startswith("email")}
    assert len(silent) == len(people) - found.count
    assert [written(rows) for rows in exported(*reversed(people)).files.values()] == [
        written(rows) for rows in found.files.values()
    ]
