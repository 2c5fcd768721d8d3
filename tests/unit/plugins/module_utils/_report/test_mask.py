# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A masked report shows no address and no name, whatever form they come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._report import report_files as _reports
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.mask import mask_report
from ansible_collections.softwareone.marketplace.plugins.module_utils._text import (
    initials,
    mask_email,
    mask_text,
)
from tests.unit.reports import field, rendered, report, row, stray, typical


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("jane@contoso.example", "j***@contoso.example"),
        (" Jane.Doe@Contoso.example ", "J***@Contoso.example"),
        ("j@contoso.example", "j***@contoso.example"),
        ("o'brien@contoso.example", "o***@contoso.example"),
        ('"jane doe"@contoso.example', "j***@contoso.example"),
        ("a@b@contoso.example", "a***@contoso.example"),
        ("jane%40contoso.example", "j***%40contoso.example"),
        ("王小明@contoso.example", "王***@contoso.example"),
        ("___@contoso.example", "***@contoso.example"),
        ("jane.doe", "j***"),
        ("CTT-1234-5678", "CTT-1234-5678"),
        ("", ""),
    ],
)
def test_an_address_keeps_its_first_letter_and_its_domain(email: str, shown: str) -> None:
    assert mask_email(email) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to jane@x.example.", "write to j***@x.example."),
        ("'jane@x.example' and <joe@y.example>,ann@z.example", "'j***@x.example' and <j***@y.example>,a***@z.example"),
        ("https://x.example/c?eq(email,jane%40x.example)", "https://x.example/c?eq(email,j***%40x.example)"),
        ("mailto:jane@x.example", "mailto:j***@x.example"),
        ("jane@[10.0.0.1]", "j***@[10.0.0.1]"),
        ("look at @octocat, 5 @ 3", "look at @octocat, 5 @ 3"),
        ("jane\uff20x.example", "j***\uff20x.example"),
        ("no address", "no address"),
    ],
)
def test_addresses_in_a_text_are_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Example", "A. E."),
        ("  ann   van der Example Junior", "a. v. d. E."),
        ("Ann (ann@x.example)", "A. (a***@x.example)"),
        ("王小明", "王."),
        ("سامي الحداد", "س. ا."),
        ("'Ann' ...", "A. ***"),
        ("", ""),
    ],
)
def test_a_name_is_reduced_to_initials(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_names_and_odd_addresses_are_masked_everywhere() -> None:
    odd = "jane (home) doe@x.example"
    masked = mask_report(
        report(
            row(
                odd, "failed", field("name", "Ann One", "Ann Other"), reason=f"{odd.upper()} is no address", status=400
            ),
            row("a@x.example", "updated", field("email", "ann@x.example", "amy@x.example"), id="CTT-1"),
            unmanaged=[stray("who@y.example", name="Who Knows")],
            message="2 contacts: who@y.example",
        )
    )
    first, second = masked["results"]
    assert (first["email"], first["reason"], first["status"]) == ("j***@x.example", "J***@X.EXAMPLE is no address", 400)
    assert first["fields"] == [field("name", "A. O.", "A. O. (changed)")]
    assert second["fields"] == [field("email", "a***2@x.example", "a***3@x.example")]
    assert second["id"] == "CTT-1"
    assert masked["unmanaged"][0]["name"] == "W. K."
    assert masked["message"] == "2 contacts: w***@y.example"


def test_the_last_writer_is_reduced_to_initials_and_nothing_else_is_touched() -> None:
    plain = typical()
    masked = mask_report(plain)
    assert masked["results"][4]["last_written"] == {"by": "D. R.", "at": "2026-11-02T08:00:00Z", "writer": "somebody"}
    for key in ("status", "mode", "counts", "plan_hash", "requests", "created_at", "duration_seconds"):
        assert masked[key] == plain[key]
    assert plain["results"][4]["last_written"]["by"] == "Dana Reyes"


# Stars are left out: an address that looks like a masked one cannot be told from it.
LOCAL = st.one_of(
    st.from_regex(r"[a-zA-Z0-9!#$%&'+/=?^_`{|}~.-]{2,12}", fullmatch=True),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="*"), min_size=2, max_size=12),
)
EMAILS = st.builds(lambda local, domain: f"{local}@{domain}.example".strip(), LOCAL, st.sampled_from(["x", "b-c", "é"]))


@settings(max_examples=150, deadline=None)
@example(emails=['A"@x.example'], around="{}")
@given(
    emails=st.lists(EMAILS, min_size=1, max_size=4), around=st.sampled_from(["{}", "({})", "see '{}': no", "a,{};b"])
)
@example(emails=[":A@x.example"], around="{}")
def test_no_address_of_the_input_is_in_a_masked_report(emails: list[str], around: str) -> None:
    text = " ".join(around.format(email) for email in emails)
    values: dict[str, Any] = dict.fromkeys(("reason", "note", "source"), text)
    rows = [
        row(email, "updated", field("name", email, text), field("opt_outs", [text], []), **values) for email in emails
    ]
    made = report(
        *rows,
        unmanaged=[stray(email, name=text) for email in emails],
        message=text,
        problems=[text],
        warnings=[text],
        api_url=f"https://api.example/{emails[0]}",
    )
    shown = json.dumps(mask_report(made), ensure_ascii=False)
    for email in emails:
        assert json.dumps(email, ensure_ascii=False)[1:-1] not in shown
    for kind in _reports.FORMATS:
        page = rendered(made, kind, masked=True)
        assert not [email for email in emails if email in page]


def test_people_who_look_alike_when_masked_stay_apart() -> None:
    reason = "Ask AMY@x.example, then ann@x.example. Or bob@x.example!"
    masked = mask_report(
        report(
            row("amy@x.example", "updated", id="CTT-1"),
            row("ann@x.example", "failed", id="CTT-2", reason=reason),
            unmanaged=[stray("amy@y.example"), stray("Ann@x.example")],
        )
    )
    assert [row["email"] for row in masked["results"]] == ["a***1@x.example", "a***2@x.example"]
    assert [row["email"] for row in masked["unmanaged"]] == ["a***@y.example", "A***2@x.example"]
    assert masked["results"][1]["reason"] == "Ask A***1@x.example, then a***2@x.example. Or b***@x.example!"


def test_the_account_is_named() -> None:
    account = {"host": "contoso", "token": "TKN-1-2", "id": "ACC-1-2", "name": "Contoso of ann@contoso.example"}
    masked = mask_report(report(account=account))
    assert masked["account"] == {**account, "name": "Contoso of a***@contoso.example"}
