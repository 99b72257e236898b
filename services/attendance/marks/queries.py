"""Reading marks with their provenance."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit

MARKS = text(
    """
    SELECT * FROM current_marks
     WHERE session_id = :session_id AND (CAST(:standing AS text) IS NULL OR standing = :standing)
       AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND (CAST(:after AS uuid) IS NULL OR mark_id > :after)
     ORDER BY mark_id LIMIT :limit
    """
)
MARK = text("SELECT * FROM current_marks WHERE session_id = :session_id AND mark_id = :mark_id")
REFUSED = text(
    "SELECT * FROM refused_marks WHERE session_id = :session_id AND (CAST(:after AS uuid) IS NULL OR id > :after) "
    "ORDER BY id LIMIT :limit"
)


async def marks_of(
    unit: Unit, session_id: UUID, *, standing: str | None, kind: str | None = None, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Everything that was recorded for a session, in order of id."""
    chosen = {"standing": standing, "kind": kind, "after": after, "limit": limit}
    return await unit.all(MARKS, {"session_id": session_id, **chosen})


async def mark_of_session(unit: Unit, session_id: UUID, mark_id: UUID) -> RowMapping | None:
    """One mark."""
    return await unit.one_or_none(MARK, {"session_id": session_id, "mark_id": mark_id})


async def refused_of(unit: Unit, session_id: UUID, *, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """The refused marks of a session, oldest first."""
    return await unit.all(REFUSED, {"session_id": session_id, "after": after, "limit": limit})
