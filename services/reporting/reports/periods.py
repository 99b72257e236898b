"""The period of a report: a year, a quarter or a month, written `2025`, `2025Q4`, `2025-11` (http-api.md,
Reporting).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_WRITTEN = re.compile(r"(?P<year>20\d\d)(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Period:
    """Whole calendar months, both days inclusive (local days in Sweden)."""

    written: str
    first: date
    last: date

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def quarter(self) -> int | None:
        """1–4 for a quarter, None for a year or a month."""
        return (self.first.month - 1) // 3 + 1 if "Q" in self.written else None

    @property
    def month(self) -> int | None:
        """1–12 for a month, None for a year or a quarter."""
        return self.first.month if "-" in self.written else None

    def months(self) -> tuple["Period", ...]:
        """The months of the period, ascending."""
        return tuple(
            _months(f"{self.year}-{month:02}", self.year, month, month)
            for month in range(self.first.month, self.last.month + 1)
        )


def period_of(written: str) -> Period:
    """Reads a period. Raises ValueError for anything but a year, a quarter or a month of this century."""
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


def _months(written: str, year: int, first: int, last: int) -> Period:
    return Period(written, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))
