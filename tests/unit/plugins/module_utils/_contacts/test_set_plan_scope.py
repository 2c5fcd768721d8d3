# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a removal is about."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    DesiredEntry,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.scope import (
    UNMANAGED,
    Scope,
    scope_from,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError

ANN = Contact("CTT-1", "Ann@Contoso.example", linked=False)


def scope(**params: Any) -> Scope:
    return scope_from({"unmanaged": "delete", **params})


@pytest.mark.parametrize(
    ("emails", "exclude", "covered"),
    [
        (None, None, True),
        (None, [], True),
        ([], None, False),
        (["*"], None, True),
        (["ANN@*"], None, True),
        (["*@contoso.example"], None, True),
        (["*@CONTOSO.EXAMPLE"], None, True),
        (["bob@*", "a?n@*"], None, True),
        (["bob@*"], None, False),
        (["contoso"], None, False),
        (None, ["ann@contoso.example"], False),
        (["*"], ["*@contoso.*"], False),
        (["*"], ["*@fabrikam.example"], True),
    ],
)
def test_patterns(emails: list[str] | None, exclude: list[str] | None, covered: bool) -> None:
    assert scope(scope={"emails": emails, "exclude": exclude}).covers(ANN) is covered


def test_without_a_scope_it_is_about_everybody() -> None:
    assert scope() == Scope("delete")
    assert scope(scope={"emails": None, "exclude": None, "linked": None}) == Scope("delete")


@pytest.mark.parametrize("contact_linked", [False, True, None])
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("unmanaged", UNMANAGED)
def test_only_who_is_surely_no_user_is_removed(unmanaged: str, linked: bool, contact_linked: bool | None) -> None:
    contact = Contact("CTT-1", "ann@contoso.example", linked=contact_linked)
    expected = unmanaged in ("block", "retire", "delete") and (linked or contact_linked is False)
    assert scope(unmanaged=unmanaged, scope={"linked": linked}).may_remove(contact) is expected


@pytest.mark.parametrize("unmanaged", UNMANAGED)
def test_an_empty_set_is_refused_where_it_would_remove(unmanaged: str) -> None:
    somebody = DesiredEntry(DesiredContact(email="ann@contoso.example"), None, None)
    scope(unmanaged=unmanaged).refuse_emptiness([somebody])
    if unmanaged not in ("block", "retire", "delete"):
        scope(unmanaged=unmanaged).refuse_emptiness([])
        return
    with pytest.raises(InputError, match=f"unmanaged={unmanaged} would {unmanaged} every contact in scope"):
        scope(unmanaged=unmanaged).refuse_emptiness([])
