"""Scheduling a session, and what scheduling and changing have in common: what must hold, and how it is written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select
from sqlmodel import col

from services.booking.allocation.rules import Period, State, first_start, last_end
from services.booking.allocation.tables import Occasion, Session, SessionTrainer
from services.booking.audit.record import record
from services.booking.catalogue.queries import stored_course
from services.booking.catalogue.tables import Course, Municipality
from services.booking.sessions import events
from services.booking.sessions.bodies import OccasionBody, SessionBody
from services.booking.sessions.problems import field_errors, trainer_not_qualified
from services.booking.sessions.queries import Found, find_session
from services.booking.sessions.rules import Fault, Plan, PlannedOccasion, faults
from services.booking.trainers.tables import Trainer
from shared.clock import local_day
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid


async def schedule(unit: Unit, body: SessionBody) -> Found:
    """A new session. Raises 422 for what cannot be scheduled, 409 for a trainer without the course's qualification."""
    session_id = unit.ids.uuid7()
    body = body.model_copy(update={"course": await stored_course(unit, body.course)})
    check_plan(body, body.cancellation_deadline)
    await check_references(unit, body, session_id)
    row = columns(body) | {"id": session_id, "state": State.SCHEDULED.value, "revision": 1}
    await unit.execute(insert(Session).values(row))
    await write_occasions(unit, session_id, body.occasions)
    await write_trainers(unit, session_id, body.trainers)
    found = await find_session(unit, session_id)
    await record(unit, "session-scheduled", f"session/{session_id}", after=found.shown.model_dump())
    unit.emit(events.scheduled(found.shown))
    events.publish_trainers(unit, session_id, [], body.trainers)
    return found


# --- what must hold --------------------------------------------------------------------------------------------------


def check_plan(body: SessionBody, deadline: datetime | None) -> None:
    """Raises 422 when the figures contradict each other. `deadline` None: it was not chosen by this act."""
    plan = Plan(
        [PlannedOccasion(period_of(occasion), occasion.break_minutes) for occasion in body.occasions],
        body.capacity,
        body.min_participants,
        body.seat_shares,
        deadline,
    )
    found = [*faults(plan), *_repeated(body.occasions)]
    if found:
        raise invalid(*field_errors(found))


def _repeated(occasions: Sequence[OccasionBody]) -> list[Fault]:
    given = [occasion.occasion_id for occasion in occasions]
    return [
        Fault(f"/occasions/{index}/occasion_id", "repeated")
        for index, occasion_id in enumerate(given)
        if occasion_id is not None and occasion_id in given[:index]
    ]


def period_of(occasion: OccasionBody) -> Period:
    return Period(occasion.starts_at, occasion.ends_at)


async def check_references(unit: Unit, body: SessionBody, session_id: UUID) -> None:
    """Raises 422 for what does not exist, 409 for a trainer who lacks the qualification on the first day."""
    course = await unit.one_or_none(select(Course).where(col(Course.code) == body.course))
    trainers = {row["id"]: row for row in await unit.all(select(Trainer).where(among(col(Trainer.id), body.trainers)))}
    wrong = [Fault("/course", "unknown-course")] if course is None else []
    wrong += await _unknown_municipalities(unit, body)
    wrong += [
        Fault(f"/trainers/{index}", "unknown-trainer")
        for index, trainer in enumerate(body.trainers)
        if trainer not in trainers
    ]
    wrong += await _taken_occasions(unit, body.occasions, session_id)
    if wrong:
        raise invalid(*field_errors(wrong))
    if course is not None and course["needs_qualification"]:
        _check_qualified(body, trainers, course["needs_qualification"])


async def _unknown_municipalities(unit: Unit, body: SessionBody) -> list[Fault]:
    wanted = {"/host_municipality": body.host_municipality}
    wanted |= {f"/seat_shares/{code}": code for code in body.seat_shares}
    rows = await unit.all(select(col(Municipality.code)).where(among(col(Municipality.code), set(wanted.values()))))
    known = {row["code"] for row in rows}
    return [Fault(pointer, "unknown-municipality") for pointer, code in wanted.items() if code not in known]


async def _taken_occasions(unit: Unit, occasions: Sequence[OccasionBody], session_id: UUID) -> list[Fault]:
    given = {occasion.occasion_id for occasion in occasions if occasion.occasion_id is not None}
    if not given:
        return []
    rows = await unit.all(
        select(col(Occasion.id)).where(among(col(Occasion.id), given), col(Occasion.session_id) != session_id)
    )
    taken = {row["id"] for row in rows}
    return [
        Fault(f"/occasions/{index}/occasion_id", "occasion-taken")
        for index, occasion in enumerate(occasions)
        if occasion.occasion_id in taken
    ]


def _check_qualified(body: SessionBody, trainers: Mapping[UUID, RowMapping], qualification: str) -> None:
    day = local_day(first_start(period_of(occasion) for occasion in body.occasions)).isoformat()
    for index, trainer in enumerate(body.trainers):
        obtained = [
            held["obtained_on"] for held in trainers[trainer]["qualifications"] if held["code"] == qualification
        ]
        if not any(on <= day for on in obtained):
            raise trainer_not_qualified(index, qualification)


# --- how it is written -----------------------------------------------------------------------------------------------


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
