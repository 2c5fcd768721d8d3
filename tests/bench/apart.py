# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that many accounts can cost apart: an empty playbook and a bare fetch for each, eight accounts at a time.

Arguments: the inventory with the accounts, and the empty playbook.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
AT_ONCE = 8


def main() -> None:
    inventory, playbook = sys.argv[1:]
    hosts = yaml.safe_load(Path(inventory).read_text(encoding="utf-8"))["all"]["hosts"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda host: one(host, playbook), hosts.values()))


def one(host: dict[str, Any], playbook: str) -> None:
    environment = {**os.environ, "SWO_API_URL": host["swo_api_url"], "SWO_API_TOKEN": host["swo_api_token"]}
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    for command in ([program, playbook], [str(HERE / "fetch_pages.py")]):
        subprocess.run([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
