"""Seat shares fall to the common pool at their release time; whoever waits gets what is left of them."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import col

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.promote import promote
from services.booking.allocation.rules import State
from services.booking.allocation.seats import Seats
from services.booking.allocation.tables import Registration, Session
from shared.contracts.booking_v1 import ShareReleased
from shared.database.unit_of_work import Unit


def release_is_due(session: LockedSession, at: datetime) -> bool:
    """Whether a release lies behind that was not published yet."""
    return (
        bool(session.seat_shares)
        and session.state != State.CANCELLED
        and session.shares_released_at is None
        and session.shares_release_at is not None
        and session.shares_release_at <= at
    )


async def release_due_shares(unit: Unit, session: LockedSession, at: datetime) -> None:
    """Publish a release that is due at `at`, dated when it was due, and promote. Every act on a session begins with it.

    A release that was noticed only after the session's start promotes nobody who could not have known, unless the whole
    act is entered afterwards.
    """
    due = session.shares_release_at
    if due is None or not release_is_due(session, at):
        return
    async with unit.as_system():
        seats = Seats(session.capacity, await seats_taken(unit, session), session.seat_shares)
        await unit.execute(update(Session).where(col(Session.id) == session.id).values(shares_released_at=due))
        for municipality in sorted(session.seat_shares):
            if left := seats.guaranteed_left(municipality):
                released = ShareReleased(session_id=session.id, municipality=municipality, seats=left)
                unit.emit(released, occurred_at=due)
        if unit.back_dated or not session.has_started(at):
            await promote(unit, session, due)


async def seats_taken(unit: Unit, session: LockedSession) -> dict[str, int]:
    """Confirmed registrations per municipality. Only in system scope, with the session locked."""
    rows = await unit.all(
        select(col(Registration.municipality), func.count().label("seats"))
        .where(col(Registration.session_id) == session.id, col(Registration.status) == "confirmed")
        .group_by(col(Registration.municipality))
    )
    return {row["municipality"]: row["seats"] for row in rows}
