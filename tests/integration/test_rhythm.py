# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check, apply, apply, check: every kind of change, in playbooks that ansible-playbook runs.

The playbooks compare what the tasks say; here the simulator's journal and store are the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from tests.integration.lab import PLAYBOOKS, Account, Player

WRITES = {"create": "POST", "update": "PUT /{id}", "block": "POST /{id}/block", "unblock": "POST /{id}/unblock",
          "delete": "DELETE /{id}"}  # fmt: skip
STAYS_BLOCKED = r"bounce@contoso\.example \(CTT-[0-9-]+\) stays blocked.*550 mailbox not found.*unblock=always"


def cases_of(playbook: str) -> list[dict[str, Any]]:
    (play,) = yaml.safe_load((PLAYBOOKS / playbook).read_text(encoding="utf-8"))
    return play["vars"]["cases"]


def shown(contact: dict[str, Any]) -> dict[str, Any]:
    return {**contact, "optOuts": sorted(item["id"] for item in contact["optOuts"])}


PLAYS = {
    "create.yml": [],
    "update.yml": [],
    "opt_outs.yml": [],
    "status.yml": [],
    "platform_block.yml": [STAYS_BLOCKED],
}
# Where modules run in processes of their own: that takes much longer.
SHIPPED = {"somebody new with opt-outs", "the address of an id", "the end of a block", "a deletion"}


@pytest.mark.parametrize(("playbook", "warns"), PLAYS.items())
def test_predicted_then_done_then_nothing_left(playbook: str, warns: list[str], account: Account, play: Player) -> None:
    go_through(cases_of(playbook), playbook, account, play, warns=warns)


def test_the_same_where_modules_run_in_processes_of_their_own(account: Account, play: Player) -> None:
    cases = [case for playbook in PLAYS for case in cases_of(playbook) if case["name"] in SHIPPED]
    assert len(cases) == len(SHIPPED)
    go_through(cases, "create.yml", account, play, variables={"cases": cases}, shipped=True)


def go_through(
    cases: list[dict[str, Any]], playbook: str, account: Account, play: Player, warns: Sequence[str] = (), **how: Any
) -> None:
    account.reset(contacts=9)
    bystanders = account.contacts()
    ids = {case["name"]: account.put(**case["live"]) for case in cases if case["live"]}

    run = play(playbook, warns=warns, **how)

    for case in cases:
        phases = [run[f"{phase} {case['name']}"] for phase in ("Predict", "Apply", "Apply again", "Predict again")]
        assert [task.status for task in phases] == ["ok"] * 4
        predicted, applied, repeated, finished = phases
        contact_id = applied.result["contact"]["id"] or ids.get(case["name"])
        assert applied.writes == [WRITES[action].format(id=contact_id) for action in case["actions"]]
        assert all(entry["committed"] for entry in applied.sent if entry["method"] != "GET")
        assert [predicted.writes, repeated.writes, finished.writes] == [[], [], []]
        assert all(task.sent for task in phases)
        # A warning is due each time that the block is found.
        assert [len(task.warnings) for task in phases] == [len(warns)] * 4
        stored = {contact["id"]: shown(contact) for contact in account.contacts()}
        if case["stored"] is None:
            assert stored.get(contact_id, {"status": "Deleted"})["status"] == "Deleted"
        else:
            assert {member: stored[contact_id][member] for member in case["stored"]} == case["stored"]
    changed = {task.result["contact"]["id"] for task in run.named("Apply")} | set(ids.values())
    assert [contact for contact in account.contacts() if contact["id"] not in changed] == bystanders


def test_a_plan_can_be_read(account: Account, play: Player) -> None:
    """What --check --diff prints is what a reviewer reads."""
    account.put(email="ann@contoso.example", name="Ann", optOuts=["NTC-0000-0001", "NTC-0000-0002"])
    account.put(email="gone@contoso.example", name="Gone")
    before = account.contacts()

    run = play("plan.yml", "--check", "--diff")

    assert PLAN in run.stdout
    assert [task.writes for task in run.tasks] == [[], [], [], []]
    assert account.contacts() == before


PLAN = """\
TASK [Change a contact] ********************************************************
--- before: contact ann@contoso.example (live)
+++ after: contact ann@contoso.example (as desired)
@@ -1,8 +1,8 @@
 {
-    "name": "Ann",
+    "name": "Ann Example",
     "opt_outs": [
-        "Invoices",
-        "Orders"
+        "Orders",
+        "Renewals"
     ],
-    "status": "Active"
+    "status": "Blocked"
 }

changed: [localhost]

TASK [Create a contact] ********************************************************
--- before: contact bruno@contoso.example (live)
+++ after: contact bruno@contoso.example (as desired)
@@ -1 +1,8 @@
-{}
+{
+    "email": "bruno@contoso.example",
+    "name": "Bruno",
+    "opt_outs": [
+        "Invoices"
+    ],
+    "status": "Active"
+}

changed: [localhost]

TASK [Delete a contact] ********************************************************
--- before: contact gone@contoso.example (live)
+++ after: contact gone@contoso.example (as desired)
@@ -1,3 +1,3 @@
 {
-    "status": "Active"
+    "status": "Deleted"
 }

changed: [localhost]

TASK [Leave a contact alone] ***************************************************
ok: [localhost]
"""
