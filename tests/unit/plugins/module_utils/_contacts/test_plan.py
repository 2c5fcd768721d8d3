# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of one contact, as tables of what is there, what is wanted and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Catalog, Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.email_address import canonical_email
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import (
    UNKNOWN_ID,
    ContactPlan,
    FieldChange,
    plan_contact,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    EntryError,
    InputError,
    InvalidAnswerError,
)

CATALOG = Catalog(
    [
        Category("NTC-1", "Orders"),
        Category("NTC-2", "Renewals"),
        Category("NTC-3", "Advice"),
        Category("NTC-4", "Security", opt_out_allowed=False),
        Category("NTC-5", "Old", status="Unpublished"),
    ]
)
EMAIL = "ann@x.example"
LIVE = {
    "none": None,
    "active": Contact("CTT-1", EMAIL),
    "blocked": Contact("CTT-1", EMAIL, status="Blocked"),
    "bounced": Contact("CTT-1", EMAIL, status="Blocked", blocked_reason="Bounced"),
    "new": Contact("CTT-1", EMAIL, status="New"),
    "pending": Contact("CTT-1", EMAIL, status="Pending"),
}


def plan(live: Contact | None, **wanted: Any) -> ContactPlan:
    return plan_contact(DesiredContact(**{"email": EMAIL, **wanted}), live, CATALOG)


# live: what is done for present with unblock auto, always and never, for blocked and for absent
STATES = {
    "none": ("create", "create", "create", "create block", ""),
    "active": ("", "", "", "block", "delete"),
    "blocked": ("unblock", "unblock", "", "", "delete"),
    "bounced": ("", "unblock", "", "", "delete"),
    "new": ("", "", "", "block", "delete"),
    "pending": ("", "", "", "block", "delete"),
}
WANTED = [("present", "auto"), ("present", "always"), ("present", "never"), ("blocked", "auto"), ("absent", "auto")]
AFTERWARDS = {"create": "Active", "block": "Blocked", "unblock": "Active", "delete": "Deleted"}


@pytest.mark.parametrize("column", range(len(WANTED)), ids=[f"{state}, unblock {unblock}" for state, unblock in WANTED])
@pytest.mark.parametrize("live", STATES)
def test_what_is_done_about_the_status(live: str, column: int) -> None:
    state, unblock = WANTED[column]
    actions = tuple(STATES[live][column].split())
    contact = LIVE[live]
    planned = plan(contact, state=state, unblock=unblock)
    assert planned.actions == actions
    assert planned.is_noop is (not actions)
    assert bool(planned.changes) is bool(actions)
    if actions:
        assert planned.after is not None
        assert planned.after.status == AFTERWARDS[actions[-1]]
        before = contact.status if contact else None
        assert planned.changes[-1] == FieldChange("status", before, AFTERWARDS[actions[-1]])
    else:
        assert planned.after == contact
    assert bool(planned.warnings) is (live == "bounced" and (state, unblock) == ("present", "auto"))


@pytest.mark.parametrize("column", [3, 4], ids=["blocked", "absent"])
@pytest.mark.parametrize("unblock", ["always", "never"])
@pytest.mark.parametrize("live", STATES)
def test_unblock_is_about_present_contacts_only(live: str, unblock: str, column: int) -> None:
    planned = plan(LIVE[live], state=WANTED[column][0], unblock=unblock)
    assert planned.actions == tuple(STATES[live][column].split())
    assert planned.warnings == ()


def test_a_block_of_the_platform_that_stays_is_told() -> None:
    assert plan(LIVE["bounced"]).warnings == (
        "Contact ann@x.example (CTT-1) stays blocked: the platform blocked it (Bounced). "
        "Set unblock=always to lift the block.",
    )


def test_a_block_that_stays_does_not_keep_other_fields_from_being_updated() -> None:
    planned = plan(LIVE["bounced"], name="Ann")
    assert planned.actions == ("update",)
    assert planned.warnings
    assert planned.after is not None
    assert (planned.after.status, planned.after.blocked_reason) == ("Blocked", "Bounced")


def test_a_lifted_block_has_no_reason_any_more() -> None:
    planned = plan(LIVE["bounced"], unblock="always", name="Ann")
    assert planned.actions == ("update", "unblock")
    assert planned.after is not None
    assert planned.after.blocked_reason is None


