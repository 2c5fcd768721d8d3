#!/usr/bin/python

# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: swo_contacts
short_description: Manage a whole set of notification contacts of a SoftwareOne Marketplace account
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - Takes all the contacts an account should have, reads the live ones once, and writes only what differs, several at a
    time. It does for a set what M(softwareone.marketplace.swo_contact) does for one contact, and is far faster than a
    loop.
  - The contacts come from files that the module reads itself, from the task, or from both.
  - One bad contact does not hide the others. The task fails at the end and tells of each contact what became of it.
  - No unmanaged contact is removed unless O(unmanaged) says so. Limits are judged on the plan, in check mode too.
  - Contact files can hold contracts on who must not be opted out of a category (C(coverage)). A plan that would break
    one, or make a broken one worse, is refused in check mode, too, unless O(view=drift).
  - What was written is read back. If the API accepted a change that does not show afterwards, the task fails.
extends_documentation_fragment:
  - softwareone.marketplace._connection
  - softwareone.marketplace._attributes
attributes:
  check_mode:
    support: full
    details:
      - The files named by O(reports) are written in check mode, too. O(undo_file) is not.
  diff_mode:
    support: full
    details:
      - The plan is shown without diff mode, too, if it is refused. C(-v) and C(-vvv) tell more of each contact.
  idempotent:
    support: full
requirements:
  - jsonschema >= 4.18.0, to name the faults in contact files
  - PyYAML, to read contact files in YAML
