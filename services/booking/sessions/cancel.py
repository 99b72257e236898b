"""Cancelling a session, with its cause: nobody stands on it any more, nobody waits for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlmodel import col

from services.booking.allocation.act import session_act
from services.booking.allocation.events import cancelled as registration_cancelled
from services.booking.allocation.lock import LockedSession
from services.booking.allocation.problems import ensure_not_over
from services.booking.allocation.rules import State
from services.booking.allocation.tables import Session, WaitingEntry
from services.booking.audit.record import record
from services.booking.sessions import events
from services.booking.sessions.bodies import CancelBody
from services.booking.sessions.queries import Found, find_session
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
    async with session_act(unit, session_id) as act:
        ensure_not_over(act.session, act.at)
        values = _ended(unit, act.session, body)
        await unit.execute(update(Session).where(col(Session.id) == session_id).values(values))
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
