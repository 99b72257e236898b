"""Other sessions for people who lost their place: of the course, with a free seat, and at a time that suits them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.allocation.bookable import bookable
from services.booking.allocation.eligibility import refusal
from services.booking.allocation.lock import FIELDS, Candidate, LockedSession, candidate_of, session_of
from services.booking.allocation.rules import State
from services.booking.allocation.situation import Situation, load_situation
from services.booking.allocation.tables import Session
from services.booking.registrations.queries import registration_row
from shared.database.unit_of_work import Unit

MOST: Final = 3
"""Sessions that are proposed to one person."""


@dataclass(frozen=True)
class Proposal:
    """A session that the person could be moved to now; nothing is held."""

    session: UUID
    course: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    host_municipality: str


async def propose_instead(unit: Unit, registration_id: UUID) -> list[Proposal]:
    """What to book in place of a registration. Raises 404, also for one that the caller may not see."""
    row = await registration_row(unit, registration_id)
    who = candidate_of(row)
    async with unit.as_system():
        course = await unit.scalar(select(col(Session.course)).where(col(Session.id) == row["session_id"]))
        at = unit.recorded_at
        found = await proposals(unit, course, [who], at, starting_after=at, instead_of=row["session_id"])
    return found[who.employment_id]


async def proposals(
    unit: Unit,
    course: str,
    candidates: Sequence[Candidate],
    at: datetime,
    *,
    starting_after: datetime,
    instead_of: UUID | None = None,
) -> dict[UUID, list[Proposal]]:
    """For each employment the first sessions of the course, at most three, that it could get a seat on.

    Only in system scope. `instead_of` is a session that is not proposed. Nothing is locked: who books is told then
    whether the seat is still there.
    """
    found: dict[UUID, list[Proposal]] = defaultdict(list, {who.employment_id: [] for who in candidates})
    for row in await _ahead(unit, course, starting_after):
        wanting = [who for who in candidates if len(found[who.employment_id]) < MOST]
        if not wanting:
            break
        if row["id"] != instead_of:
            for who in await _who_could(unit, session_of(row), wanting, at):
                found[who.employment_id].append(_proposal(row))
    return found


async def _ahead(unit: Unit, course: str, after: datetime) -> Sequence[RowMapping]:
    columns = (getattr(Session, name) for name in (*FIELDS, "host_municipality"))
    ahead = (col(Session.course) == course, col(Session.state) == State.SCHEDULED.value, col(Session.starts_at) > after)
    return await unit.all(select(*columns).where(*ahead).order_by(col(Session.starts_at), col(Session.id)))


async def _who_could(
    unit: Unit, session: LockedSession, candidates: Sequence[Candidate], at: datetime
) -> list[Candidate]:
    situation = await load_situation(unit, session, candidates, at)
    eligible = [who for who in candidates if refusal(situation.people[who.employment_id], situation.demands) is None]
    free = {code: await _free(unit, session, situation, at, code) for code in {who.municipality for who in eligible}}
    return [who for who in eligible if free[who.municipality]]


async def _free(unit: Unit, session: LockedSession, situation: Situation, at: datetime, municipality: str) -> int:
    taken, queued = situation.seats.taken, situation.waiting > 0
    return await bookable(unit, session, taken, at, queued=queued, municipality=municipality)


def _proposal(row: RowMapping) -> Proposal:
    return Proposal(row["id"], row["course"], row["starts_at"], row["ends_at"], row["venue"], row["host_municipality"])
