# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit of a contact proves, and what it does not; days and moments of the server."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.applied import AppliedContact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.audit import last_written, own_block
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.contact import Contact
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.dates import (
    is_expired,
    moment,
    moment_of_header,
)

EARLY, LATE = "2026-11-01T10:00:00.000Z", "2026-11-02T10:00:00Z"
WHOLE, FRACTION, TICKS = "2026-11-03T10:00:00Z", "2026-11-03T10:00:00.5Z", "2026-11-03T10:00:00.5000001Z"
SAME = "2026-11-03T10:00:00.500+00:00"
OURS = "TKN-1"


def event(at: str, by: str | None) -> dict[str, Any]:
    return {"at": at, "by": {"id": by, "name": f"name of {by}"}} if by else {"at": at}


def contact(status: str = "Active", reason: str | None = None, **audit: Any) -> Contact:
    return Contact("CTT-1", "a@x.example", None, status, reason, user_id="USR-1", audit=audit)


@pytest.mark.parametrize(
    ("by", "writer"),
    [
        (OURS, "our_token"),
        ("TKN-2", "another_token"),
        ("USR-1", "person"),
        ("USR-2", "somebody"),
        (None, "somebody"),
    ],
)
def test_what_kind_of_writer_it_was(by: str | None, writer: str) -> None:
    found = last_written(contact(created=event(EARLY, "USR-9"), updated=event(LATE, by)), OURS)
    assert found == {"by": f"name of {by}" if by else None, "at": LATE, "writer": writer}


@pytest.mark.parametrize("late", [FRACTION, TICKS])
def test_the_last_writer_is_the_last_by_the_clock(late: str) -> None:
    found = last_written(contact(created=event(WHOLE, "USR-9"), updated=event(late, OURS)), OURS)
    assert found == {"by": f"name of {OURS}", "at": late, "writer": "our_token"}


def test_an_event_at_no_moment_is_not_the_last() -> None:
    found = last_written(contact(created=event("yesterday", "USR-9"), updated=event(EARLY, OURS)), OURS)
    assert found is not None
    assert found["at"] == EARLY


def test_a_block_with_a_reason_is_the_platforms() -> None:
    found = last_written(contact("Blocked", "bounces", blocked=event(LATE, "USR-9")), OURS)
    assert found is not None
    assert found["writer"] == "platform"


@pytest.mark.parametrize("audit", [{}, {"created": 1}, {"created": {"at": None}}])
def test_an_audit_without_events_names_nobody(audit: dict[str, Any]) -> None:
    assert last_written(contact(**audit), OURS) == {"by": None, "at": None, "writer": "somebody"}


def test_no_audit_is_no_writer() -> None:
    assert last_written(Contact("CTT-1", "a@x.example"), OURS) is None


RECORDED = AppliedContact("a@x.example", blocked_at=LATE)


@pytest.mark.parametrize(
    ("live", "applied", "expected"),
    [
        (contact("Blocked", blocked=event(EARLY, OURS)), None, EARLY),
        (contact("Blocked", blocked=event(EARLY, OURS)), RECORDED, EARLY),
        (contact("Blocked"), RECORDED, LATE),
        (contact("Blocked"), None, None),
        (contact("Blocked", blocked=event(EARLY, "TKN-2")), RECORDED, None),
        (contact("Blocked", blocked=event(EARLY, None)), RECORDED, None),
        (contact("Blocked", blocked=event(EARLY, OURS), activated=event(LATE, "USR-2")), RECORDED, None),
        # As texts, "Z" is more than "." and than a digit.
        (contact("Blocked", blocked=event(WHOLE, OURS), activated=event(FRACTION, "USR-2")), RECORDED, None),
        (contact("Blocked", blocked=event(FRACTION, OURS), activated=event(WHOLE, "USR-2")), RECORDED, FRACTION),
        (contact("Blocked", blocked=event(FRACTION, OURS), activated=event(TICKS, "USR-2")), RECORDED, None),
        (contact("Blocked", blocked=event(TICKS, OURS), activated=event(FRACTION, "USR-2")), RECORDED, TICKS),
        (contact("Blocked", blocked=event(FRACTION, OURS), activated=event(SAME, "USR-2")), RECORDED, None),
        (contact("Blocked", blocked=event(EARLY, OURS), activated=event("A moment ago", "USR-2")), RECORDED, None),
        (contact("Blocked", "bounces", blocked=event(EARLY, OURS)), RECORDED, None),
        (contact("Active", blocked=event(EARLY, OURS)), RECORDED, None),
        (contact("Blocked", blocked=event("yesterday", OURS)), RECORDED, None),
    ],
)
def test_when_we_blocked_a_contact(live: Contact, applied: AppliedContact | None, expected: str | None) -> None:
    assert own_block(live, applied, OURS) == (moment(expected) if expected else None)


def test_a_token_without_an_id_has_blocked_nobody() -> None:
    assert own_block(contact("Blocked", blocked=event(EARLY, None)), None, None) is None


@pytest.mark.parametrize("text", ["", "2026-02-30T00:00:00Z", "2026-11-01", "2026-11-01T10:00:00+02:00"])
def test_what_is_no_moment(text: str) -> None:
    assert moment(text) is None
    assert moment_of_header(text if "-" not in text else "never") is None


def test_moments_are_read_in_both_forms() -> None:
    expected = datetime(2026, 11, 1, 10, tzinfo=timezone.utc)
    assert moment(EARLY) == expected
    assert moment_of_header("Sun, 01 Nov 2026 10:00:00 GMT") == expected


@pytest.mark.parametrize(
    ("now", "expired"),
    [("2026-12-31T23:59:59Z", False), ("2027-01-01T00:00:00Z", True), (None, False)],
)
def test_an_entry_counts_to_the_end_of_its_day(now: str | None, expired: bool) -> None:
    assert is_expired("2026-12-31", moment(now) if now else None) is expired
    assert is_expired(None, moment(LATE)) is False
