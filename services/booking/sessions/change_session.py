"""Changing a session: seats, dates, venue, trainers. A seat that frees by it is given away in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from starlette.requests import Request

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.lock import LockedSession
from services.booking.allocation.problems import ensure_not_over
from services.booking.allocation.tables import Session
from services.booking.audit.record import record
from services.booking.bodies import patched, unchangeable
from services.booking.codes import code_key
from services.booking.sessions import events
from services.booking.sessions.bodies import (
    OccasionBody,
    OccasionShown,
    RescheduleBody,
    SessionBody,
    SessionPatch,
    SessionShown,
)
from services.booking.sessions.change_capacity import check_seats
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.reschedule import check_collisions
from services.booking.sessions.schedule import check_plan, check_references, columns, write_occasions, write_trainers
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.problems import invalid


async def change_session(unit: Unit, request: Request, session_id: UUID, patch: SessionPatch) -> Found:
    """Change the fields that are sent, in the revision that the caller has seen.

    Raises 412 and 428 for `If-Match`, 409 for a session that is cancelled or over when the act happened, for a capacity
    below what is taken, and for dates that would put persons in two places; 422 for what contradicts itself.
    """
    async with session_act(unit, session_id) as act:
        require_if_match(request, act.session.revision)
        ensure_not_over(act.session, act.at)
        before = (await find_session(unit, session_id)).shown
        await _change(act, before, _wanted(before, patch))
    return await find_session(unit, session_id)


async def reschedule(unit: Unit, session_id: UUID, body: RescheduleBody) -> Found:
    """Move a session to other dates, perhaps another venue; its deadlines stay as they are. Raises 409 and 422."""
    async with session_act(unit, session_id) as act:
        ensure_not_over(act.session, act.at)
        before = (await find_session(unit, session_id)).shown
        occasions = [occasion.model_dump() for occasion in body.occasions]
        moved = {"occasions": occasions, "venue": body.venue or before.venue}
        wanted = SessionBody.model_validate(before.model_dump(include=set(SessionBody.model_fields)) | moved)
        check_plan(wanted, None)
        await _change(act, before, wanted)
    return await find_session(unit, session_id)


def _wanted(before: SessionShown, patch: SessionPatch) -> SessionBody:
    if patch.course is not None and code_key(patch.course) != code_key(before.course):
        raise invalid(
            unchangeable(
                "course",
                "Kursen kan inte bytas. Ställ in kurstillfället och lägg in ett nytt.",
                "The course cannot be changed. Cancel the session and schedule a new one.",
            )
        )
    present = before.model_dump(include=set(SessionBody.model_fields))
    wanted = patched(SessionBody, present, patch.model_dump(exclude_unset=True, exclude={"course"}))
    dated = patch.model_fields_set & {"occasions", "cancellation_deadline"}
    check_plan(wanted, wanted.cancellation_deadline if dated else None)
    return wanted


async def _change(act: SessionAct, before: SessionShown, wanted: SessionBody) -> None:
    unit, session = act.unit, act.session
    await check_references(unit, wanted, session.id)
    await check_seats(unit, session, wanted, act.at)
    if periods(before.occasions) != periods(wanted.occasions):
        await check_collisions(unit, session, wanted.occasions)
    await _write(unit, session, wanted)
    found = await find_session(unit, session.id)
    events.publish_changes(unit, before, found.shown)
    shown, target = {"seats"}, f"session/{session.id}"
    earlier, later = before.model_dump(exclude=shown), found.shown.model_dump(exclude=shown)
    await record(unit, "session-changed", target, before=earlier, after=later)


def periods(occasions: Sequence[OccasionBody] | Sequence[OccasionShown]) -> set[tuple[datetime, datetime]]:
    return {(occasion.starts_at, occasion.ends_at) for occasion in occasions}


async def _write(unit: Unit, session: LockedSession, wanted: SessionBody) -> None:
    values = columns(wanted) | {"revision": session.revision + 1}
    if wanted.shares_release_at != session.shares_release_at or wanted.seat_shares != session.seat_shares:
        values["shares_released_at"] = None  # what is shared anew is released anew
    await unit.execute(update(Session).where(col(Session.id) == session.id).values(values))
    await write_occasions(unit, session.id, wanted.occasions)
    await write_trainers(unit, session.id, wanted.trainers)
