# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a playbook are texts, lists and mappings of Ansible's own classes; they count as such."""

from __future__ import annotations

from typing import Any

from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import desired_contacts


class Text(str):
    """As Ansible tags a text with the place that it comes from."""


class Items(list[Any]):
    """As Ansible tags a list."""


class Fields(dict[str, Any]):
    """As Ansible tags a mapping."""


def test_contacts_of_a_playbook_are_not_lost() -> None:
    contact = Fields(email=Text("ann@contoso.example"), opt_outs=Items([Text("Invoices")]), state=Text("blocked"))
    (declared,) = desired_contacts(Items([contact]), None)
    assert declared.desired.email == "ann@contoso.example"
    assert declared.desired.state == "blocked"
    assert list(declared.desired.opt_outs or ()) == ["Invoices"]
