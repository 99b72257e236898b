"""When a person's minutes in two sessions overlap. Pure: no framework, no clock."""

from collections.abc import Sequence
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


def overlap(mine: Stay, *others: Stay) -> bool:
    """Whether the minutes of a stay cannot all have been attended beside those of others.

    Marked stays must not touch each other's time. Where a person fixed the minutes, all must fit into the time that
    their occasions cover together.
    """
    there = [other for other in others if other.minutes]
    if not (mine.minutes and there):
        return False
    marked = [other for other in there if not (mine.decided or other.decided)]
    if any(max(mine.begin, other.begin) < min(mine.end, other.end) for other in marked):
        return True
    return len(marked) < len(there) and _is_crowded(mine, there)


def _is_crowded(mine: Stay, there: Sequence[Stay]) -> bool:
    """Whether within some hours around a stay there are more minutes than time."""
    begins = {mine.occasion_starts, *(one.occasion_starts for one in there if one.occasion_starts < mine.occasion_ends)}
    ends = {mine.occasion_ends, *(one.occasion_ends for one in there if one.occasion_ends > mine.occasion_starts)}
    return any(
        sum(one.minutes for one in (mine, *there) if begin <= one.occasion_starts and one.occasion_ends <= end) * MINUTE
        > end - begin
        for begin in begins
        for end in ends
        if begin <= mine.occasion_starts and mine.occasion_ends <= end
    )
