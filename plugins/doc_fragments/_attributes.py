# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What every module says about check mode, diff mode and repetition."""

from __future__ import annotations


class ModuleDocFragment:
    # Each module adds its support itself, so that its documentation states what holds for it.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and tell truly what it would change, without sending a single write.
  diff_mode:
    description: Tells what has changed, or would change in check mode, field by field.
  idempotent:
    description: When run again with the same options and nothing else has changed, it changes nothing.
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads.
  diff_mode:
    support: N/A
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""
