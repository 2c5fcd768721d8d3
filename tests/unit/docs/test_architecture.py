# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/architecture.md: the house is drawn as it is built, and every path on the page leads somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.tools.devtree import ROOT
from tests.unit.test_layers import FLOORS, GROUND, HOUSE, LIBRARIES, UTILS, place_of, room_of

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PLACES = {place_of(path) for path in HOUSE}
ADDRESS = "ann@contoso.example"


def section(title: str) -> str:
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return str(text)


def rows(title: str) -> list[list[str]]:
    """The cells of all tables of a section, without their heads."""
    lines = [line.strip("| ").split(" | ") for line in section(title).splitlines() if line.startswith("| ")]
    heads = re.findall(r"^(\|.*)\n\|-", section(title), re.MULTILINE)
    return [cells for cells in lines if cells not in [head.strip("| ").split(" | ") for head in heads]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_file_that_is_named_exists() -> None:
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    named = {name for name in quoted(prose) if re.fullmatch(r"[\w./]+", name) and ("/" in name or "." in name[1:])}
    named -= {"contacts/people.yml"}  # the reader's own
    paths = {name for name in named if "/" in name or Path(name).suffix in (".py", ".md", ".yml", ".json")}
    assert len(paths) > len(PLACES)
    missing = {name for name in paths if not (UTILS / name).exists() and not (ROOT / name).exists()}
    assert missing - {"__init__.py"} == set()


def test_every_file_of_the_house_is_named_once_with_what_it_is() -> None:
    named = [quoted(cells[0])[0] for cells in rows("The rooms") if cells[0].endswith(".py`")]
    assert sorted(named) == sorted(PLACES)


def test_the_picture_has_the_rooms_and_floors_of_the_layers() -> None:
    (picture,) = re.findall(r"```text\n(.*?)```", section("The house"), re.DOTALL)
    drawn = [set(re.findall(r"(?<!\S)_\w+(?!\S)", line)) for line in picture.splitlines()]
    ground = {place.removesuffix(".py") for place in PLACES if room_of(place) == GROUND}
    assert [floor for floor in reversed(drawn) if floor] == [ground, *FLOORS[1:]]


def test_the_table_of_rooms_has_what_each_knows() -> None:
    said = {
        (quoted(room) or [GROUND])[0]: set(quoted(knows))
        for room, _use, knows in (cells for cells in rows("The rooms") if len(cells) == 3)
    }
    known: dict[str, set[str]] = {room: set() for floor in FLOORS for room in floor}
    for library, places in LIBRARIES.items():
        for place in places:
            known[room_of(place)].add(library)
    assert said == known


def test_questions_have_one_file_each() -> None:
    answers = [quoted(cells[-1]) for cells in rows("Questions")]
    assert all(len(files) == 1 and files[0] in PLACES for files in answers)
    assert len({files[0] for files in answers}) == len(answers) >= 10


def test_the_way_of_an_address_is_the_one_it_takes(tmp_path: Path) -> None:
    (tmp_path / "people.yml").write_text(f"contacts:\n  - email: {ADDRESS}\n", encoding="utf-8")
    entered: dict[tuple[str, str], int] = {}

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        path = Path(frame.f_code.co_filename).resolve()
        if event == "call" and UTILS in path.parents:
            entered.setdefault((place_of(path), frame.f_code.co_qualname), len(entered))

    marketplace = Marketplace()
    sys.setprofile(profile)
    try:
        result = marketplace.run("swo_contacts", src=[str(tmp_path)], undo_file=str(tmp_path / ".undo.yml"))
    finally:
        sys.setprofile(None)

    assert result.values["counts"]["created"] == 1
    *steps, (last, _send) = [(quoted(cells[1])[0], quoted(cells[2])[0]) for cells in rows("The way of an address")]
    # The simulator stands in for the last one.
    assert last == "_api/transport.py"
    assert [step for step in steps if step not in entered] == []
    assert [entered[step] for step in steps] == sorted(entered[step] for step in steps)


@pytest.mark.parametrize("path", ["CONTRIBUTING.md", "README.md"])
def test_maintainers_find_the_page(path: str) -> None:
    assert "docs/architecture.md" in (ROOT / path).read_text(encoding="utf-8")
