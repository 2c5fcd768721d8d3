# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot include the description of the fields says the same: classes, suboptions of a module and of the roles."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import contact_from_api
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    checked_contact,
    field_problems,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.fields import (
    CONTACT_FIELDS,
    ENTRY_FIELDS,
    FILE_FIELDS,
    MANAGED_FIELDS,
    Field,
    element_options,
)
from ansible_collections.softwareone.marketplace.plugins.modules import swo_contacts
from tests.tools.devtree import ROOT

ROLES = [
    pytest.param(entry["options"]["swo_contacts_contacts"]["options"], id=f"{path.parts[-3]}-{name}")
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
    for name, entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].items()
    if "swo_contacts_contacts" in entry.get("options", {})
]


def test_a_desired_contact_has_the_fields_and_their_defaults() -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(DesiredContact)}
    assert defaults == {name: field.choices[0] if field.choices else None for name, field in MANAGED_FIELDS.items()}
    assert list(defaults) == list(MANAGED_FIELDS)


def test_options_of_an_element_have_no_defaults() -> None:
    options = element_options(ENTRY_FIELDS)
    assert list(options) == list(ENTRY_FIELDS)
    assert not [name for name, option in options.items() if "default" in option]
    assert options["state"]["choices"] == list(ENTRY_FIELDS["state"].choices)


def documented(name: str, field: Field) -> str:
    """What a list of contacts says of a field: all where it is said nowhere else, and the default in words."""
    if name not in CONTACT_FIELDS:
        return " ".join(field.paragraphs)
    return f"{field.summary[:-1]}; V({field.choices[0]}) if left out." if field.choices else field.summary


def test_the_suboptions_of_swo_contacts() -> None:
    suboptions = yaml.safe_load(swo_contacts.DOCUMENTATION)["options"]["contacts"]["suboptions"]
    assert suboptions == {
        name: {"description": documented(name, field), **element_options(ENTRY_FIELDS)[name]}
        for name, field in ENTRY_FIELDS.items()
    }
    assert list(suboptions) == list(ENTRY_FIELDS)


@pytest.mark.parametrize("suboptions", ROLES)
def test_the_suboptions_of_a_role(suboptions: dict[str, Any]) -> None:
    assert suboptions == {
        name: {"description": field.summary, **element_options(ENTRY_FIELDS)[name]}
        for name, field in ENTRY_FIELDS.items()
    }
    assert list(suboptions) == list(ENTRY_FIELDS)


def test_there_are_roles_to_check() -> None:
    assert ROLES


def test_a_contact_of_the_api_is_read_by_the_names_of_the_fields() -> None:
    values = {"id": "CTT-1", "email": "ann@x.example", "name": "Ann", "opt_outs": [{"id": "NTC-1"}], "state": "Blocked"}
    named = {name: field.api_name for name, field in CONTACT_FIELDS.items() if field.api_name}
    assert named.keys() == values.keys()
    contact = contact_from_api({api_name: values[name] for name, api_name in named.items()})
    assert (contact.id, contact.email, contact.name) == ("CTT-1", "ann@x.example", "Ann")
    assert contact.opt_outs == {"NTC-1"}
    assert contact.is_blocked


@pytest.mark.parametrize("name", [name for name, field in FILE_FIELDS.items() if field.examples])
def test_the_examples_are_sound(name: str) -> None:
    for example in FILE_FIELDS[name].examples:
        assert field_problems({name: example}) == []


@pytest.mark.parametrize(
    ("name", "one", "same", "other"),
    [
        ("id", "CTT-1", "CTT-1", "ctt-1"),
        ("email", " Ann@X.example", "ann@x.example ", "anne@x.example"),
        ("name", " Ann ", "Ann", "ann"),
        ("opt_outs", ["Orders ", "NEWS"], ["news", "orders"], ["Orders"]),
        ("opt_ins", ["Orders", "orders"], ["ORDERS"], []),
    ],
)
def test_how_values_compare(name: str, one: Any, same: Any, other: Any) -> None:
    key = CONTACT_FIELDS[name].key
    assert key(one) == key(same) == key(CONTACT_FIELDS[name].clean(one))
    assert key(one) != key(other)


def test_what_is_not_about_the_contact_itself_is_left_aside() -> None:
    assert checked_contact({"email": "ann@x.example", "reason": "x", "profiles": ["y"], "state": None}) == (
        DesiredContact(email="ann@x.example")
    )
