# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The oldest Python that modules run on; any Python from 2.7 on can read this file, and the modules' own."""

import json
import sys

OLDEST = (3, 8)
REFUSAL = (
    "The Python that runs the module, {path}, is version {version}, and the collection needs 3.8 or newer. "
    "Set ansible_python_interpreter to a newer one."
)


def require_python():
    # type: () -> None
    """Fail as a module does, before anything is imported that an older Python cannot read."""
    if sys.version_info < OLDEST:
        message = REFUSAL.format(path=sys.executable, version=".".join(map(str, sys.version_info[:3])))
        # As a module ends, by hand: what ends one otherwise cannot be imported here.
        sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": message}) + "\n")
        raise SystemExit(1)
