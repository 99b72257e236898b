"""Participants who were found to be one person. Their rolls, marks and seals keep the ids that they came under."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.attendance.people.tables import MergedParticipant
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

MERGES = 5310  # key of the advisory lock: nobody comes onto a roll while two become one, or while a roll moves
HOLD = text("SELECT pg_advisory_xact_lock_shared(:merges)")
HOLD_ALONE = text("SELECT pg_advisory_xact_lock(:merges)")


async def hold_merges(unit: Unit, *, alone: bool = False) -> None:
    """From here to the commit no merge is applied, and `alone` nobody comes onto a roll; take it before any roll."""
    await unit.execute(HOLD_ALONE if alone else HOLD, {"merges": MERGES})


async def became_of(unit: Unit, participants: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of the participants who ended, and the person that they stand for now."""
    if not participants:
        return {}
    statement = select(MergedParticipant).where(among(col(MergedParticipant.ended), participants))
    return {row["ended"]: row["became"] for row in await unit.all(statement)}


async def person_of(unit: Unit, participant_id: UUID) -> UUID:
    """Who a participant's id stands for."""
    return (await became_of(unit, [participant_id])).get(participant_id, participant_id)


async def note_merge(unit: Unit, ended: UUID, into: UUID) -> UUID:
    """Stores a merge, whichever of a chain comes first. Returns the person who remains."""
    await hold_merges(unit, alone=True)
    became = await person_of(unit, into)
    if became != ended:
        await unit.execute(insert(MergedParticipant).values(ended=ended, became=became).on_conflict_do_nothing())
        chain = update(MergedParticipant).where(col(MergedParticipant.became) == ended).values(became=became)
        await unit.execute(chain)
    return became
