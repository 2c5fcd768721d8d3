# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage contracts: what they count is what the account holds afterwards, and a plan that breaks one is refused."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.tools.devtree import ROOT
from tests.unit.contact_sets import (
    INVOICES,
    OPT_OUTS,
    ORDERS,
    TECHNICAL,
    WANTED,
    address,
    entry,
    four_people,
    people,
    reset_journal,
    store_of,
)

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
NAMES = {ORDERS: "Orders", INVOICES: "Invoices", TECHNICAL: "Technical updates"}
CONTACTS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["Active", "Active", "Blocked"]),
        "optOuts": OPT_OUTS,
        "blockedReason": st.sampled_from([None, "bounced"]),
    }
)
SOME = st.lists(st.sampled_from([address(0), address(1), address(4), "C0002@Contoso.example"]), min_size=1, unique=True)
GLOBS = st.lists(st.sampled_from(["*@contoso.example", "c000[0-2]@*", address(3), "nobody@*"]), min_size=1, unique=True)
CATEGORY = st.sampled_from([ORDERS, "invoices", "Technical updates", "*"])
COUNT = st.integers(0, 5)
CONTRACTS = st.one_of(
    st.fixed_dictionaries({"category": CATEGORY, "at_least": COUNT}, optional={"among": GLOBS}),
    st.fixed_dictionaries({"category": CATEGORY, "include": SOME}),
    st.fixed_dictionaries({"category": CATEGORY, "opted_out_at_most": COUNT}),
)


def recount(contract: dict[str, Any], category: str, rows: list[dict[str, Any]]) -> tuple[int, int, set[str]]:
    """What a contract counts in a store, by how much it is broken, and which addresses are missing."""
    active = [row for row in rows if row["status"] == "Active"]
    reached = [row["email"].lower() for row in active if category not in row["optOuts"]]
    if "include" in contract:
        wanted = {email.lower() for email in contract["include"]}
        return len(wanted.intersection(reached)), 0, wanted.difference(reached)
    if "at_least" in contract:
        globs = [glob.lower() for glob in contract.get("among", ["*"])]
        count = sum(1 for email in reached if any(fnmatchcase(email, glob) for glob in globs))
        return count, max(0, contract["at_least"] - count), set()
    count = len(active) - len(reached)
    return count, max(0, count - contract["opted_out_at_most"]), set()


def verdict(before: tuple[int, int, set[str]], after: tuple[int, int, set[str]]) -> str:
    if not after[1] and not after[2]:
        return "holds"
    is_worse = after[1] > before[1] or bool(after[2] - before[2])
    return "broken" if is_worse or not (before[1] or before[2]) else "already_broken"


def published(marketplace: Marketplace) -> dict[str, str]:
    """The names of the published categories, by id."""
    found = marketplace.simulator.store.categories.values()
    return {str(row["id"]): str(row["name"]) for row in found if row["status"] == "Published"}


def expected_rows(
    contracts: list[dict[str, Any]], names: dict[str, str], before: list[Any], after: list[Any]
) -> list[tuple[Any, ...]]:
    rows = []
    for contract in contracts:
        said = contract["category"]
        ids = (
            list(names)
            if said == "*"
            else [key for key, name in names.items() if said.lower() in (key.lower(), name.lower())]
        )
        for key in ids:
            old, new = recount(contract, key, before), recount(contract, key, after)
            rows.append((names[key], old[0], new[0], verdict(old, new), sorted(new[2])))
    return rows


def told_rows(result: TaskResult) -> list[tuple[Any, ...]]:
    keys = ("category", "before", "after", "verdict", "missing")
    return [tuple(row[key] for key in keys) for row in result.values["coverage"]]


def not_opted_out(rows: list[dict[str, Any]], category: str) -> int:
    return sum(1 for row in rows if row["status"] == "Active" and category not in row["optOuts"])


def written(folder: Path, name: str, **content: Any) -> str:
    path = folder / name
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return str(path)


