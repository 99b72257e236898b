"""Loading when occasions take place and what they are worth."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from services.attendance.occasions.rules import Schedule
from services.attendance.project.queries import read
from services.attendance.project.rules import Settings
from shared.clock import day_start, local_day
from shared.database.unit_of_work import Unit

OCCASIONS = """
    SELECT occasion_id, session_id, occasions.starts_at, occasions.ends_at, break_minutes, dropped, cancelled,
           CAST((SELECT settings FROM project_settings) AS text) AS settings
      FROM occasions JOIN rolls USING (session_id)
     WHERE session_id = ANY ($1) ORDER BY occasions.starts_at, occasion_id
"""


@dataclass(frozen=True)
class OccasionOnRoll:
    """An occasion with the rules of its day. `dropped`: a rescheduling took it away."""

    session_id: UUID
    schedule: Schedule
    dropped: bool
    illness_neutral: bool

    @cached_property
    def day_begins(self) -> datetime:
        """The first instant of its local day."""
        return day_start(local_day(self.schedule.starts_at))


async def occasions_of(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, OccasionOnRoll]:
    """The occasions of sessions by their id, in order of time."""
    rows = await unit.fetch(OCCASIONS, sorted(session_ids))
    return {row["occasion_id"]: _occasion(row, read(row["settings"])) for row in rows}


def _occasion(row: Mapping[str, Any], rules: Settings) -> OccasionOnRoll:
    day = local_day(row["starts_at"])
    schedule = Schedule(
        row["occasion_id"],
        row["starts_at"],
        row["ends_at"],
        row["break_minutes"],
        rules.breaks_counted(day),
        takes_place=not (row["dropped"] or row["cancelled"]),
    )
    return OccasionOnRoll(row["session_id"], schedule, row["dropped"], rules.illness_neutral(day))
