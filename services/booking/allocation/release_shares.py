"""Seat shares fall to the common pool at their release time."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.seats import Seats
from services.booking.allocation.tables import Session
from services.booking.allocation.taken import seats_taken
from shared.contracts.booking_v1 import ShareReleased
from shared.database.unit_of_work import Unit


def release_is_due(session: LockedSession, at: datetime) -> bool:
    """Whether a release lies behind that was not published yet."""
    return (
        bool(session.seat_shares)
        and session.shares_released_at is None
        and session.shares_release_at is not None
        and session.shares_release_at <= at
    )


async def release_shares(unit: Unit, session: LockedSession, due: datetime) -> None:
    """Publish what is left of each share when it falls to the pool. Only in system scope, with the session locked."""
    seats = Seats(session.capacity, await seats_taken(unit, session.id, due), session.seat_shares)
    await unit.execute(update(Session).where(col(Session.id) == session.id).values(shares_released_at=due))
    for municipality in sorted(session.seat_shares):
        if left := seats.guaranteed_left(municipality):
            released = ShareReleased(session_id=session.id, municipality=municipality, seats=left)
            unit.emit(released, occurred_at=due)
