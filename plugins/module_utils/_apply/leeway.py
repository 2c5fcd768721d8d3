# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""What a run may still write where the account moved after its plan was checked."""

from __future__ import annotations

import threading

from .._contacts.plan import CREATE, ContactPlan
from .._errors import NotStoredError
from .state import ContactState


class Leeway:
    """Holds a run to what was reviewed and limited; all workers ask it.

    :param is_reviewed: somebody has agreed to this very plan, so nothing else is written
    :param changes_left: how many changes the limit allows beyond those of the plan; None for any number
    """

    def __init__(self, is_reviewed: bool = False, changes_left: int | None = None) -> None:
        self._is_reviewed = is_reviewed
        self._changes_left = changes_left
        self._granted: set[tuple[str, str, int]] = set()
        self._lock = threading.Lock()

    def check(self, state: ContactState, plan: ContactPlan) -> None:
        """Ask before ``plan`` is carried out in place of what was planned first.

        :raises NotStoredError: it must not be
        """
        first = state.item.plan
        if first is None or plan.is_noop or plan.substance == first.substance:
            return
        if self._is_reviewed:
            raise NotStoredError(
                f"Contact {state.label} changed after its plan was reviewed, so it was left alone.",
                "Review the plan again.",
            )
        if CREATE in first.actions and CREATE not in plan.actions:
            self._take(state)

    def _take(self, state: ContactState) -> None:
        with self._lock:
            if self._changes_left is None or state.key in self._granted:
                return
            if len(self._granted) >= self._changes_left:
                raise NotStoredError(
                    f"Contact {state.label} was there when it was to be created, and changing it would be more than "
                    "max_changes allows, so it was left alone.",
                    "Run again: the next plan counts it.",
                )
            self._granted.add(state.key)