options:
  contacts:
    description:
      - Contacts, with the options of M(softwareone.marketplace.swo_contact). They overlay those of O(src), field by
        field.
    type: list
    elements: dict
    suboptions:
      id:
        description: The id of the contact.
        type: str
      email:
        description: The e-mail address.
        type: str
      name:
        description: The display name; an empty text clears it.
        type: str
      opt_outs:
        description: Notification categories that the contact does not receive, by name or id.
        type: list
        elements: str
      opt_ins:
        description: Notification categories that the contact has to receive.
        type: list
        elements: str
      opt_outs_mode:
        description: What the opt-outs mean for other opt-outs that the contact has; V(exact) if left out.
        type: str
        choices: [exact, at_least, on_create]
      state:
        description: What should be true of the contact; V(present) if left out.
        type: str
        choices: [present, blocked, absent]
      unblock:
        description: Whether a block is lifted; V(auto) if left out.
        type: str
        choices: [auto, always, never]
      previous_emails:
        description:
          Addresses that the contact had before. If it is live under one of them and not under O(contacts[].email), it
          gets the new address and keeps its id, its opt-outs and its history. It is an error if contacts with the new
          and with an earlier address are live.
        type: list
        elements: str
      expires:
        description:
          The last day on which the entry counts, in UTC and by the clock of the API, as in C(2026-12-31). After it, the
          contact is treated as if it were in no file; O(unmanaged) says what happens to it.
        type: str
      reason:
        description: Why the entry is there, for people. It appears in reports and is never sent.
        type: str
  src:
    description:
      - Contact files, or directories that are searched for files that end in C(.yml), C(.yaml), C(.json) or C(.csv).
      - A later entry overlays an earlier one, per contact and field. The same contact twice within one entry is an
        error.
      - Files that C(ansible-vault) encrypted as a whole are read if the task runs on the control node, without
        C(become), C(async), C(environment) or an interpreter of its own, and not on macOS. They are decrypted in memory
        only, with the vault passwords that Ansible was given.
      - Relative paths start at the playbook if the task runs on the control node.
    type: list
    elements: path
  error:
    description:
      - What went wrong before this task, as in the C(rescue) or C(always) section of a block. The task then asks
        nothing of the API, writes this to O(reports) with the status V(error), and fails with it.
      - An empty text counts as left out.
    type: str
  account_name:
    description:
      - What results and reports call the account.
      - The inventory host if not set, where the task runs in Ansible's own process or is shipped by it.
    type: str
  only:
    description:
      - Patterns of e-mail addresses, as in C(ann@*). Only the desired contacts that fit one of them are handled, such
        as the one that is urgent. An entry without an address is found by its id.
      - Plan, limits and reports are about these contacts alone. Nobody is removed or reported because it is in no
        file, whatever O(unmanaged) is. A pattern that no desired contact fits is an error.
    type: list
    elements: str
  view:
    description:
      - How check mode tells differences to people, in the diff, RV(summary) and the reports.
      - V(plan) says what a run would do. V(drift) says what happened to the account since the files were applied, so
        that a contact to be created is missing and a name to be changed is what live says instead of the file. Such
        a check mode task looks only, so that it is never C(changed); RV(status) tells of drift.
    type: str
    choices: [plan, drift]
    default: plan
  unmanaged:
    description:
      - What happens to unmanaged contacts, which are live but in no file.
      - V(report) returns them in RV(unmanaged) and leaves them alone.
      - V(ignore) leaves them alone and does not return them. A short list of contacts is then looked up by address,
        without reading the whole account.
      - V(drift) returns them and counts them as a difference, so that RV(status) is not V(clean).
      - V(block) blocks them. V(delete) deletes them. V(retire) blocks them and deletes them in a run that is at least
        O(retire_after) days later, if it is known that this token blocked them. All stay within O(scope) and
        O(max_removals), and remove nobody while an entry cannot be planned, because it could be about any of them.
      - With O(applied_file), only contacts are removed that were in the files when they were last applied.
      - A contact in no file that has the name, and the domain or the local part, of one that is to be created, is not
        removed. A warning says how to write it as a rename.
      - If there is no desired contact at all, V(block), V(retire) and V(delete) are refused. To empty an account on
        purpose, list its contacts with O(contacts[].state=absent).
    type: str
    choices: [report, ignore, drift, block, retire, delete]
    default: report
  retire_after:
    description:
      - How many days of 24 hours after its block O(unmanaged=retire) deletes a contact, by the clock of the API.
      - With V(0), it is deleted in the next run.
    type: int
    default: 14
  applied_file:
    description:
      - The record of what was applied. It is read if it is there, and written whole after each run that may write.
      - It tells what somebody changed in the account (drift) from what was changed in the files and is not applied yet
        (pending). It also tells which opt-outs were added by the files, so that O(contacts[].opt_outs_mode=at_least)
        takes them away again once the files no longer list them.
      - It may be lost. Then nothing is taken away for it, and differences count as drift until the next run has written
        it again. The record of another account is refused.
      - It holds addresses and names, so only its owner can read it. It never changes in check mode.
    type: path
  adopt_file:
    description:
      - In check mode, a contact file to write with what somebody changed in the account. As the last of O(src) it
        accepts these values, where a run without it would set them back.
      - What is written in the files and not applied yet stays as the files have it.
      - Without check mode it is refused, because the run sets back what would be adopted.
    type: path
  on_conflict:
    description:
      - What happens to a contact of which a value was changed both in the files and in the account since it was last
        applied, and not to the same. That can be known with O(applied_file) only.
      - V(fail) leaves the contact alone and fails it. V(git) writes what the files say.
    type: str
    choices: [fail, git]
    default: fail
  scope:
    description:
      - Which unmanaged contacts O(unmanaged) is about. If left out, all of them but those of platform users.
    type: dict
    suboptions:
      emails:
        description:
          - Patterns of e-mail addresses, as in C(*@contoso.example). Contacts that match none are neither removed nor
            reported, so an empty list is about nobody. If left out, all addresses match.
        type: list
        elements: str
      exclude:
        description:
          - Patterns of e-mail addresses that are neither removed nor reported, even if they match O(scope.emails).
        type: list
        elements: str
      linked:
        description:
          - Whether contacts whose address belongs to a user of the platform may be removed, too.
        type: bool
        default: false
  max_removals:
    description:
      - How many contacts O(unmanaged) may block or delete, as numbers or percentages of the live contacts. The
        strictest value counts. Short lists are not exempt. An empty list counts as left out.
    type: list
    elements: str
    default: ["10", "10%"]
  max_changes:
    description:
      - How many contacts may be changed at all, in the form of O(max_removals). Creating contacts does not count.
      - If left out, there is no limit.
    type: list
    elements: str
  concurrency:
    description:
      - How many calls of the API are made at the same time, from 1 to 64.
    type: int
    default: 8
  on_error:
    description:
      - Whether to go on with the other contacts after one has failed.
    type: str
    choices: [continue, stop]
    default: continue
  snapshot:
    description:
      - A file that M(softwareone.marketplace.swo_contacts_export) has made with C(snapshot_dest). The plan is made of
        it instead of the live account, without a token and without a request.
      - It works in check mode only. RV(plan_hash) is that of the live account if nothing that the plan depends on has
        changed since, so that O(expect_plan) makes an old snapshot harmless.
      - A snapshot holds all addresses and is as private as the account.
    type: path
  expect_plan:
    description:
      - The whole RV(plan_hash) of a plan that was reviewed. If the plan is another one now, nothing is written and the
        task fails. A plan without any change always passes, so that a run can be repeated.
      - It is 64 lower-case hexadecimal digits; blanks around them are left away. Anything else is refused at once.
      - A contact that somebody changes during the run, so that something else would have to be written to it, is left
        alone and fails.
    type: str
  undo_file:
    description:
      - A file to write before the first change, with what the contacts were like before. It is a contact file, so
        O(src) takes it to go back. Only its owner can read it.
      - It must not be in a directory of O(src). The file of an earlier run is kept under another name. To go back
        behind both runs, apply the two files one after the other, newest first.
    type: path
  reports:
    description:
      - Files to write a report to. The ending chooses the form, which is C(.json), C(.md), C(.html) or C(.xml) (JUnit).
      - Faults of the contact files alone are in C(.annotations.txt), as workflow commands of GitHub Actions, and in
        C(.codequality.json), as GitLab reads them.
      - They are written whatever happens, in check mode and after a failure, too, and even if other options are
        refused.
    type: list
    elements: path
  report_privacy:
    description:
      - Whether the reports show e-mail addresses in full.
      - If left out, they are masked in Markdown, annotations and Code Quality, which many read, and shown in the other
        forms.
    type: str
    choices: [full, masked]
  return_unchanged:
    description:
      - Whether RV(results) holds the contacts that were as they should be, too.
    type: bool
    default: false
  audit:
    description:
      - Whether RV(results) says who wrote each contact last that is not as it should be. It takes some more requests.
    type: bool
    default: false
