"""The one thing that a new capacity must not do: take a seat from somebody who has it."""

from services.booking.sessions.lock import LockedSession
from services.booking.sessions.problems import capacity_too_small
from services.booking.sessions.release_shares import seats_taken
from services.booking.sessions.seats import Seats, fits
from shared.database.unit_of_work import Unit


async def check_capacity(unit: Unit, session: LockedSession, capacity: int) -> None:
    """Raises 409 when fewer seats are wanted than are taken. Only in system scope, with the session locked."""
    taken = await seats_taken(unit, session)
    if not fits(Seats(session.capacity, taken), capacity):
        raise capacity_too_small(sum(taken.values()))
