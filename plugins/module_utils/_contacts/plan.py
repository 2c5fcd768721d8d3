# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: compare one desired contact with the live one and say what has to be done.

The plan is data. Whether something changes, the diff, the result in check mode and the requests that are sent are all
views of it, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Iterable, Mapping

from .._errors import ConflictError, InputError, option_named
from .._text import quoted, visible
from .applied import CONFLICT, DRIFT, PENDING, UNCHANGED, AppliedContact, History, label, worst
from .categories import Catalog
from .contact import ACTIVE, BLOCKED, DELETED, Contact
from .desired import DesiredContact
from .email_address import canonical_email
from .fields import CONTACT_FIELDS
from .opt_outs import desired_opt_outs, names_of, names_of_kept, opt_outs_to_give_back

CREATE, UPDATE, BLOCK, UNBLOCK, DELETE = "create", "update", "block", "unblock", "delete"

# The id of a contact that is still to be created.
UNKNOWN_ID = ""

_EMAIL, _NAME, _OPT_OUTS = (CONTACT_FIELDS[name].api_name for name in ("email", "name", "opt_outs"))


@dataclass(frozen=True)
class FieldChange:
    """One managed field that changes; opt-outs are sorted category names, a missing value is None.

    ``label`` tells whose change it is, None without a record of what was applied; opt-outs have a change for each.
    """

    field: str
    before: Any
    after: Any
    label: str | None = None


@dataclass(frozen=True)
class ContactPlan:
    """What to do about one contact, in order, and what it will be like afterwards.

    ``after`` is None if there is no contact now and none is desired. ``body`` is what create or update sends.
    ``kept`` are the names of the categories that the contact is opted out of by itself, and that are left to it;
    ``given_back`` the ids of those that we added, and that no file lists any more. ``label`` is that of all changes.
    """

    desired: DesiredContact
    live: Contact | None
    after: Contact | None
    actions: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    given_back: frozenset[str] = frozenset()
    label: str | None = None

    @property
    def is_noop(self) -> bool:
        return not self.actions

    def changes_of(self, action: str) -> tuple[FieldChange, ...]:
        """What one of the actions changes."""
        if action == CREATE:
            # It is created active, whatever follows.
            return tuple(
                replace(change, after=ACTIVE) if change.field == "status" else change for change in self.changes
            )
        if action == UPDATE:
            return tuple(change for change in self.changes if change.field != "status")
        before = ACTIVE if self.live is None else self.live.status
        return tuple(replace(change, before=before) for change in self.changes if change.field == "status")

    @property
    def substance(self) -> list[Any]:
        """What tells two plans apart: what would be written, without the unmanaged fields that a PUT has to carry."""
        before, after = _opt_outs_of(self.live), _opt_outs_of(self.after)
        values = {change.field: change.after for change in self.changes if change.field != "opt_outs"}
        return [
            self.live.id if self.live is not None else None,
            list(self.actions),
            values,
            sorted(after - before),
            sorted(before - after),
        ]


def plan_contact(
    desired: DesiredContact, live: Contact | None, catalog: Catalog, applied: AppliedContact | None = None
) -> ContactPlan:
    """Plan one contact.

    :param live: the contact as just read, with its opt-outs; None if there is none
    :param applied: what was applied to it before; None if there is no record at all
    :raises InputError: a category is unknown, ambiguous or cannot be opted out of, or an id does not exist
    """
    if desired.state == "absent":
        plan = _plan_removal(desired, live)
    elif live is None:
        plan = _plan_creation(desired, catalog)
    else:
        plan = _plan_update(desired, live, catalog, applied)
    return plan if applied is None else _labelled(plan, applied, catalog)


def refuse_taken_address(desired: DesiredContact, live: Contact, find: Callable[[str], Contact | None]) -> None:
    """An address that ``live`` should get must not be another contact's.

    :param find: the live contact with an address
    :raises InputError: it is
    """
    address = desired.email
    if address is None or desired.state == "absent" or desired.key == live.key:
        return
    other = find(address)
    if other is not None and other.id != live.id:
        raise InputError(
            f"Contact {live.id} cannot get the address {address}: it belongs to contact {other.id}.",
            f"Remove contact {other.id} first, or choose another address.",
        )


