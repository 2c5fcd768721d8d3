# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one contact object, whichever version of the schema it follows and however wrong it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import (
    Contact,
    contact_from_api,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.ids import is_safe_id
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InvalidAnswerError

LEAST = {"id": "CTT-0001-9158", "email": "Jane@X.Example"}


def read(**members: Any) -> Contact:
    return contact_from_api({**LEAST, **members})


def test_a_contact_of_schema_4() -> None:
    contact = contact_from_api(
        {
            "id": "CTT-0001-9158",
            "href": "/v1/notifications/contacts/CTT-0001-9158",
            "name": "Jane Doe",
            "email": "jane@example.com",
            "user": {"id": "USR-1111-2222", "name": "Jane Doe", "status": "Active", "accounts": [{"id": "ACC-1"}]},
            "userId": "USR-1111-2222",
            "optOuts": [
                {
                    "id": "NTC-6157-0397",
                    "name": "Orders",
                    "description": "…",
                    "icon": "/i.png",
                    "lastUsed": "2025-12-14",
                }
            ],
            "status": "Blocked",
            "blockedReason": "Bounced",
            "audit": {"created": {"at": "2025-12-14T08:21:33.917Z"}},
            "$meta": {"omitted": []},
        }
    )
    assert contact == Contact(
        id="CTT-0001-9158",
        email="jane@example.com",
        name="Jane Doe",
        status="Blocked",
        blocked_reason="Bounced",
        opt_outs=frozenset({"NTC-6157-0397"}),
        user_id="USR-1111-2222",
        linked=True,
    )
    assert contact.audit == {"created": {"at": "2025-12-14T08:21:33.917Z"}}
    assert contact.category_names == {"NTC-6157-0397": "Orders"}
    assert contact.carried == {}
    assert contact.is_blocked
    assert contact.is_live


def test_a_contact_of_schema_5() -> None:
    contact = contact_from_api(
        {
            "id": "CTT-0001-9158",
            "revision": 7,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "status": "Active",
            "chat": False,
            "directories": [{"id": "DIR-1"}],
            "identity": {"id": "USR-1111-2222", "name": "Jane Doe", "revision": 2},
            "optOuts": [{"id": "NTC-1", "revision": 1, "name": "Orders"}, {"id": "NTC-2"}],
        }
    )
    assert (contact.revision, contact.user_id, contact.linked) == (7, "USR-1111-2222", True)
    assert contact.opt_outs == {"NTC-1", "NTC-2"}
    assert contact.category_names == {"NTC-1": "Orders"}
    assert contact.carried == {"chat": False, "directories": [{"id": "DIR-1"}]}


def test_the_least_that_a_contact_can_be() -> None:
    assert contact_from_api(LEAST) == Contact(id="CTT-0001-9158", email="Jane@X.Example", linked=False)
    assert contact_from_api(LEAST).key == "jane@x.example"


def test_null_and_empty_members_are_the_same_as_missing_ones() -> None:
    members = ("name", "status", "blockedReason", "optOuts", "user", "userId", "identity", "revision", "audit", "$meta")
    nulls = read(**dict.fromkeys((*members, "chat", "directories")))
    assert nulls == contact_from_api(LEAST)
    assert nulls.carried == {}
    assert read(name="", blockedReason="", optOuts=[], userId="") == contact_from_api(LEAST)


OPT_OUTS: dict[str, tuple[dict[str, Any], frozenset[str] | None]] = {
    "absent is none": ({}, frozenset()),
    "null is none": ({"optOuts": None}, frozenset()),
    "an empty list is none": ({"optOuts": []}, frozenset()),
    "left out is not known": ({"$meta": {"omitted": ["optOuts", "audit"]}}, None),
    "null and left out is not known": ({"optOuts": None, "$meta": {"omitted": ["optOuts"]}}, None),
    "sent although it is said to be left out": (
        {"optOuts": [{"id": "NTC-1"}], "$meta": {"omitted": ["optOuts"]}},
        frozenset({"NTC-1"}),
    ),
    "something else left out": ({"$meta": {"omitted": ["audit"]}}, frozenset()),
    "twice the same in any order": (
        {"optOuts": [{"id": "NTC-2"}, {"id": "NTC-1"}, {"id": "NTC-2"}]},
        frozenset({"NTC-1", "NTC-2"}),
    ),
    "a meta that is no object": ({"$meta": "omitted"}, frozenset()),
    "an omitted that is no list": ({"$meta": {"omitted": "optOuts"}}, frozenset()),
    "an omitted with odd entries": ({"$meta": {"omitted": [None, {}, "optOuts"]}}, None),
}


@pytest.mark.parametrize("case", OPT_OUTS)
def test_left_out_opt_outs_are_not_taken_for_none(case: str) -> None:
    members, expected = OPT_OUTS[case]
    assert read(**members).opt_outs == expected


