# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One contact explained: the line that is named is the one that counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS

EMAIL = "ann@contoso.example"
FIELDS = ("name", "opt_outs", "opt_outs_mode", "unblock", "reason")
CHOICES = {"opt_outs_mode": ["exact", "at_least", "on_create"], "unblock": ["auto", "always", "never"]}
# Which fields each place of a layer sets.
PLACES = st.fixed_dictionaries(
    {place: st.sets(st.sampled_from(FIELDS), max_size=4) for place in ("defaults", "one", "two", "contact")}
)
LAYERS = st.lists(PLACES, min_size=1, max_size=3)


def layer_text(layer: dict[str, set[str]], number: int, profiles: list[str]) -> str:
    """A contact file with one field a line, and another value in each place."""

    def lines(place: str, indent: str) -> list[str]:
        found = []
        for field in sorted(layer[place]):
            choices = CHOICES.get(field)
            rank = number * 4 + list(layer).index(place)
            text = (
                choices[rank % len(choices)]
                if choices
                else f"[{place} {number}]"
                if field == "opt_outs"
                else f"{place} {number}"
            )
            found.append(f"{indent}{field}: {text}")
        return found

    parts = ["defaults:", *lines("defaults", "  ")] if layer["defaults"] else []
    parts.append("profiles:")
    for name in ("one", "two"):
        inner = lines(name, "    ")
        parts += [f"  {name}:", *inner] if inner else [f"  {name}: {{}}"]
    parts += ["contacts:", f"  - email: {EMAIL}", *lines("contact", "    ")]
    parts += [f"    profiles: [{', '.join(profiles)}]"] if profiles else []
    return "\n".join(parts) + "\n"


def explain(folders: list[Path], **options: Any) -> dict[str, Any]:
    result = Marketplace().run("swo_contact_files_info", src=[str(path) for path in folders], email=EMAIL, **options)
    assert not result.failed, result.values["msg"]
    explained: dict[str, Any] = result.values["explained"]
    return {**explained, "by_name": {row["field"]: row for row in explained["fields"]}}


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    layers=LAYERS,
    profiles=st.lists(st.sampled_from(["one", "two"]), unique=True, max_size=2),
    field=st.sampled_from(FIELDS),
)
def test_without_the_line_that_is_named_the_value_is_what_it_overrode(
    tmp_path_factory: pytest.TempPathFactory, layers: list[Any], profiles: list[str], field: str
) -> None:
    folder = tmp_path_factory.mktemp("explain")
    files = [folder / f"{number}.yml" for number in range(len(layers))]
    for number, (path, layer) in enumerate(zip(files, layers, strict=True)):
        path.write_text(layer_text(layer, number, profiles if number == 0 else []))
    before = explain(files)["by_name"][field]
    assume(before["source"] is not None)
    place, line = re.fullmatch(r"(.+?):(\d+)(?: \(profile '\w+'\))?", before["source"]).groups()  # type: ignore[union-attr]
    path = next(file for file in files if str(file).endswith(place) or place.endswith(str(file)))
    lines = path.read_text().splitlines()
    assert lines[int(line) - 1].strip().startswith(f"{field}:")
    del lines[int(line) - 1]
    text = "\n".join(lines) + "\n"
    # A mapping that has lost its only line is written as an empty one.
    text = re.sub(r"(?m)^(\s*)(defaults|one|two):\n(?!\1\s)", r"\1\2: {}\n", text)
    path.write_text(text)

    after = explain(files)["by_name"][field]

    default = CHOICES[field][0] if field in CHOICES else None
    expected = before["overrides"][0]["value"] if before["overrides"] else default
    assert after["value"] == expected
    assert [row["value"] for row in after["overrides"]] == [row["value"] for row in before["overrides"][1:]]
    if field not in CHOICES:
        assert after["value"] != before["value"]