notes:
  - While a long run goes on, a line tells every few seconds how far it is. The environment variable
    E(SWO_PROGRESS_INTERVAL) sets the seconds between two lines; V(0) turns them off. Without it, there is a line every
    5 seconds at a terminal and every 60 seconds in a log. Tasks that do not run in Ansible's own process show none.
seealso:
  - module: softwareone.marketplace.swo_contact
  - module: softwareone.marketplace.swo_contact_info
"""

EXAMPLES = r"""
- name: Bring the account to what the files in git say
  softwareone.marketplace.swo_contacts:
    api_token: "{{ marketplace_token }}"
    src:
      - contacts/base
      - contacts/prod
    undo_file: undo.yml
    reports:
      - report.html

- name: Manage a few contacts of a task in one go
  softwareone.marketplace.swo_contacts:
    contacts:
      - email: ann@contoso.example
        name: Ann Example
        opt_outs: [Technical updates]
      - email: closed@contoso.example
        state: blocked
        reason: mailbox closed

- name: Block whoever of one domain is in no file, twenty contacts at most
  softwareone.marketplace.swo_contacts:
    src: [contacts]
    unmanaged: block
    max_removals: ["20"]
    scope:
      emails: ["*@contoso.example"]
      exclude: ["archive@contoso.example"]