@pytest.mark.parametrize(
    "opt_outs",
    ["NTC-1", {"id": "NTC-1"}, ["NTC-1"], [{"name": "Orders"}], [{"id": 1}], [{"id": ""}], [None], 5, True],
    ids=repr,
)
def test_unreadable_opt_outs_are_refused_rather_than_dropped(opt_outs: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="CTT-0001-9158 with unreadable opt-outs"):
        read(optOuts=opt_outs)


@pytest.mark.parametrize(
    ("sent", "status", "live", "blocked"),
    [
        ("Active", "Active", True, False),
        ("active", "Active", True, False),
        ("BLOCKED", "Blocked", True, True),
        ("deleted", "Deleted", False, False),
        ("new", "New", True, False),
        ("Pending", "Pending", True, False),
        ("deletedSoon", "deletedSoon", True, False),
        (None, "Active", True, False),
        (3, "Active", True, False),
    ],
)
def test_a_status_is_read_in_any_case_and_an_unknown_one_is_not_absent(
    sent: Any, status: str, live: bool, blocked: bool
) -> None:
    contact = read(status=sent)
    assert (contact.status, contact.is_live, contact.is_blocked) == (status, live, blocked)


LINKS: dict[str, tuple[dict[str, Any], tuple[str | None, bool | None]]] = {
    "userId": ({"userId": "USR-1"}, ("USR-1", True)),
    "user": ({"user": {"id": "USR-1"}}, ("USR-1", True)),
    "identity": ({"identity": {"id": "USR-1"}}, ("USR-1", True)),
    "a user without an id": ({"user": {"name": "Jane"}}, (None, False)),
    "a user that is no object": ({"user": "USR-1"}, (None, False)),
    "none of them": ({}, (None, False)),
    "left out identity": ({"$meta": {"omitted": ["identity"]}}, (None, None)),
    "left out user": ({"$meta": {"omitted": ["user"]}}, (None, None)),
    "left out user but known id": ({"userId": "USR-1", "$meta": {"omitted": ["user"]}}, ("USR-1", True)),
}


@pytest.mark.parametrize("case", LINKS)
def test_the_link_to_a_platform_user(case: str) -> None:
    members, expected = LINKS[case]
    contact = read(**members)
    assert (contact.user_id, contact.linked) == expected


@pytest.mark.parametrize("value", ["CTT-0001-9158", "CTT-1234-9876-1234", "CON-0000-0000-0000", "a", "x_1", "A" * 64])
def test_a_plain_id_is_accepted(value: str) -> None:
    assert is_safe_id(value)
    assert read(id=value).id == value


HOSTILE = [
    "../../accounts/ACC-1",
    "..",
    ".",
    "%2e%2e",
    "a/b",
    "a\\b",
    "CTT-1?x",
    "CTT-1#",
    "CTT-1;x",
    "CTT 1",
    " CTT-1",
    "CTT-1\n",
    "CTT-1\r\nX: y",
    "CTT-1\x00",
    "CTT\u202e1",
    "CTT\u22121",
    "CTT-\uff11",
    "CTT-",
    "-CTT",
    "",
    "A" * 65,
]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_an_id_that_could_name_another_address_is_refused_from_anybody(value: str) -> None:
    assert not is_safe_id(value)
    with pytest.raises(InvalidAnswerError, match="without a usable id"):
        read(id=value)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "CTT-1",
        5,
        {},
        {"id": "CTT-1"},
        {"id": "CTT-1", "email": None},
        {"id": "CTT-1", "email": ""},
        {"id": "CTT-1", "email": 5},
        {"id": 5, "email": "a@x.example"},
        {"id": None, "email": "a@x.example"},
        {"email": "a@x.example"},
    ],
    ids=repr,
)
def test_what_is_no_contact_is_refused(data: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="The API sent"):
        contact_from_api(data)


@pytest.mark.parametrize("revision", [True, "3", 1.5, None, []], ids=repr)
def test_a_revision_that_is_no_number_is_not_known(revision: Any) -> None:
    assert read(revision=revision).revision is None


MEMBERS = [
    "id",
    "email",
    "name",
    "status",
    "blockedReason",
    "optOuts",
    "user",
    "userId",
    "identity",
    "revision",
    "audit",
    "$meta",
    "omitted",
    "chat",
    "directories",
]
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["CTT-1", "a@x", "Deleted"]),
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(MEMBERS), st.text(max_size=4)), inner, max_size=6),
    ),
    max_leaves=20,
)


@given(data=JSON, members=st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_any_json_is_a_contact_or_an_invalid_answer(data: Any, members: dict[str, Any]) -> None:
    for value in (data, members, {**LEAST, **members}):
        with suppress(InvalidAnswerError):
            contact = contact_from_api(value)
            assert is_safe_id(contact.id)
            assert contact.key
            assert contact.opt_outs is None or all(isinstance(category_id, str) for category_id in contact.opt_outs)
            assert contact.name is None or contact.name


@given(value=st.text(max_size=70))
def test_an_accepted_id_is_one_plain_segment_of_a_path(value: str) -> None:
    if is_safe_id(value):
        assert value.isascii()
        assert value.replace("-", "").replace("_", "").isalnum()
