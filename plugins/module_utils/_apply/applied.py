# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what a run leaves in the record of what was applied."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Mapping, Sequence

from .._contacts.applied import NOT_APPLIED, Applied, AppliedContact
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.contact_index import ContactIndex
from .._contacts.dates import moment_text
from .._contacts.plan import BLOCK, CREATE, UPDATE, ContactPlan
from .._contacts.set_plan import PlannedContact, SetPlan
from .state import ContactState


def record_before(plan: SetPlan, before: Applied) -> Applied:
    """The record for the time of the run: what is about to be taken away is not ours any more, should it be killed."""
    contacts = dict(before.contacts)
    for item in plan.pending:
        if item.plan is not None and item.plan.given_back and item.live is not None:
            contacts[item.live.id] = contacts[item.live.id].disowned(item.plan.given_back)
    return Applied(contacts)


class NextRecord:
    """The record after a run.

    :param live: as it was read; None where not everybody was
    :param now: the server's clock after the last write
    """

    def __init__(
        self, before: Applied | None, catalog: Catalog, live: ContactIndex | None, now: datetime | None
    ) -> None:
        self._before = before or Applied({})
        self._catalog = catalog
        self._live = live
        self._now = now

    def after(self, plan: SetPlan, states: Sequence[ContactState], is_whole: bool) -> Applied:
        """What was applied before, and what is now; of what failed, what was before.

        :param is_whole: the plan is about all entries, so that who is not in it is in no file
        """
        known = {state.key: state for state in states}
        contacts: dict[str, AppliedContact] = {}
        for contact_id, applied in self._before.contacts.items():
            if self._live is None or self._live.by_id(contact_id) is not None:
                contacts[contact_id] = _let_go(applied) if is_whole else applied
        for item in plan.items:
            self._add(contacts, item, known.get(item.place))
        return Applied(contacts)

    def _add(self, contacts: dict[str, AppliedContact], item: PlannedContact, state: ContactState | None) -> None:
        failed = item.failure is not None or (state is not None and (state.is_over or state.uncertain))
        past_ids = {item.live.id} if item.live is not None else set()
        if item.entry is not None:
            past_ids.add(self._before.id_of(item.entry.desired.email) or "")
        for contact_id in past_ids & self._before.contacts.keys():
            past = self._before.contacts[contact_id]
            if failed:
                contacts[contact_id] = past.disowned() if state is not None and state.changed else past
            elif self._live is None or self._live.by_id(contact_id) is None:
                contacts.pop(contact_id, None)
        plan = item.plan if state is None else state.plan
        if failed or plan is None:
            return
        contact = item.live if state is None else state.contact
        if contact is None:
            for contact_id in past_ids:
                contacts.pop(contact_id, None)
        elif item.is_removal:
            self._add_removed(contacts, contact, state)
        else:
            contacts[contact.id] = self._applied(plan, contact, state)

    def _add_removed(self, contacts: dict[str, AppliedContact], contact: Contact, state: ContactState | None) -> None:
        past = self._before.contacts.get(contact.id)
        if past is not None and state is not None and BLOCK in _certain(state):
            contacts[contact.id] = replace(_let_go(past), blocked_at=self._stamp, revision=contact.revision)

    @property
    def _stamp(self) -> str | None:
        return None if self._now is None else moment_text(self._now)

    def _applied(self, plan: ContactPlan, contact: Contact, state: ContactState | None) -> AppliedContact:
        desired, first = plan.desired, plan.live
        past = self._before.of(desired.email, first) if first is not None else NOT_APPLIED
        actions = () if state is None else _certain(state)
        opt_outs: Mapping[str, bool] | None = None
        opt_outs_now = contact.opt_outs or frozenset()
        if desired.opt_outs is not None:
            had = first.opt_outs if first is not None else None
            ours = past.added(first) if first is not None else frozenset()
            if CREATE in actions or (UPDATE in actions and had is not None):
                ours |= opt_outs_now - (had or frozenset())
            if state is not None and _others_wrote(first, contact, state):
                ours = frozenset()
            listed = self._catalog.ids(desired.opt_outs) & opt_outs_now
            opt_outs = {category_id: category_id in ours for category_id in sorted(listed)}
        is_still_ours = first is not None and contact.is_blocked and past.blocked_by_us(first)
        return AppliedContact(
            email=contact.email,
            name=None if desired.name is None else (contact.name or "").strip(),
            status=contact.status,
            opt_outs=opt_outs,
            opt_ins=self._catalog.ids(desired.opt_ins) if desired.opt_ins else frozenset(),
            exact=desired.opt_outs is not None and desired.opt_outs_mode == "exact",
            blocked_at=self._stamp if BLOCK in actions else past.blocked_at if is_still_ours else None,
            revision=contact.revision,
        )


def _others_wrote(first: Contact | None, contact: Contact, state: ContactState) -> bool:
    """True if the server counts more changes than this run has made: what was added then may be a person's choice."""
    before = 0 if first is None else first.revision
    return before is not None and contact.revision is not None and contact.revision - before > len(state.writes)


def _let_go(applied: AppliedContact) -> AppliedContact:
    """What stays of a contact in no file: that it was in one, and our block."""
    return AppliedContact(applied.email, blocked_at=applied.blocked_at, revision=applied.revision)


def _certain(state: ContactState) -> tuple[str, ...]:
    """What was done by this run and nobody else."""
    return tuple(write.action for write in state.writes if write.is_certain)
