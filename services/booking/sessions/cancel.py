"""Cancelling a session, with its cause. Who has a seat keeps the registration, held against nobody; nobody waits on."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_not_over
from services.booking.allocation.held import release_held
from services.booking.allocation.rules import State
from services.booking.allocation.tables import Registration, Session
from services.booking.registrations.end import BY_SYSTEM, end_registrations
from services.booking.sessions import events
from services.booking.sessions.bodies import CancelBody
from services.booking.sessions.checks import ensure_not_attested
from services.booking.sessions.queries import Found, find_session
from shared.audit.record import record
from shared.database.unit_of_work import Unit


async def cancel_session(unit: Unit, session_id: UUID, body: CancelBody) -> Found:
    """Cancel a session; its queue and reservations end. Raises 409 when it is cancelled, attested or over already."""
    async with session_act(unit, session_id) as act:
        await ensure_not_attested(act)
        ensure_not_over(act.session, act.at)
        await cancel_within(act, body)
    return await find_session(unit, session_id)


async def cancel_within(act: SessionAct, body: CancelBody) -> None:
    """Cancel the session of an act that has made sure that it may be."""
    unit, session_id = act.unit, act.session.id
    await unit.execute(update(Session).where(col(Session.id) == session_id).values(_ended(act, body)))
    found = await find_session(unit, session_id)
    unit.emit(events.cancelled(found.shown, body.cause))
    await _end_queue(act)
    await release_held(unit, session_id, act.at)
    on_it = update(Registration).where(col(Registration.session_id) == session_id)
    await unit.execute(on_it.values(session_cancelled=True))  # two of one human are no collision there
    after = {"cause": body.cause.value, "note": body.note}
    await record(unit, "session-cancelled", f"session/{session_id}", after=after)


def _ended(act: SessionAct, body: CancelBody) -> dict[str, Any]:
    return {
        "state": State.CANCELLED.value,
        "cancel_cause": body.cause.value,
        "cancel_note": body.note,
        "cancelled_at": act.at,
        "revision": act.session.revision + 1,
    }


async def _end_queue(act: SessionAct) -> None:
    waiting = select(col(Registration.id)).where(
        col(Registration.session_id) == act.session.id, col(Registration.status) == "waitlisted"
    )
    await end_registrations(act, [row["id"] for row in await act.unit.all(waiting)], BY_SYSTEM)