def test_a_plan_that_breaks_a_contract_is_refused_before_any_write_and_names_the_entries(tmp_path: Path) -> None:
    marketplace = four_people()
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "coverage:\n"
        '  - {category: orders, at_least: 3, among: ["*@contoso.example"], reason: incident policy}\n'
        f"  - {{category: '*', include: [{address(1)}]}}\n"
    )
    files = tmp_path / "people.yml"
    files.write_text(f"contacts:\n  - email: {address(0)}\n    opt_outs: [Orders]\n  - email: {address(1)}\n")
    reports = [str(tmp_path / f"report.{ending}") for ending in ("md", "html", "xml", "json")]

    result = marketplace.run("swo_contacts", src=[str(files), str(rules)], reports=reports)

    assert result.failed
    assert not marketplace.writes()
    message = result.values["msg"]
    assert message == (
        f"The coverage contract in {rules}:2 (at least 3 among *@contoso.example; incident policy) would be broken by "
        f"this plan: Orders 3 -> 2. Because of {address(0)} ({files}:2). "
        "Change what breaks it, or the contract if this is meant. "
        "Whether mail is sent depends on subscribers, too."
    )
    assert result.values["coverage"][0]["because_of"] == [{"email": address(0), "source": f"{files}:2"}]
    assert result.values["status"] == "error"
    for path in reports[:3]:
        text = Path(path).read_text(encoding="utf-8")
        assert "1 broken. Whether mail is sent depends on subscribers, too." in text
    report = json.loads(Path(reports[3]).read_text())
    assert report["coverage"] == result.values["coverage"]
    assert report["impact"] == [{"category": "Orders", "id": ORDERS, "before": 3, "after": 2}]
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert "Orders: 1 more opted out; not opted out: 3 -> 2" in result.values["diff"]["prepared"]
    masked = tmp_path / "masked.json"
    marketplace.run("swo_contacts", src=[str(files), str(rules)], reports=[str(masked)], report_privacy="masked")
    assert "c000" not in masked.read_text()
    assert json.loads(masked.read_text())["coverage"][0]["verdict"] == "broken"


@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        ({"include": [address(3)]}, "list the category under opt_ins of contacts that are opted out"),
        ({"include": ["nobody@contoso.example"]}, "declare those contacts that are not there yet"),
        ({"at_least": 99}, "declare those contacts that are not there yet and list the category under opt_ins of"),
        ({"at_least": 1, "among": ["*@nowhere.example"]}, "declare those contacts that are not there yet"),
    ],
)
def test_how_a_broken_contract_can_hold_depends_on_who_is_there(
    tmp_path: Path, rule: dict[str, object], remedy: str
) -> None:
    src = [written(tmp_path, "a.yml", coverage=[{"category": ORDERS, **rule}], contacts=[entry(0)])]
    (warning,) = four_people().run("swo_contacts", check=True, view="drift", src=src).warnings
    assert f"To mend it, {remedy}" in warning
    assert warning.count("opt_ins") == remedy.count("opt_ins")


def test_one_that_was_broken_before_is_reported_and_counts_as_drift(tmp_path: Path) -> None:
    marketplace = four_people()
    src = [written(tmp_path, "a.yml", coverage=[{"category": ORDERS, "opted_out_at_most": 0}], contacts=[entry(0)])]

    result = marketplace.run("swo_contacts", check=True, view="drift", src=src)

    assert not result.failed
    assert result.values["status"] == "drift"
    assert result.values["summary"].endswith("; coverage: 1 contract broken")
    (warning,) = result.warnings
    assert "is broken already: Orders 1. To mend it, list the category under opt_ins" in warning
    healed = marketplace.run(
        "swo_contacts", src=[*src, written(tmp_path, "b.yml", contacts=[entry(3, opt_ins=["Orders"])])]
    )
    assert not healed.failed
    assert marketplace.run("swo_contacts", check=True, view="drift", src=src).values["status"] == "clean"


def test_one_that_was_broken_before_must_not_be_made_worse(tmp_path: Path) -> None:
    marketplace = four_people()
    rule = {"category": "Orders", "opted_out_at_most": 0}
    src = [written(tmp_path, "a.yml", coverage=[rule], contacts=[entry(0, opt_outs=["Orders"])])]

    result = marketplace.run("swo_contacts", src=src)

    assert result.failed
    assert not marketplace.writes()
    assert "would be broken by this plan: Orders 1 -> 2" in result.values["msg"]


