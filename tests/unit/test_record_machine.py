# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs with a record, people, the platform, other tokens, and records that are lost, stale or left behind by a kill.

Entries expire and rename contacts meanwhile. A ghost knows who added each opt-out. ``STATE_MACHINE=examples,steps``
runs more of it, with random seeds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, ORDERS, RENEWALS
from tests.unit.test_state_machine import settings_of_a_machine

NAMES_OF = {"Orders": ORDERS, "Invoices": INVOICES, "Renewals": RENEWALS}
RETIRE_AFTER = 2
ANYBODY = {"email": "nobody@contoso.example"}
EMAILS = [f"{name}@contoso.example" for name in ("ann", "bob", "cid")]
EMAIL = st.sampled_from(EMAILS)
CATEGORIES = st.frozensets(st.sampled_from(sorted(NAMES_OF)))
ENTRY = st.fixed_dictionaries(
    {"opt_outs": CATEGORIES.map(sorted), "opt_outs_mode": st.just("at_least")},
    optional={
        "name": st.sampled_from(["A", "B"]),
        "state": st.sampled_from(["present", "blocked"]),
        # In so many days.
        "expires": st.integers(-1, RETIRE_AFTER),
        "previous_emails": st.lists(EMAIL, min_size=1, max_size=1),
    },
)
FAULTS = st.none() | st.fixed_dictionaries(
    {
        "when": st.fixed_dictionaries(
            {"method": st.sampled_from(["GET", "POST", "PUT"]), "nth": st.integers(1, 4)},
            optional={"phase": st.sampled_from(["before_commit", "after_commit"])},
        ),
        "do": st.sampled_from([{"reset": True}, {"status": 500}]),
    }
)


class Killed(BaseException):
    """Nobody catches this: the process is gone."""


