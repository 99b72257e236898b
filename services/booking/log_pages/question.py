"""What the log is asked for, as its address has it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.booking.log_pages.things import targets_around, targets_of_persons
from services.booking.staff.queries import Wanted as People
from services.booking.staff.queries import conditions
from services.booking.staff.tables import Staff
from shared.audit.queries import Wanted
from shared.audit.telling import LogFilters
from shared.database.unit_of_work import Unit
from shared.web.fields import Line

MOST_PERSONS = 200


@dataclass(frozen=True)
class LogQuestion(LogFilters):
    """`q`: the beginning of the name of whom it is about."""

    q: Line | None = None

    async def wanted(self, unit: Unit) -> tuple[Wanted, bool]:
        """What to read of the audit, and whether more people have that name than are looked up."""
        targets = await targets_around(unit, self.target) if self.target else None
        staff = await _called(unit, self.q) if self.q else []
        if self.q:
            theirs = await targets_of_persons(unit, staff[:MOST_PERSONS])
            targets = theirs if targets is None else [one for one in targets if one in set(theirs)]
        return await self.asked(unit, targets), len(staff) > MOST_PERSONS


async def _called(unit: Unit, begin: str) -> list[UUID]:
    statement = select(col(Staff.id)).where(*conditions(People(q=begin))).limit(MOST_PERSONS + 1)
    return [row["id"] for row in await unit.all(statement)]
