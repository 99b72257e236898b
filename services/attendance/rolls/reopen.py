"""Reopening an attested roll: until it is attested again it has no attested minutes. Its seals stay."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.attendance.rolls.lock import REOPENED
from services.attendance.rolls.tables import Roll
from shared.contracts.attendance_v1 import ReopeningReason, RollReopened
from shared.database.unit_of_work import Unit


async def reopen(unit: Unit, session_id: UUID, reason_code: ReopeningReason) -> None:
    """Breaks the seal of a locked roll, and says so."""
    await unit.execute(update(Roll).where(col(Roll.session_id) == session_id).values(state=REOPENED, sealed_hash=None))
    unit.emit(RollReopened(reason_code=reason_code), key=str(session_id))
