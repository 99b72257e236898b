"""What falls due on a session by time alone: its shares are released, reservations lapse."""

from datetime import datetime

from services.booking.allocation.held import lapse, lapses_due
from services.booking.allocation.lock import LockedSession
from services.booking.allocation.promote import promote
from services.booking.allocation.release_shares import release_is_due, release_shares
from services.booking.allocation.rules import State
from shared.database.unit_of_work import Unit


def is_due(session: LockedSession, at: datetime) -> bool:
    """Whether an act at this moment may have something to settle first."""
    lapses = session.lapse_due_at is not None and min(session.lapse_due_at, session.starts_at) <= at
    return lapses or release_is_due(session, at)


async def settle_due(unit: Unit, session: LockedSession, at: datetime) -> None:
    """Let what is due by `at` take effect, each in its order and dated when it was due, and promote each time.

    Every act on a session begins with it. What was noticed only after the session's start promotes nobody who could not
    have known, unless the whole act is entered afterwards.
    """
    if session.state == State.CANCELLED:
        return
    async with unit.as_system():
        moments = await lapses_due(unit, session, at)
        release = session.shares_release_at if release_is_due(session, at) else None
        for moment in sorted(moments | ({release} if release else set())):
            if moment == release:
                await release_shares(unit, session, moment)
            if moment in moments:
                await lapse(unit, session, moment)
            if unit.back_dated or not session.has_started(at):
                await promote(unit, session, moment)
