"""New dates for a session: nobody may come to stand in two places at once."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_not_over
from services.booking.allocation.lock import lock_persons
from services.booking.registrations.end import BY_THE_OFFICE, end_registrations
from services.booking.sessions import problems
from services.booking.sessions.bodies import OccasionBody, RescheduleBody, SessionBody
from services.booking.sessions.check_trainers import check_trainers
from services.booking.sessions.checks import check_dates, check_plan, check_references, ensure_not_attested
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.write import write_change
from shared.database.unit_of_work import Unit

PERSONS = text(
    "SELECT DISTINCT participant_id FROM registrations "
    "WHERE session_id = :session AND status IN ('confirmed', 'waitlisted')"
)
COLLISIONS = text(
    """
    SELECT DISTINCT ON (mine.id) mine.id AS registration_id, other.session_id AS other_session, s.course AS other_course
      FROM registrations mine
      JOIN registrations other ON other.participant_id = mine.participant_id AND other.session_id <> mine.session_id
       AND other.status IN ('confirmed', 'waitlisted')
      JOIN sessions s ON s.id = other.session_id AND s.state = 'scheduled'
      JOIN occasions o ON o.session_id = other.session_id
      JOIN unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS moved (starts_at, ends_at)
        ON moved.starts_at < o.ends_at AND o.starts_at < moved.ends_at
     WHERE mine.session_id = :session AND mine.status IN ('confirmed', 'waitlisted')
     ORDER BY mine.id, o.starts_at
    """
)


async def reschedule(unit: Unit, session_id: UUID, body: RescheduleBody) -> Found:
    """Move a session to other dates, perhaps another venue; its deadlines stay as they are.

    Who has another session at the new time keeps both from moving, unless `force` cancels those registrations here,
    held against nobody. Raises 409 and 422.
    """
    async with session_act(unit, session_id) as act:
        await ensure_not_attested(act)
        ensure_not_over(act.session, act.at)
        before = (await find_session(unit, session_id)).shown
        occasions = [occasion.model_dump() for occasion in body.occasions]
        moved = {"occasions": occasions, "venue": body.venue or before.venue}
        wanted = SessionBody.model_validate(before.model_dump(include=set(SessionBody.model_fields)) | moved)
        await check_dates(unit, wanted, before.occasions)
        check_plan(wanted, None, {})
        await check_references(unit, wanted, session_id)
        await check_trainers(unit, wanted, session_id, before)
        colliding = await _collisions(act, wanted.occasions)
        if colliding and not body.force:
            raise problems.registrations_collide(colliding)
        await end_registrations(act, [row["registration_id"] for row in colliding], BY_THE_OFFICE)
        await write_change(act, before, wanted)
    return await find_session(unit, session_id)


async def _collisions(act: SessionAct, occasions: Sequence[OccasionBody]) -> Sequence[RowMapping]:
    """The registrations whose persons have another session at the new time. The persons are locked until commit, so
    that none is booked elsewhere meanwhile.
    """
    rows = await act.unit.all(PERSONS, {"session": act.session.id})
    await lock_persons(act.unit, [row["participant_id"] for row in rows])
    starts, ends = [each.starts_at for each in occasions], [each.ends_at for each in occasions]
    return await act.unit.all(COLLISIONS, {"session": act.session.id, "starts": starts, "ends": ends})
