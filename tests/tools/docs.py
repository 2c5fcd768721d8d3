# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation as a website, without the network: python -m tests.tools.docs

Prints where it is. What cannot be built, or refers to something that is not there, is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools import devtree

SITE = devtree.ROOT / ".venv" / "docs"
BIN = Path(sys.executable).parent
NAME = "softwareone.marketplace"

# What generated pages refer to in Ansible's own documentation, which is not at hand.
ELSEWHERE = {
    "action_plugins": ("Action plugins", "plugins/action.html"),
    "common_return_values": ("Common return values", "reference_appendices/common_return_values.html"),
    "ansible_configuration_settings": ("Ansible configuration settings", "reference_appendices/config.html"),
}
# Names of modules are longer than the theme's menu is wide.
STYLE = ".wy-menu-vertical a { overflow-wrap: anywhere; }\n"
CONFIGURATION = """
intersphinx_mapping = {}
html_static_path = ["static"]
html_css_files = ["menu.css"]
"""
MANUAL = "https://docs.ansible.com/projects/ansible/latest/"


def elsewhere() -> str:
    """A page that leads on to Ansible's own documentation."""
    lines = [":orphan:", "", "Ansible's own documentation", "===========================", ""]
    for label, (title, path) in ELSEWHERE.items():
        lines += [f".. _{label}:", "", title, "-" * len(title), "", f"`{title} <{MANUAL}{path}>`__", ""]
    return "\n".join(lines)


def run(*command: str) -> None:
    done = subprocess.run(
        command, cwd=devtree.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\n{command[0]} ended with code {done.returncode}")


def build() -> Path:
    """The first page of a fresh site."""
    shutil.rmtree(SITE, ignore_errors=True)
    # antsibull-docs distrusts folders that others may write to.
    SITE.mkdir(mode=0o755)
    titles = [f"--project={NAME}", f"--title={NAME}", f"--html-short-title={NAME}"]
    chosen = ["--use-current", "--squash-hierarchy", f"--dest-dir={SITE}"]
    run("antsibull-docs", "sphinx-init", *titles, *chosen, NAME)
    with (SITE / "conf.py").open("a", encoding="utf-8") as configuration:
        configuration.write(CONFIGURATION)
    (SITE / "static").mkdir()
    (SITE / "static" / "menu.css").write_text(STYLE, encoding="utf-8")
    pages = SITE / "rst"
    config = f"--config-file={SITE / 'antsibull-docs.cfg'}"
    options = ["--cleanup=everything", "--fail-on-error", "--use-current", "--squash-hierarchy", f"--dest-dir={pages}"]
    run("antsibull-docs", config, "collection", *options, NAME)
    (pages / "elsewhere.rst").write_text(elsewhere(), encoding="utf-8")
    run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "-c", str(SITE), str(pages), str(SITE / "html"))
    return SITE / "html" / "index.html"


def main() -> int:
    devtree.isolate()
    os.umask(0o022)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    print(build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
