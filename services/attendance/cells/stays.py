"""When a person's minutes in two sessions overlap. Pure: no framework, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stay:
    """Where a person was: inside the occasion from `begin` to `end`, for `minutes` of it.

    `decided`: a person fixed the minutes, without saying which ones.
    """

    occasion_starts: datetime
    occasion_ends: datetime
    begin: datetime
    end: datetime
    minutes: int
    decided: bool


def overlap(one: Stay, other: Stay) -> bool:
    """Whether the minutes of two stays cannot all have been attended.

    Marked stays must not touch each other's time. Where a person fixed the minutes, both must fit into the time
    that the two occasions cover together.
    """
    if not (one.minutes and other.minutes):
        return False
    if one.decided or other.decided:
        return (one.minutes + other.minutes) * MINUTE > _covered(one, other)
    return max(one.begin, other.begin) < min(one.end, other.end)


def _covered(one: Stay, other: Stay) -> timedelta:
    both = min(one.occasion_ends, other.occasion_ends) - max(one.occasion_starts, other.occasion_starts)
    each = (one.occasion_ends - one.occasion_starts) + (other.occasion_ends - other.occasion_starts)
    return each - max(timedelta(0), both)
