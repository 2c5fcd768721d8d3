# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait: exact numbers, without a clock."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.retry import (
    MAX_DELAY,
    MAX_TRIES,
    backoff,
    retry_after_seconds,
)


@pytest.mark.parametrize(
    ("fraction", "delays"),
    [
        (1.0, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]),
        (0.5, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]),
        (0.0, [0.0] * 8),
    ],
)
def test_the_delay_doubles_up_to_a_cap(fraction: float, delays: list[float]) -> None:
    assert [backoff(tries, fraction) for tries in range(1, 9)] == delays


@given(tries=st.integers(1, 1000), fraction=st.floats(0, 1))
def test_no_delay_is_negative_or_above_the_cap(tries: int, fraction: float) -> None:
    assert 0 <= backoff(tries, fraction) <= MAX_DELAY


def test_all_delays_of_one_request_stay_below_four_seconds() -> None:
    assert sum(backoff(tries, 1.0) for tries in range(1, MAX_TRIES)) == 3.5


def test_the_jitter_is_uniform() -> None:
    draw = random.Random(1).random
    delays = [backoff(3, draw()) for dummy in range(10_000)]
    for tenth in range(10):
        share = sum(0.2 * tenth <= delay < 0.2 * (tenth + 1) for delay in delays)
        assert 800 <= share <= 1200


DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("2", None, 2.0),
        (" 2 ", None, 2.0),
        ("0", None, 0.0),
        ("7200", None, 7200.0),
        ("1" + "0" * 20, None, 1e9),
        ("9" * 5000, None, 9999999999.0),
        ("Fri, 20 Nov 2026 12:00:02 GMT", DATE, 2.0),
        ("Friday, 20-Nov-26 12:00:02 GMT", DATE, 2.0),
        ("Fri Nov 20 12:00:02 2026", DATE, 2.0),
        ("Fri, 20 Nov 2026 12:00:02 -0000", DATE, 2.0),
        ("Fri, 20 Nov 2026 14:00:02 +0200", DATE, 2.0),
        ("Fri, 20 Nov 2026 11:59:00 GMT", DATE, 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DATE, 251607124799.0),
    ],
)
def test_a_retry_after_is_read_in_each_of_its_forms(value: str, date: str | None, seconds: float) -> None:
    assert retry_after_seconds(value, date) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "  ",
        "soon",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "2, 2",
        "\u0662",
        "\u00b2",
        "Fri, 20 Nov 2026",
        "Fri, 99 Nov 2026 12:00:00",
    ],
    ids=ascii,
)
def test_an_unusable_retry_after_is_none(value: str | None) -> None:
    assert retry_after_seconds(value, DATE) is None


@pytest.mark.parametrize("skew", [timedelta(days=-1), timedelta(0), timedelta(days=1)], ids=str)
def test_a_date_is_measured_against_the_clock_of_the_server(skew: timedelta) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0) + skew
    value = format_datetime(now + timedelta(seconds=5), usegmt=True)
    assert retry_after_seconds(value, format_datetime(now, usegmt=True)) == 5.0


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_without_a_usable_date_of_the_server_ours_has_to_do(date: str | None) -> None:
    value = format_datetime(datetime.now(timezone.utc) + timedelta(minutes=5), usegmt=True)
    seconds = retry_after_seconds(value, date)
    assert seconds is not None
    assert 280 < seconds <= 300


DATES = st.one_of(
    st.text(max_size=30),
    st.text(st.sampled_from("0123456789 :+-,FriNovGMT"), max_size=32),
    st.builds(
        "{}, {} Nov {} {}:{}:{} {}".format,
        st.sampled_from(["Fri", "x"]),
        st.integers(-1, 40),
        st.integers(-1, 99999),
        st.integers(-1, 99),
        st.integers(0, 99),
        st.integers(0, 99),
        st.sampled_from(["GMT", "+9999", "-9959", "+2400", "EST", "-0000", ""]),
    ),
)


@given(value=DATES, date=DATES)
def test_any_header_gives_seconds_or_none(value: str, date: str) -> None:
    seconds = retry_after_seconds(value, date)
    assert seconds is None or seconds >= 0
