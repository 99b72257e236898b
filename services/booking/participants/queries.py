"""Reading participants for a change."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.booking.allocation.lock import lock_persons
from services.booking.participants.problems import has_been_erased, has_been_merged, participant_not_found
from services.booking.staff.people import Person
from services.booking.staff.queries import persons
from services.booking.staff.tables import Participant
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

MERGED = text(
    "SELECT participant_id, merged_into FROM participants "
    "WHERE participant_id = ANY (CAST(:ids AS uuid[])) AND merged_into IS NOT NULL"
)


async def locked_participants(unit: Unit, ids: Collection[UUID]) -> dict[UUID, Person]:
    """Participants, held until commit: nobody books or changes them meanwhile. Needs the system scope.

    Raises 404, and 409 for one that was merged into another, or erased.
    """
    await lock_persons(unit, ids)
    key = col(Participant.participant_id)
    statement = select(Participant).where(among(key, ids)).order_by(key).with_for_update(key_share=True)
    rows = await unit.all(statement)
    if len(rows) < len(set(ids)):
        raise participant_not_found()
    for row in rows:
        if row["merged_into"] is not None:
            raise has_been_merged(row["merged_into"])
        if row["erased"]:
            raise has_been_erased()
    return await persons(unit, rows)


async def became(unit: Unit, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of the participants that were merged, and into whom."""
    rows = await unit.all(MERGED, {"ids": list(ids)})
    return {row["participant_id"]: row["merged_into"] for row in rows}
