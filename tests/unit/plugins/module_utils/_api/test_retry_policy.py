# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried again, after how long, and how often at most."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.retry import (
    COST_OF_FAILURE,
    COST_OF_THROTTLE,
    QUOTA,
    RetryPolicy,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import (
    AnswerLostError,
    ApiError,
    ConfigError,
    InputError,
    InvalidAnswerError,
    NotSentError,
    ReadOnlyError,
    SwoError,
)

METHODS = ("GET", "POST", "PUT", "DELETE")


class Clock:
    """Seconds that pass only while somebody sleeps; ``naps`` are what was slept."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.naps.append(seconds)
            self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace_on(clock: Clock, fraction: float = 1.0) -> RetryPolicy:
    return RetryPolicy(clock.monotonic, clock.sleep, lambda: fraction)


def api_error(status: int, retry_after: str | None = None, date: str | None = None) -> ApiError:
    return ApiError("Could not.", "", status, retry_after=(retry_after, date))


ALWAYS, READS, NEVER = "always", "reads only", "never"
REPEATED: dict[str, tuple[SwoError, str]] = {
    "not connected": (NotSentError("x"), ALWAYS),
    "a host name that does not exist": (NotSentError("x", retryable=False), NEVER),
    "certificate, proxy or redirect": (ConfigError("x"), NEVER),
    "answer lost": (AnswerLostError("x"), READS),
    "success with a wrong body": (InvalidAnswerError("x"), READS),
    "429": (api_error(429), ALWAYS),
    "500": (api_error(500), READS),
    "502": (api_error(502), READS),
    "503": (api_error(503), READS),
    "504": (api_error(504), READS),
    "408": (api_error(408), READS),
    "400": (api_error(400), NEVER),
    "401": (api_error(401), NEVER),
    "403": (api_error(403), NEVER),
    "404": (api_error(404), NEVER),
    "409": (api_error(409), NEVER),
    "415": (api_error(415), NEVER),
    "a write in check mode": (ReadOnlyError("x"), NEVER),
    "wrong input": (InputError("x"), NEVER),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", REPEATED)
def test_what_is_sent_again(clock: Clock, case: str, method: str) -> None:
    error, rule = REPEATED[case]
    expected = rule == ALWAYS or (rule == READS and method == "GET")
    retry_policy = pace_on(clock)
    assert retry_policy.may_retry(error, method, 1) is expected
    retry_policy.wait_while_throttled()
    assert clock.naps == ([0.5] if expected else [])


@pytest.mark.parametrize(
    ("error", "naps"),
    [
        (NotSentError("x"), [0.5, 1.0, 2.0]),
        (AnswerLostError("x"), [0.5, 1.0, 2.0]),
        (api_error(503), [0.5, 1.0, 2.0]),
        (api_error(429), [0.5, 1.0, 2.0]),
        (api_error(429, "0"), [0.5, 1.0, 2.0]),
        (api_error(429, "soon"), [0.5, 1.0, 2.0]),
        (api_error(429, "2"), [2.0, 2.0, 2.0]),
        (api_error(503, "1"), [1.0, 1.0, 2.0]),
        (api_error(429, "60"), [60.0, 60.0, 60.0]),
        (api_error(429, "Fri, 20 Nov 2026 12:00:07 GMT", "Fri, 20 Nov 2026 12:00:00 GMT"), [7.0, 7.0, 7.0]),
        (api_error(429, "61"), []),
        (api_error(429, "1" + "0" * 20), []),
        (api_error(429, "Fri, 31 Dec 9999 23:59:59 GMT"), []),
        (InvalidAnswerError("x"), [0.5]),
    ],
    ids=lambda value: repr(value) if isinstance(value, list) else None,
)
def test_how_long_and_how_often_a_read_is_tried(clock: Clock, error: SwoError, naps: list[float]) -> None:
    retry_policy = pace_on(clock)
    tries = 1
    while retry_policy.may_retry(error, "GET", tries):
        retry_policy.wait_while_throttled()
        tries += 1
    assert clock.naps == naps
    assert tries == len(naps) + 1


def test_the_jitter_comes_from_the_given_fraction(clock: Clock) -> None:
    retry_policy = pace_on(clock, 0.25)
    assert [retry_policy.may_retry(AnswerLostError("x"), "GET", tries) for tries in (1, 2, 3, 4)] == [True] * 3 + [
        False
    ]
    assert clock.naps == [0.125, 0.25, 0.5]


def test_a_429_closes_the_gate_for_everybody_and_the_longest_wait_counts(clock: Clock) -> None:
    retry_policy = pace_on(clock)
    assert retry_policy.may_retry(api_error(429, "30"), "POST", 1)
    assert retry_policy.may_retry(api_error(429, "5"), "GET", 1)
    assert clock.naps == []
    clock.now += 10
    retry_policy.wait_while_throttled()
    assert clock.naps == [20.0]
    retry_policy.wait_while_throttled()
    assert clock.naps == [20.0]


def test_another_fault_leaves_the_gate_open(clock: Clock) -> None:
    retry_policy = pace_on(clock)
    assert retry_policy.may_retry(api_error(503, "30"), "GET", 1)
    retry_policy.wait_while_throttled()
    assert clock.naps == [30.0]


def retries(retry_policy: RetryPolicy, error: SwoError) -> int:
    """How many requests that fail at the first try are repeated until the quota is used up."""
    count = 0
    while count <= QUOTA and retry_policy.may_retry(error, "GET", 1):
        count += 1
    return count


@pytest.mark.parametrize(
    ("error", "cost"), [(AnswerLostError("x"), COST_OF_FAILURE), (api_error(429), COST_OF_THROTTLE)]
)
def test_one_quota_bounds_the_retries_of_a_run(clock: Clock, error: SwoError, cost: int) -> None:
    retry_policy = pace_on(clock)
    assert retries(retry_policy, error) == QUOTA // cost
    assert retries(retry_policy, error) == 0


def test_a_refused_retry_costs_nothing(clock: Clock) -> None:
    retry_policy = pace_on(clock)
    for _dummy in range(QUOTA):
        assert not retry_policy.may_retry(api_error(400), "GET", 1)
        assert not retry_policy.may_retry(AnswerLostError("x"), "POST", 1)
        assert not retry_policy.may_retry(AnswerLostError("x"), "GET", 4)
        assert not retry_policy.may_retry(api_error(429, "3600"), "GET", 1)
    assert retries(retry_policy, AnswerLostError("x")) == QUOTA // COST_OF_FAILURE


def test_a_success_gives_back_a_part_and_never_more_than_there_was(clock: Clock) -> None:
    retry_policy = pace_on(clock)
    assert retries(retry_policy, api_error(429)) == QUOTA // COST_OF_THROTTLE
    retry_policy.refund(1)
    assert retries(retry_policy, api_error(429)) == 0
    retry_policy.refund(4)
    assert retries(retry_policy, api_error(429)) == 3
    for _dummy in range(QUOTA):
        retry_policy.refund(4)
    assert retries(retry_policy, api_error(429)) == QUOTA // COST_OF_THROTTLE


def test_ten_threads_never_spend_more_than_the_quota(clock: Clock) -> None:
    retry_policy = pace_on(clock)
    start = threading.Barrier(10)

    def spend() -> int:
        start.wait()
        return retries(retry_policy, AnswerLostError("x"))

    with ThreadPoolExecutor(10) as pool:
        spent = sum(future.result() for future in [pool.submit(spend) for dummy in range(10)])
    assert spent == QUOTA // COST_OF_FAILURE


def test_real_time_is_the_default() -> None:
    retry_policy = RetryPolicy()
    before = retry_policy.monotonic()
    retry_policy.wait_while_throttled()
    assert before <= retry_policy.monotonic() < before + 1
