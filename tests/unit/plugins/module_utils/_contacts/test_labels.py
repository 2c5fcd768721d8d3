# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every label against a model that is as naive as the tables of the guide: one value after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.applied import (
    Applied,
    AppliedContact,
    History,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact_index import ContactIndex
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import (
    DesiredContact,
    DesiredEntry,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.scope import Scope
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import (
    PlannedContact,
    SetPlan,
    plan_set,
)

# Names are the ids, so that a change of opt-outs reads the same in both.
IDS = ("NTC-1", "NTC-2", "NTC-3")
CATALOG = Catalog(Category(category_id, category_id) for category_id in IDS)
ANN, OTHER = "ann@contoso.example", "other@contoso.example"
WORST_LAST = ["unchanged", "pending", "drift", "conflict"]

SETS = st.frozensets(st.sampled_from(IDS))
NAMES = st.sampled_from(["", "A", "B", "C"])
FILES = st.none() | st.builds(
    DesiredContact,
    email=st.just(ANN),
    name=st.none() | NAMES,
    opt_outs=st.none() | SETS.map(lambda ids: tuple(sorted(ids))),
    opt_outs_mode=st.sampled_from(["exact", "at_least", "on_create"]),
    state=st.sampled_from(["present", "blocked"]),
    unblock=st.sampled_from(["auto", "always", "never"]),
)
LIVE = st.none() | st.builds(
    Contact,
    id=st.sampled_from(["CTT-1", "CTT-2"]),
    email=st.sampled_from([ANN, ANN, OTHER]),
    name=NAMES.map(lambda name: name or None),
    status=st.sampled_from(["Active", "Blocked"]),
    opt_outs=SETS,
    linked=st.just(False),
    revision=st.sampled_from([None, 3, 4, 5, 9]),
)


@st.composite
def recorded(draw: st.DrawFn) -> AppliedContact:
    listed = draw(st.none() | st.dictionaries(st.sampled_from(IDS), st.booleans()))
    return AppliedContact(
        email=draw(st.sampled_from([ANN, ANN, OTHER])),
        name=draw(st.none() | NAMES),
        status=draw(st.none() | st.sampled_from(["Active", "Blocked"])),
        opt_outs=listed,
        opt_ins=draw(SETS) - frozenset(listed or ()),
        exact=listed is not None and draw(st.booleans()),
        blocked_at=draw(st.none() | st.just("2026-01-01T00:00:00Z")),
        revision=draw(st.sampled_from([None, 3, 4])),
    )


RECORD = st.none() | st.dictionaries(st.just("CTT-1"), recorded())


class Known(NamedTuple):
    """One value as the three know it; None where the record knows nothing."""

    files: Any
    live: Any
    record: Any


def table(known: Known) -> str:
    """The first table of the guide, row by row."""
    files, live, record = known
    if live == files:
        return "unchanged"
    if record is None:
        return "pending"
    if record == files:
        return "drift"
    return "pending" if live == record else "conflict"


def untouched(live: Contact, record: AppliedContact) -> bool:
    return None in (live.revision, record.revision) or live.revision in (record.revision, (record.revision or 0) + 1)


def wanted_opt_outs(files: DesiredContact, live: Contact, record: AppliedContact | None) -> set[str]:
    has, listed = set(live.opt_outs or ()), set(files.opt_outs or ())
    if files.opt_outs is None or files.opt_outs_mode == "on_create":
        return has
    if files.opt_outs_mode == "exact":
        return listed
    kept = set()
    for category_id in has - listed:
        is_ours = record is not None and (record.opt_outs or {}).get(category_id, False)
        if not is_ours or (record is not None and not untouched(live, record)):
            kept.add(category_id)
    return listed | kept


def wanted_status(files: DesiredContact, live: Contact, record: AppliedContact | None) -> str:
    if files.state == "blocked":
        return "Blocked"
    is_ours = record is not None and record.blocked_at is not None and untouched(live, record)
    return "Active" if files.unblock != "never" or is_ours else live.status


def record_says(record: AppliedContact, category_id: str) -> bool | None:
    if category_id in record.opt_ins:
        return False
    if record.opt_outs is not None and category_id in record.opt_outs:
        return True
    return False if record.opt_outs is not None and record.exact else None


def expected(files: DesiredContact, live: Contact, record: AppliedContact) -> dict[str, str]:
    """The label of each value that differs."""
    values = {"email": Known(ANN, live.email, record.email)}
    if files.name is not None:
        values["name"] = Known(files.name, live.name or "", record.name)
    values["status"] = Known(wanted_status(files, live, record), live.status, record.status)
    wanted = wanted_opt_outs(files, live, record)
    for category_id in IDS:
        values[category_id] = Known(
            category_id in wanted, category_id in (live.opt_outs or ()), record_says(record, category_id)
        )
    return {name: table(known) for name, known in values.items() if known.files != known.live}


def planned(item: PlannedContact) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for change in item.changes:
        if change.field == "opt_outs":
            found.update(dict.fromkeys(set(change.before) ^ set(change.after), change.label))
        else:
            found[change.field] = change.label
    return found


def plan_of(
    files: DesiredContact | None, live: Contact | None, record: dict[str, AppliedContact] | None, unmanaged: str
) -> SetPlan:
    history = History(None if record is None else Applied(record), is_kept=True, files_win=True)
    # Somebody who is always there, so that the files are never empty.
    entries = [DesiredEntry(DesiredContact(email="else@contoso.example"), None, None)]
    entries += [DesiredEntry(files, None, None)] if files is not None else []
    contacts = [Contact("CTT-9", "else@contoso.example", linked=False)] + ([live] if live is not None else [])
    return plan_set(entries, ContactIndex(contacts), CATALOG, Scope(unmanaged=unmanaged), history)


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(files=FILES, live=LIVE, record=RECORD, unmanaged=st.sampled_from(["report", "block", "delete"]))
def test_every_label(
    files: DesiredContact | None,
    live: Contact | None,
    record: dict[str, AppliedContact] | None,
    unmanaged: str,
) -> None:
    plan = plan_of(files, live, record, unmanaged)
    items = [item for item in plan.items if item.key != "else@contoso.example"]
    past = (record or {}).get(live.id) if live is not None else None
    was_ann = record is not None and "CTT-1" in record and record["CTT-1"].email == ANN
    is_her = live is not None and (live.email == ANN or (live.id == "CTT-1" and was_ann))
    if files is None or (live is not None and not is_her):
        removed = [item for item in items if item.is_removal]
        may_go = past is not None and (files is None or past.email != ANN) and unmanaged != "report"
        assert bool(removed) is (live is not None and may_go)
        if live is not None and not removed:
            known = None if record is None else "removed" if past is not None else "never_managed"
            assert plan.labels[live.id] == known
        if files is None:
            return
        (item,) = (item for item in items if not item.is_removal)
        assert item.actions[0] == "create"
        assert item.change_label == (None if record is None else "drift" if was_ann else "pending")
        return
    (item,) = items
    if live is None:
        assert item.actions[0] == "create"
        assert item.change_label == (None if record is None else "drift" if was_ann else "pending")
        return
    assert "create" not in item.actions
    if record is None:
        assert set(planned(item).values()) <= {None}
        assert item.change_label is None
        return
    labels = expected(files, live, past or AppliedContact())
    assert planned(item) == labels
    assert item.change_label == max(["unchanged", *labels.values()], key=WORST_LAST.index)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(files=FILES.filter(bool), live=LIVE, record=RECORD)
def test_without_the_record_nothing_more_is_taken_away(
    files: DesiredContact, live: Contact | None, record: dict[str, AppliedContact] | None
) -> None:
    def harm(plan: SetPlan) -> tuple[int, int]:
        gone = [
            set(item.live.opt_outs or ()) - set(item.plan.after.opt_outs or ())
            for item in plan.items
            if item.live and item.plan and item.plan.after
        ]
        return sum(item.is_removal for item in plan.items), sum(map(len, gone))

    for unmanaged in ("block", "delete"):
        lost, whole = (harm(plan_of(files, live, known, unmanaged)) for known in (None, record))
        assert lost[0] <= whole[0]
        assert lost[1] <= whole[1] or files.opt_outs_mode == "exact"
