"""Lag without progress is a stall; nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import FixedClock
from shared.messaging.watchdog import Watchdog


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2025, 6, 1, tzinfo=UTC))


@pytest.fixture
def watchdog(clock: FixedClock) -> Watchdog:
    return Watchdog(clock, seconds=60)


def test_before_the_first_look_nothing_is_wrong(watchdog: Watchdog, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=1))
    assert not watchdog.stalled


def test_lag_that_stays_while_nothing_is_applied(watchdog: Watchdog, clock: FixedClock) -> None:
    for _ in range(7):
        watchdog.seen(lag=5, applied=100)
        clock.advance(timedelta(seconds=10))
    assert watchdog.stalled


def test_it_ends_with_the_first_progress(watchdog: Watchdog, clock: FixedClock) -> None:
    watchdog.seen(lag=5, applied=100)
    clock.advance(timedelta(seconds=61))
    watchdog.seen(lag=4, applied=101)
    assert not watchdog.stalled


def test_growing_lag_with_progress_is_load(watchdog: Watchdog, clock: FixedClock) -> None:
    for step in range(20):
        watchdog.seen(lag=100 + 50 * step, applied=10 * step)
        clock.advance(timedelta(seconds=10))
    assert not watchdog.stalled


def test_nothing_to_do_is_no_stall(watchdog: Watchdog, clock: FixedClock) -> None:
    for _ in range(20):
        watchdog.seen(lag=0, applied=100)
        clock.advance(timedelta(seconds=10))
    assert not watchdog.stalled


def test_what_cannot_be_seen_is_no_stall(watchdog: Watchdog, clock: FixedClock) -> None:
    """Broker or database away: starting again would not bring them back."""
    watchdog.seen(lag=5, applied=100)
    clock.advance(timedelta(hours=1))
    assert not watchdog.stalled
