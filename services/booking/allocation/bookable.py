"""What a newcomer could get of a session's seats now."""

from collections.abc import Mapping
from datetime import datetime

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.promote import examine_queue
from services.booking.allocation.rules import State
from services.booking.allocation.seats import Seats
from shared.database.unit_of_work import Unit


async def bookable(
    unit: Unit,
    session: LockedSession,
    taken: Mapping[str, int],
    at: datetime,
    *,
    queued: bool,
    municipality: str | None,
) -> int:
    """The seats that this municipality could get; None: the project office, which books for all of them.

    Only in system scope. To show, never to decide: nothing is locked.
    """
    if session.state != State.SCHEDULED or session.has_started(at):
        return 0
    opens_at = session.registration_opens_at
    if municipality is not None and opens_at is not None and at < opens_at:
        return 0
    seats = Seats(session.capacity, taken, session.shares_at(at))
    queue = await examine_queue(unit, session, at) if queued and seats.free else None
    seats = queue.plan.seats if queue else seats
    return seats.available_to_anybody() if municipality is None else seats.available_to(municipality)
