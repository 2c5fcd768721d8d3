# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks at a change before it is made, by the playbooks; the simulator's journal and store are the judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.lab import Account
from tests.integration.workplace import Workplace, writes

ANN = "ann@contoso.example"
NO_TOKEN: dict[str, str | None] = {"SWO_API_TOKEN": None, "SWO_API_URL": None}
FILE = {"contacts": [{"email": ANN, "name": "Ann Example", "opt_outs": ["Orders"]}]}


@pytest.fixture
def checkout(account: Account, tmp_path: Path) -> Workplace:
    account.put(email=ANN, name="Ann", optOuts=[])
    checkout = Workplace(tmp_path, account)
    checkout.write("contacts.yml", FILE)
    return checkout


def test_a_snapshot_is_taken_planned_from_compared_with_and_applied(account: Account, checkout: Workplace) -> None:
    checkout.play(
        "export",
        swo_contacts_dest="live.yml",
        swo_contacts_snapshot_dest="private/snapshot.json",
        swo_contacts_categories_dest="catalogue/categories.yml",
    )
    assert (checkout.folder / "private" / "snapshot.json").stat().st_mode & 0o777 == 0o600
    asked = len(account.journal())
    # Another host, which has no token either.
    inventory = checkout.write("inventory.ini", "contoso ansible_connection=local\n")
    given = {"swo_contacts_src": ["contacts.yml", "catalogue"], "swo_contacts_snapshot": "private/snapshot.json"}

    planned = checkout.play(
        "provision",
        "--check",
        *("-i", str(inventory), "-e", "target=contoso"),
        env=NO_TOKEN,
        swo_contacts_reports="plan.json",
        **given,
    )
    drifted = checkout.play("drift", env=NO_TOKEN, code=2, **given)
    valid = checkout.play("validate", env=NO_TOKEN, swo_contacts_src=given["swo_contacts_src"])

    assert planned.changed == 1
    assert "name: file says Ann Example, live says Ann" in drifted.stdout
    assert checkout.report()["snapshot"]["age_seconds"] < 600
    assert "1 contact in the files, without a fault." in valid.printed
    assert len(account.journal()) == asked
    refused = checkout.play("provision", code=2, **given)
    assert "what was planned from a snapshot cannot be applied" in refused.printed
    plan_hash = checkout.report("plan.json")["plan_hash"]
    applied = checkout.play("provision", swo_contacts_src="contacts.yml", swo_contacts_expect_plan=plan_hash)
    assert applied.changed == 1
    assert len(writes(account.journal())) == 1


def test_a_contract_stops_the_playbook_and_drift_says_that_it_is_broken(account: Account, checkout: Workplace) -> None:
    checkout.write("coverage.yml", {"coverage": [{"category": "Orders", "include": [ANN], "reason": "policy"}]})
    both = ["coverage.yml", "contacts.yml"]

    refused = checkout.play("provision", code=2, swo_contacts_src=both)
    offline = checkout.play("validate", code=2, env=NO_TOKEN, swo_contacts_src=both)

    sentence = f"The coverage contract in coverage.yml:2 (includes {ANN}; policy) would be broken by this plan"
    assert sentence in refused.printed
    assert f"Because of {ANN} (contacts.yml:2)." in refused.printed
    assert f"coverage.yml:2: coverage: the contract (includes {ANN}; policy) is broken by the files" in offline.printed
    assert writes(account.journal()) == []
    account.put(email=ANN, optOuts=["NTC-0000-0001"])
    drift = checkout.play("drift", code=2, swo_contacts_src="coverage.yml")
    assert "is broken already: Orders 0, without ann@contoso.example. To mend it, list the category" in drift.printed
    assert "coverage: 1 contract broken" in drift.printed
    assert checkout.report()["status"] == "drift"


def test_one_contact_is_explained_with_and_without_a_token(account: Account, checkout: Workplace) -> None:
    checkout.write("prod.yml", {"contacts": [{"email": ANN, "name": "Ann (production)"}]})
    given = {"swo_contacts_src": "contacts.yml,prod.yml", "swo_contacts_email": ANN.upper()}
    contact_id = account.live(ANN)[0]["id"]
    task = "Show where each field comes from"

    offline = checkout.play("explain", env=NO_TOKEN, **given)
    assert account.journal() == []
    online = checkout.play("explain", **given)

    lines = offline.shown_by(f"softwareone.marketplace.contacts : {task}")
    assert lines[:4] == [
        ANN,
        f"  email:         {ANN}  [prod.yml:2]",
        "  name:          Ann (production)  [prod.yml:3]",
        "                 overrides Ann Example  [contacts.yml:3]",
    ]
    assert lines[-1] == "  What is live was not looked up."
    lines = online.shown_by(f"softwareone.marketplace.contacts : {task}")
    assert lines[0] == f"{ANN} ({contact_id})"
    assert "                 live: Ann  (differs)" in lines
    assert lines[-1] == "  Different from live: name, opt_outs."
    assert writes(account.journal()) == []
    missing = checkout.play("explain", code=2, swo_contacts_src="contacts.yml")
    assert "swo_contacts_email is not set." in missing.printed
    nobody = checkout.play("explain", code=2, swo_contacts_src="contacts.yml", swo_contacts_email="bob@x.example")
    assert "'bob@x.example' is in no file." in nobody.printed
