"""How sessions are written: the same for one that is new and one that changes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col

from services.booking.allocation.act import SessionAct
from services.booking.allocation.rules import first_start, last_end
from services.booking.allocation.tables import Occasion, Session, SessionTrainer
from services.booking.sessions import events
from services.booking.sessions.bodies import OccasionBody, SessionBody, SessionShown
from services.booking.sessions.checks import period_of
from services.booking.sessions.queries import find_session
from shared.audit.record import record
from shared.database.unit_of_work import Unit


async def write_change(act: SessionAct, before: SessionShown, wanted: SessionBody) -> None:
    """A session as it is wanted, with what others must know of the change."""
    unit, session = act.unit, act.session
    values = columns(wanted) | {"revision": session.revision + 1}
    if wanted.shares_release_at != session.shares_release_at or wanted.seat_shares != session.seat_shares:
        values["shares_released_at"] = None  # what is shared again is released again
    await unit.execute(update(Session).where(col(Session.id) == session.id).values(values))
    await write_occasions(unit, session.id, wanted.occasions)
    await write_trainers(unit, session.id, wanted.trainers)
    after = (await find_session(unit, session.id)).shown
    events.publish_changes(unit, before, after)
    shown, target = {"seats", "warnings"}, f"session/{session.id}"
    earlier, later = before.model_dump(exclude=shown), after.model_dump(exclude=shown)
    await record(unit, "session-changed", target, before=earlier, after=later)


def columns(body: SessionBody) -> dict[str, Any]:
    """The body as columns of the session's row."""
    periods = [period_of(occasion) for occasion in body.occasions]
    return body.model_dump(exclude={"occasions", "trainers"}) | {
        "starts_at": first_start(periods),
        "ends_at": last_end(periods),
    }


async def write_occasions(unit: Unit, session_id: UUID, occasions: Sequence[OccasionBody]) -> None:
    """The occasions in place of those there are; an id that is given is kept."""
    await unit.execute(delete(Occasion).where(col(Occasion.session_id) == session_id))
    rows = [
        occasion.model_dump(exclude={"occasion_id"})
        | {"id": occasion.occasion_id or unit.ids.uuid7(), "session_id": session_id}
        for occasion in occasions
    ]
    await unit.execute(insert(Occasion), rows)


async def write_trainers(unit: Unit, session_id: UUID, trainers: Sequence[UUID]) -> None:
    """The trainers in place of those there are, in their order."""
    await unit.execute(delete(SessionTrainer).where(col(SessionTrainer.session_id) == session_id))
    if trainers:
        rows = [
            {"session_id": session_id, "trainer_id": trainer, "position": position}
            for position, trainer in enumerate(trainers)
        ]
        await unit.execute(insert(SessionTrainer), rows)
