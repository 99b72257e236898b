"""What a new capacity, or new shares, must not do: take a seat from somebody who has it, or promise one twice."""

from datetime import datetime

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.rules import first_start, shares_end, unreleased_shares
from services.booking.allocation.seats import Seats, everybody_fits, shares_hold
from services.booking.allocation.taken import seats_taken
from services.booking.sessions.bodies import SessionBody
from services.booking.sessions.checks import period_of
from services.booking.sessions.problems import capacity_too_small, shares_too_large
from shared.database.unit_of_work import Unit


async def check_seats(unit: Unit, session: LockedSession, wanted: SessionBody, at: datetime) -> None:
    """Raises 409 when fewer seats are wanted than are taken, or more guaranteed than are left of them.

    Only in system scope, with the session locked.
    """
    starts_at = first_start(period_of(occasion) for occasion in wanted.occasions)
    shares = unreleased_shares(wanted.seat_shares, shares_end(wanted.shares_release_at, starts_at), at)
    if wanted.capacity == session.capacity and shares == session.shares_at(at):
        return
    seats = Seats(wanted.capacity, await seats_taken(unit, session.id, at), shares)
    if not everybody_fits(seats):
        raise capacity_too_small(sum(seats.taken.values()))
    if not shares_hold(seats):
        raise shares_too_large(seats.free)
