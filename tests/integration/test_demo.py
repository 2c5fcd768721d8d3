# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration on a real ansible-playbook, and a spoilt copy of it that has to fail."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.__main__ import NEXT
from demo.account import Account
from tests.tools.devtree import ROOT


def run_demo(folder: Path, module: str = "demo", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns("__pycache__", "out", "mine.yml"))
    return tmp_path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_demonstration(copied: Path) -> None:
    began = processor_seconds()
    # A real account's settings, and Ansible's, must not get in.
    done = run_demo(copied, SWO_API_URL="https://api.invalid", ANSIBLE_CHECK_MODE_MARKERS="true", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "WARNING" not in done.stdout
    assert "exactly the fields that drifted: name, opt_outs, status" in done.stdout
    assert "the run ended well, and the report says pending" in done.stdout
    assert "ops+alerts@contoso.example is still opted out of Renewals" in done.stdout
    assert f"Look at the report of the drift: {copied}/demo/out/drift.html\n" in done.stdout
    assert [line.strip() for line in done.stdout.splitlines() if line.strip() in NEXT] == list(NEXT)
    assert re.search(r"in \d+ s\. The simulator has ended\.", done.stdout)
    # Of the processor, so that a busy machine does not count: half as much again as an ordinary one takes.
    assert processor_seconds() - began < 40


def test_many_accounts(copied: Path) -> None:
    done = run_demo(copied, module="demo.many")
    assert (done.returncode, done.stderr) == (0, "")
    assert "WARNING" not in done.stdout
    assert re.search(r"\n  bogota +error +error +applied +clean +5 +6\n", done.stdout)
    # One of each account, and the overview.
    assert len(list((copied / "demo" / "out").glob("*.html"))) == 7


def test_many_accounts_with_one_that_is_not_provisioned(copied: Path) -> None:
    spoil(copied / "demo" / "many.py", '"austin": {"email"', '"toronto": {"email"')
    spoil(copied / "demo" / "many.py", "if name in DRIFTS", 'if name in ("berlin", "austin")')
    done = run_demo(copied, module="demo.many")
    assert done.returncode == 1
    assert "'toronto': 'drift'" in done.stdout.splitlines()[-1]


def test_a_drift_that_is_not_healed(copied: Path) -> None:
    # The last of the three calls without an option is the one that heals.
    text = (copied / "demo" / "story.py").read_text(encoding="utf-8")
    head, call, tail = text.rpartition('self._playbook("provision", *SRC)')
    (copied / "demo" / "story.py").write_text(head + call[:-1] + ', "--check")' + tail, encoding="utf-8")
    done = run_demo(copied, FORCE_COLOR="1")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("\x1b[31;1m✗ The service received the writes none; needed are block closed.mailbox@")
    assert "With a token of your own" not in done.stdout


def test_files_with_a_fault(copied: Path) -> None:
    spoil(copied / "demo" / "contacts.yml", "profiles: [finance]", "profiles: [finance]\n    opt_out: []")
    done = run_demo(copied)
    assert done.returncode == 1
    assert "opt_out: is not known here; did you mean opt_outs?" in done.stdout
    assert done.stdout.endswith("✗ ansible-playbook ended with code 2.\n")


def test_a_playbook_that_fails(copied: Path) -> None:
    spoil(copied / "demo" / "contacts.yml", "[Invoices, Renewals]", "[Invoices, Renwals]")
    done = run_demo(copied)
    assert done.returncode == 1
    assert "Did you mean 'Renewals'?" in done.stdout
    assert done.stdout.endswith("✗ ansible-playbook ended with code 2.\n")


def test_nobody_reads_on(copied: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=copied,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_interrupted(copied: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=copied,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        while "$ ansible-playbook" not in process.stdout.readline():
            pass
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read().endswith("\n✗ Interrupted. The simulator has ended.\n")
    assert process.returncode == 130


def test_the_lines_for_a_token_of_your_own(tmp_path: Path, own: Account) -> None:
    """They are run as they stand, on the simulator, in a folder that looks like the checkout."""
    shutil.copytree(ROOT / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns("__pycache__", "out", "mine.yml"))
    own.put([{"email": "ann@contoso.example", "name": "Ann", "optOuts": ["Invoices"]}])
    (tmp_path / ".dev").symlink_to(ROOT / ".dev")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    script = "\n".join(["set -e", *NEXT]).replace("your token", own.token)
    environment = {**os.environ, "SWO_API_URL": own.api_url, "LC_ALL": "C.UTF-8"}
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_LOCALHOST_WARNING"):
        environment.pop(name, None)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert (tmp_path / "demo" / "mine.yml").is_file()
    assert re.findall(r"changed=(\d) .* failed=(\d)", done.stdout) == [("1", "0"), ("0", "0")]
    assert own.writes() == []
