# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back, entry by entry."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import plan_contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import Item
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.write import undo_text

CATALOG = Catalog([Category("NTC-1", "Orders"), Category("NTC-2", "Invoices")])
EMAIL = "ann@x.example"
ACTIVE = Contact("CTT-1", EMAIL, "Ann", opt_outs=frozenset({"NTC-2", "NTC-1"}))
BLOCKED = Contact("CTT-1", EMAIL, status="Blocked")
SAME = {"id": "CTT-1", "email": EMAIL}
ALL_OF_ACTIVE = {
    "email": EMAIL,
    "name": "Ann",
    "opt_outs": ["NTC-1", "NTC-2"],
    "opt_outs_mode": "exact",
    "state": "present",
    "unblock": "always",
    "reason": "was CTT-1",
}


def item(live: Contact | None, **wanted: Any) -> Item:
    desired = DesiredContact(**({"email": EMAIL} | wanted))
    return Item(EMAIL, 0, plan_contact(desired, live, CATALOG), live)


@pytest.mark.parametrize(
    ("live", "wanted", "entry"),
    [
        (None, {}, {"email": EMAIL, "state": "absent"}),
        (None, {"state": "blocked"}, {"email": EMAIL, "state": "absent"}),
        (ACTIVE, {"name": "M"}, {**SAME, "name": "Ann", "unblock": "never"}),
        (
            ACTIVE,
            {"opt_outs": ()},
            {**SAME, "opt_outs": ["NTC-1", "NTC-2"], "opt_outs_mode": "exact", "unblock": "never"},
        ),
        (ACTIVE, {"state": "blocked"}, {**SAME, "state": "present", "unblock": "always"}),
        (BLOCKED, {"name": "M"}, {**SAME, "name": "", "state": "blocked"}),
        (BLOCKED, {"name": "M", "unblock": "never"}, {**SAME, "name": "", "unblock": "never"}),
        (ACTIVE, {"id": "CTT-1", "email": "new@x.example"}, {**SAME, "unblock": "never"}),
        (ACTIVE, {"state": "absent"}, ALL_OF_ACTIVE),
    ],
)
def test_only_what_changes_goes_back(live: Contact | None, wanted: dict[str, Any], entry: dict[str, Any]) -> None:
    assert yaml.safe_load(undo_text([item(live, **wanted)])) == {"contacts": [entry]}


def test_nothing_to_undo_is_an_empty_file() -> None:
    assert yaml.safe_load(undo_text([])) == {"contacts": []}
