"""What an occasion is worth in minutes, and what a roll's content is. Pure: no framework, no clock."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Schedule:
    """When an occasion takes place. `breaks_counted`: the project pays for breaks, so that they count as attended."""

    occasion_id: UUID
    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    breaks_counted: bool = False

    @property
    def scheduled_minutes(self) -> int:
        """What full attendance is worth: from start to end, without breaks unless they count."""
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
        begin, end = self.clipped(arrived_at, left_at)
        stay = end - begin
        if not self.breaks_counted:
            middle = self.starts_at + (self.ends_at - self.starts_at) / 2
            half = self.break_minutes * MINUTE / 2
            stay -= max(timedelta(0), min(end, middle + half) - max(begin, middle - half))
        return min(max(0, stay // MINUTE), self.scheduled_minutes)


@dataclass(frozen=True)
class Line:
    """What the roll says of one person on one occasion. `status` is None while nobody has marked them: 0 minutes."""

    participant_id: UUID
    occasion_id: UUID
    status: str | None
    minutes: int
    scheduled_minutes: int
    excused: bool


def roll_lines(confirmed: Iterable[UUID], schedules: Sequence[Schedule], marked: Iterable[Line]) -> list[Line]:
    """The whole content of a roll, in a fixed order.

    On the roll are all who are confirmed, on every occasion, and whoever attended although the registration was
    cancelled since: an hour that was attended does not vanish, and nobody else becomes a no-show.
    """
    confirmed = set(confirmed)
    lines = {
        (line.participant_id, line.occasion_id): line
        for line in marked
        if line.minutes > 0 or line.participant_id in confirmed
    }
    for schedule in schedules:
        for participant in confirmed:
            empty = Line(participant, schedule.occasion_id, None, 0, schedule.scheduled_minutes, excused=False)
            lines.setdefault((participant, schedule.occasion_id), empty)
    return sorted(lines.values(), key=lambda line: (str(line.participant_id), str(line.occasion_id)))


def content_hash(session_id: UUID, schedules: Iterable[Schedule], lines: Iterable[Line]) -> str:
    """SHA-256 of a roll's content as canonical JSON (sorted keys, no spaces).

    Names and versions are no part of it.
    """
    content = {
        "session_id": str(session_id),
        "occasions": sorted(
            [
                str(schedule.occasion_id),
                _utc(schedule.starts_at),
                _utc(schedule.ends_at),
                schedule.scheduled_minutes,
            ]
            for schedule in schedules
        ),
        "lines": [line_as_json(line) for line in lines],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def line_as_json(line: Line) -> dict[str, object]:
    """A line as the seal stores it and the hash takes it."""
    return {
        "participant_id": str(line.participant_id),
        "occasion_id": str(line.occasion_id),
        "status": line.status,
        "minutes": line.minutes,
        "scheduled_minutes": line.scheduled_minutes,
        "excused": line.excused,
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
