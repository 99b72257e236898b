"""The planner, on a few days with numbers made by hand."""

from datetime import date, timedelta

import pytest

from services.booking.planning.rules import (
    Calendar,
    Planned,
    Reason,
    Unplaced,
    Wish,
    attainment,
    median,
    plan,
)
from services.booking.planning.working_days import term_days, working_days

MONDAY = date(2026, 9, 7)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]
OREBRO, NORA, LAXA = "1880", "1884", "1860"


def planned(*wishes: Wish, size: int = 12, closed: dict[str, set[date]] | None = None) -> list[Planned]:
    return plan(wishes, {"A": size, "B": size}, Calendar(WEEK, closed or {}))[0]


def test_who_fills_sessions_hosts_them_and_the_rest_goes_together() -> None:
    sessions = planned(Wish("A", OREBRO, 29), Wish("A", NORA, 6), Wish("A", LAXA, 1))
    assert [(each.host_municipality, dict(each.seats)) for each in sessions] == [
        (OREBRO, {OREBRO: 12}),
        (OREBRO, {OREBRO: 12}),
        (NORA, {NORA: 6, OREBRO: 5, LAXA: 1}),
    ]


def test_sessions_of_a_course_are_spread_over_the_days() -> None:
    assert [each.date for each in planned(Wish("A", OREBRO, 24))] == [WEEK[1], WEEK[4]]
    assert [each.date for each in planned(Wish("A", OREBRO, 60))] == WEEK


def test_a_municipality_hosts_one_session_a_day_while_there_are_days() -> None:
    sessions = planned(Wish("A", OREBRO, 24), Wish("B", OREBRO, 24))
    assert len({each.date for each in sessions}) == 4


def test_no_session_is_on_a_day_when_one_of_its_people_cannot_come() -> None:
    closed = {OREBRO: set(WEEK[:2]), NORA: set(WEEK[3:])}
    [session] = planned(Wish("A", OREBRO, 6), Wish("A", NORA, 6), closed=closed)
    assert session.date == WEEK[2]


def test_those_without_a_common_day_go_apart() -> None:
    closed = {OREBRO: set(WEEK[:3]), NORA: set(WEEK[3:])}
    sessions = planned(Wish("A", OREBRO, 6), Wish("A", NORA, 6), closed=closed)
    assert [dict(each.seats) for each in sessions] == [{NORA: 6}, {OREBRO: 6}]


def test_what_cannot_be_placed_says_why() -> None:
    calendar = Calendar(WEEK, {NORA: set(WEEK)})
    assert plan([Wish("A", NORA, 3)], {"A": 12}, calendar) == ([], [Unplaced("A", NORA, 3, Reason.BLACKOUT)])
    over = Calendar([], {})
    assert plan([Wish("A", NORA, 3)], {"A": 12}, over) == ([], [Unplaced("A", NORA, 3, Reason.NO_WORKING_DAY)])


def test_a_wish_for_nothing_is_none() -> None:
    assert plan([Wish("A", NORA, 0)], {"A": 12}, Calendar(WEEK, {})) == ([], [])


@pytest.mark.parametrize(
    ("minutes", "commitment", "expected"),
    [(1, 3, 0.3333), (2, 3, 0.6667), (1, 8, 0.125), (1, 20_000, 0.0001), (3, 2, 1.5), (5, 0, None)],
)
def test_attainment_has_four_decimals_rounded_half_up(minutes: int, commitment: int, expected: float | None) -> None:
    assert attainment(minutes, commitment) == expected


@pytest.mark.parametrize(
    ("capacities", "expected"), [([], 12), ([20], 20), ([8, 30, 10], 10), ([10, 15], 13), ([10, 12, 14, 90], 13)]
)
def test_a_session_has_the_median_of_what_the_courses_sessions_have(capacities: list[int], expected: int) -> None:
    assert median(capacities, 12) == expected


def test_a_term_is_half_a_year() -> None:
    assert term_days("2026H1") == (date(2026, 1, 1), date(2026, 6, 30))
    assert term_days("2026H2") == (date(2026, 7, 1), date(2026, 12, 31))


def test_weekends_red_days_and_the_eves_are_no_working_days() -> None:
    assert working_days(date(2026, 6, 17), date(2026, 6, 22)) == [date(2026, 6, day) for day in (17, 18, 22)]
    assert working_days(date(2026, 12, 23), date(2027, 1, 7)) == [
        *(date(2026, 12, day) for day in (23, 28, 29, 30)),
        *(date(2027, 1, day) for day in (4, 5, 7)),
    ]
    assert working_days(date(2026, 9, 8), date(2026, 9, 7)) == []
