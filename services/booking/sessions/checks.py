"""What must hold before a session is scheduled or changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.booking.allocation.act import SessionAct
from services.booking.allocation.rules import Period
from services.booking.allocation.tables import Occasion
from services.booking.catalogue.queries import project_row
from services.booking.catalogue.tables import Course, Municipality
from services.booking.sessions import problems
from services.booking.sessions.bodies import OccasionBody, OccasionShown, SessionBody
from services.booking.sessions.rules import Fault, Plan, PlannedOccasion, faults
from services.booking.trainers.tables import Trainer
from shared.clock import last_day, local_day
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid

ATTESTED = text("SELECT attested FROM roll_states WHERE session_id = :session")


def check_plan(body: SessionBody, deadline: datetime | None, shares: Mapping[str, int]) -> None:
    """Raises 422 when the figures contradict each other. `deadline` None, no `shares`: not chosen by this act."""
    plan = Plan(
        [PlannedOccasion(period_of(occasion), occasion.break_minutes) for occasion in body.occasions],
        body.capacity,
        body.min_participants,
        shares,
        deadline,
    )
    found = [*faults(plan), *_repeated(body.occasions)]
    if found:
        raise invalid(*problems.field_errors(found))


def _repeated(occasions: Sequence[OccasionBody]) -> list[Fault]:
    given = [occasion.occasion_id for occasion in occasions]
    return [
        Fault(f"/occasions/{index}/occasion_id", "repeated")
        for index, occasion_id in enumerate(given)
        if occasion_id is not None and occasion_id in given[:index]
    ]


def period_of(occasion: OccasionBody | OccasionShown) -> Period:
    return Period(occasion.starts_at, occasion.ends_at)


async def check_dates(unit: Unit, body: SessionBody, known: Sequence[OccasionShown] = ()) -> None:
    """Raises 422 for occasions in the past or outside the project, other than at the times that are `known`."""
    times = {period_of(occasion) for occasion in known}
    new = [(index, each) for index, each in enumerate(body.occasions) if period_of(each) not in times]
    past = [index for index, each in new if each.starts_at < unit.recorded_at]
    if past and not unit.back_dated:
        raise problems.in_the_past(past)
    if outside := await _outside_project(unit, new):
        raise invalid(*outside)


async def _outside_project(unit: Unit, occasions: Sequence[tuple[int, OccasionBody]]) -> list[FieldError]:
    project = await project_row(unit)
    if project is None:
        return []
    first, last = project["period_from"], project["period_to"]
    return [
        problems.outside_project(index, first, last)
        for index, each in occasions
        if local_day(each.starts_at) < first or last_day(each.ends_at) > last
    ]


async def check_references(unit: Unit, body: SessionBody, session_id: UUID) -> None:
    """Raises 422 for what does not exist."""
    known = await unit.all(select(col(Trainer.id)).where(among(col(Trainer.id), body.trainers)))
    trainers = {row["id"] for row in known}
    course = await unit.scalar(select(col(Course.code)).where(col(Course.code) == body.course))
    wrong = [Fault("/course", "unknown-course")] if course is None else []
    wrong += await _unknown_municipalities(unit, body)
    wrong += [
        Fault(f"/trainers/{index}", "unknown-trainer")
        for index, trainer in enumerate(body.trainers)
        if trainer not in trainers
    ]
    wrong += await _taken_occasions(unit, body.occasions, session_id)
    if wrong:
        raise invalid(*problems.field_errors(wrong))


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


async def ensure_not_attested(act: SessionAct) -> None:
    """Raises 409 once the session's roll is known to be sealed: dates and fate of what was attested stand."""
    if await act.unit.scalar(ATTESTED, {"session": act.session.id}):
        raise problems.roll_attested()
