# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACTS
from ansible_collections.softwareone.marketplace.plugins.plugin_utils._action import MarketplaceAction


class ActionModule(MarketplaceAction):
    spec = SWO_CONTACTS
    runner = staticmethod(run_contacts)
    guards = (*MarketplaceAction.guards, "expect_plan", "max_changes", "only")
    # Relative to the playbook, wherever ansible-playbook was started.
    path_options = ("src", "snapshot", "applied_file", "adopt_file", "undo_file", "reports")