def test_contracts_of_all_layers_hold_together(tmp_path: Path) -> None:
    marketplace = four_people()
    base = written(tmp_path, "base.yml", coverage=[{"category": "Orders", "at_least": 3}], contacts=[entry(0)])
    prod = written(tmp_path, "prod.yml", coverage=[{"category": "Orders", "at_least": 1}])
    change = written(tmp_path, "change.yml", contacts=[entry(0, opt_outs=["Orders"])])

    result = marketplace.run("swo_contacts", check=True, src=[base, prod, change])

    assert [row["verdict"] for row in result.values["coverage"]] == ["broken", "holds"]


def test_drift_only_looks_so_it_refuses_nothing(tmp_path: Path) -> None:
    marketplace = four_people()
    rule = {"category": "Orders", "at_least": 3}
    src = [written(tmp_path, "a.yml", coverage=[rule], contacts=[entry(0, opt_outs=["Orders"])])]

    result = marketplace.run("swo_contacts", check=True, view="drift", src=src)

    assert not result.failed
    assert [row["verdict"] for row in result.values["coverage"]] == ["broken"]
    assert any("would be broken by this plan" in text for text in result.warnings)


def test_a_delete_that_waits_takes_nobody_away_yet(tmp_path: Path) -> None:
    marketplace = four_people()
    rule = {"category": "Orders", "at_least": 3}
    entries = [entry(0, state="absent"), {"id": "CTT-9999-9999", "name": "Nobody"}]
    src = [written(tmp_path, "a.yml", coverage=[rule], contacts=entries)]

    result = marketplace.run("swo_contacts", src=src)

    assert [(row["verdict"], row["after"]) for row in result.values["coverage"]] == [("holds", 3)]
    assert marketplace.live(address(0))


def test_a_category_that_does_not_exist_is_a_fault_with_its_line(tmp_path: Path) -> None:
    src = [written(tmp_path, "a.yml", coverage=[{"category": "Ordres", "at_least": 3}], contacts=[entry(0, name="M")])]
    marketplace = four_people()

    result = marketplace.run("swo_contacts", src=src)

    assert result.values["problems"] == [
        f"{src[0]}:2: category: There is no notification category 'Ordres'. Did you mean 'Orders'?"
    ]
    assert not marketplace.writes()


def test_opt_outs_that_the_api_left_out_are_neither_held_for_nor_against(tmp_path: Path) -> None:
    marketplace = Marketplace(withheld="optOuts_in_lists")
    people(marketplace, range(3))
    rules: list[dict[str, Any]] = [{"category": "Orders", "at_least": number} for number in (1, 2, 4)]
    rules += [{"category": "Orders", "include": [address(2)]}, {"category": "Orders", "opted_out_at_most": 0}]
    src = [written(tmp_path, "a.yml", coverage=rules, contacts=[entry(0, opt_ins=["Orders"])])]

    result = marketplace.run("swo_contacts", check=True, src=src)

    verdicts = [row["verdict"] for row in result.values["coverage"]]
    assert verdicts == ["holds", "unknown", "already_broken", "unknown", "unknown"]
    assert sum("cannot be judged, because not all of the opt-outs" in text for text in result.warnings) == 3


@pytest.mark.parametrize("options", [{"only": [address(0)]}, {"unmanaged": "ignore"}])
def test_everybody_counts_where_a_run_is_about_some_only(tmp_path: Path, options: dict[str, Any]) -> None:
    marketplace = Marketplace(400)
    people(marketplace, range(3))
    rule = {"category": "Orders", "at_least": 3, "among": ["c000*@contoso.example"]}
    src = [written(tmp_path, "a.yml", coverage=[rule], contacts=[entry(0, opt_outs=["Orders"]), entry(1)])]

    result = marketplace.run("swo_contacts", check=True, src=src, **options)

    assert result.failed
    assert [(row["before"], row["after"]) for row in result.values["coverage"]] == [(3, 2)]


