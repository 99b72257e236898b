"""Who teaches a session is active, not away, has the course's qualification, and teaches nothing else at the time."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.allocation.rules import first_start
from services.booking.catalogue.tables import Course
from services.booking.sessions import problems
from services.booking.sessions.bodies import SessionBody, SessionShown
from services.booking.sessions.checks import period_of
from services.booking.trainers.rules import is_active
from services.booking.trainers.tables import Trainer
from shared.clock import last_day, local_day
from shared.codes import code_key
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid

LOCK = select(Trainer).order_by(col(Trainer.id)).with_for_update(key_share=True)
BUSY = text(
    """
    SELECT DISTINCT ON (teaching.trainer_id) teaching.trainer_id, t.name, s.id AS session_id, s.course, o.starts_at
      FROM session_trainers teaching
      JOIN trainers t ON t.id = teaching.trainer_id
      JOIN sessions s ON s.id = teaching.session_id AND s.state = 'scheduled'
      JOIN occasions o ON o.session_id = s.id
      JOIN unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS wanted (starts_at, ends_at)
        ON wanted.starts_at < o.ends_at AND o.starts_at < wanted.ends_at
     WHERE teaching.trainer_id = ANY(CAST(:trainers AS uuid[])) AND s.id <> :session
     ORDER BY teaching.trainer_id, o.starts_at
    """
)
ABSENT = text(
    """
    SELECT DISTINCT ON (trainer_id) trainer_id, t.name, from_day, to_day
      FROM trainer_absences JOIN trainers t ON t.id = trainer_id
     WHERE trainer_id = ANY(CAST(:trainers AS uuid[]))
       AND EXISTS (SELECT FROM unnest(CAST(:days AS date[])) AS day WHERE day BETWEEN from_day AND to_day)
     ORDER BY trainer_id, from_day
    """
)


async def check_trainers(unit: Unit, body: SessionBody, session_id: UUID, before: SessionShown | None = None) -> None:
    """Raises 409, or 422 for one not active then, for a trainer who is new on the session, or whose session moves.

    The trainers stay locked until commit, so that no other session takes them for the same time meanwhile.
    """
    moves = before is None or {period_of(each) for each in before.occasions} != {
        period_of(each) for each in body.occasions
    }
    asked = [trainer for trainer in body.trainers if moves or before is None or trainer not in before.trainers]
    if not asked:
        return
    trainers = await unit.all(LOCK.where(among(col(Trainer.id), asked)))
    _check_active(body, trainers, before)
    await _check_present(unit, body, asked, before)
    await _check_qualified(unit, body, trainers)
    await _check_free(unit, body, session_id, asked, before)


def _days(body: SessionBody) -> set[date]:
    return {day for each in body.occasions for day in (local_day(each.starts_at), last_day(each.ends_at))}


async def _check_present(unit: Unit, body: SessionBody, asked: Sequence[UUID], before: SessionShown | None) -> None:
    if rows := await unit.all(ABSENT, {"trainers": list(asked), "days": list(_days(body))}):
        raise problems.trainer_absent([(_pointer(body, row["trainer_id"], before), row) for row in rows])


def _check_active(body: SessionBody, trainers: Sequence[RowMapping], before: SessionShown | None) -> None:
    days = _days(body)
    away = [each for each in trainers if not is_active(each["active_from"], each["active_to"], days)]
    if away:
        raise invalid(*(problems.trainer_not_active(_pointer(body, each["id"], before), each) for each in away))


def _pointer(body: SessionBody, trainer_id: UUID, before: SessionShown | None) -> str:
    """Who teaches the session already was not named by this act: what is wrong then is the time."""
    kept = before is not None and trainer_id in before.trainers
    return "/occasions" if kept else f"/trainers/{body.trainers.index(trainer_id)}"


async def _check_qualified(unit: Unit, body: SessionBody, trainers: Sequence[RowMapping]) -> None:
    needed = await unit.scalar(select(col(Course.needs_qualification)).where(col(Course.code) == body.course))
    if needed is None:
        return
    day = local_day(first_start(period_of(occasion) for occasion in body.occasions)).isoformat()
    for trainer in trainers:
        held = [each["obtained_on"] for each in trainer["qualifications"] if code_key(each["code"]) == code_key(needed)]
        if not any(on <= day for on in held):
            raise problems.trainer_not_qualified(body.trainers.index(trainer["id"]), needed, day)


async def _check_free(
    unit: Unit, body: SessionBody, session_id: UUID, asked: Sequence[UUID], before: SessionShown | None
) -> None:
    periods = [period_of(occasion) for occasion in body.occasions]
    parameters = {
        "starts": [period.starts_at for period in periods],
        "ends": [period.ends_at for period in periods],
        "trainers": list(asked),
        "session": session_id,
    }
    if rows := await unit.all(BUSY, parameters):
        raise problems.trainer_busy([(_pointer(body, row["trainer_id"], before), row) for row in rows])
