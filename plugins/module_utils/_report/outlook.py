# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Who is not opted out of what, once a plan is carried out: coverage contracts, impact, and new categories.

Before anything is written it is about the plan; afterwards about the contacts as they were last read.
"""

from __future__ import annotations

from typing import Sequence, TypedDict

from .._apply.state import ContactState
from .._contacts.categories import Catalog
from .._contacts.contact import Contact
from .._contacts.contact_index import ContactIndex
from .._contacts.coverage import ALREADY_BROKEN, BROKEN, NOT_SENT, UNKNOWN, Judgement, Said, judge, sentences
from .._contacts.end_state import (
    CategoryImpact,
    NewCategory,
    Outcome,
    impact,
    new_categories,
    planned_outcome,
    world_of,
)
from .._contacts.set_plan import PlannedContact, SetPlan
from .._files.agreements import Agreements, resolved
from .._text import visible


class CulpritRow(TypedDict):
    """An entry because of which a contract is broken; ``source`` is null for a contact in no file."""

    email: str
    source: str | None


class CoverageRow(TypedDict):
    """One coverage contract for one category.

    ``before`` and ``after`` count the contacts that the rule is about: those that are not opted out, or with
    ``opted_out_at_most`` those that are. ``missing`` are addresses of ``include`` that do not count.
    """

    category: str
    rule: str
    verdict: str
    before: int
    after: int
    missing: list[str]
    because_of: list[CulpritRow]
    reason: str | None
    source: str


class Outlook(TypedDict):
    """The values of result and report that this file makes."""

    coverage: list[CoverageRow]
    impact: list[CategoryImpact]
    new_categories: list[NewCategory]


class Outlooks:
    """The outlook of a plan, and what of it is to be said or refused."""

    def __init__(self) -> None:
        self.values: Outlook = {"coverage": [], "impact": [], "new_categories": []}
        self._sentences: list[Said] = []

    def look(
        self,
        live: ContactIndex,
        plan: SetPlan,
        states: Sequence[ContactState] | None,
        catalog: Catalog,
        agreements: Agreements,
    ) -> None:
        """Judge the plan, or with ``states`` what was done.

        :raises InputError: a contract names a category that does not exist
        """
        outcome = planned_outcome(plan) if states is None else _done(states)
        if not (plan.pending or agreements.need_catalog):
            return
        world = world_of(live.contacts, plan, outcome, live.is_whole)
        known = agreements.catalog
        found = [
            judgement
            for contract, categories in resolved(agreements.contracts, catalog)
            for judgement in judge(contract, categories, world)
        ]
        self._sentences = sentences(found)
        self.values = {
            "coverage": [coverage_row(judgement) for judgement in found],
            "impact": impact(world, {**(known.published if known else {}), **catalog.published}),
            "new_categories": [] if known is None else new_categories(catalog, known, world),
        }

    @property
    def refusals(self) -> list[str]:
        """Why the plan must not be carried out."""
        found = [str(said) for said in self._sentences if said.verdict == BROKEN]
        return [*found, NOT_SENT] if found else []

    @property
    def is_broken(self) -> bool:
        """True if a contract does not hold."""
        return any(row["verdict"] in (BROKEN, ALREADY_BROKEN) for row in self.values["coverage"])

    def warnings(self, is_refused: bool) -> list[str]:
        """What somebody should know of, unless the refusal said it."""
        verdicts = (ALREADY_BROKEN, UNKNOWN) if is_refused else (BROKEN, ALREADY_BROKEN, UNKNOWN)
        found = [str(said) for said in self._sentences if said.verdict in verdicts]
        return found + [
            f"The category {visible(row['category'])} ({row['id']}) is new on the platform: "
            f"{row['not_opted_out']} contacts are not opted out of it. The catalogue in the files does not have it."
            for row in self.values["new_categories"]
        ]


def _done(states: Sequence[ContactState]) -> Outcome:
    """The contacts as they were last read."""
    known = {state.key: state.contact for state in states}

    def outcome(item: PlannedContact) -> Contact | None:
        return known.get(item.place, item.live)

    return outcome


def coverage_row(judgement: Judgement) -> CoverageRow:
    """A judgement as a value of result and report."""
    return {
        "category": judgement.name,
        "rule": judgement.contract.rule,
        "verdict": judgement.verdict,
        "before": judgement.before,
        "after": judgement.after,
        "missing": list(judgement.missing),
        "because_of": [{"email": culprit.label, "source": culprit.place} for culprit in judgement.culprits],
        "reason": judgement.contract.reason,
        "source": judgement.place,
    }