class RecordMachine(RuleBasedStateMachine):
    """One account whose contacts are kept by a file with a record, and everybody else."""

    @initialize(entries=st.dictionaries(EMAIL, ENTRY, min_size=1), live=st.dictionaries(EMAIL, CATEGORIES))
    def begin(self, entries: dict[str, Any], live: dict[str, frozenset[str]]) -> None:
        self.marketplace = Marketplace(schema="5.x")
        self.folder = tempfile.TemporaryDirectory()
        self.record = Path(self.folder.name) / "applied.json"
        self.earlier: list[bytes] = []
        self.entries: dict[str, dict[str, Any]] = {}
        for email, entry in entries.items():
            self.edit(email, entry)
        # By contact and category: whether the files or somebody else added it.
        self.is_ours: dict[tuple[str, str], bool] = {}
        self.writes_left: int | None = None
        self.is_judged = False
        # An assertion in a request would be told as a failure of that contact.
        self.harm: list[str] = []
        self.marketplace.watch(self._judge)
        for email, names in live.items():
            self.marketplace.put(email)
            self.choose(email, names)
        self.provision("report", None)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    # -- everybody else ------------------------------------------------------------------------------------------

    @rule(changes=st.lists(st.tuples(EMAIL, CATEGORIES), min_size=1, max_size=3))
    def choose_several(self, changes: list[tuple[str, frozenset[str]]]) -> None:
        for email, names in changes:
            self.choose(email, names)

    def choose(self, email: str, names: frozenset[str]) -> None:
        """A person, or another token, sets the opt-outs."""
        for contact in self.marketplace.live(email):
            ids = {NAMES_OF[name] for name in names}
            before = {item["id"] for item in contact["optOuts"]}
            self._patch(contact, {"optOuts": sorted(ids)}, "updated")
            for category_id in before - ids:
                self.is_ours.pop((contact["id"], category_id), None)
            for category_id in ids - before:
                self.is_ours[contact["id"], category_id] = False

    @rule(email=EMAIL, name=st.sampled_from(["A", "C"]))
    def rename(self, email: str, name: str) -> None:
        for contact in self.marketplace.live(email):
            self._patch(contact, {"name": name}, "updated")

    @rule(email=EMAIL, reason=st.sampled_from([None, "bounces"]))
    def block(self, email: str, reason: str | None) -> None:
        """Somebody, or with a reason the platform, blocks a contact."""
        for contact in self.marketplace.live(email):
            if contact["status"] != "Blocked":
                self._patch(contact, {"status": "Blocked", "blockedReason": reason}, "blocked")

    @rule(email=EMAIL)
    def unblock(self, email: str) -> None:
        for contact in self.marketplace.live(email):
            if contact["status"] == "Blocked":
                self._patch(contact, {"status": "Active", "blockedReason": None}, "activated")

    @rule(email=EMAIL)
    def delete(self, email: str) -> None:
        for contact in self.marketplace.live(email):
            self._patch(contact, {"status": "Deleted"}, "deleted")

    @rule(email=EMAIL, other=EMAIL)
    def move(self, email: str, other: str) -> None:
        for contact in self.marketplace.live(email):
            if not self.marketplace.live(other):
                self._patch(contact, {"email": other}, "updated")

    @rule(hours=st.sampled_from([1, 24, 24 * RETIRE_AFTER]))
    def wait(self, hours: int) -> None:
        self.marketplace.simulator.advance(hours * 3600)

    # -- the record ----------------------------------------------------------------------------------------------

    @rule(is_lost=st.booleans(), data=st.data())
    def lose_the_record_or_bring_back_an_earlier_one(self, is_lost: bool, data: st.DataObject) -> None:
        if is_lost:
            self.record.unlink(missing_ok=True)
        elif self.earlier:
            self.record.write_bytes(data.draw(st.sampled_from(self.earlier)))

    # -- the files and the runs ----------------------------------------------------------------------------------

    @rule(email=EMAIL, entry=ENTRY, names=CATEGORIES, fault=FAULTS)
    def list_choose_and_unlist(
        self, email: str, entry: dict[str, Any], names: frozenset[str], fault: dict[str, Any] | None
    ) -> None:
        """What the record is for: the files add, a person chooses, the files take back."""
        self.edit(email, entry)
        self.provision("report", fault)
        self.choose(email, names)
        self.edit(email, {**entry, "opt_outs": entry["opt_outs"][1:]})
        self.provision("report", None)

    @rule(email=EMAIL, entry=ENTRY, name=st.sampled_from(sorted(NAMES_OF)))
    def choose_what_the_files_had_added(self, email: str, entry: dict[str, Any], name: str) -> None:
        """The files add, and take back; a person chooses the same; then an earlier record comes back."""
        self.edit(email, {**entry, "opt_outs": [name]})
        self.provision("report", None)
        earlier = self.record.read_bytes() if self.record.exists() else None
        self.edit(email, {**entry, "opt_outs": []})
        self.provision("report", None)
        self.choose(email, frozenset((name,)))
        if earlier is not None:
            self.record.write_bytes(earlier)
        self.provision("report", None)

    @rule(email=EMAIL, wait=st.sampled_from([1, 24 * RETIRE_AFTER]), is_touched=st.booleans())
    def take_out_and_retire(self, email: str, wait: int, is_touched: bool) -> None:
        self.edit(email, None)
        self.provision("retire", None)
        if is_touched:
            self.unblock(email)
            self.block(email, None)
        self.wait(wait)
        self.provision("retire", None)

    @rule(emails=st.permutations(EMAILS), entry=ENTRY, record=st.sampled_from(["kept", "lost", "stale"]), fault=FAULTS)
    def rename_in_the_files(
        self, emails: list[str], entry: dict[str, Any], record: str, fault: dict[str, Any] | None
    ) -> None:
        """An entry gets another address, and tells the one before."""
        before, after, _other = emails
        self.edit(before, entry)
        self.provision("report", None)
        if record == "lost":
            self.record.unlink(missing_ok=True)
        elif record == "stale" and self.earlier:
            self.record.write_bytes(self.earlier[0])
        self.delete(after)
        self.edit(before, None)
        self.edit(after, {**entry, "previous_emails": [before]})
        self.provision("retire", fault)

    @rule(email=EMAIL, entry=st.none() | ENTRY)
    def edit(self, email: str, entry: dict[str, Any] | None) -> None:
        self.entries.pop(email, None)
        if entry is not None:
            days = {name: self._day(entry[name]) for name in ("expires",) if name in entry}
            self.entries[email] = {**entry, **days}

    @rule(unmanaged=st.sampled_from(["report", "ignore", "block", "retire"]), fault=FAULTS)
    def provision(self, unmanaged: str, fault: dict[str, Any] | None) -> None:
        self._lost_is_never_worse(unmanaged)
        self._expired_is_not_there(unmanaged)
        renamed = self._to_be_renamed()
        if fault is not None:
            self.marketplace.simulator.add_fault({**fault, "times": 1})
        result = self._run(unmanaged)
        self.marketplace.simulator.clear_faults()
        self._after_a_run()
        if not result.failed:
            again = self._run(unmanaged, check=True)
            waits = [row for row in again.values["results"] if row["outcome"] == "deleted"]
            assert again.values["status"] == "clean" or waits
            # A rename is no second contact.
            assert {email: [contact["id"] for contact in self.marketplace.live(email)] for email in renamed} == renamed
        if self.record.exists():
            self.earlier.append(self.record.read_bytes())

    @rule(unmanaged=st.sampled_from(["report", "retire"]), writes=st.integers(0, 2))
    def provision_and_be_killed(self, unmanaged: str, writes: int) -> None:
        self.writes_left = writes
        try:
            self._run(unmanaged)
        except Killed:
            pass
        finally:
            self.writes_left = None
        self._after_a_run()

    def _contacts(self, *without: str) -> list[dict[str, Any]]:
        """The entries; an address that one declares is no previous one of another."""
        found: list[dict[str, Any]] = [ANYBODY]
        for email, fields in self.entries.items():
            previous = [other for other in fields.get("previous_emails", ()) if other not in self.entries]
            found.append({"email": email, **fields, "previous_emails": previous})
        return [entry for entry in found if entry["email"] not in without]

    def _day(self, days: int) -> str:
        return (self.marketplace.simulator.world.wall().date() + timedelta(days=days)).isoformat()

    def _expired(self) -> list[str]:
        return [email for email, fields in self.entries.items() if fields.get("expires", "9") < self._day(0)]

    def _to_be_renamed(self) -> dict[str, list[str]]:
        """By the new address, the contact that has the earlier one."""
        found = {}
        for entry in self._contacts(*self._expired()):
            live = [
                contact["id"] for other in entry.get("previous_emails", ()) for contact in self.marketplace.live(other)
            ]
            if len(live) == 1 and not self.marketplace.live(entry["email"]):
                found[entry["email"]] = live
        return found

    def _run(
        self, unmanaged: str, check: bool = False, record: Path | None = None, without: Sequence[str] = ()
    ) -> TaskResult:
        self.is_judged = True
        try:
            return self.marketplace.run(
                "swo_contacts",
                check=check,
                contacts=self._contacts(*without),
                applied_file=str(record or self.record),
                unmanaged=unmanaged,
                retire_after=RETIRE_AFTER,
                on_conflict="git",
                max_removals=["100%"],
                concurrency=1,
            )
        finally:
            self.is_judged = False
            assert self.harm == []

    def _patch(self, contact: dict[str, Any], changes: dict[str, Any], event: str) -> None:
        simulator = self.marketplace.simulator
        by = {"at": simulator.world.stamp(), "by": {"id": "TKN-9999-9999", "name": "Somebody"}}
        # Events of one moment cannot be told apart by anybody.
        simulator.advance(1)
        simulator.patch_contact({"id": contact["id"], **changes, "audit": {**contact["audit"], event: by}})
        simulator.advance(1)

    # -- the oracles ---------------------------------------------------------------------------------------------

    def _judge(self, request: Request) -> None:
        if not self.is_judged or request.method == "GET":
            return
        if self.writes_left is not None:
            if not self.writes_left:
                raise Killed
            self.writes_left -= 1
        contact_id = request.url.partition("/contacts/")[2].partition("/")[0]
        if request.method == "PUT":
            contact = self.marketplace.simulator.store.contacts[contact_id].data
            before = {item["id"] for item in contact["optOuts"]}
            after = {item["id"] for item in json.loads(request.body or b"{}")["optOuts"]}
            theirs = [found for found in before - after if not self.is_ours[contact_id, found]]
            self.harm += [f"{contact['email']} loses {found}, which it chose itself" for found in theirs]
        if request.method == "DELETE":
            self._judge_delete(contact_id)

    def _judge_delete(self, contact_id: str) -> None:
        world = self.marketplace.simulator.world
        blocked = self.marketplace.simulator.store.contacts[contact_id].data["audit"]["blocked"]
        since = datetime.fromisoformat(blocked["at"].replace("Z", "+00:00"))
        if blocked["by"]["id"] == "TKN-9999-9999" or world.wall() - since < timedelta(days=RETIRE_AFTER):
            self.harm.append(f"{contact_id} is deleted, blocked by {blocked['by']['id']} at {blocked['at']}")

    def _after_a_run(self) -> None:
        """What is there and was not before, the run has added."""
        live = {
            (record.id, item["id"])
            for record in self.marketplace.simulator.store.live()
            for item in record.data["optOuts"]
        }
        self.is_ours = {key: self.is_ours.get(key, True) for key in live}

    def _lost_is_never_worse(self, unmanaged: str) -> None:
        whole = _harm(self._run(unmanaged, check=True))
        lost = _harm(self._run(unmanaged, check=True, record=Path(self.folder.name) / "lost.json"))
        assert lost <= whole

    def _expired_is_not_there(self, unmanaged: str) -> None:
        expired = self._expired()
        if expired:
            with_them, without = (self._run(unmanaged, check=True, without=left) for left in ((), expired))
            assert [row["email"] for row in with_them.values["expired"]] == expired
            assert _said(with_them) == _said(without)


def _said(result: TaskResult) -> list[tuple[Any, ...]]:
    """What becomes of everybody."""
    return [(row["email"], row["id"], row["label"], row["actions"], row["note"]) for row in result.values["results"]]


def _harm(result: TaskResult) -> set[tuple[Any, ...]]:
    """Who is removed, and which opt-outs go."""
    rows = result.values["results"]
    found = {(row["id"],) for row in rows if row["index"] is None and row["actions"]}
    for row in rows:
        fields = [field for field in row["fields"] if field["field"] == "opt_outs" and row["actions"]]
        found |= {(row["id"], name) for field in fields for name in set(field["before"] or ()) - set(field["after"])}
    return found


RecordMachine.TestCase.settings = settings_of_a_machine(
    120, phases=[phase for phase in Phase if phase is not Phase.shrink]
)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
class TestRecord(RecordMachine.TestCase):
    """The machine above."""