def test_a_removal_ignores_the_other_fields() -> None:
    live = Contact("CTT-1", EMAIL, opt_outs=None)
    planned = plan(live, state="absent", name="Other", opt_outs=("No such category",))
    assert planned.actions == ("delete",)
    assert planned.changes == (FieldChange("status", "Active", "Deleted"),)
    assert planned.body == {}


@pytest.mark.parametrize("state", ["present", "blocked"])
def test_an_id_that_no_live_contact_has_cannot_be_created(state: str) -> None:
    for email in (EMAIL, None):
        with pytest.raises(InputError, match="no live contact with the id CTT-9"):
            plan(None, id="CTT-9", email=email, state=state)
    assert plan(None, id="CTT-9", state="absent").is_noop


def test_opt_outs_that_were_not_sent_are_never_taken_for_none() -> None:
    live = Contact("CTT-1", EMAIL, opt_outs=None)
    for wanted in ({"name": "M"}, {"opt_outs": ()}, {"opt_ins": ("Orders",)}):
        with pytest.raises(InvalidAnswerError, match="did not send the opt-outs of contact CTT-1"):
            plan(live, **wanted)
    for wanted, actions in (({}, ()), ({"state": "blocked"}, ("block",)), ({"state": "absent"}, ("delete",))):
        assert plan(live, **wanted).actions == actions


# mode, opt_outs, opt_ins: live opt-outs before and after ("-" is no contact yet); numbers are categories
OPT_OUTS = [
    ("exact", None, None, "12", "12"),
    ("exact", "", None, "12", ""),
    ("exact", "2", None, "12", "2"),
    ("exact", "23", None, "12", "23"),
    ("exact", "12", None, "12", "12"),
    ("exact", "2", "1", "12", "2"),
    ("exact", None, "1", "12", "2"),
    ("exact", None, "3", "12", "12"),
    ("exact", None, "12", "12", ""),
    ("exact", "12", None, "-", "12"),
    ("exact", None, "1", "-", ""),
    ("exact", "2", "1", "-", "2"),
    ("at_least", "", None, "12", "12"),
    ("at_least", "3", None, "12", "123"),
    ("at_least", "1", None, "12", "12"),
    ("at_least", "3", "1", "12", "23"),
    ("at_least", None, "1", "12", "2"),
    ("at_least", "12", None, "-", "12"),
    ("on_create", "", None, "12", "12"),
    ("on_create", "3", None, "12", "12"),
    ("on_create", "3", "1", "12", "2"),
    ("on_create", None, "1", "12", "2"),
    ("on_create", "12", None, "-", "12"),
    ("exact", "", None, "9", ""),
    ("at_least", "1", None, "9", "19"),
]


def ids(numbers: str) -> frozenset[str]:
    return frozenset(f"NTC-{number}" for number in numbers if number != "-")


def names(numbers: str | None) -> tuple[str, ...] | None:
    return None if numbers is None else tuple({"1": "orders", "2": "NTC-2", "3": "ADVICE"}[char] for char in numbers)


@pytest.mark.parametrize(("mode", "opt_outs", "opt_ins", "before", "after"), OPT_OUTS)
def test_what_becomes_of_the_opt_outs(
    mode: str, opt_outs: str | None, opt_ins: str | None, before: str, after: str
) -> None:
    live = None if before == "-" else Contact("CTT-1", EMAIL, opt_outs=ids(before))
    planned = plan(live, opt_outs=names(opt_outs), opt_ins=names(opt_ins), opt_outs_mode=mode)
    assert planned.after is not None
    assert planned.after.opt_outs == ids(after)
    changed = [change.field for change in planned.changes]
    if live is None:
        assert planned.actions == ("create",)
        assert ("opt_outs" in changed) is (opt_outs is not None)
        assert ("optOuts" in planned.body) is (opt_outs is not None)
    else:
        assert planned.actions == (() if before == after else ("update",))
        assert changed == ([] if before == after else ["opt_outs"])


