# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that was reviewed is the plan that is applied: plan_hash and expect_plan."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, address, entry, outcomes, people, prediction, store_of

ENTRIES: list[dict[str, Any]] = [
    entry(0, name="M"),
    entry(1, opt_outs=["Invoices", "Orders"]),
    entry(2, state="blocked"),
    entry(3, state="absent"),
    entry(4),
    entry(9, name="New", opt_outs=["Renewals"]),
]


def account() -> Marketplace:
    marketplace = Marketplace()
    people(marketplace, range(5), optOuts=[INVOICES])
    return marketplace


def plan_of(marketplace: Marketplace, entries: list[dict[str, Any]] | None = None, **options: Any) -> str:
    wanted = ENTRIES if entries is None else entries
    plan_hash = marketplace.run("swo_contacts", check=True, contacts=wanted, **options).values["plan_hash"]
    assert isinstance(plan_hash, str)
    assert len(plan_hash) == 64
    return plan_hash


def test_the_hash_is_the_same_in_check_mode_and_whatever_the_order() -> None:
    marketplace = account()
    hashes = {plan_of(marketplace)}
    for seed in range(10):
        shuffled = random.Random(seed).sample(ENTRIES, len(ENTRIES))
        hashes.add(plan_of(marketplace, shuffled, concurrency=seed + 1))
    hashes.add(marketplace.run("swo_contacts", contacts=ENTRIES).values["plan_hash"])
    assert len(hashes) == 1


def test_two_contacts_with_one_address_are_in_the_order_of_their_ids() -> None:
    marketplace = Marketplace(email_unique="off")
    ids = [marketplace.put(address(1), name="N"), marketplace.put(address(1), name="N")]
    entries = [{"id": contact_id, "name": "M"} for contact_id in ids]

    assert plan_of(marketplace, entries) == plan_of(marketplace, entries[::-1])


# What has nothing to do with what would be written.
UNRELATED: dict[str, dict[str, Any]] = {
    "somebody else comes": {"email": "else@contoso.example"},
    "somebody without a change is linked": {"email": address(4), "user": True},
    "somebody unmanaged in a field is renamed": {"email": address(4), "name": "Renamed"},
    "whoever is to be blocked is renamed": {"email": address(2), "name": "Renamed"},
    "whoever is to be renamed gets other opt-outs": {"email": address(0), "optOuts": []},
    "whoever is to be deleted is renamed": {"email": address(3), "name": "Renamed"},
}


@pytest.mark.parametrize("case", UNRELATED)
def test_what_is_not_written_does_not_change_the_hash(case: str) -> None:
    marketplace = account()
    before = plan_of(marketplace)

    marketplace.simulator.patch_contact(UNRELATED[case])

    assert plan_of(marketplace) == before


@pytest.mark.parametrize(
    "same",
    [
        [{**ENTRIES[0], "email": address(0).upper()}, *ENTRIES[1:]],
        [*ENTRIES[:1], entry(1, opt_outs=["orders", "NTC-0000-0002"]), *ENTRIES[2:]],
        [*ENTRIES, entry(50, state="absent")],
        [{**item, "reason": "because"} for item in ENTRIES],
    ],
    ids=["case of an address", "order and names of opt-outs", "nothing to do", "reasons"],
)
def test_other_words_for_the_same_writes_are_the_same_plan(same: list[dict[str, Any]]) -> None:
    marketplace = account()

    assert plan_of(marketplace, same) == plan_of(marketplace)


