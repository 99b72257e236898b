"""What a roll's content is. Pure: no framework, no clock."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.attendance.occasions.rules import Schedule

JSON = json.JSONEncoder(separators=(",", ":"))  # what is given to it stands in the order of its keys


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
    return [lines[key] for key in sorted(lines)]


def canonical(session_id: UUID, schedules: Iterable[Schedule], lines: Iterable[Line]) -> bytes:
    """A roll's content as canonical JSON (sorted keys, no spaces). Names and versions are no part of it."""
    content = {
        "lines": [line_as_json(line) for line in lines],
        "occasions": sorted(
            [
                str(schedule.occasion_id),
                _utc(schedule.starts_at),
                _utc(schedule.ends_at),
                schedule.scheduled_minutes,
            ]
            for schedule in schedules
        ),
        "session_id": str(session_id),
    }
    return JSON.encode(content).encode()


def content_hash(session_id: UUID, schedules: Iterable[Schedule], lines: Iterable[Line]) -> str:
    """SHA-256 of a roll's content."""
    return hashlib.sha256(canonical(session_id, schedules, lines)).hexdigest()


def line_as_json(line: Line) -> dict[str, object]:
    """A line as the seal stores it and the hash takes it: in order of the keys."""
    return {
        "excused": line.excused,
        "minutes": line.minutes,
        "occasion_id": str(line.occasion_id),
        "participant_id": str(line.participant_id),
        "scheduled_minutes": line.scheduled_minutes,
        "status": line.status,
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