- name: See what would change
  softwareone.marketplace.swo_contacts:
    src: [contacts]
    reports: [plan.md]
  check_mode: true
  diff: true
  register: plan

- name: Leave a report even if a variable of the task is not defined
  block:
    - name: Look for drift
      softwareone.marketplace.swo_contacts:
        api_token: "{{ vaulted_token }}"
        src: [contacts]
        reports: [drift.json]
      check_mode: true
      register: drift
  always:
    - name: Report what kept the task from starting
      softwareone.marketplace.swo_contacts:
        error: "{{ drift.msg }}"
        reports: [drift.json]
      when: drift.status is not defined

- name: Plan a pull request without a token
  softwareone.marketplace.swo_contacts:
    src: [contacts]
    snapshot: snapshot.json
  check_mode: true

- name: Apply exactly what was reviewed
  softwareone.marketplace.swo_contacts:
    src: [contacts]
    expect_plan: "{{ plan.plan_hash }}"
"""

RETURN = r"""
status:
  description:
    - The worst of what was found.
    - V(error) if anything failed or could not be found out. In check mode, V(drift) if the account was changed, and
      V(pending) if only the files were since they were last applied, which O(applied_file) tells; without a record,
      any difference is V(drift). V(applied) if something was changed. V(clean) if nothing is different.
  returned: always
  type: str
  sample: clean
summary:
  description:
    - The verdict in one line, after the word for it, which is C(Clean), C(Plan), C(Pending), C(Drift), C(Applied) or
      C(Error). It counts the outcomes and tells the first fault, without what to do about it, which is in
      RV(ignore:msg).
  returned: always
  type: str
  sample: "Applied: 1 created, 2 updated, 1 blocked; 205 unchanged; 3 in no file"
account:
  description: The account that the run was about.
  returned: always
  type: dict
  contains:
    host:
      description: O(account_name), or the inventory host.
      type: str
      sample: contoso
    token:
      description: The public id of the token; null if it has none.
      type: str
      sample: TKN-1234-5678
    id:
      description: The id of the account, where O(expect_account) is set and was proven.
      type: str
      sample: ACC-1234-5678
    name:
      description: The name of the account, where O(expect_account) is set and was proven.
      type: str
      sample: Contoso
reports:
  description: The files of O(reports) as they were written; empty if one of them could not be.
  returned: always
  type: list
  elements: str
  sample:
    - /srv/contacts/reports/contoso.html
categories:
  description: How many contacts are opted out of each notification category and no longer are, sorted by name.
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
coverage:
  description:
    - The coverage contracts of the files, each for each category that it is about. Only active contacts count. Whether
      mail is sent depends on subscribers, too.
  returned: always
  type: list
  elements: dict
  contains:
    category:
      description: The name of the category.
      type: str
      sample: Security alerts
    rule:
      description: What has to hold, in words.
      type: str
      sample: at least 2 among *@contoso.example
    verdict:
      description:
        - V(holds), V(broken) by this plan or made worse by it, V(already_broken) before and no worse, or V(unknown)
          because the API left out something.
      type: str
      sample: holds
    before:
      description:
        - Contacts that the rule counts before. They are not opted out, or with C(opted_out_at_most) they are.
      type: int
      sample: 3
    after:
      description: The same after the plan, or after what was done.
      type: int
      sample: 2
    missing:
      description: Addresses of C(include) that do not count.
      type: list
      elements: str
      sample: []
    because_of:
      description: The entries because of which the plan would break it, each with C(email) and C(source).
      type: list
      elements: dict
      sample: []
    reason:
      description: The reason that the contract gives.
      type: str
      sample: incident policy 4.2
    source:
      description: The file of the contract, with the line where it does not hold.
      type: str
      sample: contacts/coverage.yml
