# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The fields of one contact, from their one description."""

from __future__ import annotations

import json

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.fields import (
    CONTACT_FIELDS,
    documentation,
)


class ModuleDocFragment:
    # JSON is YAML. Annotated, because ansible-test's yamllint takes any other assignment here for a text.
    DOCUMENTATION: str = json.dumps({"options": documentation(CONTACT_FIELDS)})
