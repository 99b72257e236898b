"""Which period is next, and when. Pure: days and periods as they are written."""

import re
from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Every = Literal["month", "quarter", "year"]
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
WRITTEN: Final = {"month": re.compile(r"\d{4}-\d\d"), "quarter": re.compile(r"\d{4}Q\d"), "year": re.compile(r"\d{4}")}


@dataclass(frozen=True)
class Due:
    """A period, and the day at whose beginning its report is made."""

    period: str
    day: date


def next_due(every: Every, days_after: int, since: date, until: date, delivered: Collection[str]) -> Due | None:
    """The first period that falls due on `since` or later and has not been delivered; None when no period begins by
    `until` any more.
    """
    return next(
        (one for one in _periods(every, days_after, since, until) if one.day >= since and one.period not in delivered),
        None,
    )


def is_of(every: Every, period: str) -> bool:
    """Whether a period as it is written is one of these."""
    return WRITTEN[every].fullmatch(period) is not None


def _periods(every: Every, days_after: int, since: date, until: date) -> Iterator[Due]:
    """From so early on that the first which falls due after `since` is among them."""
    step = MONTHS[every]
    earliest = since - timedelta(days=days_after + 366)
    year, month = earliest.year, 1
    while date(year, month, 1) <= until:
        end = month + step - 1
        last = date(year, end, monthrange(year, end)[1])
        yield Due(_written(every, year, month), last + timedelta(days=max(1, days_after)))
        year, month = (year, month + step) if end < 12 else (year + 1, 1)


def _written(every: Every, year: int, month: int) -> str:
    if every == "year":
        return str(year)
    return f"{year}Q{(month + 2) // 3}" if every == "quarter" else f"{year}-{month:02}"
