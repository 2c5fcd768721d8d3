# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_refusal
short_description: Why a role of the collection refuses to work on a host
version_added: 1.0.0
author:
  - SoftwareOne (@softwareone-platform)
description:
  - For the roles of the collection. Gives back the reason as the only element, or an empty text if there is none.
  - A variable that is close to one of the roles' is refused, and any other C(swo_contacts_*) that they do not know is
    a warning. A token that does not belong to the host is refused.
options:
  _terms:
    description: Variables that have to be set.
    type: list
    elements: str
  token:
    description: The token of the host, without spaces around it. If left out, no token is needed.
    type: str
"""

EXAMPLES = r"""
- name: Refuse a variable that is misspelled
  ansible.builtin.assert:
    that: query('softwareone.marketplace.role_refusal', 'swo_contacts_src') == ['']
"""

RETURN = r"""
_raw:
  description: The reason.
  type: list
  elements: str
"""

from typing import Any, Mapping

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.softwareone.marketplace.plugins.plugin_utils._account import (
    known_variables,
    missing_variable,
    token_refusal,
    unknown_variables,
)

_display = Display()


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
        given = variables or {}
        refusal, strange = unknown_variables(given, known_variables())
        for name in strange:
            _display.warning(f"The variable {name} is not one of softwareone.marketplace, so it does nothing.")
        refusal = refusal or missing_variable(terms, given)
        if refusal is None and "token" in options:
            refusal = token_refusal(str(given["inventory_hostname"]), options["token"], given)
        return [refusal or ""]
