#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: swo_contact_files_info
short_description: Read and check contact files without the API
version_added: 0.1.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Reads the files that M(softwareone.marketplace.swo_contacts) takes and names every fault in them at once, each with
    file and line. It needs no token and sends nothing.
  - What can be told only by the API is not checked, such as whether a notification category exists.
extends_documentation_fragment:
  - softwareone.marketplace._attributes
  - softwareone.marketplace._attributes.info_module
requirements:
  - python >= 3.8
  - jsonschema >= 4.18.0, to name the faults
  - PyYAML, to read files in YAML
options:
  src:
    description:
      - Contact files and directories. A later entry overlays an earlier one, per contact and field.
      - Relative paths start at the playbook if the task runs on the control node.
    type: list
    elements: path
    required: true
seealso:
  - module: softwareone.marketplace.swo_contacts
"""

EXAMPLES = r"""
- name: Check the contact files of a pull request
  softwareone.marketplace.swo_contact_files_info:
    src:
      - contacts/base
      - contacts/prod
  register: files

- name: Show what the layers come to for one contact
  ansible.builtin.debug:
    msg: "{{ files.contacts | selectattr('email', 'equalto', 'ann@contoso.example') | first }}"
"""

RETURN = r"""
contacts:
  description: Every contact as all files together declare it, sorted by address.
  returned: always
  type: list
  elements: dict
  sample:
    - email: ann@contoso.example
      id: null
      name: Ann Example
      opt_ins: null
      opt_outs:
        - Technical updates
      opt_outs_mode: exact
      reason: null
      source: contacts/prod/finance.yml
      state: present
      unblock: auto
total:
  description: How many contacts there are.
  returned: always
  type: int
  sample: 1
skipped_files:
  description:
    - Files in the directories of O(src) whose names do not end as those of contact files do, so that they are not read.
      Hidden files, documentation and reports are not listed. A name that is close to one of a contact file is a fault.
  returned: always
  type: list
  elements: str
  sample:
    - contacts/prod/old.txt
problems:
  description: Every fault, one line each, with file and line.
  returned: on failure
  type: list
  elements: str
  sample:
    - "contacts/base.yml:12: opt_out: unknown field, did you mean opt_outs?"
"""

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.files import run_contact_files_info
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT_FILES_INFO


def main() -> None:
    run_module(SWO_CONTACT_FILES_INFO, run_contact_files_info)


if __name__ == "__main__":
    main()
