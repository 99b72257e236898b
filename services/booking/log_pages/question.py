"""What the log is asked for, as its address has it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlmodel import col

from services.booking.log_pages.things import targets_around, targets_of_persons
from services.booking.staff.queries import Wanted as People
from services.booking.staff.queries import conditions
from services.booking.staff.tables import Staff
from shared.audit.queries import Wanted, actors_named
from shared.database.unit_of_work import Unit
from shared.web.fields import Day, Line

MOST_PERSONS = 200


@dataclass(frozen=True)
class LogQuestion:
    """`q` and `actor`: the beginning of a name, of who it is about and of who did it. `target`: `session/<id>`."""

    q: Line | None = None
    kind: Line | None = None
    action: Line | None = None
    actor: Line | None = None
    target: Line | None = None
    from_: Annotated[Day | None, Query(alias="from")] = None
    to: Day | None = None

    async def wanted(self, unit: Unit) -> tuple[Wanted, bool]:
        """What to read of the audit, and whether more people have that name than are looked up."""
        targets = await targets_around(unit, self.target) if self.target else None
        staff = await _called(unit, self.q) if self.q else []
        if self.q:
            theirs = await targets_of_persons(unit, staff[:MOST_PERSONS])
            targets = theirs if targets is None else [one for one in targets if one in set(theirs)]
        actors = await actors_named(unit, self.actor) if self.actor else None
        return Wanted(actors, targets, self.kind, self.action, self.from_, self.to), len(staff) > MOST_PERSONS


async def _called(unit: Unit, begin: str) -> list[UUID]:
    statement = select(col(Staff.id)).where(*conditions(People(q=begin))).limit(MOST_PERSONS + 1)
    return [row["id"] for row in await unit.all(statement)]
