# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation as a website, without the network: python -m tests.tools.docs

Prints where it is. What cannot be built, refers to something that is not there, or has no page is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
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
# On a phone, cells wrap between words, and a table that is still wider scrolls by itself.
STYLE = """
.wy-menu-vertical a { overflow-wrap: anywhere; }
@media (max-width: 768px) {
  .rst-content table.docutils td, .rst-content table.docutils th { white-space: normal; }
}
"""
START = f":ref:`From nothing to a plan <ansible_collections.{NAME}.docsite.start>` takes a minute."
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


def install(folder: str) -> None:
    """Let the tools find what is shipped, in a place of its own.

    ansible-doc lists no roles of a collection whose path has ansible_collections twice, which it has if the link of
    devtree is in a checkout that is named as Ansible wants it.
    """
    run("ansible-galaxy", "collection", "build", f"--output-path={folder}", str(devtree.ROOT))
    (artifact,) = Path(folder).glob("*.tar.gz")
    with tarfile.open(artifact) as archive:
        archive.extractall(Path(folder, "ansible_collections", *NAME.split(".")), filter="data")
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = folder


def arranged(index: str) -> str:
    """The first page: it begins with the start, the menu has names alone, the changelog stands behind the guides."""
    index = re.sub(r"^    ((\w+)_module)$", r"    \2 <\1>", index, flags=re.MULTILINE)
    index = re.sub(r"^    ((\w+)_(lookup|role))$", r"    \3 \2 <\1>", index, flags=re.MULTILINE)
    index = re.sub(r"^(Collection version .*)$", rf"\1\n\n{START}", index, flags=re.MULTILINE)
    pattern = r"(^\.\. _changelog_section_for_.*?)(^Start\n.*?)(?=^\.\. _plugin_index_for_)"
    return re.sub(pattern, r"\2\1", index, flags=re.MULTILINE | re.DOTALL)


def with_title(changelog: str) -> str:
    """The changelog; before the first release it is a sentence, and a page needs a title."""
    label, _blank, text = changelog.partition("\n\n")
    return changelog if re.search(r"^=+$", text, re.MULTILINE) else f"{label}\n\nChangelog\n=========\n\n{text}"


def rewrite(page: Path, change: Callable[[str], str]) -> None:
    page.write_text(change(page.read_text(encoding="utf-8")), encoding="utf-8")


def missing() -> list[str]:
    """What has no page of its own."""
    pages = {f"{path.stem}_module" for path in (devtree.ROOT / "plugins" / "modules").glob("*.py")}
    pages |= {f"{path.parts[-3]}_role" for path in (devtree.ROOT / "roles").glob("*/meta/argument_specs.yml")}
    pages |= {f"docsite/{path.stem}" for path in (devtree.ROOT / "docs" / "docsite" / "rst").glob("*.rst")}
    return sorted(page for page in {*pages, "changelog"} if not (SITE / "html" / f"{page}.html").exists())


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
    rewrite(pages / "index.rst", arranged)
    rewrite(pages / "changelog.rst", with_title)
    run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "-c", str(SITE), str(pages), str(SITE / "html"))
    if missing():
        sys.exit(f"no page for {', '.join(missing())}")
    return SITE / "html" / "index.html"


def main() -> int:
    devtree.isolate()
    os.umask(0o022)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with tempfile.TemporaryDirectory(prefix="docs-") as folder:
        install(folder)
        print(build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
