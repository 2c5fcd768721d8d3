# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The fields of one contact."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  id:
    description:
      - The id of the contact, as in C(CTT-1234-5678).
      - If given together with O(email), the id names the contact and O(email) is the address it should have.
      - An id cannot be chosen for a new contact, so it is an error if no live contact has it, unless O(state=absent).
    type: str
  email:
    description:
      - The e-mail address of the contact. Without O(id) it names the contact.
      - Addresses are compared without regard to upper and lower case and to spaces around them.
      - It is an error if several live contacts have the address; the message names their ids. Deleted contacts never
        count.
    type: str
  name:
    description:
      - The display name. An empty text clears it.
      - If left out, the name is not managed and stays as it is.
    type: str
  opt_outs:
    description:
      - Notification categories that the contact does not receive, by name or id.
      - Names are compared without regard to upper and lower case. An unknown name is an error, and so is a category
        that is not published or that cannot be opted out of. Nothing is written in these cases.
      - An empty list opts the contact into everything.
      - If left out, the opt-outs are not managed and stay as they are.
    type: list
    elements: str
  opt_ins:
    description:
      - Notification categories that the contact has to receive, by name or id, whatever O(opt_outs_mode) is.
    type: list
    elements: str
  opt_outs_mode:
    description:
      - What O(opt_outs) means for opt-outs that a contact has besides those.
      - V(exact) means that the contact is opted out of these categories and no others.
      - V(at_least) means that the contact is opted out of these categories, and that others, which people chose
        themselves, are kept.
      - V(on_create) means that the opt-outs are set when the contact is created and never touched afterwards.
    type: str
    choices: [exact, at_least, on_create]
    default: exact
  state:
    description:
      - What should be true of the contact.
      - V(present) means that it exists. Whether a block is lifted is up to O(unblock).
      - V(blocked) means that it exists and is blocked, so that it receives nothing. It is created if it does not exist.
      - V(absent) means that it does not exist. The other fields are ignored.
    type: str
    choices: [present, blocked, absent]
    default: present
  unblock:
    description:
      - Whether O(state=present) lifts a block.
      - V(auto) lifts a block that has no reason. A block with a reason was set by the platform, after bounces or
        complaints; it stays, with a warning.
      - V(always) lifts any block.
      - V(never) leaves a block as it is.
    type: str
    choices: [auto, always, never]
    default: auto
"""
