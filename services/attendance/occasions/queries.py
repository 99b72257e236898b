"""Loading when occasions take place and what they are worth."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.attendance.occasions.rules import Schedule
from services.attendance.occasions.tables import Occasion
from services.attendance.project.queries import settings
from shared.clock import day_start, local_day
from shared.database.conditions import among
from shared.database.unit_of_work import Unit


@dataclass(frozen=True)
class OccasionOnRoll:
    """An occasion with the rules of its day. `dropped`: a rescheduling took it away."""

    session_id: UUID
    schedule: Schedule
    dropped: bool
    illness_neutral: bool

    @property
    def day_begins(self) -> datetime:
        """The first instant of its local day."""
        return day_start(local_day(self.schedule.starts_at))


async def occasions_of(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, OccasionOnRoll]:
    """The occasions of sessions by their id, in order of time."""
    rules = await settings(unit)
    statement = (
        select(Occasion)
        .where(among(col(Occasion.session_id), session_ids))
        .order_by(col(Occasion.starts_at), col(Occasion.occasion_id))
    )
    found: dict[UUID, OccasionOnRoll] = {}
    for row in await unit.all(statement):
        day = local_day(row["starts_at"])
        counted = rules.breaks_counted(day)
        schedule = Schedule(row["occasion_id"], row["starts_at"], row["ends_at"], row["break_minutes"], counted)
        found[row["occasion_id"]] = OccasionOnRoll(
            row["session_id"], schedule, row["dropped"], rules.illness_neutral(day)
        )
    return found
