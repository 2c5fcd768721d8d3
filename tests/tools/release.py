# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a release in the tree: python -m tests.tools.release 1.0.0

Says in each place which version it is, writes the changelog from the fragments, and looks at the result as Automation
Hub does. Commit, tag and push are left to whoever has read it: the tag is what publishes.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from packaging.version import InvalidVersion, Version

from tests.tools import check
from tests.tools.devtree import ROOT
from tests.tools.sanity import SKIPPED

FRAGMENTS = ROOT / "changelogs" / "fragments"
# Of a plugin, an entry point or an option. antsibull-changelog lists a plugin as new in this version only.
_ADDED = re.compile(r"^ *version_added: *[\"']?([^\s\"']+)", re.MULTILINE)
# galaxy.yml is what counts. An installed collection has no galaxy.yml, and what a user copies has to have a number.
PLACES = {
    "galaxy.yml": r"(?m)^(version: )\S+$",
    "plugins/module_utils/_version.py": r'(?m)^(VERSION = ")[^"]+(?=")',
    "README.md": r"(`softwareone\.marketplace:==)[^`]+(?=`)",
    "docs/examples/aap/execution-environment.yml": r'(softwareone\.marketplace\n +version: ")[^"]+(?=")',
    "docs/examples/contacts-repo/requirements.yml": r'(softwareone\.marketplace\n +version: ")[^"]+(?=")',
}
# What each section of the changelog asks of the version: the place of the number that has to rise, 0 for major.
RISES = {"breaking_changes": 0, "removed_features": 0, "major_changes": 1, "minor_changes": 1, "deprecated_features": 1}


def current() -> Version:
    return Version(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])


def with_version(name: str, text: str, version: Version) -> str:
    """The text of one of the places with another version.

    :raises ValueError: it has none, or more than one
    """
    changed, count = re.subn(PLACES[name], rf"\g<1>{version}", text)
    if count != 1:
        raise ValueError(f"{name} has {count} versions where it should have one")
    return changed


def fragments() -> dict[str, dict[str, object]]:
    paths = sorted(path for path in FRAGMENTS.iterdir() if path.suffix in (".yml", ".yaml"))
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}


def unreleased() -> set[str]:
    """The versions in which something was added, says its documentation, and which the changelog does not have."""
    released = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    documented = [*ROOT.glob("plugins/*/*.py"), *ROOT.glob("roles/*/meta/argument_specs.yml")]
    texts = [path.read_text(encoding="utf-8") for path in documented]
    return {version for text in texts for version in _ADDED.findall(text)} - {*released}


def parsed(text: str) -> Version | None:
    """A version as semantic versioning and Galaxy write a release."""
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return version if re.fullmatch(r"\d+\.\d+\.\d+", text) and str(version) == text else None


def refusals(text: str) -> Iterator[str]:
    """Why there is nothing to be released as this version."""
    version = parsed(text)
    if version is None:
        yield f"{text!r} is no version of the form 1.2.3"
        return
    if version <= current():
        yield f"{version} is not above {current()}, the version in galaxy.yml"
    if version.major == 0:
        yield "Automation Hub takes versions from 1.0.0 on"
    sections = {section for fragment in fragments().values() for section in fragment}
    if not sections:
        yield "changelogs/fragments has nothing to tell"
    numbers, before = version.release, current().release
    for section in sorted(sections & RISES.keys()):
        rises = RISES[section] + 1
        if numbers[:rises] <= before[:rises]:
            yield f"{version} is too small a step from {current()} for {section}"
    for added in sorted(unreleased() - {text}):
        yield f"version_added is {added} somewhere, which is neither {version} nor a release of the changelog"
    dirty = git("status", "--porcelain")
    if dirty:
        yield f"there are changes that are not committed:\n{dirty}"
    if git("tag", "--list", text):
        yield f"there is a tag {text} already"


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.rstrip()


def release(version: Version) -> int:
    # All texts first: a place that does not fit must not leave half a release behind.
    texts = {name: with_version(name, (ROOT / name).read_text(encoding="utf-8"), version) for name in PLACES}
    for name, text in texts.items():
        (ROOT / name).write_text(text, encoding="utf-8")
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    for command in (
        ("antsibull-changelog", "release", "--version", str(version), "--date", today),
        ("antsibull-changelog", "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml"),
        (sys.executable, "-m", "tests.tools.importer"),
        (sys.executable, "-m", "pytest", "-q", "tests/unit/test_metadata.py", "tests/unit/docs/test_readme.py"),
    ):
        code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
        if code not in (0, SKIPPED):
            print(f"{Path(command[0]).name} ended with code {code}; `git checkout . && git clean -f` takes all back")
            return 1
    print(f"""
{version} is in the tree. Read CHANGELOG.md and `git diff`, then

    git checkout -b release-{version} && git add --all && git commit -m "Release {version}"

and, once that is merged and tested, publish it: git tag {version} && git push origin {version}""")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version")
    text = parser.parse_args().version
    check.prepare()
    found = list(refusals(text))
    if found:
        print("\n".join(found))
        return 1
    return release(Version(text))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
