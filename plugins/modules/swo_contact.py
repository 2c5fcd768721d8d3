#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contact
short_description: Manage one notification contact of a SoftwareOne Marketplace account
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Creates, updates, blocks, unblocks and deletes one notification contact.
  - A name or a list of categories that is left out is not managed. A task without O(state) makes sure that the contact
    is present, which lifts a block that somebody set by hand; O(unblock=never) leaves it.
  - Every write is read back. If the API accepted a change that does not show afterwards, the task fails.
extends_documentation_fragment:
  - softwareone.marketplace._contact
  - softwareone.marketplace._connection
  - softwareone.marketplace._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: softwareone.marketplace.swo_contact_info
  - module: softwareone.marketplace.swo_category_info
"""

EXAMPLES = r"""
- name: Make sure that Ann receives notifications, but no invoices and renewals
  softwareone.marketplace.swo_contact:
    api_token: "{{ marketplace_token }}"
    email: ann@contoso.example
    name: Ann Example
    opt_outs:
      - Invoices
      - Renewals

- name: Opt the on-call desk out of technical updates and keep what people chose themselves
  softwareone.marketplace.swo_contact:
    email: desk@contoso.example
    opt_outs: [Technical updates]
    opt_outs_mode: at_least

- name: Make sure that procurement receives orders, whatever it opted out of before
  softwareone.marketplace.swo_contact:
    email: procurement@contoso.example
    opt_ins: [Orders]

- name: Stop all mail to a closed mailbox
  softwareone.marketplace.swo_contact:
    email: closed@contoso.example
    state: blocked

- name: Change an address and keep the contact with its id and opt-outs
  softwareone.marketplace.swo_contact:
    id: CTT-1234-5678
    email: ann.newname@contoso.example

- name: Remove a contact
  softwareone.marketplace.swo_contact:
    email: temp@partner.example
    state: absent

- name: Set the connection once for all modules of this collection
  module_defaults:
    group/softwareone.marketplace.all:
      api_url: https://api.platform.softwareone.com/public/v1
      api_token: "{{ marketplace_token }}"
  block:
    - name: Make sure that Bob is a contact
      softwareone.marketplace.swo_contact:
        email: bob@contoso.example
        name: Bob Example
"""

RETURN = r"""
contact:
  description:
    - The contact as it is after the task, or as it would be in check mode. The keys are the same in every outcome.
    - Where there is no contact all values but RV(contact.email) are null. A contact that was deleted is returned as it
      was last, with RV(contact.status) set to V(Deleted).
  returned: always
  type: dict
  contains:
    id:
      description: The id; null while a contact is still to be created in check mode.
      type: str
      sample: CTT-1234-5678
    email:
      description: The e-mail address as the API has it.
      type: str
      sample: ann@contoso.example
    name:
      description: The display name; null if there is none.
      type: str
      sample: Ann Example
    status:
      description: V(Active), V(Blocked) or V(Deleted).
      type: str
      sample: Active
    blocked_reason:
      description: Why the platform blocked the contact; null if it did not.
      type: str
      sample: null
    opt_outs:
      description: The categories that the contact is opted out of, sorted by name.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the category.
          type: str
          sample: NTC-1234-5678
        name:
          description: The name of the category; null if the API did not send it.
          type: str
          sample: Invoices
    linked:
      description: Whether the address belongs to a user of the platform; null if not known.
      type: bool
      sample: false
    user_id:
      description: The id of that user.
      type: str
      sample: USR-1234-5678
    revision:
      description: The number of the contact's last change; null where the API does not count them.
      type: int
      sample: 3
actions:
  description: What was done, or would be done in check mode, in this order. Empty if nothing was to be done.
  returned: always
  type: list
  elements: str
  sample:
    - create
    - block
requests:
  description: How many requests were sent to the API, by method, repeated ones included.
  returned: always
  type: dict
  sample:
    GET: 2
    POST: 0
    PUT: 1
    DELETE: 0
failure:
  description: What the API said about a failure; its values are null if it said nothing.
  returned: on failure
  type: dict
  contains:
    status:
      description: The HTTP status.
      type: int
      sample: 403
    title:
      description: The title of the API's error.
      type: str
      sample: Forbidden
    detail:
      description: The API's explanation.
      type: str
      sample: You have no permission to create contacts.
    trace_id:
      description: What SoftwareOne's support needs to find the request.
      type: str
      sample: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00
    errors:
      description: Messages of the API by field.
      type: dict
      sample:
        email:
          - The address is already used.
"""

from ansible_collections.softwareone.marketplace.plugins.module_utils._python import require_python

require_python()

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contact import run_contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT


def main():
    # type: () -> None
    run_module(SWO_CONTACT, run_contact)


if __name__ == "__main__":
    main()
