"""Counting heads on an occasion: approximate, and never hours."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.head_counts.problems import head_count_id_reused
from services.attendance.head_counts.tables import HeadCount
from services.attendance.occasions.problems import unknown_occasion
from services.attendance.occasions.queries import occasions_of
from shared.contracts.attendance_v1 import HeadCountRecorded
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid

ANYWHERE = text("SELECT * FROM head_counts WHERE id = :id")


async def record_head_count(unit: Unit, session_id: UUID, body: HeadCountBody) -> bool:
    """Stores a count on a locked roll and publishes it; False when it was known. Only in system scope.

    Raises 409 for the id of another count, 422 for an occasion that is not of the session.
    """
    known = await unit.one_or_none(ANYWHERE, {"id": body.head_count_id})
    if known is not None:
        _require_same(known, session_id, body)
        return False
    occasion = (await occasions_of(unit, [session_id])).get(body.occasion_id)
    if occasion is None or occasion.dropped:
        raise invalid(unknown_occasion())
    await unit.execute(insert(HeadCount), _row(unit, session_id, body))
    unit.emit(HeadCountRecorded(**body.model_dump()), key=str(session_id))
    return True


def _row(unit: Unit, session_id: UUID, body: HeadCountBody) -> dict[str, Any]:
    return {
        "id": body.head_count_id,
        "session_id": session_id,
        "occasion_id": body.occasion_id,
        "count": body.count,
        "recorded_at": unit.recorded_at,
        "recorded_by": unit.actor,
    }


def _require_same(known: RowMapping, session_id: UUID, body: HeadCountBody) -> None:
    same = (known["session_id"], known["occasion_id"], known["count"]) == (session_id, body.occasion_id, body.count)
    if not same:
        raise head_count_id_reused()
