"""Taking a roll for a change: one change at a time per roll, and only of rolls that the caller may see."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlmodel import col

from services.attendance.rolls.problems import unknown_session
from services.attendance.rolls.tables import Roll
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

OPEN, ATTESTED, REOPENED = "open", "attested", "reopened"


async def lock_roll(unit: Unit, session_id: UUID) -> RowMapping:
    """The roll, locked until commit. Raises 404 when there is none, or it is another trainer's."""
    statement = select(Roll).where(col(Roll.session_id) == session_id).with_for_update()
    return await unit.found(statement, missing=unknown_session())


async def find_roll(unit: Unit, session_id: UUID) -> RowMapping:
    """The roll, for reading. Raises 404 as `lock_roll` does."""
    return await unit.found(select(Roll).where(col(Roll.session_id) == session_id), missing=unknown_session())


async def lock_rolls(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, RowMapping]:
    """Several rolls, locked in order of their ids so that two changes never wait for each other."""
    statement = (
        select(Roll).where(among(col(Roll.session_id), session_ids)).order_by(col(Roll.session_id)).with_for_update()
    )
    return {row["session_id"]: row for row in await unit.all(statement)}


async def raise_version(unit: Unit, roll: RowMapping | Mapping[str, Any], *, content_changed: bool) -> int:
    """Gives a locked roll its next version; returns it."""
    version = int(roll["roll_version"]) + 1
    values = {"roll_version": version} | ({"content_version": version} if content_changed else {})
    await unit.execute(update(Roll).where(col(Roll.session_id) == roll["session_id"]).values(**values))
    return version
