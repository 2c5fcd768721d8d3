# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One table of fields: the quick test, the JSON Schema at run time, the shipped one and the documentation agree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.fields import (
    FILE_FIELDS,
    SHARED_FIELDS,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.check import (
    contact_file_schema,
    form_problems,
    is_contact_file,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.problems import Problem, field_at
from tests.tools import contact_schema

ANNOTATIONS = {"title", "description", "default", "examples", "$id"}
VALIDATOR = Draft202012Validator(contact_file_schema())

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["present", "exact", "auto", "Present", "", "a@b.example"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FILE_FIELDS, "nme"]), inner, max_size=3)
    ),
    max_leaves=4,
)


def near(fields: Any) -> st.SearchStrategy[Any]:
    """Mappings of which many are right."""
    right = {
        name: st.sampled_from(field.choices)
        if field.choices
        else st.lists(st.text(max_size=3), max_size=2)
        if field.is_list
        else st.text(max_size=3)
        for name, field in fields.items()
    }
    sound = st.fixed_dictionaries({}, optional=right)
    return st.one_of(
        sound, sound, sound, st.dictionaries(st.sampled_from([*fields, "nme"]), VALUES, max_size=3), VALUES
    )


FILES = st.fixed_dictionaries(
    {},
    optional={
        "defaults": near(SHARED_FIELDS),
        "profiles": st.dictionaries(st.text(max_size=3), near(SHARED_FIELDS), max_size=2) | VALUES,
        "contacts": st.lists(near(FILE_FIELDS), max_size=3) | VALUES,
        "$schema": VALUES,
    },
)


@settings(deadline=None)
@given(FILES | VALUES)
@example({"contacts": []})
@example({})
@example({"$schema": "x"})
@example({"contacts": [{"id": "CTT-1"}]})
@example({"contacts": [{"name": "x"}]})
@example({"contacts": [{"email": "a", "state": ["present"]}]})
@example({"contacts": [{"email": "a", "opt_outs": [None]}]})
def test_the_quick_test_and_the_schema_agree(data: Any) -> None:
    sound = VALIDATOR.is_valid(data)
    assert is_contact_file(data) == sound
    assert (form_problems(data) == []) == sound


@settings(deadline=None)
@given(FILES | VALUES)
def test_a_fault_is_one_line_at_a_place_that_is_there(data: Any) -> None:
    for path, text in form_problems(data):
        assert "\n" not in text
        assert "does not have the form" not in text
        inside: Any = data
        for part in path:
            inside = inside[part]


def bare(schema: Any, names: bool = False) -> Any:
    """The schema without what is only for people."""
    if isinstance(schema, list):
        return [bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: bare(value, name in ("properties", "$defs"))
        for name, value in schema.items()
        if names or name not in ANNOTATIONS
    }


def test_the_shipped_schema_is_up_to_date() -> None:
    assert contact_schema.FILE.read_text(encoding="utf-8") == contact_schema.text(), (
        "run: python -m tests.tools.contact_schema"
    )


def test_the_shipped_schema_is_the_one_that_the_modules_use_and_says_more() -> None:
    shipped = json.loads(contact_schema.FILE.read_text(encoding="utf-8"))
    assert bare(shipped) == contact_file_schema()
    Draft202012Validator.check_schema(shipped)
    for definition in shipped["$defs"].values():
        for field in definition["properties"].values():
            assert field["title"]
            assert field["description"]
            assert all(Draft202012Validator(field).is_valid(value) for value in field.get("examples", []))


def test_descriptions_have_no_markup() -> None:
    assert contact_schema.plain("O(a) is V(b) if O(c=d) as in C(e) or RV(f)") == "a is b if c: d as in e or f"
    assert not [name for name, field in FILE_FIELDS.items() if "(" in contact_schema.described(field)]


LONG = "x" * 100_000
FAULTY: dict[str, Any] = {
    "a field": {"contacts": [{"email": "ann@contoso.example", LONG: "y"}]},
    "a state": {"contacts": [{"email": "ann@contoso.example", "state": LONG}]},
    "a list as a text": {"contacts": [{"email": "ann@contoso.example", "opt_outs": LONG}]},
    "a contact": {"contacts": [LONG]},
    "a file": LONG,
    "a top key": {"contacts": [], LONG: []},
}


@pytest.mark.parametrize("case", FAULTY)
def test_no_problem_carries_a_whole_value(case: str) -> None:
    found = form_problems(FAULTY[case])
    assert found
    for path, text in found:
        assert len(str(Problem("a.yml", 1, field_at(path), text))) < 300
