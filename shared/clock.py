"""The clock is a port: rules get the time, they never ask for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clock(Protocol):
    """Tells the present time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Standing:
    """Always the same time."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def instant(text: str) -> datetime | None:
    """A time with offset, in UTC; None for what is no such time, or has none in UTC: it lies at the calendar's end."""
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def local_day(at: datetime) -> date:
    """The calendar day in Sweden on which an instant falls (http-api: dates in queries are local days)."""
    return at.astimezone(STOCKHOLM).date()


def last_day(ends_at: datetime) -> date:
    """The calendar day in Sweden on which what ends then is still going on: at midnight it is the day before."""
    return local_day(ends_at - timedelta.resolution)


def day_start(day: date) -> datetime:
    """The first instant of a Swedish calendar day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=STOCKHOLM).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The first instant after a Swedish calendar day, in UTC (days are inclusive in the API, instants half open)."""
    return day_start(day + timedelta(days=1))
