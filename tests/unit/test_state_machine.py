# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account, a file and a world that changes: whatever happens in whatever order, runs converge and do no harm.

``STATE_MACHINE=examples,steps`` runs more of it, with random seeds.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.scope import UNMANAGED
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.simulator.model import JournalEntry
from tests.unit.contact_sets import ALWAYS, ORDERS, RENEWALS, TECHNICAL, prediction

# An empty set is refused where it would remove everybody.
NOBODY = {"email": "nobody@contoso.example", "state": "absent"}
NAMES = [f"{name}@contoso.example" for name in ("ann", "bob", "cas", "dan", "eve")]
NUMBERS = st.integers(0, len(NAMES) - 1)
OPT_OUTS = st.lists(st.sampled_from(["Orders", "Renewals", "Technical updates"]), unique=True, max_size=3)
WANTED = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["", "A", "B"]),
        "opt_outs": OPT_OUTS,
        "opt_outs_mode": st.sampled_from(["exact", "at_least", "on_create"]),
        "state": st.sampled_from(["present", "present", "blocked", "absent"]),
        "unblock": st.sampled_from(["auto", "always", "never"]),
    },
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([None, "A", "C"]),
        "optOuts": st.lists(st.sampled_from([ORDERS, RENEWALS, TECHNICAL]), unique=True),
        "status": st.sampled_from(["Active", "Blocked"]),
        "blockedReason": st.sampled_from([None, "bounces"]),
    },
)
# What the machine may switch while contacts exist; the others decide how the store came to be.
SWITCHES = {
    "schema": ["4.x", "5.x", "both"],
    "email_unique": ["400", "409", "201_existing"],
    "put_mode": ["partial", "replace"],
    "missing_id_on_write": ["400", "404"],
    "block_when_blocked": ["400", "200"],
    "delete_again": ["404", "400", "204"],
    "deleted_visibility": ["hidden", "listed"],
    "optouts_in_write_response": ["full", "missing"],
    "select_unknown": ["ignored", "400"],
    "total_null": ["off", "on"],
    "error_shape": ["E1", "E2", "E3", "E4"],
}
METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE"])
FAULTS = st.lists(
    st.fixed_dictionaries(
        {
            "when": st.fixed_dictionaries({"method": METHODS, "nth": st.integers(1, 6)}),
            "do": st.sampled_from(
                [
                    {"reset": True},
                    {"status": 500},
                    {"status": 429, "retry_after": "1"},
                    {"status": 504, "html": True},
                    {"status": 400},
                    {"status": 403},
                    {"status": 401},
                    {"cut": 9},
                    {"swap_body": True},
                    {"drop_write": True},
                    {"blank_list": True},
                    {"limit": 2},
                ]
            ),
        }
    ),
    min_size=1,
    max_size=3,
)
PHASES = st.sampled_from([None, "before_commit", "after_commit"])


