# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue in the files: written by an export, checked without a token, compared with the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS, address, entry, people

RENEW = "The catalogue is the one in the files; swo_contacts_export renews it with categories_dest."


def export(marketplace: Marketplace, folder: Path, **options: Any) -> Path:
    path = folder / "categories.yml"
    dest = str(folder / "live.yml")
    result = marketplace.run("swo_contacts_export", dest=dest, categories_dest=str(path), force=False, **options)
    assert not result.failed, result.values["msg"]
    return path


def validate(*paths: Path) -> Any:
    return Marketplace().run("swo_contact_files_info", src=[str(path) for path in paths])


def test_the_export_writes_what_the_platform_has_and_renews_it(tmp_path: Path) -> None:
    marketplace = Marketplace()
    path = export(marketplace, tmp_path)

    rows = yaml.safe_load(path.read_text())["categories"]

    store = marketplace.simulator.store.categories
    expected = [
        {"id": row["id"], "name": row["name"], "opt_out_allowed": row["optOutAllowed"], "status": row["status"]}
        for row in store.values()
    ]
    assert rows == sorted(expected, key=lambda row: str(row["name"]))
    assert not validate(path).failed
    marketplace.simulator.store.categories[ORDERS]["name"] = "Purchases: all"
    assert any(
        row["name"] == "Purchases: all"
        for row in yaml.safe_load(export(marketplace, tmp_path).read_text())["categories"]
    )


def test_a_catalogue_that_somebody_edited_is_not_overwritten(tmp_path: Path) -> None:
    marketplace = Marketplace()
    path = export(marketplace, tmp_path)
    path.write_text(path.read_text() + "# mine\n")
    options: dict[str, Any] = {"dest": str(tmp_path / "live.yml"), "categories_dest": str(path)}

    marketplace.simulator.store.categories[ORDERS]["name"] = "Purchases"
    refused = marketplace.run("swo_contacts_export", **options)

    assert refused.failed
    assert "# mine" in path.read_text()
    assert not marketplace.run("swo_contacts_export", force=True, **options).failed
    assert "# mine" not in path.read_text()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("categories_dest", "x.json", "has to be a file that ends in .yml or .yaml."),
        ("snapshot_dest", "x.yml", "has to be a file that ends in .json."),
        ("categories_dest", "live.yml", "is written by dest, too."),
    ],
)
def test_files_that_could_not_be_used_are_refused(name: str, value: str, said: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"dest": str(tmp_path / "live.yml"), name: str(tmp_path / value)}

    result = Marketplace().run("swo_contacts_export", **options)

    assert said in result.values["msg"]
    assert not list(tmp_path.iterdir())


def test_names_are_checked_offline_and_all_faults_are_named(tmp_path: Path) -> None:
    path = export(Marketplace(), tmp_path)
    files = tmp_path / "people.yml"
    files.write_text(
        "coverage:\n  - {category: Sekurity, at_least: 1}\n"
        f"contacts:\n  - email: {address(1)}\n    opt_outs: [ORDERS, Invoises]\n"
        f"  - email: {address(2)}\n    opt_ins: [Nope at all]\n"
    )

    result = validate(files, path)

    assert result.failed
    first, second, third = result.values["problems"]
    assert first.startswith(f"{files}:2: category: There is no notification category 'Sekurity'.")
    assert (
        second == f"{files}:5: opt_outs: There is no notification category 'Invoises'. Did you mean 'Invoices'? {RENEW}"
    )
    assert third.startswith(f"{files}:7: opt_ins: There is no notification category 'Nope at all'.")
    assert not validate(files).failed


def test_what_is_new_on_the_platform_is_reported_with_whom_it_reaches(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, range(3))
    marketplace.put(address(3), status="Blocked")
    path = export(marketplace, tmp_path)
    store = marketplace.simulator.store.categories
    store["NTC-0000-0042"] = {**store[ORDERS], "id": "NTC-0000-0042", "name": "Outages"}
    store["NTC-0000-0043"] = {**store[ORDERS], "id": "NTC-0000-0043", "name": "Drafts", "status": "Unpublished"}
    marketplace.put(address(4), optOuts=["NTC-0000-0042"])

    result = marketplace.run("swo_contacts", check=True, src=[str(path)], contacts=[entry(1)])

    assert result.values["new_categories"] == [{"category": "Outages", "id": "NTC-0000-0042", "not_opted_out": 3}]
    assert result.values["status"] == "clean"
    assert result.warnings == [
        "The category Outages (NTC-0000-0042) is new on the platform: 3 contacts are not opted out of it. "
        "The catalogue in the files does not have it."
    ]
    assert not marketplace.run("swo_contacts", check=True, contacts=[entry(1)]).values["new_categories"]


