"""Saying who a walk-in was: the marks that were made find their person."""

from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.allocation.act import session_act
from services.booking.allocation.checks import ensure_not_cancelled
from services.booking.walk_ins import problems
from services.booking.walk_ins.confirm import confirm, registration_on
from services.booking.walk_ins.queries import walk_in_row
from shared.database.unit_of_work import Unit


async def identify(unit: Unit, walk_in: UUID, staff_id: UUID) -> RowMapping:
    """The walk-in, now confirmed. Never promotes anybody.

    Raises 404, and 409 when it is known already, or the session is cancelled.
    """
    seen = await walk_in_row(unit, walk_in)
    async with session_act(unit, seen["session_id"], staff=[staff_id], promotes=False) as act:
        ensure_not_cancelled(act.session)
        row = await walk_in_row(unit, walk_in)
        if row["state"] == "confirmed":
            raise problems.already_identified()
        if not act.candidates:
            raise problems.staff_missing()
        [who] = act.candidates
        return await confirm(act, row, who, await registration_on(unit, act.session.id, who.participant_id))
