"""Reading walk-ins, in the caller's scope."""

from uuid import UUID

from sqlalchemy import RowMapping, Select, select
from sqlmodel import col

from services.attendance.rolls.tables import WalkInLink
from services.attendance.walk_ins.bodies import WalkInShown
from services.attendance.walk_ins.tables import WalkIn
from shared.database.unit_of_work import Unit


async def walk_in_anywhere(unit: Unit, walk_in_id: UUID) -> RowMapping | None:
    return await unit.one_or_none(_walk_ins().where(col(WalkIn.walk_in_id) == walk_in_id))


def walk_ins_of(session_id: UUID) -> Select[tuple[object, ...]]:
    """The statement of a session's walk-ins, not ordered yet."""
    return _walk_ins().where(col(WalkIn.session_id) == session_id)


def _walk_ins() -> Select[tuple[object, ...]]:
    columns = WalkIn.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare it
    link = col(WalkInLink.walk_in_id) == col(WalkIn.walk_in_id)
    return select(*columns, col(WalkInLink.participant_id)).join(WalkInLink, link, isouter=True)


def walk_in_shown(row: RowMapping) -> WalkInShown:
    return WalkInShown(id=row["walk_in_id"], **row)
