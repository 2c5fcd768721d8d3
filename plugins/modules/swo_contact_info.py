#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contact_info
short_description: Read notification contacts of a SoftwareOne Marketplace account
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Reads contacts by id, by e-mail address or by filters that all have to hold.
  - The list is complete. It is read page by page until nothing is left, and again if it changed meanwhile; if it cannot
    be proven complete, the task fails. Every row is compared with the filters once more on this side.
  - Deleted contacts are left out unless O(status=deleted).
extends_documentation_fragment:
  - softwareone.marketplace._connection
  - softwareone.marketplace._attributes
  - softwareone.marketplace._attributes.info_module
options:
  id:
    description: The id of the contact.
    type: str
  email:
    description: The e-mail address, compared without regard to upper and lower case.
    type: str
  status:
    description: The status; if left out, all contacts but deleted ones are returned.
    type: str
    choices: [active, blocked, deleted]
  name:
    description: The display name, compared without regard to upper and lower case.
    type: str
  email_like:
    description: A pattern for the e-mail address, in which C(*) stands for any text.
    type: str
  opted_out_of:
    description: Name or id of a notification category that the contacts are opted out of.
    type: str
  not_opted_out_of:
    description:
      - Name or id of a notification category that the contacts are not opted out of. Blocked contacts are among them;
        O(status=active) leaves them out.
    type: str
  linked:
    description: Whether the address belongs to a user of the platform.
    type: bool
  rql:
    description:
      - A filter in the platform's Resource Query Language, as in C(any(optOuts,eq(id,"NTC-1234-5678"))), added to the
        others. It is the only filter that is not compared again on this side.
    type: str
  order:
    description: Fields of the API to sort by, separated by commas, with C(-) before one that is to descend.
    type: str
    default: id
  limit:
    description: The largest number of contacts to return; if left out, all of them.
    type: int
  audit:
    description: Whether to return who created, changed and blocked each contact, and when.
    type: bool
    default: false
seealso:
  - module: softwareone.marketplace.swo_contact
  - module: softwareone.marketplace.swo_category_info
"""

EXAMPLES = r"""
- name: Read one contact
  softwareone.marketplace.swo_contact_info:
    api_token: "{{ marketplace_token }}"
    email: ann@contoso.example
  register: ann

- name: Find out who is blocked at Contoso, and since when
  softwareone.marketplace.swo_contact_info:
    status: blocked
    email_like: "*@contoso.example"
    audit: true
  register: blocked

- name: Read the contacts that do not receive invoices
  softwareone.marketplace.swo_contact_info:
    opted_out_of: Invoices
  register: without_invoices

- name: Read whom a change of the category would reach
  softwareone.marketplace.swo_contact_info:
    not_opted_out_of: Security alerts
    status: active
  register: reached

- name: Read the ten contacts that changed last, with a filter in RQL
  softwareone.marketplace.swo_contact_info:
    rql: ge(audit.updated.at,"2026-01-01T00:00:00.000Z")
    order: -audit.updated.at
    limit: 10
  register: recent
"""

RETURN = r"""
contacts:
  description: The contacts found, an empty list if there is none.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: CTT-1234-5678
    email:
      description: The e-mail address.
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
      sample: true
    user_id:
      description: The id of that user.
      type: str
      sample: USR-1234-5678
    revision:
      description: The number of the contact's last change; null where the API does not count them.
      type: int
      sample: 3
    audit:
      description: Who created, changed and blocked the contact, and when, as the API has it; null unless O(audit=true).
      type: dict
      sample:
        updated:
          at: "2026-01-05T10:30:00.000Z"
          by:
            id: USR-1234-5678
            name: Dana Example
total:
  description:
    - How many contacts there are that fit. Larger than the length of RV(contacts) if O(limit) cut the list.
    - Null after a failure, and where O(limit) cut the list and the API did not tell.
  returned: always
  type: int
  sample: 1
requests:
  description: How many requests were sent to the API, by method, repeated ones included.
  returned: always
  type: dict
  sample:
    GET: 1
    POST: 0
    PUT: 0
    DELETE: 0
failure:
  description: What the API said about a failure, with the keys that M(softwareone.marketplace.swo_contact) documents.
  returned: on failure
  type: dict
  sample:
    status: 401
    title: Authentication Failed
    detail: null
    trace_id: null
    errors: {}
"""

from ansible_collections.softwareone.marketplace.plugins.module_utils._python import require_python

require_python()

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.info import run_contact_info
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT_INFO


def main():
    # type: () -> None
    run_module(SWO_CONTACT_INFO, run_contact_info)


if __name__ == "__main__":
    main()
