"""What an occasion is worth in minutes. Pure: no framework, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Schedule:
    """When an occasion takes place. `breaks_counted`: the project pays for breaks, so that they count as attended.

    `takes_place`: false once it was rescheduled away or its session cancelled; then nobody has a minute on it.
    """

    occasion_id: UUID
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    breaks_counted: bool = False
    takes_place: bool = True

    @cached_property
    def scheduled_minutes(self) -> int:
        """What full attendance is worth: from start to end, without breaks unless they count."""
        if not self.takes_place:
            return 0
        breaks = 0 if self.breaks_counted else self.break_minutes
        return max(0, (self.ends_at - self.starts_at) // MINUTE - breaks)

    def clipped(self, arrived_at: datetime | None, left_at: datetime | None) -> tuple[datetime, datetime]:
        """The stay inside the schedule; without a time of arrival from its start, without one of leaving to its end."""
        begin = max(arrived_at or self.starts_at, self.starts_at)
        end = min(left_at or self.ends_at, self.ends_at)
        return begin, max(begin, end)

    def attended_minutes(self, arrived_at: datetime | None, left_at: datetime | None) -> int:
        """Whole minutes of a stay, less the part of the break that fell into it.

        Only the length of the break is known: it is taken to lie in the middle of the occasion. So who comes late or
        leaves early loses exactly the time missed, and two stays that fill the occasion sum to its scheduled minutes.
        """
        if arrived_at is left_at is None:  # as nearly all are
            return self.scheduled_minutes
        begin, end = self.clipped(arrived_at, left_at)
        stay = end - begin
        if not self.breaks_counted:
            middle = self.starts_at + (self.ends_at - self.starts_at) / 2
            half = self.break_minutes * MINUTE / 2
            stay -= max(timedelta(0), min(end, middle + half) - max(begin, middle - half))
        return min(max(0, stay // MINUTE), self.scheduled_minutes)
