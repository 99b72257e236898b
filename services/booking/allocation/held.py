"""Seats held by reservations: when they lapse, and how they are given back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.lock import LockedSession
from shared.audit.record import Act, record_all
from shared.contracts.booking_v1 import SeatsReleased
from shared.database.unit_of_work import Unit

LAPSE = text(
    """
    UPDATE reservations SET state = 'lapsed', ended_at = :at
     WHERE session_id = :session AND state = 'open' AND least(name_by, CAST(:starts_at AS timestamptz)) <= :at
       AND (entered_at < name_by OR NOT :by_itself) RETURNING *
    """
)
MOMENTS = text(
    """
    SELECT DISTINCT least(name_by, CAST(:starts_at AS timestamptz)) AS due FROM reservations
     WHERE session_id = :session AND state = 'open' AND least(name_by, CAST(:starts_at AS timestamptz)) <= :at
       AND (entered_at < name_by OR NOT :by_itself)
    """
)
RELEASE = text(
    """
    UPDATE reservations SET state = 'deleted', ended_at = :at, revision = revision + 1
     WHERE session_id = :session AND state = 'open' AND id = coalesce(CAST(:id AS uuid), id) RETURNING *
    """
)
NEXT_LAPSE = text(
    """
    UPDATE sessions SET lapse_due_at = (
           SELECT min(name_by) FROM reservations WHERE session_id = :session AND state = 'open')
     WHERE id = :session
    """
)


async def lapses_due(unit: Unit, session: LockedSession, at: datetime) -> set[datetime]:
    """When open reservations lapsed until `at`: at their deadline, at the latest when the session began.

    Only in system scope, with the session locked.
    """
    first = session.lapse_due_at
    if first is None or min(first, session.starts_at) > at:
        return set()
    return {row["due"] for row in await unit.all(MOMENTS, _due(unit, session, at))}


async def lapse(unit: Unit, session: LockedSession, at: datetime) -> None:
    """End the reservations whose deadline is past at that moment."""
    rows = await unit.all(LAPSE, _due(unit, session, at))
    await _given_back(unit, session.id, rows, "reservation-lapsed", at)


def _due(unit: Unit, session: LockedSession, at: datetime) -> dict[str, object]:
    """`by_itself`: no act of anybody's. What was entered after its own deadline waits for one."""
    return {"session": session.id, "starts_at": session.starts_at, "at": at, "by_itself": unit.caller is None}


async def release_held(unit: Unit, session_id: UUID, at: datetime, reservation_id: UUID | None = None) -> None:
    """Give back what one open reservation, or all of a session's, still holds. Who was named keeps the seat."""
    rows = await unit.all(RELEASE, {"session": session_id, "at": at, "id": reservation_id})
    await _given_back(unit, session_id, rows, "reservation-deleted", at)


async def _given_back(unit: Unit, session_id: UUID, rows: Sequence[RowMapping], action: str, at: datetime) -> None:
    for row in sorted(rows, key=lambda row: row["id"]):
        names = ("session_id", "municipality", "name_by")
        held = {name: row[name] for name in names} | {"seats": row["seats"] - row["named"]}
        unit.emit(SeatsReleased(reservation_id=row["id"], **held), occurred_at=at)
    if rows:
        await note_next_lapse(unit, session_id)
        await record_all(unit, [Act(action, f"reservation/{row['id']}", {"state": "open"}) for row in rows])


async def note_next_lapse(unit: Unit, session_id: UUID) -> None:
    """Write down when an open reservation lapses next, so that other acts need not ask."""
    await unit.execute(NEXT_LAPSE, {"session": session_id})
