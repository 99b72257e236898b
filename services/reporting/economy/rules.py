"""Which months a year's money tells of. Pure."""

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date, date]
"""The first and the last, both inclusive."""


@dataclass(frozen=True)
class Coverage:
    """The days that rows cover, from the first to the last of them, and the months that they do not cover wholly."""

    first: date | None
    last: date | None
    missing: list[str]


def covered_by(on: date, begins: date | None, ends: date | None, year: Days) -> Days:
    """The days that a row of this day covers: as it says, else from the year's beginning to the end of its month."""
    return begins or min(year[0], on), ends or on.replace(day=monthrange(on.year, on.month)[1])


def coverage(spans: Collection[Days], year: Days) -> Coverage:
    """What these spans cover of a year, which is the part of it that the project lasts."""
    first, last = min((span[0] for span in spans), default=None), max((span[1] for span in spans), default=None)
    missing = [f"{begin:%Y-%m}" for begin, end in _months(year) if not _covers(spans, begin, end)]
    return Coverage(first, last, missing)


def _covers(spans: Iterable[Days], first: date, last: date) -> bool:
    """Whether each of these days lies in one of the spans."""
    for begin, end in sorted(spans):
        if begin <= first <= end:
            first = end + timedelta(days=1)
    return first > last


def _months(days: Days) -> Iterator[Days]:
    first, last = days
    while first <= last:
        end = min(last, first.replace(day=monthrange(first.year, first.month)[1]))
        yield first, end
        first = end + timedelta(days=1)