def test_categories_are_shown_by_name_and_sorted_and_sent_by_id() -> None:
    live = Contact(
        "CTT-1",
        EMAIL,
        opt_outs=frozenset({"NTC-1", "NTC-8", "NTC-9"}),
        category_names={"NTC-8": "Branch", "NTC-1": "Old name"},
    )
    planned = plan(live, opt_outs=("Renewals", "advice"))
    change = FieldChange("opt_outs", ["Branch", "NTC-9", "Orders"], ["Advice", "Renewals"])
    assert planned.changes == (change,)
    assert planned.body["optOuts"] == [{"id": "NTC-2"}, {"id": "NTC-3"}]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"opt_outs": ("Ordres",)}, "There is no notification category 'Ordres'."),
    "unknown to opt into": ({"opt_ins": ("Ordres",)}, "There is no notification category 'Ordres'."),
    "cannot be opted out of": ({"opt_outs": ("Security",)}, "(NTC-4) cannot be opted out of."),
    "not published": ({"opt_outs": ("Old",)}, "(NTC-5) is not published"),
    "both ways, once by id": (
        {"opt_outs": ("NTC-1", "Advice"), "opt_ins": ("Orders",)},
        "opt_outs and opt_ins of ann@x.example both name 'Orders'.",
    ),
}


# Where nothing would be written, nothing is refused.
NOT_WRITTEN = ("cannot be opted out of", "not published")


