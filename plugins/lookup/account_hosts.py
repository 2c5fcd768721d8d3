# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: account_hosts
short_description: Make sure that a play is about at least one host
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - For the playbooks of the collection. Gives back the pattern, or fails if no host of the inventory fits it and the
    limit.
  - Ansible itself ends such a play without a word and with success, so a check of no account would read as a clean one.
options:
  _terms:
    description: The pattern that C(hosts) of the play is to have.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Run on the accounts, of which there has to be one
  hosts: "{{ lookup('softwareone.marketplace.account_hosts', target | default('localhost')) }}"
  gather_facts: false
  tasks: []
"""

RETURN = r"""
_raw:
  description: The pattern.
  type: list
  elements: str
"""

from typing import Any, Mapping

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **_options: Any) -> list[str]:
        given = variables or {}
        pattern = terms[0]
        limit = given.get("ansible_limit")
        if not _inventory(given["groups"], limit).get_hosts(pattern):
            said = f"target={pattern}" + (f" and --limit {limit}" if limit else "")
            raise AnsibleError(
                f"No account is looked at: no host of the inventory fits {said}. Name an inventory with -i, and a host "
                "or group of it as target."
            )
        return [pattern]


def _inventory(groups: Mapping[str, list[str]], limit: str | None) -> InventoryManager:
    """The inventory again, as far as patterns ask for it: a lookup gets only the names."""
    inventory = InventoryManager(loader=None, sources=None, parse=False)
    for group, hosts in groups.items():
        inventory.add_group(group)
        for host in hosts:
            inventory.add_host(host, group)
    inventory.subset(limit)
    return inventory
