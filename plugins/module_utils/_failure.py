# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what to say about an exception that nobody expected."""

from __future__ import annotations

import os
import traceback

REPORT = "Please report it at https://github.com/softwareone-platform/ansible-collection-marketplace/issues."


def internal_error(error: BaseException) -> str:
    """Where an unexpected exception came from, without its text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {os.path.basename(frame.filename)} line {frame.lineno}"
    return f"Internal error of softwareone.marketplace: {place}. What was done before it is not known. {REPORT}"
