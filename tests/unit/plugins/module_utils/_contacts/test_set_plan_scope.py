# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a removal is about."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import Scope, scope_from

ANN = Contact("CTT-1", "Ann@Contoso.example", linked=False)


def scope(**params: Any) -> Scope:
    return scope_from({"removal": "delete", **params})


@pytest.mark.parametrize(
    ("emails", "ignore", "covered"),
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
def test_patterns(emails: list[str] | None, ignore: list[str] | None, covered: bool) -> None:
    assert scope(scope={"emails": emails}, ignore=ignore).covers(ANN) is covered


def test_without_a_scope_it_is_about_everybody() -> None:
    assert scope() == Scope("delete")
    assert scope(scope={"emails": None, "rql": None}).covers(ANN)
    assert scope(scope={"rql": ""}).rql == ""


@pytest.mark.parametrize("linked", [False, True, None])
@pytest.mark.parametrize("remove_linked", [False, True])
@pytest.mark.parametrize("removal", ["report", "keep", "block", "delete"])
def test_only_who_is_surely_no_user_is_removed(removal: str, remove_linked: bool, linked: bool | None) -> None:
    contact = Contact("CTT-1", "ann@contoso.example", linked=linked)
    expected = removal in ("block", "delete") and (remove_linked or linked is False)
    assert scope(removal=removal, remove_linked=remove_linked).may_remove(contact) is expected
