"""Weeks and employers of a placement."""

from datetime import date

import pytest

from services.attendance.placements.rules import employers_on, monday_of, week_of, weeks_between

EMPLOYED = {"municipality": "1880", "kind": "employed", "valid_from": "2025-01-01"}
PLACED = {"municipality": "1884", "kind": "placement", "valid_from": "2025-02-01", "valid_to": "2025-03-31"}


def test_a_week_begins_on_its_monday_also_over_new_year() -> None:
    assert monday_of("2026-W01") == date(2025, 12, 29)
    assert week_of(date(2025, 12, 29)) == "2026-W01"
    assert monday_of("2026-W53") == date(2026, 12, 28)


@pytest.mark.parametrize("week", ["2025-W53", "2025-W00", "2025-W60"])
def test_a_year_has_52_or_53_weeks(week: str) -> None:
    assert monday_of(week) is None


def test_every_week_of_a_placement_is_there_the_last_first() -> None:
    assert weeks_between(date(2025, 3, 5), date(2025, 3, 17)) == ["2025-W12", "2025-W11", "2025-W10"]
    assert weeks_between(date(2025, 3, 9), date(2025, 3, 10)) == ["2025-W11", "2025-W10"]


@pytest.mark.parametrize(
    ("day", "employers"),
    [
        (date(2024, 12, 31), []),
        (date(2025, 1, 31), ["1880"]),
        (date(2025, 2, 1), ["1884", "1880"]),
        (date(2025, 3, 31), ["1884", "1880"]),
        (date(2025, 4, 1), ["1880"]),
    ],
)
def test_who_employs_somebody_on_a_day_where_they_are_placed_first(day: date, employers: list[str]) -> None:
    assert employers_on([EMPLOYED, PLACED], day) == employers
