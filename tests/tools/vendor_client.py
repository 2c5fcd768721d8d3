# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs SoftwareOne's own API client, which tests hold the simulator against."""

from __future__ import annotations

import sys

from tests.tools import pythons
from tests.tools.devtree import ROOT, VENDOR_CLIENT
from tests.tools.sanity import SKIPPED


def main() -> int:
    python = pythons.newest((3, 12), pythons.CANDIDATES[-1])
    if python is None:
        print("SoftwareOne's client needs Python 3.12 or newer, of which this machine has none")
        return SKIPPED
    folder = ROOT / "requirements"
    # The pins stand on the command line, not in files, so that a changed pin makes the environment anew.
    pins = [line for line in (folder / "vendor-client.txt").read_text().splitlines() if "==" in line]
    pythons.environment(VENDOR_CLIENT, python, "-c", str(folder / "constraints.txt"), *pins)
    return 0


if __name__ == "__main__":
    sys.exit(main())
