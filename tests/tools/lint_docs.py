# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the documentation of plugins and the guides with antsibull-docs: python -m tests.tools.lint_docs"""

from __future__ import annotations

import string
import sys
import tempfile

from antsibull_docs.cli.antsibull_docs import run

OPTIONS = ("--plugin-docs", "--validate-collection-refs=all", "--disallow-unknown-collection-refs")


def main() -> int:
    # It copies the collection to a temporary folder and writes the path into RST, where an underscore at the end of a
    # word makes it a link: one random name in 37 has one there.
    names = tempfile._RandomNameSequence  # type: ignore[attr-defined]
    names.characters = string.ascii_lowercase + string.digits
    return run(["antsibull-docs", "lint-collection-docs", *OPTIONS, "."])


if __name__ == "__main__":
    sys.exit(main())
