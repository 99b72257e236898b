"""What a session must be like, and what time makes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.booking.allocation.rules import Period, State, shares_end, state_at, unreleased_shares
from services.booking.registrations.rules import is_late
from services.booking.sessions.rules import Fault, Plan, PlannedOccasion, faults

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def occasion(start: datetime = NINE, hours: float = 2, break_minutes: int = 15) -> PlannedOccasion:
    return PlannedOccasion(Period(start, start + hours * HOUR), break_minutes)


def plan(
    *occasions: PlannedOccasion,
    capacity: int = 10,
    min_participants: int | None = None,
    shares: dict[str, int] | None = None,
    deadline: datetime | None = None,
) -> Plan:
    return Plan(occasions or (occasion(),), capacity, min_participants, shares or {}, deadline)


def test_an_ordinary_plan_can_be_scheduled() -> None:
    assert faults(plan(occasion(), occasion(NINE + 24 * HOUR), shares={"1880": 10}, deadline=NINE)) == []


def test_a_session_has_at_least_one_occasion() -> None:
    assert faults(Plan((), 10, None, {}, NINE)) == [Fault("/occasions", "no-occasion")]


def test_an_occasion_ends_after_its_start() -> None:
    assert faults(plan(occasion(hours=0))) == [Fault("/occasions/0/ends_at", "ends-before-start")]


def test_a_break_is_shorter_than_its_occasion() -> None:
    assert faults(plan(occasion(hours=1, break_minutes=60))) == [Fault("/occasions/0/break_minutes", "break-too-long")]


def test_occasions_of_a_session_do_not_overlap_but_may_touch() -> None:
    assert faults(plan(occasion(), occasion(NINE + HOUR))) == [Fault("/occasions/1", "occasions-overlap")]
    assert faults(plan(occasion(), occasion(NINE + 2 * HOUR))) == []


def test_shares_and_minimum_stay_within_the_capacity() -> None:
    found = faults(plan(capacity=5, min_participants=6, shares={"1880": 4, "1884": 2}))
    assert found == [Fault("/min_participants", "more-than-capacity"), Fault("/seat_shares", "more-than-capacity")]


def test_the_cancellation_deadline_is_not_after_the_start() -> None:
    assert faults(plan(deadline=NINE + HOUR)) == [Fault("/cancellation_deadline", "after-start")]


@pytest.mark.parametrize(
    ("stored", "at", "seen"),
    [
        ("scheduled", NINE, State.SCHEDULED),
        ("scheduled", NINE + 2 * HOUR, State.COMPLETED),
        ("cancelled", NINE + 2 * HOUR, State.CANCELLED),
    ],
)
def test_completed_is_derived_from_the_last_occasion(stored: str, at: datetime, seen: State) -> None:
    assert state_at(stored, NINE + 2 * HOUR, at) is seen


def test_shares_hold_until_their_release_and_at_the_latest_until_the_start() -> None:
    shares = {"1880": 3}
    assert unreleased_shares(shares, NINE, NINE - HOUR) == shares
    assert unreleased_shares(shares, NINE, NINE) == {}
    assert shares_end(None, NINE) == shares_end(NINE + HOUR, NINE) == NINE
    assert shares_end(NINE - HOUR, NINE) == NINE - HOUR


def test_a_cancellation_is_late_after_the_deadline_and_not_at_it() -> None:
    assert not is_late(NINE, NINE)
    assert is_late(NINE + timedelta(seconds=1), NINE)
