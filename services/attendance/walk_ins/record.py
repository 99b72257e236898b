"""Taking somebody in who came without a registration."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert

from services.attendance.rolls.lock import raise_version
from services.attendance.rolls.problems import cancelled
from services.attendance.walk_ins.bodies import WalkInBody
from services.attendance.walk_ins.problems import walk_in_id_taken
from services.attendance.walk_ins.queries import walk_in_anywhere
from services.attendance.walk_ins.tables import WalkIn
from shared.database.unit_of_work import Unit


async def record_walk_in(unit: Unit, roll: RowMapping | Mapping[str, Any], body: WalkInBody) -> bool:
    """Notes on a locked roll who came; False when it was known. Only in system scope.

    Raises 409 for a cancelled session, and for the id of a walk-in of another one.
    """
    known = await walk_in_anywhere(unit, body.walk_in_id)
    if known is not None:
        if known["session_id"] != roll["session_id"]:
            raise walk_in_id_taken()
        return False
    if roll["cancelled"]:
        raise cancelled()
    await unit.execute(insert(WalkIn), _row(unit, roll["session_id"], body))
    await raise_version(unit, roll, content_changed=False)
    return True


def _row(unit: Unit, session_id: UUID, body: WalkInBody) -> dict[str, object]:
    return {
        **body.model_dump(),
        "session_id": session_id,
        "recorded_at": unit.recorded_at,
        "recorded_by": unit.actor,
    }
