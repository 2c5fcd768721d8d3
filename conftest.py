# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets tests import the collection by its full name and run real playbooks with it."""

from __future__ import annotations

import signal

from hypothesis import settings

from tests.tools import devtree

# A job in the background or under nohup starts without them, and hands that on to every process that a test starts.
for number, handler in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, handler)

# ansible-core reads its environment when it is first imported, and the playbooks that tests start inherit it.
devtree.isolate()

from ansible.plugins.loader import init_plugin_loader

init_plugin_loader()

# A deadline would judge the machine's load, not the code.
settings.register_profile("marketplace", deadline=None)
settings.load_profile("marketplace")
