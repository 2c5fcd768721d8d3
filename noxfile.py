# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox>=2026.8.10", "antsibull-nox>=1.10"]
# ///
"""The sessions that maintainers of collections expect, by antsibull-nox; `make test` is what a change must pass.

After `pip install antsibull-nox`: nox -Re lint docs-check license-check extra-checks build-import-check
"""

from __future__ import annotations

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("antsibull-nox is missing: pip install antsibull-nox")
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()


@nox.session(name="test", default=False)
def test(session: nox.Session) -> None:
    """All that a change must pass, as make has it."""
    session.run("make", "test", external=True)


if __name__ == "__main__":
    nox.main()
