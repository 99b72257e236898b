"""The days on which courses can be held: Swedish working days of a term."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5
KINDS = ("public", "de_facto")
"""Without the second kind Midsummer's, Christmas and New Year's Eve would be working days."""


def term_days(term: str) -> tuple[date, date]:
    """The first and the last day of `2026H1` or `2026H2`."""
    year = int(term[:4])
    return (date(year, 1, 1), date(year, 6, 30)) if term.endswith("H1") else (date(year, 7, 1), date(year, 12, 31))


def term_of(day: date) -> str:
    return f"{day.year}H{1 if day.month <= 6 else 2}"


def term_after(term: str, number: int = 1) -> str:
    """The term `number` terms later, or earlier when negative."""
    year, half = divmod(int(term[:4]) * 2 + term.endswith("H2") + number, 2)
    return f"{year}H{half + 1}"


def working_days(first: date, last: date) -> list[date]:
    """The working days from `first` to `last`, both included; none when `last` lies before."""
    return [day for day in _days(first, last) if day.weekday() < SATURDAY and day not in red_days(day.year)]


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@lru_cache(maxsize=16)
def red_days(year: int) -> frozenset[date]:
    """Sweden's red days of a year, and the eves that everybody keeps."""
    return frozenset(holidays.country_holidays("SE", categories=KINDS, years=year))