impact:
  description:
    - Of each category of which another number of active contacts is not opted out afterwards, sorted by name. Only
      categories that the run has looked up, or that the files list. Empty where not all contacts were read.
  returned: always
  type: list
  elements: dict
  contains:
    category:
      description: The name of the category, or its id where others have the same name.
      type: str
      sample: Orders
    id:
      description: The id of the category.
      type: str
      sample: NTC-0000-0001
    before:
      description: Active contacts that are not opted out before.
      type: int
      sample: 212
    after:
      description: The same after the plan, or after what was done.
      type: int
      sample: 210
new_categories:
  description: Published categories of the platform that the C(categories) of the files do not list, if there are any.
  returned: always
  type: list
  elements: dict
  contains:
    category:
      description: The name of the category.
      type: str
      sample: Outages
    id:
      description: The id of the category.
      type: str
      sample: NTC-0000-0009
    not_opted_out:
      description: Active contacts that are not opted out of it.
      type: int
      sample: 212
snapshot:
  description: The snapshot that the plan was made of; null without O(snapshot).
  returned: always
  type: dict
  contains:
    created_at:
      description: When it was made, in UTC.
      type: str
      sample: "2026-11-21T18:00:00Z"
    age_seconds:
      description: How old it was when the plan was made.
      type: int
      sample: 3600
counts:
  description: How many contacts there are of each kind. The same keys whatever happens.
  returned: always
  type: dict
  contains:
    live:
      description: Contacts that the account had before the task.
      type: int
      sample: 212
    desired:
      description: Contacts that are desired.
      type: int
      sample: 209
    unchanged:
      description: Contacts that were as they should be.
      type: int
      sample: 205
    created:
      description: Contacts that were created, or would be in check mode, as in all that follow.
      type: int
      sample: 1
    deleted:
      description: Contacts that were deleted.
      type: int
      sample: 0
    updated:
      description: Contacts of which a field was changed.
      type: int
      sample: 2
    blocked:
      description: Contacts that were only blocked.
      type: int
      sample: 1
    unblocked:
      description: Contacts that were only unblocked.
      type: int
      sample: 0
    failed:
      description: Contacts that could not be handled.
      type: int
      sample: 0
    unknown:
      description: Contacts of which an answer was lost, so that it is not known what became of them.
      type: int
      sample: 0
    skipped:
      description: Contacts that were left alone after something else had failed.
      type: int
      sample: 0
    unmanaged:
      description: Unmanaged contacts that stay; 0 with O(unmanaged=ignore).
      type: int
      sample: 3
    kept:
      description: Contacts that keep opt-outs of their own under O(contacts[].opt_outs_mode=at_least).
      type: int
      sample: 2
    pending:
      description: Contacts that were changed in the files only; 0 without O(applied_file), as in all that follow.
      type: int
      sample: 0
    drift:
      description: Contacts that were changed in the account.
      type: int
      sample: 0
    conflict:
      description: Contacts of which a value was changed in both.
      type: int
      sample: 0
expired:
  description: The entries that have expired and count as in no file.
  returned: always
  type: list
  elements: dict
  contains:
    email:
      description: The address, or the id, of the entry.
      type: str
      sample: temp@contoso.example
    expires:
      description: Its last day.
      type: str
      sample: "2026-12-31"
    source:
      description: Where the day is written.
      type: str
      sample: contacts/prod/temps.yml:7
