"""Scheduling a session."""

from sqlalchemy import insert

from services.booking.allocation.rules import State
from services.booking.allocation.tables import Session
from services.booking.catalogue.queries import stored_course
from services.booking.sessions import events
from services.booking.sessions.bodies import SessionBody
from services.booking.sessions.check_trainers import check_trainers
from services.booking.sessions.checks import check_dates, check_plan, check_references
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.write import columns, write_occasions, write_trainers
from shared.audit.record import record
from shared.database.unit_of_work import Unit


async def schedule(unit: Unit, body: SessionBody) -> Found:
    """A new session. Raises 422 for what cannot be scheduled, 409 for a trainer who cannot teach it."""
    session_id = unit.ids.uuid7()
    body = body.model_copy(update={"course": await stored_course(unit, body.course)})
    await check_dates(unit, body)
    check_plan(body, body.cancellation_deadline, body.seat_shares)
    await check_references(unit, body, session_id)
    await check_trainers(unit, body, session_id)
    row = columns(body) | {"id": session_id, "state": State.SCHEDULED.value, "revision": 1}
    await unit.execute(insert(Session).values(row))
    await write_occasions(unit, session_id, body.occasions)
    await write_trainers(unit, session_id, body.trainers)
    found = await find_session(unit, session_id)
    await record(unit, "session-scheduled", f"session/{session_id}", after=found.shown.model_dump(exclude={"warnings"}))
    unit.emit(events.scheduled(found.shown))
    events.publish_trainers(unit, session_id, [], body.trainers)
    return found
