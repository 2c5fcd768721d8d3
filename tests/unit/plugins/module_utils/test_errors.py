# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An error is put into words once, from what its parts say."""

from __future__ import annotations

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import SwoError


@pytest.mark.parametrize(
    ("attempt", "place", "message"),
    [
        ("", "", "No connection."),
        ("list contacts", "", "Could not list contacts: No connection."),
        ("list contacts", "page 2 of 5", "Could not list contacts: No connection. (page 2 of 5)"),
        ("", "page 2 of 5", "No connection. (page 2 of 5)"),
    ],
)
def test_the_message_says_what_was_attempted_what_went_wrong_and_where(attempt: str, place: str, message: str) -> None:
    error = SwoError("No connection.", "Check the network.", attempt=attempt)
    error.place = place
    assert error.message == message
    assert str(error) == f"{message} Check the network."


def test_a_reason_that_reads_like_an_attempt_is_left_as_it_is() -> None:
    assert SwoError("Could not be.", attempt="read x").message == "Could not read x: Could not be."
