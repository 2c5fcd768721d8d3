#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contacts_export
short_description: Write the live notification contacts of an account as contact files
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Writes all live contacts as files that M(softwareone.marketplace.swo_contacts) takes, sorted by address and without
    ids. Exporting the same contacts again gives the same bytes.
  - Deleted contacts are left out. What a contact file cannot express is returned in RV(left_out), and nothing of it is
    lost when the files are applied. Contacts that are not in the files are not managed, names that are not in them
    stay, and so do opt-outs that cannot be named.
  - Each file has C(opt_outs_mode=at_least) as its default, so that opt-outs that people choose later are kept. To give
    a category back to somebody, list it under C(opt_ins) in the file. What is empty is left out.
  - Files in O(dest) that the export does not write are left alone.
extends_documentation_fragment:
  - softwareone.marketplace._connection
  - softwareone.marketplace._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - PyYAML
options:
  dest:
    description:
      - The file to write, which has to end in C(.yml) or C(.yaml), or with O(split=domain) the folder. Only its owner
        can read a new file.
      - A relative path starts at the playbook if the task runs on the control node.
    type: path
    required: true
  split:
    description:
      - Whether to write one file for all contacts, or one for each domain of their addresses.
    type: str
    choices: [none, domain]
    default: none
  categories_dest:
    description:
      - A contact file for the catalogue of notification categories, which has to end in C(.yml) or C(.yaml). Put it
        beside the other files of C(src). M(softwareone.marketplace.swo_contact_files_info) then checks names of
        categories without a token, and a live run tells which categories are new on the platform.
      - A catalogue that was edited by hand is overwritten only with O(force=true).
    type: path
  snapshot_dest:
    description:
      - A file for what a plan needs of the account, which has to end in C(.json). The option C(snapshot) of
        M(softwareone.marketplace.swo_contacts) plans from it without a token.
      - It holds all addresses, names, statuses and opt-outs, and is as private as the account. Only its owner can read
        a new file. Commit it to private repositories only.
      - Its time is written anew in each run, which alone does not count as a change. A file that is no snapshot is
        overwritten only with O(force=true).
    type: path
  force:
    description:
      - Whether to overwrite a file that was written or edited by hand. A comment at the top of an exported file tells.
    type: bool
    default: false
  backup:
    description:
      - Whether to keep a copy of each file that is overwritten, beside it and with the time in its name.
    type: bool
    default: false
seealso:
  - module: softwareone.marketplace.swo_contacts
"""

EXAMPLES = r"""
- name: Start a repository from the live account
  softwareone.marketplace.swo_contacts_export:
    api_token: "{{ marketplace_token }}"
    dest: contacts
    split: domain
  register: export

- name: Renew the catalogue and the snapshot along with the files
  softwareone.marketplace.swo_contacts_export:
    dest: live.yml
    categories_dest: contacts/categories.yml
    snapshot_dest: snapshot.json

- name: Prove that the files say what is live
  softwareone.marketplace.swo_contacts:
    src: [contacts]
  check_mode: true
  register: proof
  failed_when: proof is failed or proof is changed
"""

RETURN = r"""
files:
  description: The contact files that hold the export, and O(categories_dest).
  returned: always
  type: list
  elements: str
  sample:
    - contacts/contoso.example.yml
backup_files:
  description: The copies of files that were overwritten, where O(backup=true).
  returned: always
  type: list
  elements: str
  sample: []
exported:
  description: How many contacts are in the files.
  returned: always
  type: int
  sample: 212
left_out:
  description:
    - Contacts, or parts of them, that are not in the files. Contacts are left out if several live ones share an
      address, or if the address cannot be that of a declared contact.
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
    reason:
      description: The field that a contact file cannot express, and why.
      type: str
      sample: "email: another live contact has the same address"
requests:
  description: How many requests were sent to the API, by method, repeated ones included.
  returned: always
  type: dict
  sample:
    GET: 4
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

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.files import run_contacts_export
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACTS_EXPORT


def main():
    # type: () -> None
    run_module(SWO_CONTACTS_EXPORT, run_contacts_export)


if __name__ == "__main__":
    main()
