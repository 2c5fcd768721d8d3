# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: how far each contact of a run got, as data that everything reported is a view of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable

from .._contacts.contact import Contact
from .._contacts.desired import DesiredContact
from .._contacts.plan import CREATE, ContactPlan, FieldChange, merged_changes
from .._contacts.set_plan import PlannedContact
from .._errors import NotStoredError, SwoError

# Plans a desired contact against another live one than at first.
Planner = Callable[[DesiredContact, "Contact | None"], ContactPlan]


@dataclass(frozen=True)
class Write:
    """One write that was carried out, and the values that it changed.

    ``is_certain`` is false if the API did not confirm it and what it should do was there right afterwards nevertheless:
    its answer was lost, a gateway sent it twice, or somebody else did the same in this moment.
    """

    action: str
    changes: tuple[FieldChange, ...]
    is_certain: bool = True


@dataclass
class ContactState:
    """How far one contact of the plan got.

    ``plan`` is what was finally planned, on the fresh read before the first write; ``contact`` is the contact as last
    read, None if there is none. ``created_id`` is the id that the API confirmed a creation with. ``uncertain`` is true
    if one more write than ``writes`` may have been carried out. ``failure`` is None on success; ``skipped`` says why a
    contact was left for another run, ``notes`` what came up on the way and somebody should know of.
    """

    item: PlannedContact
    plan: ContactPlan
    contact: Contact | None
    writes: tuple[Write, ...] = ()
    created_id: str | None = None
    uncertain: bool = False
    failure: SwoError | None = None
    skipped: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, int]:
        """Tells the contacts of a run apart, in the order of their addresses."""
        return self.item.place

    @property
    def actions(self) -> tuple[str, ...]:
        """What was done."""
        return tuple(write.action for write in self.writes)

    @property
    def left(self) -> tuple[str, ...]:
        """What was finally planned and not done."""
        return tuple(action for action in self.plan.actions if action not in self.actions)

    @property
    def label(self) -> str:
        """How the contact is named to the user: as it was right before the first write."""
        return self.plan.live.email if self.plan.live is not None else self.item.label

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.plan.warnings + self.notes

    @property
    def changed(self) -> bool:
        return bool(self.writes) or self.uncertain

    @property
    def is_as_found(self) -> bool:
        """True as long as nothing was written to a contact that may be there without this run."""
        return not self.uncertain and all(write.action == CREATE and not write.is_certain for write in self.writes)

    @property
    def is_over(self) -> bool:
        return self.skipped is not None or self.failure is not None

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """The values that were written; of a contact that is not as it should be, also those that were to be."""
        changes = [change for write in self.writes for change in write.changes]
        if self.is_over or self.uncertain:
            changes += [change for action in self.left for change in self.plan.changes_of(action)]
        return merged_changes(changes)


def difference(desired: DesiredContact, contact: Contact | None, planner: Planner) -> NotStoredError | None:
    """What is wrong with ``contact`` as it was read back after its plan was carried out; None if nothing is."""
    if contact is None:
        if desired.state == "absent":
            return None
        return NotStoredError(f"Contact {desired.label} is gone again after it was written.")
    left = planner(desired, contact)
    if left.is_noop:
        return None
    fields = " and ".join(change.field for change in left.changes)
    return NotStoredError(
        f"The API accepted the change of contact {desired.label} ({contact.id}), but reading it back shows "
        f"another {fields}.",
        "The API may not allow this change, or somebody changed the contact at the same time.",
    )


def as_verified(plan: ContactPlan) -> DesiredContact:
    """What must hold right after the plan: opt-outs that count on creation only count now, and no others are left."""
    desired = plan.desired
    if CREATE in plan.actions and desired.opt_outs_mode == "on_create":
        return replace(desired, opt_outs_mode="at_least")
    if plan.given_back:
        return replace(
            desired, opt_ins=(*(desired.opt_ins or ()), *sorted(plan.given_back - set(desired.opt_ins or ())))
        )
    return desired
