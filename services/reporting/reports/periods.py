"""The period of a report: a year, a quarter, a month or the project, written `2025`, `2025Q4`, `2025-11`, `project`
(http-api.md, Reporting).
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.reporting.days import Period as Days

PROJECT: Final = "project"
_WRITTEN = re.compile(r"(?P<year>20\d\d)(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Period:
    """Whole calendar months, or the project from its first day to its last; both days inclusive (local days in
    Sweden).
    """

    written: str
    first: date
    last: date

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def quarter(self) -> int | None:
        """1–4 for a quarter, else None."""
        return (self.first.month - 1) // 3 + 1 if "Q" in self.written else None

    @property
    def month(self) -> int | None:
        """1–12 for a month, else None."""
        return self.first.month if "-" in self.written else None

    @property
    def days(self) -> Days:
        return Days(self.first, self.last)

    def months(self) -> tuple["Period", ...]:
        """The months of the period, ascending."""
        return tuple(months_between(self.first, self.last))


def is_period(written: str) -> bool:
    return written == PROJECT or _WRITTEN.fullmatch(written) is not None


def period_of(written: str, project: Days | None = None) -> Period:
    """Reads a period. Raises ValueError for anything but a year, a quarter or a month of this century, or the project
    (which has to be known).
    """
    if written == PROJECT and project is not None:
        return Period(written, project.first, project.last)
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError(f"not a period: {written!r}")
    year = int(match["year"])
    if match["quarter"]:
        last = int(match["quarter"]) * 3
        return _months(written, year, last - 2, last)
    if match["month"]:
        return _months(written, year, int(match["month"]), int(match["month"]))
    return _months(written, year, 1, 12)


def whole_months(period: Period) -> bool:
    """Whether it begins and ends with a month: the project's may not."""
    return period.first.day == 1 and period.last == _end(period.last.year, period.last.month)


def months_between(first: date, last: date) -> Iterator[Period]:
    """The months that the days lie in, the first and the last cut by them."""
    while first <= last:
        end = min(last, _end(first.year, first.month))
        yield Period(f"{first:%Y-%m}", first, end)
        first = end + timedelta(days=1)


def _months(written: str, year: int, first: int, last: int) -> Period:
    return Period(written, date(year, first, 1), _end(year, last))


def _end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
