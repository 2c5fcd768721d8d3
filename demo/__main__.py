# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the main job of the collection on a simulated account: python -m demo, or make demo.

Ends with code 1 and one sentence if a step does not do what it says.
"""

from __future__ import annotations

import sys

from demo.account import simulated
from demo.before import Before
from demo.record import Record
from demo.screen import Screen
from demo.steps import conduct
from demo.story import REPORT, Story

NEXT = (
    "export SWO_API_TOKEN='your token' ANSIBLE_CONFIG=\"$PWD/demo/ansible.cfg\"",
    ".venv/bin/ansible-playbook softwareone.marketplace.export -e swo_contacts_dest=demo/mine.yml",
    ".venv/bin/ansible-playbook softwareone.marketplace.provision -e swo_contacts_src=demo/mine.yml --check --diff",
)


def tell(screen: Screen) -> None:
    with simulated() as account:
        Story(account, screen).tell()
        Before(account, screen).tell()
        Record(account, screen).tell()


def farewell(screen: Screen) -> None:
    screen.text(f"Look at the report of the drift: {REPORT}")
    screen.text("See many accounts at once:       make demo-accounts")
    screen.text()
    screen.text("With a token of your own account:")
    screen.text()
    for line in NEXT:
        screen.text(f"  {line}", "bold")
    screen.text()
    screen.text(
        "The first playbook reads your account into a file. Edit the file: the second shows what that would change."
    )
    screen.text(
        "Neither writes to the account. Without --check the second does; to create, block and delete, it needs the"
    )
    screen.text("token of an Operations account.")


if __name__ == "__main__":
    sys.exit(conduct("notification contacts as code", tell, farewell))