FORM = {
    "coverage: [{category: Orders}]": (
        "2: coverage: has none of at_least, include and opted_out_at_most; it must have at least one of them"
    ),
    "coverage: [{at_least: 1}]": "2: coverage: has no category",
    "coverage: [{category: A, at_least: two}]": "2: coverage.at_least: is the text 'two'; it must be a whole number",
    "coverage: [{category: A, at_least: -1}]": (
        "2: coverage.at_least: -1 is read as a number; it must be a whole number"
    ),
    "coverage: [{category: A, at_least: 1, include: [a@b]}]": (
        "2: coverage.include: cannot stand beside at_least; make two contracts of them"
    ),
    "coverage: [{category: A, include: [a@b], among: [x]}]": "2: coverage.among: belongs to at_least",
    "coverage: [{category: A, include: []}]": "2: coverage.include: must not be empty",
    "coverage: [{category: A, include: ['']}]": (
        "2: coverage.include: has an entry that is empty or has control characters"
    ),
    "coverage: [{category: ' ', at_least: 1}]": "2: coverage.category: must not be empty",
    "coverage: [A]": (
        "2: coverage: is the text 'A'; a contract must be a mapping, as in {category: Security, at_least: 2}"
    ),
    "coverage: {}": "2: coverage: is a mapping; it must be a list, as in [one, two]",
    "categories: [{id: NTC-1}]": "2: categories: has no name",
    "categories: [{id: a/b, name: A}]": "2: categories.id: 'a/b' cannot be an id",
    "categories: [{id: N-1, name: A}, {id: N-1, name: B}]": "2: categories.id: 'N-1' is listed twice",
    "categories: [{id: N-1, name: A, opt_out_allowed: maybe}]": (
        "2: categories.opt_out_allowed: is the text 'maybe'; it must be true or false"
    ),
    "coverage: [{category: A, at_least: 1, atleast: 2}]": (
        "2: coverage.atleast: is not known here; did you mean at_least?"
    ),
}


@pytest.mark.parametrize(("text", "problem"), FORM.items())
def test_each_fault_of_form_is_one_line(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"---\n{text}\n")

    assert validate(path).values["problems"] == [f"{path}:{problem}"]


def test_a_fault_does_not_shift_the_lines_of_others(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("coverage:\n  - category: A\n  - {category: B, at_least: 1, include: [a@b]}\n")

    assert [line.removeprefix(f"{path}:").partition(":")[0] for line in validate(path).values["problems"]] == ["2", "3"]


OFFLINE: dict[str, tuple[list[Any], dict[str, Any], str]] = {
    "a contact that is absent": ([entry(1, state="absent")], {"include": [address(1)]}, "already_broken"),
    "one that is blocked": ([entry(1, state="blocked")], {"include": [address(1)]}, "already_broken"),
    "one that is opted out": ([entry(1, opt_outs=["Orders"])], {"include": [address(1)]}, "already_broken"),
    "one that is by its id": ([entry(1, opt_outs=[ORDERS])], {"include": [address(1)]}, "already_broken"),
    "one that gets it back": (
        [entry(1, opt_outs=[INVOICES], opt_outs_mode="at_least", opt_ins=["Orders"])],
        {"include": [address(1)]},
        "holds",
    ),
    "one whose opt-outs are given": ([entry(1, opt_outs=[INVOICES])], {"include": [address(1)]}, "holds"),
    "one that may choose": ([entry(1, opt_outs=[], opt_outs_mode="at_least")], {"include": [address(1)]}, "unknown"),
    "one that is not managed": ([entry(1)], {"include": [address(1)]}, "unknown"),
    "one that is in no file": ([entry(1)], {"include": [address(2)]}, "unknown"),
    "what is set on creation only": (
        [entry(1, opt_outs=["Orders"], opt_outs_mode="on_create")],
        {"include": [address(1)]},
        "unknown",
    ),
    "too few of those named": (
        [entry(1, state="absent"), entry(2)],
        {"at_least": 2, "among": [address(1), address(2)]},
        "already_broken",
    ),
    "others may count": ([entry(1, state="absent")], {"at_least": 1, "among": ["*@contoso.example"]}, "unknown"),
    "enough by the files": ([entry(1, opt_ins=["Orders"])], {"at_least": 1}, "holds"),
    "too many": ([entry(1, opt_outs=["Orders"])], {"opted_out_at_most": 0}, "already_broken"),
    "not too many yet": ([entry(1, opt_outs=["Orders"])], {"opted_out_at_most": 1}, "unknown"),
}


@pytest.mark.parametrize("case", OFFLINE)
@pytest.mark.parametrize("has_catalogue", [True, False])
def test_contracts_are_judged_as_far_as_files_pin_them(case: str, has_catalogue: bool, tmp_path: Path) -> None:
    contacts, rule, verdict = OFFLINE[case]
    if not has_catalogue and case in ("one that is by its id", "one whose opt-outs are given"):
        # The name and the id may be those of two categories.
        verdict = "unknown"
    path = tmp_path / "a.yml"
    contract = {"category": "orders", **rule, "reason": "policy"}
    path.write_text(yaml.safe_dump({"coverage": [contract], "contacts": contacts}))
    paths = [path, export(Marketplace(), tmp_path)] if has_catalogue else [path]

    result = validate(*paths)

    assert result.failed is (verdict == "already_broken")
    if result.failed:
        (problem,) = result.values["problems"]
        assert "; policy) is broken by the files: orders" in problem.replace("Orders", "orders")
        assert problem.startswith(f"{path}:")
    else:
        assert [row["verdict"] for row in result.values["coverage"]] == [verdict]


def test_every_category_offline_is_every_published_one_of_the_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    rule = {"category": "*", "include": [address(1)]}
    path.write_text(yaml.safe_dump({"coverage": [rule], "contacts": [entry(1, opt_outs=[])]}))
    catalogue = export(Marketplace(), tmp_path)

    rows = validate(path, catalogue).values["coverage"]

    names = {row["category"] for row in rows}
    assert len(rows) == len(names) == 7
    assert "Legacy reports" not in names
    assert [row["verdict"] for row in validate(path).values["coverage"]] == ["holds"]
