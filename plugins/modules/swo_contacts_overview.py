#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contacts_overview
short_description: Write one overview of the contacts of several accounts
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Takes what M(softwareone.marketplace.swo_contacts) returned for each account and writes one overview, the worst
    account first, each with links to its own reports, and the differences of each notification category summed up.
  - An account that has no result, because its host failed or was unreachable, is listed with the status V(error).
  - The playbooks of the collection do this where the variable C(swo_contacts_overview) names files.
  - It needs no token and sends nothing.
extends_documentation_fragment:
  - softwareone.marketplace._attributes
attributes:
  check_mode:
    support: full
    details:
      - The overview is written in check mode, too, as all reports are.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Never reports a change.
requirements:
  - python >= 3.8
options:
  accounts:
    description:
      - By the name of each account, mostly its inventory host, what M(softwareone.marketplace.swo_contacts) returned.
        Only C(status), C(account), C(summary), C(msg), C(counts), C(categories), C(plan_hash) and C(reports) are read.
      - An empty value is an account without a result.
    type: dict
    required: true
  dest:
    description:
      - Files to write. The ending chooses the form, C(.json), C(.md) or C(.html).
      - Relative paths start at the playbook if the task runs on the control node.
    type: list
    elements: path
    required: true
  view:
    description:
      - What the results are of. V(drift) is for a comparison; V(plan) is for provisioning, and for what it would do in
        check mode.
    type: str
    choices:
      - plan
      - drift
    default: plan
  report_privacy:
    description:
      - Whether e-mail addresses in messages are shown in full. If left out, only Markdown masks them.
    type: str
    choices:
      - full
      - masked
seealso:
  - module: softwareone.marketplace.swo_contacts
"""

EXAMPLES = r"""
- name: Bring every account to what its files say
  hosts: accounts
  gather_facts: false
  tasks:
    - name: Provision, and sum up whatever happens
      block:
        - name: Apply the files
          softwareone.marketplace.swo_contacts:
            src:
              - "contacts/{{ inventory_hostname }}"
            reports:
              - "reports/{{ inventory_hostname }}.html"
          register: provisioned
      always:
        - name: Write the overview
          softwareone.marketplace.swo_contacts_overview:
            accounts: "{{ dict(ansible_play_hosts_all | zip(outcomes)) }}"
            dest:
              - reports/overview.html
          vars:
            outcomes: >-
              {{ ansible_play_hosts_all | map('extract', hostvars) | map(attribute='provisioned', default={}) }}
          run_once: true
          delegate_to: localhost
"""

RETURN = r"""
status:
  description: The status of the worst account.
  returned: always
  type: str
  sample: drift
counts:
  description: How many accounts there are of each status.
  returned: always
  type: dict
  sample:
    applied: 0
    clean: 4
    drift: 1
    error: 0
    pending: 0
differences:
  description: How many contacts of all accounts differ, or were changed.
  returned: always
  type: int
  sample: 3
categories:
  description: What becomes of each notification category in all accounts together, sorted by name.
  returned: always
  type: list
  elements: dict
  contains:
    category:
      description: The name of the category, or its id where no name is known.
      type: str
      sample: Orders
    more:
      description: Contacts that were opted out in addition, or would be in check mode.
      type: int
      sample: 3
    fewer:
      description: Contacts that are no longer opted out, or would not be.
      type: int
      sample: 1
    accounts:
      description: In how many accounts.
      type: int
      sample: 2
accounts:
  description: The accounts, the worst one first.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The name of the account in O(accounts).
      type: str
      sample: contoso
    account:
      description: What the result says of the account; null where it says nothing.
      type: dict
      sample:
        host: contoso
        id: ACC-1234-5678
        name: Contoso
        token: TKN-1234-5678
    status:
      description: V(error), V(drift), V(pending), V(applied) or V(clean); V(error) where there is no result.
      type: str
      sample: drift
    summary:
      description: The verdict of the run in one line.
      type: str
      sample: "Drift: 3 changed; 209 as declared"
    message:
      description: What went wrong; null if nothing did.
      type: str
      sample:
    counts:
      description: As M(softwareone.marketplace.swo_contacts) returns them.
      type: dict
      sample:
        updated: 3
        unchanged: 209
    differences:
      description: How many contacts differ, or were changed.
      type: int
      sample: 3
    categories:
      description: As M(softwareone.marketplace.swo_contacts) returns them.
      type: list
      elements: dict
      sample:
        - category: Orders
          more: 3
          fewer: 0
    plan_hash:
      description: The hash of the plan; null if there is none.
      type: str
      sample: 7f3a90c1d2e4b5a69788
    reports:
      description: The reports of the account.
      type: list
      elements: str
      sample:
        - /srv/contacts/reports/contoso.html
"""

from ansible_collections.softwareone.marketplace.plugins.module_utils._python import require_python

require_python()

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.overview import run_contacts_overview
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACTS_OVERVIEW


def main():
    # type: () -> None
    run_module(SWO_CONTACTS_OVERVIEW, run_contacts_overview)


if __name__ == "__main__":
    main()
