# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets tests import the collection by its full name and run real playbooks with it."""

from __future__ import annotations

import os

from tests.tools import devtree

# ansible-core reads these when it is first imported, and the playbooks that tests start inherit them.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(devtree.ensure())
os.environ["ANSIBLE_LOCALHOST_WARNING"] = "false"

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()
