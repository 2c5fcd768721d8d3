# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manual shows of runs is what they print, and the README's first steps work on a machine that has nothing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from demo.account import simulated
from tests.tools import pages
from tests.tools.devtree import ROOT
from tests.unit.docs.snippets import README, snippets


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.stem)
def test_the_output_is_that_of_a_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert pages.with_run(text) == text, "run python -m tests.tools.pages"


def test_from_nothing_to_a_plan(tmp_path: Path) -> None:
    """The README's first lines as they stand, in an empty folder with an empty home, but for what they download."""
    first, plan = [snippet.text for snippet in snippets(README) if snippet.language == "shell"][:2]
    (shown,) = [snippet.text for snippet in snippets(README) if snippet.language == "text"]
    galaxy = [sys.executable, "-m", "ansible", "galaxy", "collection", "build", f"--output-path={tmp_path}", str(ROOT)]
    subprocess.run(galaxy, check=True, capture_output=True)
    (artifact,) = tmp_path.glob("*.tar.gz")
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    with simulated() as account:
        account.put([{"email": "ann@contoso.example", "name": "Ann Example", "optOuts": ["Invoices"]}])
        account.put([{"email": "desk@contoso.example", "name": "Service desk"}])
        account.writes()
        installed = first.replace("install softwareone.marketplace", f"install --offline {artifact}")
        installed = re.sub(r"^python3 -m pip install", "true", installed, flags=re.MULTILINE)
        installed = installed.replace("'your token'", shlex.quote(account.token))
        # What the reader does in an editor.
        edit = f"{shlex.quote(sys.executable)} -c {shlex.quote(EDIT)}\n"
        done = subprocess.run(
            ["bash", "-euc", installed + edit + plan],
            cwd=work,
            env={
                "HOME": str(home),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                "LC_ALL": "C.UTF-8",
                "SWO_API_URL": account.api_url,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert account.writes() == []
    assert (home / ".ansible" / "collections" / "ansible_collections" / "softwareone" / "marketplace").is_dir()
    assert "2 contacts exported, 0 differences." in done.stdout
    assert shown in done.stdout
    assert "[WARNING]" not in done.stdout


EDIT = """
from pathlib import Path
file = Path("contacts.yml")
file.write_text(file.read_text().replace("      - Invoices\\n", "      - Invoices\\n      - Orders\\n"))
"""
