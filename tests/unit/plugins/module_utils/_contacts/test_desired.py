# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options of one contact mean, and which of them are refused before anything is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    desired_contact,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError

MEANINGS: dict[str, tuple[dict[str, Any], DesiredContact]] = {
    "what is left out is not managed": ({"email": "ann@x.example"}, DesiredContact(email="ann@x.example")),
    "an option that is null is left out": (
        dict.fromkeys(["id", "name", "opt_outs", "opt_ins", "opt_outs_mode", "state", "unblock"])
        | {"email": "ann@x.example"},
        DesiredContact(email="ann@x.example"),
    ),
    "outer spaces mean nothing": (
        {"email": " Ann@X.example\n", "name": " Ann ", "opt_outs": [" Orders "], "opt_ins": ["\tNews"]},
        DesiredContact(email="Ann@X.example", name="Ann", opt_outs=("Orders",), opt_ins=("News",)),
    ),
    "an empty name or list is managed": (
        {"id": "CTT-1", "name": "", "opt_outs": [], "opt_ins": []},
        DesiredContact(id="CTT-1", name="", opt_outs=(), opt_ins=()),
    ),
    "everything": (
        {
            "id": "CTT-1",
            "email": "ann@x.example",
            "name": "Ann \u202e\u200b",
            "opt_outs": ["NTC-1", "News"],
            "opt_ins": ["Orders"],
            "opt_outs_mode": "at_least",
            "state": "blocked",
            "unblock": "never",
        },
        DesiredContact(
            "CTT-1", "ann@x.example", "Ann \u202e\u200b", ("NTC-1", "News"), ("Orders",), "at_least", "blocked", "never"
        ),
    ),
}


@pytest.mark.parametrize("case", MEANINGS)
def test_what_the_options_mean(case: str) -> None:
    params, desired = MEANINGS[case]
    assert desired_contact(params) == desired


def test_the_defaults() -> None:
    desired = desired_contact({"email": "ann@x.example"})
    assert (desired.opt_outs_mode, desired.state, desired.unblock) == ("exact", "present", "auto")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an id that leaves its place": (
        {"id": "../x"},
        "id '../x' cannot be the id of a contact, which looks like CTT-1234-5678.",
    ),
    "an id with a line break": ({"id": "CTT-1\n"}, "id 'CTT-1\\n' cannot be the id of a contact"),
    "an empty id": ({"id": ""}, "id '' cannot be the id of a contact"),
    "an address without an at sign": (
        {"email": "ann"},
        "email 'ann' has no name before or no domain behind an at sign.",
    ),
    "an empty address": ({"email": ""}, "email '' is empty."),
    "an address with a line break": ({"email": "a@x\r\nX: y"}, "email 'a@x\\r\\nX: y' has a domain that is not"),
    "a name with a line break": ({"name": "Ann\nBob"}, "name 'Ann\\nBob' has control characters."),
    "a name with a terminal escape": ({"name": "\x1b[31m"}, "name '\\x1b[31m' has control characters."),
    "a name with a line separator": ({"name": "a\u2028b"}, "name 'a\\u2028b' has control characters."),
    "a name that is not Unicode": ({"name": "a\ud800"}, "name 'a\\ud800' has control characters."),
    "a name of spaces": ({"name": "  "}, "name has only spaces; use an empty text to clear it."),
    "an empty category": ({"opt_outs": ["Orders", " "]}, "opt_outs has an empty entry."),
    "an empty category to opt into": ({"opt_ins": [""]}, "opt_ins has an empty entry."),
    "one category both ways": (
        {"opt_outs": ["Orders", "NEWS"], "opt_ins": [" news", "orders"]},
        "opt_outs and opt_ins both name 'NEWS', 'Orders'.",
    ),
    "all at once": (
        {"id": "..", "email": "x", "name": "\t", "opt_outs": [""], "opt_ins": [""]},
        "id '..' cannot be the id of a contact, which looks like CTT-1234-5678; email 'x' has no name before or no "
        "domain behind an at sign; name '\\t' has control characters; opt_outs has an empty entry; opt_ins has an "
        "empty entry; opt_outs and opt_ins both name ''.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused_and_named(case: str) -> None:
    params, message = REFUSED[case]
    with pytest.raises(InputError) as caught:
        desired_contact({"email": "ann@x.example", **params})
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("params", "label", "manages"),
    [
        ({"email": "ann@x.example"}, "ann@x.example", False),
        ({"id": "CTT-1"}, "CTT-1", False),
        ({"id": "CTT-1", "email": "ann@x.example", "opt_outs": []}, "ann@x.example", True),
        ({"email": "ann@x.example", "opt_ins": ["News"]}, "ann@x.example", True),
        ({"email": "ann@x.example", "opt_outs": ["News"], "state": "blocked"}, "ann@x.example", True),
        ({"email": "ann@x.example", "opt_outs": ["News"], "state": "absent"}, "ann@x.example", False),
    ],
)
def test_how_a_contact_is_called_and_whether_its_opt_outs_are_managed(
    params: dict[str, Any], label: str, manages: bool
) -> None:
    desired = desired_contact(params)
    assert desired.label == label
    assert desired.manages_opt_outs is manages


TEXT = st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["CTT-1", "ann@x.example", "Ann"]))
LISTS = st.one_of(st.none(), st.lists(st.text(max_size=4), max_size=3))


@given(contact_id=TEXT, email=TEXT, name=TEXT, opt_outs=LISTS, opt_ins=LISTS)
def test_any_text_is_meant_or_refused_in_one_printable_line(
    contact_id: str | None, email: str | None, name: str | None, opt_outs: list[str] | None, opt_ins: list[str] | None
) -> None:
    params = {"id": contact_id, "email": email, "name": name, "opt_outs": opt_outs, "opt_ins": opt_ins}
    try:
        desired = desired_contact(params)
    except InputError as error:
        message = error.message
    else:
        message = "fine"
        assert desired.name is None or desired.name == desired.name.strip()
        with suppress(InputError):
            assert desired_contact({**vars(desired)}) == desired
    assert message.isprintable()
