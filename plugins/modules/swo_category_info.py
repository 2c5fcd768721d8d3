#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_category_info
short_description: Read the notification categories of the SoftwareOne Marketplace
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Reads the categories that contacts can opt out of, with their names and ids. All options have to hold.
extends_documentation_fragment:
  - softwareone.marketplace._connection
  - softwareone.marketplace._attributes
  - softwareone.marketplace._attributes.info_module
options:
  id:
    description: The id of the category.
    type: str
  name:
    description: The name of the category, compared without regard to upper and lower case.
    type: str
  status:
    description: The status. Only published categories can be opted out of.
    type: str
    choices: [published, unpublished]
  opt_out_allowed:
    description: Whether contacts may opt out of the category.
    type: bool
seealso:
  - module: softwareone.marketplace.swo_contact
  - module: softwareone.marketplace.swo_contact_info
"""

EXAMPLES = r"""
- name: Read the categories that contacts can opt out of
  softwareone.marketplace.swo_category_info:
    api_token: "{{ marketplace_token }}"
    status: published
    opt_out_allowed: true
  register: choices

- name: Find the id of one category
  softwareone.marketplace.swo_category_info:
    name: Invoices
  register: invoices
"""

RETURN = r"""
categories:
  description: The categories found, sorted by name; an empty list if there is none.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: NTC-1234-5678
    name:
      description: The name.
      type: str
      sample: Invoices
    description:
      description: What the category is about; null if the API does not say.
      type: str
      sample: Invoices and credit notes
    status:
      description: V(Published) or V(Unpublished).
      type: str
      sample: Published
    opt_out_allowed:
      description: Whether contacts may opt out of it; null if the API does not say.
      type: bool
      sample: true
total:
  description: How many categories were found; null after a failure.
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

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.info import run_category_info
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CATEGORY_INFO


def main():
    # type: () -> None
    run_module(SWO_CATEGORY_INFO, run_category_info)


if __name__ == "__main__":
    main()
