# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the whole of ansible-test sanity on one version of ansible-core: python -m tests.tools.sanity 2.16

ansible-test wants the collection at .../ansible_collections/softwareone/marketplace and takes neither a
symbolic link nor an ignored folder for that, so it gets a copy outside the checkout. Its home is in .venv:
nothing of the user's is read or written, and a second run finds what the first one installed.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.tools import pythons
from tests.tools.devtree import ROOT

STATE = ROOT / ".venv" / "sanity"
# A file for a repository of users, which is not in the artifact: GitLab wants inputs in a YAML document of their own,
# and ansible-test takes no second one. `make lint` checks it by GitLab's schema.
NOT_OURS = {"docs/examples/contacts-repo/.gitlab-ci.yml"}
SKIPPED = 77


@dataclass(frozen=True)
class Core:
    release: str
    lowest: pythons.Version
    highest: pythons.Version
    pip: str  # the version that this ansible-test bootstraps
    lacks: tuple[str, ...] = ()  # tests whose requirements no package index has

    @property
    def series(self) -> str:
        return self.release.rpartition(".")[0]

    @property
    def is_candidate(self) -> bool:
        return "rc" in self.release


CORES = {
    core.series: core
    for core in (
        Core("2.16.19", (3, 10), (3, 12), "23.1.2"),
        Core("2.17.14", (3, 10), (3, 12), "23.1.2"),
        Core("2.18.19", (3, 11), (3, 13), "24.2"),
        Core("2.19.14", (3, 11), (3, 13), "24.2"),
        Core("2.20.10", (3, 12), (3, 14), "25.2"),
        Core("2.21.5", (3, 12), (3, 14), "25.2"),
        # Its pylint plugin is an archive of a repository until the release.
        Core("2.22.0rc1", (3, 13), (3, 15), "25.2", lacks=("pylint",)),
    )
}

# ansible-test fetches this script from a server of its own; with the file in its cache, PyPI is all it needs.
BOOTSTRAP = """\
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-{version}-py3-none-any.whl"))
from pip._internal.cli.main import main

wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--upgrade", "--force-reinstall", *wanted]))
"""


def newest_series() -> str:
    """The newest release of ansible-core that an interpreter of this machine can run."""
    released = [core for core in CORES.values() if not core.is_candidate]
    runnable = [core for core in released if pythons.newest(core.lowest, core.highest)]
    return [*released, *runnable][-1].series


def run(command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def private_home(core: Core, venv: Path) -> Path:
    """A home for ansible-test, which hands its children no variable but PATH and HOME."""
    home = STATE / core.series / "home"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    pip: list[str | Path] = [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    script = cache / f"get_pip_{core.pip.replace('.', '_')}.py"
    if not script.exists():
        run([*pip, "download", "-q", "--no-deps", "-d", cache, f"pip=={core.pip}"])
        script.write_text(BOOTSTRAP.format(version=core.pip))
    settings = run([*pip, "config", "list"], stdout=subprocess.PIPE).stdout
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)
    config.write_text(pip_config(settings, os.environ.get("HTTPS_PROXY")))
    return home


def pip_config(settings: str, proxy: str | None) -> str:
    """What `pip config list` shows, as a file: the user's index, proxy and certificates hold here too."""
    options = {"cache-dir": str(STATE / "pip"), "quiet": "1", **({"proxy": proxy} if proxy else {})}
    for section in ("global", "install", ":env:"):
        found = re.findall(rf"^{section}\.([\w-]+)=(.*)$", settings, re.MULTILINE)
        options.update((key, ast.literal_eval(value)) for key, value in found)
    lines = [f"{key} = {' '.join(value.split())}" for key, value in options.items()]
    return "\n".join(["[global]", *lines, ""])


def copy_collection(destination: Path) -> int:
    """Copy what git knows or would add and is ours; return how many files that is."""
    listed = run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ).stdout
    names = set(listed.split("\0")) - NOT_OURS - {""}
    present = [name for name in names if os.path.lexists(ROOT / name)]
    for name in present:
        (destination / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, destination / name, follow_symlinks=False)
    return len(present)


def test(core: Core, python: Path, folder: Path) -> None:
    venv = pythons.environment(STATE / core.series, python, f"ansible-core=={core.release}")
    where = {
        "cwd": folder,
        "env": {
            "HOME": str(private_home(core, venv)),
            "PATH": f"{venv / 'bin'}{os.pathsep}{pythons.search_path()}",
            "TERM": "dumb",
        },
    }
    copied = copy_collection(folder)
    # Not by its own first line, which holds no interpreter whose path has a space.
    ansible_test = [venv / "bin" / "python", venv / "bin" / "ansible-test"]
    # ansible-test passes everything when it sees nothing.
    seen = run([*ansible_test, "env", "--list-files"], stdout=subprocess.PIPE, **where).stdout
    if len(seen.split()) < copied:
        sys.exit(f"ansible-test sees {len(seen.split())} of {copied} files")
    skipped = [word for name in core.lacks for word in ("--skip-test", name)]
    run([*ansible_test, "sanity", "--venv", "--color", "no", *skipped], stdin=subprocess.DEVNULL, **where)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("core", choices=[*CORES, "newest"])
    series = parser.parse_args().core
    core = CORES[newest_series() if series == "newest" else series]
    python = pythons.newest(core.lowest, core.highest)
    if python is None:
        needed = f"Python {pythons.name(core.lowest)} to {pythons.name(core.highest)}"
        print(f"ansible-core {core.series} needs {needed}, of which this machine has none")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="sanity-") as temporary:
        folder = Path(temporary, "ansible_collections", "softwareone", "marketplace")
        folder.mkdir(parents=True)
        try:
            test(core, python, folder)
        except subprocess.CalledProcessError as error:
            return error.returncode
    modules_on = ", ".join(pythons.name(version) for version in pythons.installed())
    print(f"ansible-core {core.release} on {python.name}; interpreters seen: {modules_on}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