class AccountMachine(RuleBasedStateMachine):
    """One account, the entries of one file, and everybody else who writes to that account."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: dict[str, dict[str, Any]] = {}
        self.duplicates: dict[str, int] = {}

    @initialize(
        contacts=st.integers(0, 3),
        live=st.dictionaries(NUMBERS, MEMBERS, min_size=1),
        wanted=st.dictionaries(NUMBERS, WANTED, min_size=3),
    )
    def begin(self, contacts: int, live: dict[int, dict[str, Any]], wanted: dict[int, dict[str, Any]]) -> None:
        self.marketplace = Marketplace(contacts)
        self.wanted = {NAMES[number]: fields for number, fields in wanted.items()}
        for number, members in live.items():
            self.drift(number, members)

    @rule(wanted=st.dictionaries(NUMBERS, WANTED, min_size=2))
    def want_all(self, wanted: dict[int, dict[str, Any]]) -> None:
        self.wanted = {NAMES[number]: fields for number, fields in wanted.items()}

    @rule(number=NUMBERS, fields=WANTED)
    def want(self, number: int, fields: dict[str, Any]) -> None:
        self.wanted[NAMES[number]] = fields

    @rule(number=NUMBERS)
    def unwant(self, number: int) -> None:
        self.wanted.pop(NAMES[number], None)

    @rule(number=NUMBERS, members=MEMBERS)
    def drift(self, number: int, members: dict[str, Any]) -> None:
        self.marketplace.simulator.patch_contact({"email": NAMES[number], "status": "Active", **members})

    @rule(number=NUMBERS)
    def vanish(self, number: int) -> None:
        for contact in self.marketplace.live(NAMES[number]):
            self.marketplace.simulator.patch_contact({"id": contact["id"], "status": "Deleted"})

    @rule(number=NUMBERS)
    def duplicate(self, number: int) -> None:
        if len(self.marketplace.live(NAMES[number])) == 1:
            self.marketplace.put(NAMES[number].upper())

    @rule(is_published=st.booleans())
    def unpublish(self, is_published: bool) -> None:
        status = "Published" if is_published else "Unpublished"
        self.marketplace.simulator.patch_category({"id": TECHNICAL, "status": status})

    @rule(name=st.sampled_from(sorted(SWITCHES)), data=st.data())
    def switch(self, name: str, data: st.DataObject) -> None:
        self.marketplace.simulator.switches.update({name: data.draw(st.sampled_from(SWITCHES[name]))})

    @rule(
        unmanaged=st.sampled_from(UNMANAGED),
        workers=st.sampled_from([1, 1, 1, 4]),
        faults=FAULTS,
        phase=PHASES,
        on_error=st.sampled_from(["continue", "stop"]),
    )
    def reconcile_in_a_storm(self, faults: list[dict[str, Any]], phase: str | None, **options: Any) -> None:
        planned = self._run(check=True, **options)
        for fault in faults:
            self._add(fault, phase)
        result = self._run(**options)
        self.marketplace.simulator.clear_faults()
        self._judge(result, planned, has_faults=bool(faults))

    @rule(unmanaged=st.sampled_from(UNMANAGED), workers=st.sampled_from([1, 1, 4]))
    def reconcile(self, **options: Any) -> None:
        planned = self._run(check=True, **options)
        result = self._run(**options)
        self._judge(result, planned, has_faults=False)
        assert prediction(result) == prediction(planned)
        again = self._run(**options)
        assert (again.values["changed"], again.values["requests"]["POST"]) == (False, 0)
        assert again.failed is result.failed
        self._converged(result)

    @rule(number=NUMBERS)
    def reconcile_one(self, number: int) -> None:
        fields = self.wanted.get(NAMES[number])
        if fields is None:
            return
        predicted = self._run(entries=[{"email": NAMES[number], **fields}], check=True, unmanaged="ignore")
        single = self.marketplace.run("swo_contact", email=NAMES[number], **fields)
        assert single.failed is predicted.failed
        assert single.values["changed"] is predicted.values["changed"]
        again = self._run(entries=[{"email": NAMES[number], **fields}], unmanaged="ignore")
        assert again.values["changed"] is False

    @invariant()
    def nobody_is_doubled_by_us(self) -> None:
        if not hasattr(self, "marketplace"):
            return
        live = {email: len(self.marketplace.live(email)) for email in NAMES}
        journal = self.marketplace.simulator.journal
        for email in NAMES:
            created = [entry for entry in journal.writes() if _creates(entry, email)]
            assert live[email] <= 1 or not created or live[email] <= self.duplicates.get(email, 0), email
        self.duplicates = live
        journal.clear()

    def _run(
        self, check: bool = False, entries: list[dict[str, Any]] | None = None, workers: int = 1, **options: Any
    ) -> TaskResult:
        before = len(self.marketplace.writes())
        declared = [{"email": email, **fields} for email, fields in self.wanted.items()] or [NOBODY]
        result = self.marketplace.run(
            "swo_contacts",
            check=check,
            contacts=declared if entries is None else entries,
            max_removals=["100%"],
            concurrency=workers,
            **options,
        )
        assert result.values.keys() >= ALWAYS
        assert not check or len(self.marketplace.writes()) == before
        return result

    def _add(self, fault: dict[str, Any], phase: str | None) -> None:
        # Whoever says 400, 401, 403 or 429 has not carried out the request.
        leaves_open = "reset" in fault["do"] or fault["do"].get("status", 0) >= 500
        when = {**fault["when"], **({"phase": phase} if phase and leaves_open else {})}
        self.marketplace.simulator.add_fault({"when": when, "do": fault["do"], "times": 1})

    def _judge(self, result: TaskResult, planned: TaskResult, has_faults: bool) -> None:
        """Nothing outside the plan was written, and what was written is told."""
        writes = [entry for entry in self.marketplace.simulator.journal.writes() if entry.committed]
        assert result.values["changed"] or not writes
        touched = {row["id"] for row in planned.values["results"]} | {row["id"] for row in result.values["results"]}
        emails = {row["email"].lower() for row in planned.values["results"] if row["actions"]}
        for entry in writes:
            contact_id = entry.path.partition("/contacts/")[2].partition("/")[0]
            if contact_id:
                assert contact_id in touched
            else:
                assert entry.body["email"].lower() in emails
        if not has_faults:
            assert len(writes) == sum(len(row["actions"]) for row in planned.values["results"])

    def _converged(self, result: TaskResult) -> None:
        """Every contact that did not fail is as it is wanted."""
        bad = {row["email"].lower() for row in result.values["results"] if row["outcome"] in ("failed", "skipped")}
        for email, fields in self.wanted.items():
            if email in bad:
                continue
            live = self.marketplace.live(email)
            state = fields.get("state", "present")
            assert len(live) == (0 if state == "absent" else 1)
            for contact in live:
                assert state != "blocked" or contact["status"] == "Blocked"
                assert fields.get("name") is None or (contact["name"] or "") == fields["name"]


def _creates(entry: JournalEntry, email: str) -> bool:
    is_creation = entry.method == "POST" and entry.path.endswith("/contacts") and entry.committed
    return is_creation and isinstance(entry.body, dict) and str(entry.body.get("email")).lower() == email


def settings_of_a_machine(examples: int, **more: Any) -> settings:
    """STATE_MACHINE=1000,50 plays that many examples of that many steps, at random."""
    asked = os.environ.get("STATE_MACHINE", f"{examples},20").split(",")
    return settings(
        max_examples=int(asked[0]),
        stateful_step_count=int(asked[1]),
        deadline=None,
        derandomize="STATE_MACHINE" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


AccountMachine.TestCase.settings = settings_of_a_machine(200)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
class TestAccount(AccountMachine.TestCase):
    """The machine above."""
