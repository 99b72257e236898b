"""A trainer is away (product rule 8): a colleague takes over, or the session is cancelled, or somebody decides."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col

from services.booking.absences.bodies import AbsenceBody, AbsenceShown
from services.booking.absences.queries import absence, colleagues_of, sessions_taught
from services.booking.absences.rules import Colleague, Fate, fate, ranked
from services.booking.allocation.act import SessionAct, session_acts
from services.booking.catalogue.tables import Course
from services.booking.sessions.bodies import CancelBody, SessionBody, SessionShown
from services.booking.sessions.cancel import cancel_within
from services.booking.sessions.checks import period_of
from services.booking.sessions.queries import find_session
from services.booking.sessions.rules import Cause
from services.booking.sessions.write import write_change
from services.booking.trainers.queries import trainer_row
from services.booking.trainers.tables import Trainer, TrainerAbsence
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.errors import CONCURRENT

TRAINERS = select(col(Trainer.id)).order_by(col(Trainer.id)).with_for_update(key_share=True)


async def report_absence(unit: Unit, trainer_id: UUID, body: AbsenceBody) -> AbsenceShown:
    """Store the absence and find, for each session that it touches, who teaches it. Raises 404.

    Sessions are taken in order of their start, each with what was decided about those before it.
    """
    await trainer_row(unit, trainer_id)
    days = (body.from_, body.to)
    touched = await sessions_taught(unit, trainer_id, *days, unit.occurred_at)
    async with AsyncExitStack() as running:
        acts = await running.enter_async_context(session_acts(unit, touched)) if touched else {}
        await unit.all(TRAINERS)  # after the sessions, as scheduling does it: nobody takes a colleague meanwhile
        if await sessions_taught(unit, trainer_id, *days, unit.occurred_at) != touched:
            raise CONCURRENT
        absence_id = await _store(unit, trainer_id, body, touched, acts)
    return await absence(unit, trainer_id, absence_id)


async def _store(
    unit: Unit, trainer_id: UUID, body: AbsenceBody, touched: Sequence[UUID], acts: Mapping[UUID, SessionAct]
) -> UUID:
    absence_id = unit.ids.uuid7()
    affected = [await _settle(acts[session_id], trainer_id) for session_id in touched]
    row = {"id": absence_id, "trainer_id": trainer_id, "from_day": body.from_, "to_day": body.to}
    await unit.execute(insert(TrainerAbsence).values(**row, reason=body.reason, affected=affected))
    after = {"from": body.from_, "to": body.to, "affected": {each["session_id"]: each["outcome"] for each in affected}}
    await record(unit, "trainer-absent", f"trainer/{trainer_id}", after=after)
    return absence_id


async def _settle(act: SessionAct, absent: UUID) -> dict[str, Any]:
    """What becomes of one session, as it is stored."""
    session = (await find_session(act.unit, act.session.id)).shown
    candidates = await _candidates(act, session)
    others_teach = any(trainer != absent for trainer in session.trainers)
    outcome = fate(candidates, others_teach=others_teach, has_begun=act.session.has_started(act.at))
    if outcome is Fate.REPLACED:
        await _replace(act, session, absent, candidates[0].trainer_id)
    elif outcome is Fate.CANCELLED:
        await cancel_within(act, CancelBody(cause=Cause.TRAINER_ABSENT))
    listed = [{"trainer_id": str(each.trainer_id), "assignments": each.assignments} for each in candidates]
    return {"session_id": str(session.id), "outcome": outcome.value, "candidates": listed}


async def _candidates(act: SessionAct, session: SessionShown) -> list[Colleague]:
    unit = act.unit
    needed = await unit.scalar(select(col(Course.needs_qualification)).where(col(Course.code) == session.course))
    left = [period_of(occasion) for occasion in session.occasions if occasion.ends_at > act.at]
    return ranked(await colleagues_of(unit, session.id, left, act.session.starts_at, needed), session.host_municipality)


async def _replace(act: SessionAct, session: SessionShown, absent: UUID, colleague: UUID) -> None:
    """The colleague stands where the absent one stood."""
    trainers = [colleague if trainer == absent else trainer for trainer in session.trainers]
    present = session.model_dump(include=set(SessionBody.model_fields))
    await write_change(act, session, SessionBody.model_validate(present | {"trainers": trainers}))