def test_a_run_without_changes_costs_no_further_request(tmp_path: Path) -> None:
    marketplace = Marketplace(250)
    marketplace.put(address(0), name="N", optOuts=[ORDERS])
    plain = written(tmp_path, "a.yml", contacts=[entry(0, opt_outs=["Orders"])])
    catalogue = tmp_path / "categories.yml"
    marketplace.run("swo_contacts_export", dest=str(tmp_path / "live.yml"), categories_dest=str(catalogue))
    rules = written(
        tmp_path, "b.yml", coverage=[{"category": "*", "at_least": 1}, {"category": "Orders", "include": [address(9)]}]
    )

    without = marketplace.run("swo_contacts", src=[plain])
    with_all = marketplace.run("swo_contacts", src=[plain, str(catalogue), rules])

    assert without.values["changed"] is with_all.values["changed"] is False
    assert with_all.values["requests"] == without.values["requests"]
    assert with_all.values["coverage"]


def test_a_blocked_contact_is_neither_reached_nor_opted_out(tmp_path: Path) -> None:
    marketplace = Marketplace()
    marketplace.put(address(0), status="Blocked")
    marketplace.put(address(1), status="Blocked", optOuts=[ORDERS])
    rules = [
        {"category": "Orders", "at_least": 1},
        {"category": "Orders", "opted_out_at_most": 0},
        {"category": "Orders", "include": [address(0)]},
    ]
    src = [written(tmp_path, "a.yml", coverage=rules)]

    result = marketplace.run("swo_contacts", check=True, src=src)

    assert [row["verdict"] for row in result.values["coverage"]] == ["already_broken", "holds", "already_broken"]


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    live=st.lists(st.none() | CONTACTS, min_size=6, max_size=6),
    wanted=st.lists(st.none() | WANTED, min_size=6, max_size=6),
    contracts=st.lists(CONTRACTS, min_size=1, max_size=3),
    unmanaged=st.sampled_from(["report", "ignore", "block", "delete"]),
)
def test_coverage_and_impact_are_a_recount_of_the_account_after_the_run(
    tmp_path_factory: pytest.TempPathFactory, live: list[Any], wanted: list[Any], contracts: list[Any], unmanaged: str
) -> None:
    folder = tmp_path_factory.mktemp("coverage")
    entries = [entry(number, **fields) for number, fields in enumerate(wanted) if fields is not None]
    people_file = written(folder, "people.yml", contacts=entries or [entry(5000, state="absent")])
    rules_file = written(folder, "rules.yml", coverage=contracts)
    twin, marketplace = Marketplace(), Marketplace()
    for account in (twin, marketplace):
        for number, members in enumerate(live):
            if members is not None:
                account.put(address(number), **members)
    options: dict[str, Any] = {"unmanaged": unmanaged, "max_removals": ["100%"]}
    before = store_of(twin)
    applied = twin.run("swo_contacts", src=[people_file], **options)
    assert not applied.failed, applied.values["msg"]
    after = store_of(twin)
    expected = expected_rows(contracts, published(twin), before, after)
    breaks = any(row[3] == "broken" for row in expected)

    checked = marketplace.run("swo_contacts", check=True, src=[people_file, rules_file], **options)

    assert told_rows(checked) == expected
    assert checked.failed is breaks
    names = published(marketplace)
    counts = {key: (not_opted_out(before, key), not_opted_out(after, key)) for key in names}
    impact = {row["id"]: (row["before"], row["after"]) for row in checked.values["impact"]}
    assert impact == {key: pair for key, pair in counts.items() if pair[0] != pair[1]}
    reset_journal(marketplace)
    result = marketplace.run("swo_contacts", src=[people_file, rules_file], **options)
    assert result.failed is breaks
    if breaks:
        assert not marketplace.writes()
        assert store_of(marketplace) == before
    else:
        assert store_of(marketplace, ids=False) == store_of(twin, ids=False)
        assert [row[:3] for row in told_rows(result)] == [row[:3] for row in expected]
