# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make release` refuses, in a repository of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from packaging.version import Version

from tests.tools import release

IDENTITY = ("-c", "user.name=Ann", "-c", "user.email=ann@contoso.example")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Version 1.2.3 is released, one fragment waits."""
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "plugins" / "modules").mkdir(parents=True)
    (tmp_path / "galaxy.yml").write_text("version: 1.2.3\n", encoding="utf-8")
    (tmp_path / "changelogs" / "changelog.yaml").write_text("releases: {1.2.3: {}}\n", encoding="utf-8")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "FRAGMENTS", tmp_path / "changelogs" / "fragments")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    add(tmp_path, "mended.yml", "bugfixes")
    subprocess.run(["git", *IDENTITY, "tag", "-m", "", "1.9.0"], cwd=tmp_path, check=True)
    return tmp_path


def add(repository: Path, name: str, section: str) -> None:
    (repository / "changelogs" / "fragments" / name).write_text(f"{section}: [x]\n", encoding="utf-8")
    subprocess.run(["git", "add", "--all"], cwd=repository, check=True)
    subprocess.run(["git", *IDENTITY, "commit", "-qm", "x"], cwd=repository, check=True)


@pytest.mark.parametrize("version", ["1.2.4", "1.3.0", "2.0.0"])
def test_a_version_above(version: str, repository: Path) -> None:
    assert list(release.refusals(version)) == []


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "is no version"),
        ("1.3", "is no version"),
        ("v1.3.0", "is no version"),
        ("1.03.0", "is no version"),
        ("1.3.0rc1", "is no version"),
        ("1.3.0\n", "is no version"),
        ("1.2.3", "is not above 1.2.3"),
        ("1.1.9", "is not above 1.2.3"),
        ("1.9.0", "there is a tag 1.9.0 already"),
    ],
)
def test_another_version(version: str, why: str, repository: Path) -> None:
    (refusal,) = release.refusals(version)
    assert why in refusal


@pytest.mark.parametrize(
    ("section", "too_small", "enough"),
    [
        ("minor_changes", "1.2.4", "1.3.0"),
        ("deprecated_features", "1.2.4", "1.3.0"),
        ("breaking_changes", "1.3.0", "2.0.0"),
        ("removed_features", "1.3.0", "2.0.0"),
    ],
)
def test_a_step_too_small_for_what_has_changed(section: str, too_small: str, enough: str, repository: Path) -> None:
    add(repository, "more.yml", section)
    (refusal,) = release.refusals(too_small)
    assert f"too small a step from 1.2.3 for {section}" in refusal
    assert list(release.refusals(enough)) == []


def test_something_came_in_a_version_that_is_not_this_one(repository: Path) -> None:
    (repository / "plugins" / "modules" / "old.py").write_text("version_added: 1.2.3\n", encoding="utf-8")
    (repository / "plugins" / "modules" / "new.py").write_text('  version_added: "1.3.0"\n', encoding="utf-8")
    add(repository, "new.yml", "minor_changes")
    assert list(release.refusals("1.3.0")) == []
    assert list(release.refusals("1.4.0")) == [
        "version_added is 1.3.0 somewhere, which is neither 1.4.0 nor a release of the changelog"
    ]


def test_a_first_version_below_one(repository: Path) -> None:
    (repository / "galaxy.yml").write_text("version: 0.1.0\n", encoding="utf-8")
    refusals = list(release.refusals("0.2.0"))
    assert "takes versions from 1.0.0 on" in refusals[0]
    assert "not committed" in refusals[1]


def test_nothing_to_tell(repository: Path) -> None:
    subprocess.run(["git", "rm", "-q", "changelogs/fragments/mended.yml"], cwd=repository, check=True)
    release.FRAGMENTS.mkdir(exist_ok=True, parents=True)
    subprocess.run(["git", *IDENTITY, "commit", "-qm", "x"], cwd=repository, check=True)
    assert list(release.refusals("1.2.4")) == ["changelogs/fragments has nothing to tell"]


def test_work_that_is_not_committed(repository: Path) -> None:
    (repository / "new").touch()
    (refusal,) = release.refusals("1.2.4")
    assert refusal == "there are changes that are not committed:\n?? new"


@pytest.mark.parametrize("name", release.PLACES)
def test_every_place_gets_the_version(name: str) -> None:
    text = (release.ROOT / name).read_text(encoding="utf-8")
    changed = release.with_version(name, text, Version("12.34.56"))
    assert changed.count("12.34.56") == 1
    assert len(changed.splitlines()) == len(text.splitlines())
    with pytest.raises(ValueError, match=r"has 0 versions"):
        release.with_version(name, "", Version("12.34.56"))
