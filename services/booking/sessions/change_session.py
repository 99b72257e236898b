"""Changing a session: seats, venue, trainers, and its dates while nobody is registered.

A seat that frees by it is given away in the same transaction.
"""

from uuid import UUID

from starlette.requests import Request

from services.booking.allocation.act import session_act
from services.booking.allocation.checks import ensure_not_over
from services.booking.sessions import problems
from services.booking.sessions.bodies import SessionBody, SessionPatch, SessionShown
from services.booking.sessions.change_capacity import check_seats
from services.booking.sessions.check_trainers import check_trainers
from services.booking.sessions.checks import check_dates, check_plan, check_references, ensure_not_attested
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.write import write_change
from shared.codes import code_key
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.patching import patched, unchangeable
from shared.web.problems import invalid


async def change_session(unit: Unit, request: Request, session_id: UUID, patch: SessionPatch) -> Found:
    """Change the fields that are sent, in the revision that the caller has seen.

    Raises 412 and 428 for `If-Match`, 409 for a session that is cancelled, attested or over when the act happened, for
    a capacity below what is taken, and for trainers who cannot teach it; 422 for what contradicts itself, and for new
    dates once people are registered.
    """
    async with session_act(unit, session_id) as act:
        require_if_match(request, act.session.revision)
        before = (await find_session(unit, session_id)).shown
        wanted = _wanted(before, patch)
        moves = _occasions(before) != _occasions(wanted)
        if moves:
            await ensure_not_attested(act)
        ensure_not_over(act.session, act.at)
        if moves and _is_anybody_registered(before):
            raise problems.use_reschedule()
        await check_dates(unit, wanted, before.occasions)
        dated = patch.model_fields_set & {"occasions", "cancellation_deadline"}
        # Shares that stand already are `check_seats`'s: they count until they are released.
        shares = wanted.seat_shares if "seat_shares" in patch.model_fields_set else {}
        check_plan(wanted, wanted.cancellation_deadline if dated else None, shares)
        await check_references(unit, wanted, session_id)
        await check_trainers(unit, wanted, session_id, before)
        await check_seats(unit, act.session, wanted, act.at)
        await write_change(act, before, wanted)
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
    return patched(SessionBody, present, patch.model_dump(exclude_unset=True, exclude={"course"}))


def _occasions(session: SessionShown | SessionBody) -> set[tuple[object, ...]]:
    """The occasions as they are compared: which, when, with what break."""
    return {(each.occasion_id, each.starts_at, each.ends_at, each.break_minutes) for each in session.occasions}


def _is_anybody_registered(session: SessionShown) -> bool:
    return session.seats is not None and session.seats.confirmed + session.seats.waitlisted > 0
