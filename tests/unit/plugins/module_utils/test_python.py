# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that is too old gets a sentence; `make gate` lets ansible-core 2.16 say it to real ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils import _python
from tests.tools.devtree import ROOT

FIRST = "require_python()"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 7, 16)])
def test_an_older_python(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as ended:
        _python.require_python()
    result = json.loads(capsys.readouterr().out)
    assert (ended.value.code, result["failed"], result["changed"]) == (1, True, False)
    assert f"{sys.executable}, is version {'.'.join(map(str, version))}, and the collection needs 3.8" in result["msg"]


def test_this_one(capsys: pytest.CaptureFixture[str]) -> None:
    _python.require_python()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_a_module_asks_before_it_imports_anything_else(path: Path) -> None:
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(("from ", "import ", FIRST))
    ]
    assert lines[0].endswith("import require_python")
    assert lines[1] == FIRST
