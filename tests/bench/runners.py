# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four ansible-runners at once, each with the slice of the inventory that a controller would give its job.

Arguments: the inventory with the accounts, and the playbook of the collection.
"""

from __future__ import annotations

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

SLICES = 4
FORKS = 5


def main() -> int:
    inventory, playbook = sys.argv[1:]
    every = yaml.safe_load(Path(inventory).read_text(encoding="utf-8"))["all"]
    with tempfile.TemporaryDirectory(prefix="runners-") as top, ThreadPoolExecutor(SLICES) as pool:
        runs = [pool.submit(run, Path(top) / f"slice{number}", every, number, playbook) for number in range(SLICES)]
        return max(each.result() for each in runs)


def run(folder: Path, every: dict[str, Any], number: int, playbook: str) -> int:
    """One job; returns its exit code."""
    hosts = dict(list(every["hosts"].items())[number::SLICES])
    (folder / "inventory").mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {**every, "hosts": hosts}}))
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    runner = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=f"softwareone.marketplace.{playbook}",
        extravars={"target": "all"},
        envvars={**environment, "ANSIBLE_FORKS": str(FORKS)},
        quiet=True,
        suppress_env_files=True,
    )
    return int(runner.rc)


if __name__ == "__main__":
    sys.exit(main())
