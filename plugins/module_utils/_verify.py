# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: judge by a contact that was read back whether a write was carried out."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

from ansible_collections.softwareone.marketplace.plugins.module_utils._contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import NotStoredError
from ansible_collections.softwareone.marketplace.plugins.module_utils._plan import (
    BLOCK,
    CREATE,
    DELETE,
    UNBLOCK,
    ContactPlan,
)

# Plans a desired contact against another live one than at first.
Planner = Callable[[DesiredContact, "Contact | None"], ContactPlan]


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
    """What must hold right after the plan: opt-outs that count on creation only count now."""
    if CREATE in plan.actions and plan.desired.opt_outs_mode == "on_create":
        return replace(plan.desired, opt_outs_mode="at_least")
    return plan.desired


def shows(action: str, plan: ContactPlan, fresh: Contact | None) -> bool:
    """True if ``fresh`` shows the effect of ``action``."""
    if fresh is None:
        return action == DELETE
    if action == DELETE or plan.after is None:
        return False
    if action == BLOCK:
        return fresh.is_blocked
    if action == UNBLOCK:
        return not fresh.is_blocked
    wanted = plan.after
    return (fresh.key, fresh.name, fresh.opt_outs) == (wanted.key, wanted.name, wanted.opt_outs)
