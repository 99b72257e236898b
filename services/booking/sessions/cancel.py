"""Cancelling a session, with its cause: nobody stands on it any more, nobody waits for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlmodel import col

from services.booking.audit.record import record
from services.booking.registrations.events import cancelled as registration_cancelled
from services.booking.sessions import events
from services.booking.sessions.bodies import CancelBody
from services.booking.sessions.lock import LockedSession, lock_session
from services.booking.sessions.problems import ensure_not_over
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.rules import State
from services.booking.sessions.tables import Session
from services.booking.waiting_list.tables import WaitingEntry
from shared.database.unit_of_work import Unit

END_ALL = text(
    """
    UPDATE registrations SET status = 'cancelled', was = status, late = false, neutral = false, ended_by = 'system',
           ended_at = :at, revision = revision + 1
     WHERE session_id = :session AND status IN ('confirmed', 'waitlisted')
    RETURNING id, session_id, participant_id, municipality, employment_id, was
    """
)


async def cancel_session(unit: Unit, session_id: UUID, body: CancelBody) -> Found:
    """Cancel a session and everybody's registration on it. Raises 409 when it is cancelled, or over, already."""
    session = await lock_session(unit, session_id)
    ensure_not_over(session, unit.occurred_at)
    async with unit.as_system():
        await unit.execute(update(Session).where(col(Session.id) == session_id).values(_ended(unit, session, body)))
        found = await find_session(unit, session_id)
        unit.emit(events.cancelled(found.shown, body.cause))
        await _end_registrations(unit, session_id)
        await record(
            unit, "session-cancelled", f"session/{session_id}", after={"cause": body.cause.value, "note": body.note}
        )
        return await find_session(unit, session_id)


def _ended(unit: Unit, session: LockedSession, body: CancelBody) -> dict[str, Any]:
    return {
        "state": State.CANCELLED.value,
        "cancel_cause": body.cause.value,
        "cancel_note": body.note,
        "cancelled_at": unit.occurred_at,
        "revision": session.revision + 1,
    }


async def _end_registrations(unit: Unit, session_id: UUID) -> None:
    rows = await unit.all(END_ALL, {"session": session_id, "at": unit.occurred_at})
    for row in sorted(rows, key=lambda each: each["id"]):
        unit.emit(registration_cancelled(row, was=row["was"], late=False, neutral=False, by="system"))
    await unit.execute(delete(WaitingEntry).where(col(WaitingEntry.session_id) == session_id))
