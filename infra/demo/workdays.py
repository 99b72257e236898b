"""The days and hours on which courses are held: Swedish working days of 2025, without the summer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import holidays

from shared.clock import STOCKHOLM

# Public holidays of 2025 that fall on a weekday, with the two bridge days that the municipalities keep free.
HOLIDAYS = frozenset(
    {
        date(2025, 1, 1),
        date(2025, 1, 6),
        date(2025, 4, 18),
        date(2025, 4, 21),
        date(2025, 5, 1),
        date(2025, 5, 2),
        date(2025, 5, 29),
        date(2025, 5, 30),
        date(2025, 6, 6),
        date(2025, 6, 20),
        date(2025, 12, 24),
        date(2025, 12, 25),
        date(2025, 12, 26),
    }
)
SUMMER = (date(2025, 6, 23), date(2025, 8, 17))
SPRING_TERM = (date(2025, 2, 10), date(2025, 6, 19))
AUTUMN_TERM = (date(2025, 8, 18), date(2025, 12, 12))
FULL_DAY_MINUTES = 420


@dataclass(frozen=True)
class Occasion:
    """One dated part of a session; its scheduled minutes are its length without breaks."""

    starts_at: datetime
    ends_at: datetime
    break_minutes: int

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60 - self.break_minutes

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(STOCKHOLM).date()


def is_workday(day: date) -> bool:
    """Monday to Friday, no holiday, not in the summer break."""
    return day.weekday() < 5 and day not in HOLIDAYS and not SUMMER[0] <= day <= SUMMER[1]


def workdays(first: date, last: date) -> list[date]:
    """The working days from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_workday(day)]


def workday_from(day: date, count: int) -> date:
    """The `count`th working day after a day of any year, or before it when negative; 0 is the day itself."""
    # The eves of Midsummer, Christmas and New Year are working days by law only.
    free = holidays.country_holidays("SE", categories=("public", "de_facto"))
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while day.weekday() > 4 or day in free:
            day += step
    return day


def coming_term(today: date) -> tuple[str, date]:
    """The half-year after today's, and its last day."""
    if today.month <= 6:
        return f"{today.year}H2", date(today.year, 12, 31)
    return f"{today.year + 1}H1", date(today.year + 1, 6, 30)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time in Sweden."""
    return datetime.combine(day, time(hour, minute), tzinfo=STOCKHOLM)


def occasions_on(days: list[date], duration_minutes: int, *, morning: bool) -> tuple[Occasion, ...]:
    """The hours of a course of that length: on one day, or halved over two.

    A full day has an hour's unpaid lunch, an afternoon a quarter's coffee; a morning and a half day run through.
    """
    part = duration_minutes // len(days)
    return tuple(_occasion(day, part, morning=morning) for day in days)


def _occasion(day: date, minutes: int, *, morning: bool) -> Occasion:
    if minutes >= FULL_DAY_MINUTES:
        start, pause = at(day, 8, 30), 60
    elif morning:
        start, pause = at(day, 8, 30), 0
    else:
        start, pause = at(day, 13), 15 if minutes >= 180 else 0
    return Occasion(start, start + timedelta(minutes=minutes + pause), pause)
