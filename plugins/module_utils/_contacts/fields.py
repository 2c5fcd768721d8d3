# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the fields of a contact, once, for the options of the modules, the contact files and their JSON Schema.

A test holds the documentation fragment and the shipped schema to this table.
"""

from __future__ import annotations

from typing import Any, Mapping

Options = Mapping[str, Mapping[str, Any]]

CONTACT_FIELDS: Options = {
    "id": {"type": "str"},
    "email": {"type": "str"},
    "name": {"type": "str"},
    "opt_outs": {"type": "list", "elements": "str"},
    "opt_ins": {"type": "list", "elements": "str"},
    "opt_outs_mode": {"type": "str", "choices": ["exact", "at_least", "on_create"], "default": "exact"},
    "state": {"type": "str", "choices": ["present", "blocked", "absent"], "default": "present"},
    "unblock": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
}

# What an entry of a set can say besides: why it is there, which is for people and never sent.
ENTRY_FIELDS: Options = {**CONTACT_FIELDS, "reason": {"type": "str"}}

# What an entry of a contact file can say: which of the profiles of the files it takes over, too.
FILE_FIELDS: Options = {**ENTRY_FIELDS, "profiles": {"type": "list", "elements": "str"}}


def element_options(fields: Options) -> dict[str, dict[str, Any]]:
    """Fields as options of one element of a list, without defaults.

    A default would look like a value that was given, and an overlay would set back what a file says. The defaults are
    filled in when all layers are merged.
    """
    return {name: {key: value for key, value in option.items() if key != "default"} for name, option in fields.items()}