def refuse_conflict(plan: ContactPlan, history: History) -> None:
    """Where a value was changed both in the files and in the account, a person has to choose.

    :raises ConflictError: there is one, and the files do not win
    """
    if plan.label != CONFLICT or history.files_win:
        return
    told = "; ".join(
        f"{change.field}: file says {quoted(str(change.after or ''))}, live says {quoted(str(change.before or ''))}"
        for change in plan.changes
        if change.label == CONFLICT
    )
    raise ConflictError(
        f"The files and the account have both changed since contact {plan.desired.label} was last applied ({told}).",
        "It was left alone. Write what is meant into the file, or set "
        f"{option_named('on_conflict')} to git to have the files win.",
    )


def merged_changes(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Changes one after the other as one change of each field; what ends as it began is left out."""
    merged: dict[tuple[str, str | None], FieldChange] = {}
    for change in changes:
        first = merged.setdefault((change.field, change.label), change)
        merged[change.field, change.label] = replace(change, before=first.before)
    return tuple(change for change in merged.values() if change.before != change.after)


def _plan_removal(desired: DesiredContact, live: Contact | None) -> ContactPlan:
    if live is None:
        return ContactPlan(desired, None, None)
    if desired.id is not None and desired.email is not None and desired.key != live.key:
        raise InputError(
            f"Contact {live.id} is not removed: its e-mail address is {live.email}, and not {desired.email}.",
            "Correct email, or leave it out.",
        )
    change = FieldChange("status", live.status, DELETED)
    return ContactPlan(desired, live, replace(live, status=DELETED), (DELETE,), (change,))


def _plan_creation(desired: DesiredContact, catalog: Catalog) -> ContactPlan:
    if desired.id is not None or desired.email is None:
        raise InputError(
            f"There is no live contact with the id {desired.id}, and an id cannot be chosen for a new one.",
            "Check the id. Without it, the entry is about the contact that has its address, or a new one.",
        )
    opt_outs = desired_opt_outs(desired, None, catalog)
    blocked = desired.state == "blocked"
    after = Contact(
        id=UNKNOWN_ID,
        email=desired.email,
        name=desired.name or None,
        status=BLOCKED if blocked else ACTIVE,
        opt_outs=opt_outs,
    )
    changes = [FieldChange("email", None, desired.email)]
    body: dict[str, Any] = {_EMAIL: desired.email}
    if desired.name:
        changes.append(FieldChange("name", None, desired.name))
        body[_NAME] = desired.name
    if desired.opt_outs is not None:
        changes.append(FieldChange("opt_outs", None, names_of(opt_outs, None, catalog)))
        body[_OPT_OUTS] = _references(opt_outs)
    changes.append(FieldChange("status", None, after.status))
    actions = (CREATE, BLOCK) if blocked else (CREATE,)
    return ContactPlan(desired, None, after, actions, tuple(changes), body)


def _plan_update(
    desired: DesiredContact, live: Contact, catalog: Catalog, applied: AppliedContact | None
) -> ContactPlan:
    email, name = _desired_email(desired, live), _desired_name(desired, live)
    given_back = opt_outs_to_give_back(desired, live, catalog, applied)
    opt_outs = desired_opt_outs(desired, live, catalog, given_back)
    status_action = _status_action(desired, live, applied)
    is_same = (email, name, opt_outs) == (live.email, live.name, live.opt_outs)
    kept = names_of_kept(desired, live, catalog, given_back)
    if is_same and status_action is None:
        return ContactPlan(desired, live, live, warnings=_warnings(desired, live, catalog), kept=kept)
    after = replace(live, email=email, name=name, opt_outs=opt_outs, revision=None)
    changes = _field_changes(live, after, catalog)
    actions = [] if is_same else [UPDATE]
    body = {} if is_same else _merged_body(live, after)
    if status_action is not None:
        actions.append(status_action)
        after = replace(after, status=BLOCKED if status_action == BLOCK else ACTIVE, blocked_reason=None)
        changes.append(FieldChange("status", live.status, after.status))
    warnings = _warnings(desired, live, catalog)
    return ContactPlan(desired, live, after, tuple(actions), tuple(changes), body, warnings, kept, given_back)


def _desired_email(desired: DesiredContact, live: Contact) -> str:
    if desired.email is None or desired.key == live.key:
        return live.email
    return desired.email


def _desired_name(desired: DesiredContact, live: Contact) -> str | None:
    if desired.name is None or desired.name == (live.name or "").strip():
        return live.name
    return desired.name or None


def _status_action(desired: DesiredContact, live: Contact, applied: AppliedContact | None) -> str | None:
    if desired.state == "blocked":
        return None if live.is_blocked else BLOCK
    is_ours = applied is not None and applied.blocked_by_us(live)
    return UNBLOCK if live.is_blocked and (is_ours or _may_unblock(desired, live)) else None


def _may_unblock(desired: DesiredContact, live: Contact) -> bool:
    return desired.unblock == "always" or (desired.unblock == "auto" and live.blocked_reason is None)


def _warnings(desired: DesiredContact, live: Contact, catalog: Catalog) -> tuple[str, ...]:
    """What is respected, but not in silence: a block of the platform, an opt-out that could not be set again."""
    found = []
    if desired.state == "present" and desired.unblock == "auto" and live.is_blocked and live.blocked_reason:
        found.append(
            f"Contact {visible(live.email)} ({live.id}) stays blocked: the platform blocked it "
            f"({visible(live.blocked_reason)}). Set unblock=always to lift the block."
        )
    if desired.opt_outs and live.opt_outs:
        kept = catalog.ids(desired.opt_outs) & live.opt_outs
        found += [
            f"Contact {visible(live.email)} ({live.id}) keeps an opt-out. {text}" for text in catalog.refusals(kept)
        ]
    return tuple(found)


def _field_changes(live: Contact, after: Contact, catalog: Catalog) -> list[FieldChange]:
    changes = [
        FieldChange(name, getattr(live, name), getattr(after, name))
        for name in ("email", "name")
        if getattr(live, name) != getattr(after, name)
    ]
    if live.opt_outs != after.opt_outs:
        changes.append(
            FieldChange("opt_outs", names_of(live.opt_outs, live, catalog), names_of(after.opt_outs, live, catalog))
        )
    return changes


def _labelled(plan: ContactPlan, applied: AppliedContact, catalog: Catalog) -> ContactPlan:
    """The plan with whose change each difference is."""
    changes: list[FieldChange] = []
    for change in plan.changes:
        if plan.live is None:
            # It was there when it was last applied, so somebody has deleted it.
            changes.append(replace(change, label=PENDING if applied.email is None else DRIFT))
        elif change.field == "opt_outs":
            changes += _labelled_opt_outs(plan, applied, catalog)
        else:
            changes.append(replace(change, label=_label(change, applied)))
    return replace(plan, changes=tuple(changes), label=worst([UNCHANGED, *(change.label for change in changes)]))


def _label(change: FieldChange, applied: AppliedContact) -> str:
    if change.field == "email":
        past = None if applied.email is None else canonical_email(applied.email)
        return label(canonical_email(change.after), canonical_email(change.before), past)
    if change.field == "name":
        return label(change.after or "", (change.before or "").strip(), applied.name)
    # Whatever it was like, the files want to have it gone.
    return PENDING if change.after == DELETED else label(change.after, change.before, applied.status)


def _labelled_opt_outs(plan: ContactPlan, applied: AppliedContact, catalog: Catalog) -> list[FieldChange]:
    """A change for each label, one after the other; each category is a value of its own."""
    before, after = _opt_outs_of(plan.live), _opt_outs_of(plan.after)
    by_label: dict[str, set[str]] = {}
    for category_id in before ^ after:
        was = label(category_id in after, category_id in before, applied.was_opted_out(category_id))
        by_label.setdefault(was, set()).add(category_id)
    changes = []
    for found in sorted(by_label):
        then = before ^ by_label[found]
        names = [names_of(frozenset(ids), plan.live, catalog) for ids in (before, then)]
        changes.append(FieldChange("opt_outs", names[0], names[1], found))
        before = then
    return changes


def _opt_outs_of(contact: Contact | None) -> frozenset[str]:
    return (contact.opt_outs if contact is not None else None) or frozenset()


def _references(ids: frozenset[str] | None) -> list[dict[str, str]]:
    return [{"id": category_id} for category_id in sorted(ids or ())]


def _merged_body(live: Contact, after: Contact) -> dict[str, Any]:
    """The whole contact as it should be: right for a server that merges and for one that replaces.

    A name is cleared by an empty text, because null may mean "leave it" (notifications-api section 8).
    """
    body: dict[str, Any] = dict(live.carried)
    body[_EMAIL] = after.email
    if after.name is not None or live.name is not None:
        body[_NAME] = after.name or ""
    # Unknown ones must not be replaced by none.
    body[_OPT_OUTS] = _references(after.known_opt_outs)
    return body
