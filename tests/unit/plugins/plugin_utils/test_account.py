# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables are taken for misspelled ones of the collection."""

from __future__ import annotations

import pytest

from ansible_collections.softwareone.marketplace.plugins.plugin_utils._account import (
    known_variables,
    meant,
    unknown_variables,
)

KNOWN = known_variables()


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("swo_contacts_max_change", "swo_contacts_max_changes"),
        ("swo_contacts_removel", "swo_contacts_max_removals"),
        ("swo_contact_src", "swo_contacts_src"),
        ("swo_max_changes", "swo_contacts_max_changes"),
        ("swo_contacts_expectplan", "swo_contacts_expect_plan"),
        ("swo_token", "swo_api_token"),
        ("swo_contacts_team", None),
        ("swo_contacts_src_of_europe", None),
        ("swo_api_token_contoso", None),
        ("swo_region", None),
        ("max_changes", None),
    ],
)
def test_meant(name: str, right: str | None) -> None:
    assert meant(name, KNOWN) == right


def test_what_is_known_comes_from_all_roles() -> None:
    assert {"swo_contacts_dest", "swo_contacts_fail_on_drift", "swo_contacts_max_changes", "swo_api_token"} <= KNOWN
    assert unknown_variables(KNOWN, KNOWN) == (None, [])


def test_others_are_listed_as_far_as_their_name_says_that_they_are_for_us() -> None:
    names = ["swo_contacts_team", "swo_region", "contacts_team", "swo_contacts_src"]
    assert unknown_variables(names, KNOWN) == (None, ["swo_contacts_team"])
    refusal, listed = unknown_variables([*names, "swo_contacts_srcs"], KNOWN)
    assert refusal == (
        "There is no variable swo_contacts_srcs; did you mean swo_contacts_src? Nothing was read or written."
    )
    assert listed == []
