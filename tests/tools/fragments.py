# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sees that a change users can notice brings a changelog fragment: python -m tests.tools.fragments origin/main

A change that none can notice brings a fragment with the section ``trivial``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.tools.devtree import ROOT

NOTICED = ("plugins/", "roles/", "playbooks/", "meta/", "schemas/")
FRAGMENTS = "changelogs/fragments/"


def changed(base: str) -> list[str]:
    """What differs from where the branch left ``base``, as git tells it: a letter, a tab, a path."""
    command = ["git", "diff", "--name-status", "--no-renames", f"{base}...HEAD"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def lacking(changes: Sequence[str]) -> list[str]:
    """What was changed without a fragment; a release takes the fragments away and brings the changelog."""
    rows = [(letter, path) for letter, _tab, path in (change.partition("\t") for change in changes)]
    told = any(letter != "D" and path.startswith(FRAGMENTS) for letter, path in rows)
    is_release = any(path == "changelogs/changelog.yaml" for _letter, path in rows)
    return [] if told or is_release else sorted(path for _letter, path in rows if path.startswith(NOTICED))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("base", help="the branch or commit that the change is for")
    found = lacking(changed(parser.parse_args().base))
    if found:
        print("\n".join(found))
        print(f"this can be noticed, and {FRAGMENTS} has nothing new to say of it")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
