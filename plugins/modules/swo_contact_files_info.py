#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contact_files_info
short_description: Read and check contact files without the API
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Reads the files that M(softwareone.marketplace.swo_contacts) takes and names every fault in them at once, each with
    file and line. It needs no token, no network and not the library C(requests).
  - What can be told only by the API is not checked. Names of notification categories are checked if the files have a
    catalogue of them (C(categories)), which M(softwareone.marketplace.swo_contacts_export) writes.
  - Coverage contracts are checked as far as files pin them. One that the files alone break is a fault.
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
      - Files that C(ansible-vault) encrypted as a whole are read if the task runs on the control node, without
        C(become), C(async), C(environment) or an interpreter of its own. They are decrypted in memory only, with the
        vault passwords that Ansible was given. Faults in them are told without the values.
      - Relative paths start at the playbook if the task runs on the control node.
      - Required unless O(error) is given.
    type: list
    elements: path
  email:
    description:
      - The address of one contact to explain in RV(explained). It is an error if no file declares it.
      - An entry without an address is found by its id.
    type: str
  live:
    description:
      - What M(softwareone.marketplace.swo_contact_info) returns as C(contacts) for O(email), to be compared in
        RV(explained).
    type: list
    elements: dict
  error:
    description:
      - What went wrong before this task. The task then reads nothing, writes this to O(reports) with the status
        V(error), and fails with it.
      - An empty text counts as left out.
    type: str
  account_name:
    description:
      - What reports call the account.
      - The inventory host if not set, where the task runs in Ansible's own process or is shipped by it.
    type: str
  reports:
    description:
      - Files to write a report to. The ending chooses the form.
      - C(.html) and C(.md) are tables for people, C(.json) and C(.xml) (JUnit) are for programs. JUnit has a case for
        each fault, for each file without one, and, once there is no fault, for each contact that is declared.
      - C(.annotations.txt) holds workflow commands of GitHub Actions; a job that prints the file has each fault shown
        beside its line. C(.codequality.json) is a Code Quality report of GitLab.
      - They are written whatever happens, even if other options are refused.
    type: list
    elements: path
  report_privacy:
    description:
      - Whether the reports show e-mail addresses in full.
      - If left out, they are masked in Markdown, annotations and Code Quality, which many read, and shown in the other
        forms.
    type: str
    choices: [full, masked]
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

- name: Leave a page for people and a report for the merge request
  softwareone.marketplace.swo_contact_files_info:
    src: [contacts]
    reports:
      - reports/files.html
      - reports/files.codequality.json

- name: Explain one contact
  softwareone.marketplace.swo_contact_files_info:
    src: [contacts/base, contacts/prod]
    email: ann@contoso.example
  register: files

- name: Show where its fields come from
  ansible.builtin.debug:
    msg: "{{ files.explained.text }}"
"""

RETURN = r"""
status:
  description: V(clean), or V(error) if there is a fault or nothing could be checked.
  returned: always
  type: str
  sample: clean
files:
  description:
    - The files that were checked, relative to where C(ansible-playbook) was started, unless they lie elsewhere.
  returned: always
  type: list
  elements: str
  sample:
    - contacts/base.yml
contacts:
  description: Every contact as all files together declare it, sorted by address. Empty if there is a fault.
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
coverage:
  description:
    - The coverage contracts of the files as far as these pin them, with the keys that
      M(softwareone.marketplace.swo_contacts) documents. Empty where O(email) is given.
  returned: always
  type: list
  elements: dict
  sample: []
explained:
  description: Where each field of O(email) comes from; null without O(email).
  returned: always
  type: dict
  contains:
    email:
      description: The address as declared.
      type: str
      sample: ann@contoso.example
    id:
      description: The id, as far as it is declared or live.
      type: str
      sample: CTT-1234-5678
    is_live:
      description: Whether O(live) has such a contact; null without O(live).
      type: bool
      sample: true
    fields:
      description:
        - The fields, each with C(field), C(value), C(source) (file and line, null for a default), C(overrides) (hidden
          values with their C(source), nearest first), C(live) and C(differs).
      type: list
      elements: dict
      sample:
        - field: name
          value: Ann Example
          source: contacts/prod/people.yml:4
          overrides:
            - value: Ann
              source: contacts/base/people.yml:7
          live: Ann
          differs: true
    text:
      description: The same for people, line by line.
      type: list
      elements: str
      sample:
        - ann@contoso.example
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
  returned: if the contact files have faults
  type: list
  elements: str
  sample:
    - "contacts/base.yml:12: opt_out: is not known here; did you mean opt_outs?"
faults:
  description: The same faults as data, in the same order.
  returned: if the contact files have faults
  type: list
  elements: dict
  contains:
    file:
      description:
        - The file, relative to where C(ansible-playbook) was started, unless it lies elsewhere.
      type: str
      sample: contacts/base.yml
    line:
      description: The line; null where the file has none, as where it does not exist.
      type: int
      sample: 12
    field:
      description: The field, as far as the fault is about one.
      type: str
      sample: opt_out
    message:
      description: What is wrong, and what to do.
      type: str
      sample: is not known here; did you mean opt_outs?
"""

from ansible_collections.softwareone.marketplace.plugins.module_utils._python import require_python

require_python()

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.files import run_contact_files_info
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT_FILES_INFO


def main():
    # type: () -> None
    run_module(SWO_CONTACT_FILES_INFO, run_contact_files_info)


if __name__ == "__main__":
    main()
