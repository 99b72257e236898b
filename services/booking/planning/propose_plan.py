"""Proposes the sessions of a term: what the municipalities wish for, on days when they can come."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from services.booking.catalogue.queries import project_row
from services.booking.planning.bodies import CommitmentEffectShown, PlannedSessionShown, PlanShown, UnplacedShown
from services.booking.planning.queries import (
    PlannedCourse,
    Standing,
    closed_days,
    demands,
    planned_courses,
    standings,
)
from services.booking.planning.rules import Calendar, Planned, Wish, attainment, plan
from services.booking.planning.working_days import term_days, working_days
from shared.clock import local_day
from shared.database.unit_of_work import Unit


async def propose_plan(unit: Unit, term: str) -> PlanShown:
    """The sessions, what they would do for each commitment, and what could not be placed. Schedules nothing."""
    today = local_day(unit.recorded_at)
    async with unit.as_system():
        courses = await planned_courses(unit)
        stated = await demands(unit, term)
        calendar = await _calendar(unit, term)
        wishes = [Wish(wish.course, each.municipality, wish.seats) for each in stated.items for wish in each.wishes]
        sizes = {code: course.size for code, course in courses.items()}
        # A large county's demand takes a while: meanwhile the database adds up, and others are answered.
        planning = asyncio.create_task(asyncio.to_thread(plan, wishes, sizes, calendar))
        standing = await standings(unit, today)
        sessions, unplaced = await planning
    minutes = _planned_minutes(sessions, courses)
    return PlanShown(
        sessions=[PlannedSessionShown(**vars(each)) for each in sessions],
        commitments=[_effect(each, minutes[each.municipality]) for each in standing],
        unplaced=[UnplacedShown(**vars(each)) for each in unplaced],
    )


async def _calendar(unit: Unit, term: str) -> Calendar:
    """From tomorrow on, within the term and the project."""
    first, last = term_days(term)
    project = await project_row(unit)
    if project is not None:
        first, last = max(first, project["period_from"]), min(last, project["period_to"])
    first = max(first, local_day(unit.recorded_at) + timedelta(days=1))
    return Calendar(working_days(first, last), await closed_days(unit, first, last))


def _planned_minutes(sessions: Iterable[Planned], courses: Mapping[str, PlannedCourse]) -> Counter[str]:
    minutes: Counter[str] = Counter()
    for session in sessions:
        for code, seats in session.seats.items():
            minutes[code] += seats * courses[session.course].duration_minutes
    return minutes


def _effect(standing: Standing, planned: int) -> CommitmentEffectShown:
    after = standing.attested_minutes + standing.booked_minutes + planned
    return CommitmentEffectShown(
        **vars(standing),
        planned_minutes=planned,
        attainment=attainment(standing.attested_minutes, standing.commitment_minutes),
        attainment_after=attainment(after, standing.commitment_minutes),
    )
