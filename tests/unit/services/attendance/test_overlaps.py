"""A person's minutes never overlap in two sessions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.attendance.cells.stays import Stay, overlap

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
NOON = NINE + timedelta(hours=3)
MORNING = Stay(NINE, NOON, NINE, NOON, 180, decided=False)
LATE_MORNING = Stay(NINE + timedelta(hours=2), NOON + timedelta(hours=2), NINE + timedelta(hours=2), NOON, 60, False)


def test_two_stays_at_the_same_time_overlap() -> None:
    assert overlap(MORNING, LATE_MORNING)
    assert overlap(LATE_MORNING, MORNING)


def test_who_left_before_the_other_began_does_not_overlap() -> None:
    assert not overlap(replace(MORNING, end=NINE + timedelta(hours=2), minutes=120), LATE_MORNING)


def test_nobody_overlaps_with_an_absence() -> None:
    assert not overlap(replace(MORNING, minutes=0), LATE_MORNING)


def test_decided_minutes_must_fit_into_the_time_that_both_occasions_cover() -> None:
    assert not overlap(replace(MORNING, minutes=150, decided=True), LATE_MORNING)
    assert overlap(replace(MORNING, minutes=180, decided=True), replace(LATE_MORNING, minutes=180))


def test_decided_minutes_of_three_sessions_must_fit_together_though_any_two_of_them_do() -> None:
    ninety = replace(MORNING, minutes=90, decided=True)
    assert not overlap(ninety, ninety)
    assert overlap(ninety, ninety, ninety)
    elsewhere = replace(ninety, occasion_starts=NOON, occasion_ends=NOON + timedelta(hours=3))
    assert not overlap(elsewhere, ninety, ninety, ninety), "what does not fit in the morning is no matter of the noon"