@pytest.mark.parametrize("mode", ["exact", "at_least", "on_create"])
@pytest.mark.parametrize("live", ["none", "active"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_category_that_cannot_be_meant_is_refused(case: str, live: str, mode: str) -> None:
    wanted, message = REFUSED[case]
    if case in NOT_WRITTEN and (live, mode) == ("active", "on_create"):
        assert plan(LIVE[live], opt_outs_mode=mode, **wanted).is_noop
        return
    with pytest.raises(EntryError) as caught:
        plan(LIVE[live], opt_outs_mode=mode, **wanted)
    assert message in caught.value.message
    assert caught.value.field in ("opt_outs", "opt_ins")


@pytest.mark.parametrize("mode", ["exact", "at_least"])
def test_whoever_opted_out_while_it_was_possible_stays_so_with_a_warning(mode: str) -> None:
    live = Contact("CTT-1", EMAIL, opt_outs=frozenset({"NTC-1", "NTC-5"}))
    planned = plan(live, opt_outs=("Orders", "Old"), opt_outs_mode=mode)
    assert planned.is_noop
    (warning,) = planned.warnings
    assert "keeps an opt-out" in warning
    assert "(NTC-5) is not published" in warning


def test_one_can_opt_into_what_cannot_be_opted_out_of() -> None:
    planned = plan(Contact("CTT-1", EMAIL, opt_outs=frozenset({"NTC-4", "NTC-5"})), opt_ins=("Security", "Old"))
    assert planned.after is not None
    assert planned.after.opt_outs == frozenset()


CREATED: dict[str, tuple[dict[str, Any], dict[str, Any], list[FieldChange]]] = {
    "nothing but the address": ({}, {"email": EMAIL}, [FieldChange("email", None, EMAIL)]),
    "an empty name": ({"name": ""}, {"email": EMAIL}, [FieldChange("email", None, EMAIL)]),
    "a name": (
        {"name": "Ann"},
        {"email": EMAIL, "name": "Ann"},
        [FieldChange("email", None, EMAIL), FieldChange("name", None, "Ann")],
    ),
    "no opt-outs": (
        {"opt_outs": ()},
        {"email": EMAIL, "optOuts": []},
        [FieldChange("email", None, EMAIL), FieldChange("opt_outs", None, [])],
    ),
    "opt-outs": (
        {"opt_outs": ("Renewals", "Advice")},
        {"email": EMAIL, "optOuts": [{"id": "NTC-2"}, {"id": "NTC-3"}]},
        [FieldChange("email", None, EMAIL), FieldChange("opt_outs", None, ["Advice", "Renewals"])],
    ),
    "the address as written": (
        {"email": "Ann@X.example"},
        {"email": "Ann@X.example"},
        [FieldChange("email", None, "Ann@X.example")],
    ),
}


@pytest.mark.parametrize("case", CREATED)
def test_what_is_sent_to_create_a_contact(case: str) -> None:
    wanted, body, changes = CREATED[case]
    planned = plan(None, **wanted)
    assert planned.body == body
    assert list(planned.changes) == [*changes, FieldChange("status", None, "Active")]
    assert planned.after is not None
    assert planned.after.id == UNKNOWN_ID


FULL = Contact(
    "CTT-1",
    EMAIL,
    name="Ann",
    opt_outs=ids("21"),
    user_id="USR-1",
    linked=True,
    revision=4,
    carried={"chat": False, "directories": [{"id": "DIR-1"}]},
)
REFERENCES = [{"id": "NTC-1"}, {"id": "NTC-2"}]
KEPT = {"chat": False, "directories": [{"id": "DIR-1"}]}
UPDATED: dict[str, tuple[Contact, dict[str, Any], dict[str, Any], list[FieldChange]]] = {
    "a name keeps the rest": (
        FULL,
        {"name": "Bea"},
        {**KEPT, "email": EMAIL, "name": "Bea", "optOuts": REFERENCES},
        [FieldChange("name", "Ann", "Bea")],
    ),
    "a cleared name is sent as an empty text": (
        FULL,
        {"name": ""},
        {**KEPT, "email": EMAIL, "name": "", "optOuts": REFERENCES},
        [FieldChange("name", "Ann", None)],
    ),
    "opt-outs keep the name": (
        FULL,
        {"opt_outs": ()},
        {**KEPT, "email": EMAIL, "name": "Ann", "optOuts": []},
        [FieldChange("opt_outs", ["Orders", "Renewals"], [])],
    ),
    "a contact without a name stays without": (
        replace(FULL, name=None, carried={}),
        {"opt_outs": ("Orders",)},
        {"email": EMAIL, "optOuts": [{"id": "NTC-1"}]},
        [FieldChange("opt_outs", ["Orders", "Renewals"], ["Orders"])],
    ),
    "an address by id": (
        FULL,
        {"id": "CTT-1", "email": "bea@x.example"},
        {**KEPT, "email": "bea@x.example", "name": "Ann", "optOuts": REFERENCES},
        [FieldChange("email", EMAIL, "bea@x.example")],
    ),
    "several fields in the order of the options": (
        FULL,
        {"id": "CTT-1", "email": "bea@x.example", "name": "Bea", "opt_outs": ("Orders",), "state": "blocked"},
        {**KEPT, "email": "bea@x.example", "name": "Bea", "optOuts": [{"id": "NTC-1"}]},
        [
            FieldChange("email", EMAIL, "bea@x.example"),
            FieldChange("name", "Ann", "Bea"),
            FieldChange("opt_outs", ["Orders", "Renewals"], ["Orders"]),
            FieldChange("status", "Active", "Blocked"),
        ],
    ),
}


@pytest.mark.parametrize("case", UPDATED)
def test_an_update_sends_the_whole_contact(case: str) -> None:
    live, wanted, body, changes = UPDATED[case]
    planned = plan(live, **wanted)
    assert planned.actions[0] == "update"
    assert planned.body == body
    assert list(planned.changes) == changes
    assert planned.after is not None
    # The number of the revision after a write is the server's to choose.
    assert planned.after.revision is None
    assert (planned.after.id, planned.after.user_id, planned.after.linked) == ("CTT-1", "USR-1", True)


@pytest.mark.parametrize(
    "wanted",
    [
        {"email": "ANN@x.EXAMPLE"},
        {"id": "CTT-1", "email": "ANN@X.example"},
        {"id": "CTT-1", "email": None},
        {"name": "Ann"},
        {"opt_outs": ("renewals", "Orders")},
        {"opt_ins": ("Advice",)},
    ],
    ids=repr,
)
def test_what_is_so_already_is_not_sent(wanted: dict[str, Any]) -> None:
    planned = plan(FULL, **wanted)
    assert planned.is_noop
    assert planned.after is FULL
    assert planned.body == {}
    assert planned.changes == ()


@pytest.mark.parametrize(("stored", "wanted"), [(" Ann ", "Ann"), (None, ""), ("  ", "")], ids=repr)
def test_a_name_that_differs_by_outer_spaces_is_the_same(stored: str | None, wanted: str) -> None:
    assert plan(replace(FULL, name=stored), name=wanted).is_noop


def test_a_plan_cannot_be_changed() -> None:
    planned = plan(FULL, name="Bea")
    with pytest.raises(AttributeError):
        planned.actions = ()  # type: ignore[misc]


REFERENCE = st.sampled_from(["Orders", "NTC-2", "advice"])
IDS = st.frozensets(st.sampled_from(["NTC-1", "NTC-2", "NTC-3", "NTC-4", "NTC-9"]))
CONTACTS = st.builds(
    Contact,
    id=st.just("CTT-1"),
    email=st.sampled_from([EMAIL, "ANN@X.example"]),
    name=st.sampled_from([None, "Ann", " Ann ", "Bea"]),
    status=st.sampled_from(["Active", "Blocked", "New", "Pending"]),
    blocked_reason=st.sampled_from([None, "Bounced"]),
    opt_outs=IDS,
    revision=st.sampled_from([None, 3]),
    carried=st.sampled_from([{}, {"chat": True}]),
)


@st.composite
def wishes(draw: st.DrawFn, *, of_live: bool) -> DesiredContact:
    listed = draw(st.one_of(st.none(), st.lists(REFERENCE, max_size=3).map(tuple)))
    ins = draw(st.one_of(st.none(), st.lists(REFERENCE, max_size=2).map(tuple)))
    contact_id = draw(st.sampled_from([None, "CTT-1"])) if of_live else None
    state = draw(st.sampled_from(["present", "blocked", "absent"]))
    addresses = [EMAIL, "Ann@x.example"]
    return DesiredContact(
        id=contact_id,
        # A contact is removed by its id only if it has the address as well.
        email=draw(st.sampled_from(addresses + ["bea@x.example"] * (contact_id is None or state != "absent"))),
        name=draw(st.sampled_from([None, "", "Ann", "Bea"])),
        opt_outs=listed,
        opt_ins=None if ins is None else tuple(name for name in ins if name not in (listed or ())),
        opt_outs_mode=draw(st.sampled_from(["exact", "at_least", "on_create"])),
        state=state,
        unblock=draw(st.sampled_from(["auto", "always", "never"])),
    )


PAIRS = st.one_of(
    st.tuples(wishes(of_live=True), CONTACTS), st.tuples(wishes(of_live=False), st.one_of(st.none(), CONTACTS))
)


@given(pair=PAIRS)
def test_a_plan_on_what_a_plan_leads_to_is_empty(pair: tuple[DesiredContact, Contact | None]) -> None:
    desired, live = pair
    planned = plan_contact(desired, live, CATALOG)
    after = planned.after
    if after is not None and after.status == "Deleted":
        after = None
    again = plan_contact(desired, after, CATALOG)
    assert again.is_noop
    assert again.changes == ()


@given(pair=st.tuples(wishes(of_live=True), CONTACTS))
def test_a_plan_touches_nothing_that_is_not_managed(pair: tuple[DesiredContact, Contact]) -> None:
    desired, live = pair
    planned = plan_contact(desired, live, CATALOG)
    after = planned.after
    assert after is not None
    assert (after.id, after.carried, after.user_id, after.linked) == (live.id, live.carried, live.user_id, live.linked)
    if desired.name is None or desired.state == "absent":
        assert after.name == live.name
    if not desired.manages_opt_outs:
        assert after.opt_outs == live.opt_outs
    if canonical_email(desired.email or "") == live.key or desired.state == "absent":
        assert after.email == live.email
    if desired.state == "present" and desired.unblock == "never":
        assert after.status == live.status


@given(pair=PAIRS)
def test_actions_changes_and_body_tell_the_same(pair: tuple[DesiredContact, Contact | None]) -> None:
    desired, live = pair
    planned = plan_contact(desired, live, CATALOG)
    fields = [change.field for change in planned.changes]
    assert planned.actions in {
        (), ("create",), ("create", "block"), ("update",), ("update", "block"), ("update", "unblock"), ("block",),
        ("unblock",), ("delete",),
    }  # fmt: skip
    assert fields == [name for name in ("email", "name", "opt_outs", "status") if name in fields]
    assert all(change.before != change.after for change in planned.changes)
    if live is not None:
        assert ("update" in planned.actions) is bool(set(fields) - {"status"})
        assert ({"block", "unblock", "delete"} & set(planned.actions) != set()) is ("status" in fields)
    assert bool(planned.body) is bool({"create", "update"} & set(planned.actions))
    if "update" in planned.actions:
        assert planned.after is not None
        assert planned.body["email"] == planned.after.email
        assert {item["id"] for item in planned.body["optOuts"]} == planned.after.opt_outs
        assert planned.body.get("name", "") == (planned.after.name or "")
        assert live is not None
        assert planned.body.items() >= live.carried.items()


@given(pair=PAIRS)
def test_nobody_is_deleted_blocked_or_opted_in_again_unless_the_task_says_so(
    pair: tuple[DesiredContact, Contact | None],
) -> None:
    desired, live = pair
    planned = plan_contact(desired, live, CATALOG)
    assert "delete" not in planned.actions or desired.state == "absent"
    assert "block" not in planned.actions or desired.state == "blocked"
    if live is not None and planned.after is not None and live.opt_outs and not desired.opt_ins:
        lost = live.opt_outs - (planned.after.opt_outs or frozenset())
        assert not lost or (desired.opt_outs is not None and desired.opt_outs_mode == "exact")
