"""An act on a session, with the steps that none may forget."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.allocation.due import settle_due
from services.booking.allocation.lock import (
    Candidate,
    LockedSession,
    lock_session,
    lock_session_and_persons,
    read_session,
)
from services.booking.allocation.promote import promote
from services.booking.allocation.seats import Seats
from services.booking.allocation.situation import Situation
from shared.database.unit_of_work import Unit


@dataclass
class SessionAct:
    """What an act works with: the session as it was locked, and those of the persons asked for that the caller sees."""

    unit: Unit
    session: LockedSession
    candidates: Sequence[Candidate] = ()
    queue_served: bool = False

    @property
    def at(self) -> datetime:
        return self.unit.occurred_at

    async def serve_queue(self, situation: Situation) -> Seats:
        """Promote before a newcomer is seated, who comes behind those who wait. Returns the seats that are left to it.

        An act that serves the queue only takes seats: it ends without another pass.
        """
        self.queue_served = True
        left = await promote(self.unit, self.session, self.at) if situation.waiting else None
        return left or situation.seats


@asynccontextmanager
async def session_act(
    unit: Unit, session_id: UUID, *, staff: Sequence[UUID] = (), promotes: bool = True
) -> AsyncIterator[SessionAct]:
    """Lock the session, settle what is due, let the block act, and give what is free to those who wait.

    The block runs in system scope: whether the caller may see a row is asked before, or by `staff`, whose persons are
    found in the caller's scope and locked too. An act that `promotes` nobody frees no seat. Raises 404.
    """
    act = await _begin(unit, session_id, staff)
    async with unit.as_system():
        await settle_due(unit, act.session, act.at)
        yield act
        if promotes and not act.queue_served:
            changed = await read_session(unit, session_id)
            await settle_due(unit, changed, act.at)
            await promote(unit, changed, act.at)


@asynccontextmanager
async def session_acts(
    unit: Unit, session_ids: Iterable[UUID], *, staff: Sequence[UUID] = ()
) -> AsyncIterator[Mapping[UUID, SessionAct]]:
    """One act on several sessions, by session: locked in order of id, and the persons after the last of them."""
    *others, last = sorted(set(session_ids))
    async with AsyncExitStack() as running:
        acts = [await running.enter_async_context(session_act(unit, each)) for each in others]
        acts.append(await running.enter_async_context(session_act(unit, last, staff=staff)))
        yield {act.session.id: act for act in acts}


async def _begin(unit: Unit, session_id: UUID, staff: Sequence[UUID]) -> SessionAct:
    if staff:
        return SessionAct(unit, *await lock_session_and_persons(unit, session_id, staff))
    return SessionAct(unit, await lock_session(unit, session_id))
