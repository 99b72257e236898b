"""For which months a year's money is told."""

from datetime import date

from services.reporting.economy.rules import Coverage, coverage, covered_by

YEAR = date(2025, 1, 1), date(2025, 12, 31)


def day(month: int, number: int, year: int = 2025) -> date:
    return date(year, month, number)


def test_a_row_that_says_nothing_covers_the_year_until_the_end_of_its_month() -> None:
    assert covered_by(day(11, 28), None, None, YEAR) == (day(1, 1), day(11, 30))


def test_a_row_covers_what_it_says() -> None:
    assert covered_by(day(11, 30), day(10, 1), day(10, 31), YEAR) == (day(10, 1), day(10, 31))


def test_months_that_no_row_covers_wholly_are_missing() -> None:
    spans = [(day(1, 1), day(3, 31)), (day(5, 10), day(6, 30)), (day(6, 1), day(10, 31))]
    missing = ["2025-04", "2025-05", "2025-11", "2025-12"]
    assert coverage(spans, YEAR) == Coverage(day(1, 1), day(10, 31), missing)


def test_a_month_may_be_covered_by_several_rows() -> None:
    spans = [(day(1, 16), day(12, 31)), (day(1, 1), day(1, 10)), (day(1, 5), day(1, 15))]
    assert coverage(spans, YEAR).missing == []


def test_without_rows_every_month_of_the_project_is_missing() -> None:
    last_half_year = date(2027, 1, 1), date(2027, 6, 15)
    expected = ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-06"]
    assert coverage([], last_half_year) == Coverage(None, None, expected)


def test_the_last_month_is_covered_when_the_project_is_over() -> None:
    last_half_year = date(2027, 1, 1), date(2027, 6, 15)
    assert coverage([last_half_year], last_half_year).missing == []
