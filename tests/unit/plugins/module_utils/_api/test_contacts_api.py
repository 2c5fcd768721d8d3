# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls for contacts: nobody but the contact that was asked for is believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.contacts_api import ContactsApi
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    AmbiguousError,
    ApiError,
    InvalidAnswerError,
    ReadOnlyError,
)
from tests.harness import Marketplace
from tests.unit.contact_sets import address, people, workers_of

STRANGER = "CTT-9999-0001"


def api_of(marketplace: Marketplace, check_mode: bool = False) -> ContactsApi:
    return workers_of(marketplace, check_mode=check_mode).api


def test_another_contact_than_the_one_that_was_asked_for_is_not_believed() -> None:
    marketplace = Marketplace()
    [contact_id] = people(marketplace, [1])
    marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"edit": {"set": {"id": STRANGER}}}})

    with pytest.raises(InvalidAnswerError, match=f"Asked for contact {contact_id}, the API sent {STRANGER}"):
        api_of(marketplace).get(contact_id)


def test_only_the_apis_own_404_means_that_there_is_no_such_contact() -> None:
    marketplace = Marketplace()
    [contact_id] = people(marketplace, [1])
    api = api_of(marketplace)

    assert api.get(STRANGER) is None
    for status in (400, 403, 410):
        marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"status": status}, "times": 1})
        with pytest.raises(ApiError):
            api.get(contact_id)


def test_a_deleted_contact_is_none() -> None:
    marketplace = Marketplace(deleted_visibility="listed")
    [contact_id] = people(marketplace, [1], status="Deleted")

    assert api_of(marketplace).get(contact_id) is None
    assert api_of(marketplace).find(address(1)) is None


def test_of_two_contacts_with_an_address_none_is_chosen() -> None:
    marketplace = Marketplace(email_unique="off")
    ids = people(marketplace, [1, 1])

    with pytest.raises(AmbiguousError) as caught:
        api_of(marketplace).find(address(1))

    assert caught.value.ids == sorted(ids)


def test_whoever_a_filter_finds_besides_is_not_the_one() -> None:
    marketplace = Marketplace()
    people(marketplace, [2])
    marketplace.simulator.add_fault({"when": {"method": "GET"}, "do": {"ignore_filter": True}})

    assert api_of(marketplace).find(address(1)) is None


WRITES: dict[str, Callable[[ContactsApi, Any], object]] = {
    "POST": lambda api, contact: api.block(contact, 1),
    "PUT": lambda api, contact: api.update(contact.id, {"email": contact.email}, 1),
}


@pytest.mark.parametrize("method", WRITES)
def test_a_write_that_is_answered_with_another_contact_may_have_been_carried_out(method: str) -> None:
    marketplace = Marketplace()
    [contact_id] = people(marketplace, [1])
    api = api_of(marketplace)
    contact = api.get(contact_id)
    marketplace.simulator.add_fault({"when": {"method": method}, "do": {"edit": {"set": {"id": STRANGER}}}})

    with pytest.raises(InvalidAnswerError, match="answered with another contact"):
        WRITES[method](api, contact)


def test_a_creation_that_is_answered_with_another_address_may_have_been_carried_out() -> None:
    marketplace = Marketplace()
    edit = {"set": {"email": address(2)}}
    marketplace.simulator.add_fault({"when": {"method": "POST"}, "do": {"edit": edit}})

    with pytest.raises(InvalidAnswerError, match="answered with another contact"):
        api_of(marketplace).create({"email": address(1)}, 1)


def test_in_check_mode_no_write_leaves_the_client_whoever_asks_for_it() -> None:
    marketplace = Marketplace()
    [contact_id] = people(marketplace, [1])
    api = api_of(marketplace, check_mode=True)
    contact = api.get(contact_id)
    assert contact is not None

    for write in (
        lambda: api.create({"email": address(2)}, 1),
        lambda: api.update(contact.id, {"email": address(1)}, 1),
        lambda: api.block(contact, 1),
        lambda: api.unblock(contact, 1),
        lambda: api.delete(contact, 1),
    ):
        with pytest.raises(ReadOnlyError):
            write()
    assert marketplace.writes() == []
