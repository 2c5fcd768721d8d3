# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run stops early."""

from __future__ import annotations

from ansible_collections.softwareone.marketplace.plugins.module_utils._apply.apply_set import (
    FIRST_REFUSALS,
    StopCondition,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._apply.state import ContactState, Write
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.desired import DesiredContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.plan import ContactPlan
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.set_plan import PlannedContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    ApiError,
    ConfigError,
    NotStoredError,
    SwoError,
)

PLAN = ContactPlan(DesiredContact(email="ann@x.example"), None, None)


def state(*writes: Write, failure: SwoError | None = None) -> ContactState:
    return ContactState(PlannedContact("ann@x.example", 0, PLAN), PLAN, None, writes, failure=failure)


OK = state(Write("update", ()))


def failed(status: int) -> ContactState:
    return state(failure=ApiError(f"Could not: HTTP {status}.", "Do this.", status))


def other(error: SwoError) -> ContactState:
    return state(failure=error)


def test_failures_of_single_contacts_do_not_stop_a_run() -> None:
    guard = StopCondition()
    for state_of_one in (failed(400), failed(500), failed(403), other(NotStoredError("No.")), OK) * 9:
        guard.note(state_of_one)
    assert guard.reason is None
    assert not guard.is_stopped()


def test_a_refused_token_stops_at_once() -> None:
    guard = StopCondition()
    guard.note(OK)
    guard.note(failed(401))
    assert guard.reason == "the run was stopped: Could not: HTTP 401."
    assert guard.cannot_read


def test_a_connection_that_cannot_work_stops_at_once() -> None:
    guard = StopCondition()
    guard.note(other(ConfigError("A redirect.")))
    assert guard.is_stopped()
    assert guard.cannot_read


def test_the_first_five_refusals_stop_with_the_hint() -> None:
    guard = StopCondition()
    for _write in range(FIRST_REFUSALS):
        assert not guard.is_stopped()
        guard.note(failed(403))
    assert guard.reason == "the run was stopped: the first 5 writes were all refused. Do this."
    assert not guard.cannot_read


def test_one_write_that_was_not_refused_makes_refusals_single_failures() -> None:
    for first in (OK, failed(400)):
        guard = StopCondition()
        guard.note(first)
        for _write in range(20):
            guard.note(failed(403))
        assert not guard.is_stopped()


def test_stop_on_error_stops_at_the_first_failure() -> None:
    guard = StopCondition(stop_on_error=True)
    guard.note(OK)
    assert not guard.is_stopped()
    guard.note(failed(400))
    assert guard.reason is not None
    assert "on_error=stop" in guard.reason


def test_the_first_reason_counts() -> None:
    guard = StopCondition()
    guard.stop("interrupted")
    guard.note(failed(401))
    assert guard.reason == "interrupted"