results:
  description: What became of each contact, or would in check mode, sorted by address.
  returned: always
  type: list
  elements: dict
  contains:
    index:
      description: The place of the contact among the desired ones; null for one in no file.
      type: int
      sample: 14
    email:
      description: The e-mail address.
      type: str
      sample: ann@contoso.example
    id:
      description: The id; null if it is not known.
      type: str
      sample: CTT-1234-5678
    outcome:
      description:
        - V(unchanged), V(created), V(updated), V(blocked), V(unblocked), V(deleted), V(failed), V(unknown) or
          V(skipped).
        - V(unknown) means that an answer was lost and that it could not be found out whether the change was made.
      type: str
      sample: updated
    actions:
      description: What was done, as M(softwareone.marketplace.swo_contact) returns it.
      type: list
      elements: str
      sample: [update]
    fields:
      description:
        - The fields that change, with their values before and after.
        - C(source) is the place that gives the value, in a layer, a profile or the defaults of a file.
        - C(label) is that of RV(results[].label), for this value. Each category of the opt-outs is a value of its own.
      type: list
      elements: dict
      sample:
        - field: name
          before: Ann
          after: Ann Example
          label: pending
          source: contacts/prod/finance.yml:15
    label:
      description:
        - Whose change it was. V(pending) if the files changed, V(drift) if the account did, V(conflict) if both did,
          V(removed) if the contact was taken out of the files, V(unchanged) otherwise; the worst of all values.
        - Null if there is no record of what was applied, see O(applied_file).
      type: str
      sample: pending
    kept:
      description:
        - The opt-outs that no file names and that O(contacts[].opt_outs_mode=at_least) leaves to the contact, in the
          form of RV(results[].fields); null if there are none.
      type: list
      elements: dict
      sample: null
    reason:
      description: Why the contact failed, was skipped or stays blocked; null otherwise.
      type: str
      sample: null
    status:
      description: The HTTP status of a failure.
      type: int
      sample: null
    trace_id:
      description: What SoftwareOne's support needs to find the failed request.
      type: str
      sample: null
    source:
      description:
        - Where the contact stands last, as C(file:line), relative to where Ansible was started.
        - The file alone where there is nothing to do.
        - An entry of O(contacts) is named by its place, as C(contacts[3]).
      type: str
      sample: contacts/prod/finance.yml:14
    note:
      description: The reason that the file gives for the entry, or that the contact is in no file.
      type: str
      sample: mailbox closed, ticket 4711
    last_written:
      description:
        - Who wrote the contact last and when; null unless O(audit) or O(applied_file) is set. The API does not tell who
          made which change.
        - C(writer) is V(our_token), V(another_token), V(person) for the user of the platform that the contact is linked
          to, V(platform), or V(somebody).
      type: dict
      sample:
        by: Dana Example
        at: "2026-11-02T10:30:00.000Z"
        writer: person
unmanaged:
  description: Unmanaged contacts that stay; an empty list with O(unmanaged=ignore).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id.
      type: str
      sample: CTT-1234-9999
    email:
      description: The e-mail address.
      type: str
      sample: somebody@contoso.example
    name:
      description: The display name.
      type: str
      sample: Some Body
    status:
      description: The status.
      type: str
      sample: Active
    linked:
      description: Whether the address belongs to a user of the platform; null if not known.
      type: bool
      sample: true
    label:
      description:
        - V(removed) if it was in the files when they were last applied, V(never_managed) if not; null if there is no
          record of that.
      type: str
      sample: never_managed
plan_hash:
  description: Tells this plan from others by what it would write; null if there is no plan.
  returned: always
  type: str
  sample: 53a30649aa61ab8645cc4e16c9ce6cc6687d2e8e5b38a6e24d6e35bb00beb7ff
adopt_file:
  description: Where the contact file is that accepts what was changed in the account; null if none was written.
  returned: always
  type: str
  sample: adopt.yml
undo_file:
  description: Where the way back is; null if nothing was changed or no O(undo_file) was asked for.
  returned: always
  type: str
  sample: undo.yml
problems:
  description: Every fault in the contact files, one line each, with file and line.
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
        - The file, relative to where C(ansible-playbook) was started, unless it lies elsewhere; null for what the
          option C(contacts) declares.
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
requests:
  description: How many requests were sent to the API, by method, repeated ones included.
  returned: always
  type: dict
  sample:
    GET: 4
    POST: 1
    PUT: 2
    DELETE: 0
failure:
  description:
    - What the API said about the first failure, with the keys that M(softwareone.marketplace.swo_contact) documents.
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

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.module import run_module
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACTS


def main():
    # type: () -> None
    run_module(SWO_CONTACTS, run_contacts)


if __name__ == "__main__":
    main()
