"""When a schedule's next report is made."""

from datetime import date

import pytest

from services.reporting.schedules.rules import Due, Every, is_of, next_due

UNTIL = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("every", "days_after", "since", "expected"),
    [
        ("month", 5, date(2025, 3, 10), Due("2025-03", date(2025, 4, 5))),
        ("month", 15, date(2025, 3, 10), Due("2025-02", date(2025, 3, 15))),
        ("month", 10, date(2025, 3, 10), Due("2025-02", date(2025, 3, 10))),
        ("month", 0, date(2025, 3, 10), Due("2025-03", date(2025, 4, 1))),
        ("quarter", 20, date(2025, 12, 31), Due("2025Q4", date(2026, 1, 20))),
        ("year", 31, date(2026, 2, 1), Due("2026", date(2027, 1, 31))),
        ("year", 366, date(2026, 2, 1), Due("2025", date(2027, 1, 1))),
    ],
)
def test_the_first_period_is_the_first_that_falls_due(
    every: Every, days_after: int, since: date, expected: Due
) -> None:
    assert next_due(every, days_after, since, UNTIL, ()) == expected


def test_what_was_delivered_is_followed_by_the_next_and_what_was_missed_is_made_up_for() -> None:
    since, told = date(2025, 3, 10), {"2025-03", "2025-05"}
    assert next_due("month", 5, since, UNTIL, told) == Due("2025-04", date(2025, 5, 5))
    assert next_due("month", 5, since, UNTIL, {*told, "2025-04"}) == Due("2025-06", date(2025, 7, 5))


def test_no_period_begins_after_the_project() -> None:
    delivered = {"2027Q2"}
    assert next_due("quarter", 5, date(2027, 5, 1), UNTIL, ()) == Due("2027Q2", date(2027, 7, 5))
    assert next_due("quarter", 5, date(2027, 5, 1), UNTIL, delivered) is None
    assert next_due("month", 5, date(2025, 1, 1), date.min, ()) is None


@pytest.mark.parametrize(
    ("period", "every"), [("2025-03", "month"), ("2025Q1", "quarter"), ("2025", "year"), ("project", None)]
)
def test_a_period_is_of_one_kind_of_schedule(period: str, every: str | None) -> None:
    kinds: tuple[Every, ...] = ("month", "quarter", "year")
    assert [kind for kind in kinds if is_of(kind, period)] == ([every] if every else [])
