# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the main job of the collection on a simulated account: python -m demo, or make demo.

Ends with code 1 and one sentence if a step does not do what it says.
"""

from __future__ import annotations

import io
import os
import sys
import time

from demo.account import Account, AccountError
from demo.screen import Screen
from demo.story import StepError, Story
from tests.tools import devtree

NEXT = (
    "cp demo/contacts.yml demo/mine.yml    # then write your own contacts into it",
    "export SWO_API_TOKEN='your token' ANSIBLE_CONFIG=\"$PWD/demo/ansible.cfg\"",
    ".venv/bin/ansible-playbook demo/playbook.yml -e contacts_file=mine.yml --check --diff",
)


def _farewell(screen: Screen, seconds: float) -> None:
    screen.text()
    screen.text(f"Every step did what it says, in {seconds:.0f} s. The simulator has ended.", "green bold")
    screen.text()
    screen.text("With a token of your own account:")
    screen.text()
    for line in NEXT:
        screen.text(f"  {line}", "bold")
    screen.text()
    screen.text("This shows what would be done and writes nothing. Leave out --check to do it;")
    screen.text("creating, blocking and deleting need the token of an Operations account.")


def _tour(screen: Screen) -> int:
    began = time.monotonic()
    screen.text("softwareone.marketplace: notification contacts as code", "bold")
    screen.text()
    try:
        with Account() as account:
            Story(account, screen).tell()
    except (StepError, AccountError) as error:
        screen.failure(str(error))
        return 1
    except KeyboardInterrupt:
        screen.failure("Interrupted. The simulator has ended.")
        return 130
    _farewell(screen, time.monotonic() - began)
    return 0


def main() -> int:
    # A terminal that cannot show a character gets another one, not an error.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    devtree.isolate()
    try:
        return _tour(Screen())
    except BrokenPipeError:
        # Nobody reads on, as in `make demo | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