# What would be written otherwise: a change of the entries, of what is live, or of options.
DIFFERENT: dict[str, tuple[dict[int, dict[str, Any]], dict[str, Any] | None, dict[str, Any]]] = {
    "another name": ({0: entry(0, name="Q")}, None, {}),
    "another opt-out": ({1: entry(1, opt_outs=["Orders"])}, None, {}),
    "one less": ({2: entry(2)}, None, {}),
    "another state": ({3: entry(3, state="blocked")}, None, {}),
    "one more": ({4: entry(4, state="absent")}, None, {}),
    "another new name": ({5: entry(9, name="Newer", opt_outs=["Renewals"])}, None, {}),
    "another new address": ({5: entry(8, name="New", opt_outs=["Renewals"])}, None, {}),
    "done by somebody already": ({}, {"email": address(2), "status": "Blocked"}, {}),
    "gone already": ({}, {"email": address(3), "status": "Deleted"}, {}),
    "created already": ({}, {"email": address(9)}, {}),
    "removal": ({}, {"email": "stray@contoso.example"}, {"unmanaged": "delete", "max_removals": ["1"]}),
}


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("case", DIFFERENT)
def test_another_plan_than_the_reviewed_one_is_refused(case: str, check: bool) -> None:
    changes, live, options = DIFFERENT[case]
    marketplace = account()
    reviewed = plan_of(marketplace)
    if live is not None:
        marketplace.simulator.patch_contact(live)
    entries = [changes.get(number, item) for number, item in enumerate(ENTRIES)]
    before = store_of(marketplace)

    result = marketplace.run("swo_contacts", check=check, contacts=entries, expect_plan=reviewed, **options)

    assert result.failed
    assert "not the plan that was reviewed" in result.values["msg"]
    assert reviewed in result.values["msg"]
    assert result.values["plan_hash"] in result.values["msg"]
    assert set(outcomes(result).values()) == {"skipped"}
    assert (result.values["changed"], marketplace.writes()) == (False, [])
    assert store_of(marketplace) == before
    passed = marketplace.run(
        "swo_contacts", check=check, contacts=entries, expect_plan=result.values["plan_hash"], **options
    )
    assert not passed.failed, passed.values["msg"]


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize(
    ("guard", "said"),
    [
        ({"expect_plan": ""}, "expect_plan (swo_contacts_expect_plan of the playbooks) is empty"),
        ({"expect_plan": " \n"}, "expect_plan (swo_contacts_expect_plan of the playbooks) is empty"),
        ({"max_changes": []}, "max_changes (swo_contacts_max_changes of the playbooks) is empty"),
        ({"max_changes": ""}, "max_changes '' is neither a number"),
        ({"only": [""]}, "there is no pattern in the list"),
        ({"expect_account": ""}, "expect_account is not the id of an account"),
    ],
)
def test_a_guard_that_turned_out_empty_does_not_let_the_run_pass(guard: dict[str, Any], said: str, check: bool) -> None:
    marketplace = account()
    before = store_of(marketplace)

    result = marketplace.run("swo_contacts", check=check, contacts=ENTRIES, **guard)

    assert (result.failed, result.values["status"], result.values["changed"]) == (True, "error", False)
    assert said in result.values["msg"]
    assert store_of(marketplace) == before
    assert len(marketplace.simulator.journal.since()) == 0


HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("entries", [ENTRIES, []], ids=["changes", "nothing to do"])
@pytest.mark.parametrize(
    "given",
    [HASH[:12], HASH[:-1], HASH + "0", HASH.upper(), f"sha256:{HASH}", f"{HASH[:32]}\n{HASH[32:]}", "none"],
)
def test_what_is_no_hash_is_refused_before_the_first_request(
    given: str, entries: list[dict[str, Any]], check: bool
) -> None:
    marketplace = account()

    result = marketplace.run("swo_contacts", check=check, contacts=entries, expect_plan=given)

    assert (result.failed, result.values["status"], result.values["changed"]) == (True, "error", False)
    assert "but the hash of a plan is 64 lower-case hexadecimal digits" in result.values["msg"]
    assert len(marketplace.simulator.journal.since()) == 0


@pytest.mark.parametrize("around", ["{}\n", " {} ", "\r\n{}\t"])
def test_blanks_around_the_hash_do_not_matter(around: str) -> None:
    marketplace = account()
    expected = around.format(plan_of(marketplace))

    result = marketplace.run("swo_contacts", contacts=ENTRIES, expect_plan=expected)

    assert not result.failed, result.values["msg"]
    assert result.values["changed"] is True


def test_the_reviewed_plan_is_applied() -> None:
    marketplace = account()
    predicted = marketplace.run("swo_contacts", check=True, contacts=ENTRIES)

    result = marketplace.run("swo_contacts", contacts=ENTRIES, expect_plan=predicted.values["plan_hash"])

    assert not result.failed, result.values["msg"]
    assert prediction(result) == prediction(predicted)


def test_a_run_with_a_reviewed_plan_can_be_repeated() -> None:
    marketplace = account()
    reviewed = plan_of(marketplace)
    marketplace.run("swo_contacts", contacts=ENTRIES, expect_plan=reviewed)

    result = marketplace.run("swo_contacts", contacts=ENTRIES, expect_plan=reviewed)

    assert not result.failed, result.values
    assert result.values["changed"] is False
    assert result.values["plan_hash"] == plan_of(Marketplace(), [])