def test_it_says_what_the_files_say_what_is_live_and_whether_that_differs(tmp_path: Path) -> None:
    base, prod = tmp_path / "base.yml", tmp_path / "prod.yml"
    base.write_text(
        f"defaults:\n  opt_outs_mode: at_least\ncontacts:\n  - email: {EMAIL}\n    name: Ann\n    opt_outs: [Orders]\n"
    )
    prod.write_text(f"contacts:\n  - email: {EMAIL.title()}\n    name: Ann Example\n    opt_ins: [Invoices]\n")
    marketplace = Marketplace()
    contact_id = marketplace.put(EMAIL, name="Anna", optOuts=[ORDERS, INVOICES])
    live = marketplace.run("swo_contact_info", email=EMAIL).values["contacts"]

    found = explain([base, prod], live=live)

    assert found["is_live"] is True
    assert found["id"] == contact_id
    rows = found["by_name"]
    assert rows["name"] == {
        "field": "name",
        "value": "Ann Example",
        "source": f"{prod}:3",
        "overrides": [{"value": "Ann", "source": f"{base}:5"}],
        "live": "Anna",
        "differs": True,
    }
    # What is left to the contact differs in nothing that the files say; what they give back does.
    assert rows["opt_outs"]["live"] == ["Invoices", "Orders"]
    assert [rows[name]["differs"] for name in ("email", "state")] == [False, False]
    assert rows["opt_ins"]["differs"] is True
    assert found["text"] == [
        f"{EMAIL.title()} ({contact_id})",
        f"  email:         {EMAIL.title()}  [{prod}:2]",
        f"                 overrides {EMAIL}  [{base}:4]",
        f"                 live: {EMAIL}",
        f"  name:          Ann Example  [{prod}:3]",
        f"                 overrides Ann  [{base}:5]",
        "                 live: Anna  (differs)",
        f"  opt_outs:      Orders  [{base}:6]",
        "                 live: Invoices, Orders  (differs)",
        f"  opt_ins:       Invoices  [{prod}:4]",
        "                 live: opted out of some of them  (differs)",
        f"  opt_outs_mode: at_least  [{base}:2]",
        "  state:         present  [default]",
        "                 live: active",
        "  Different from live: name, opt_outs, opt_ins.",
    ]


def test_without_a_look_at_what_is_live_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"contacts:\n  - email: {EMAIL}\n")

    assert explain([path])["is_live"] is None
    assert explain([path])["text"][-1] == "  What is live was not looked up."
    assert explain([path], live=[])["text"][-1] == "  No such contact is live."


def test_what_is_wrong_between_the_files_does_not_hide_whose_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(
        "categories: [{id: NTC-0000-0001, name: Orders, opt_out_allowed: true, status: Published}]\n"
        f"coverage: [{{category: Orders, include: [{EMAIL}]}}]\n"
        f"contacts:\n  - {{email: {EMAIL}, opt_outs: [Orders]}}\n  - {{email: b@x.example, opt_outs: [Ordrs]}}\n"
    )
    assert Marketplace().run("swo_contact_files_info", src=[str(file)]).failed
    assert explain([file])["email"] == EMAIL


def test_somebody_in_no_file_is_refused_with_who_may_be_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"contacts:\n  - email: {EMAIL}\n")

    result = Marketplace().run("swo_contact_files_info", src=[str(path)], email="anne@contoso.example")

    assert result.failed
    assert result.values["msg"] == f"email: 'anne@contoso.example' is in no file. Did you mean {EMAIL}?"


def test_texts_of_others_stay_on_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"contacts:\n  - email: {EMAIL}\n    name: N\n")
    view = {"id": "CTT-1-1", "email": EMAIL, "name": "x\n::error::\x1b[31m", "status": "Active", "opt_outs": []}

    found = explain([path], live=[view])

    assert not any("\n" in line or "\x1b" in line for line in found["text"])
    wrong = Marketplace().run("swo_contact_files_info", src=[str(path)], email=EMAIL, live=[{"id": 1}])
    assert wrong.values["msg"].startswith("live: there is something in the list that is no contact.")
