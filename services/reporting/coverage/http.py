"""The call of the training coverage."""

from typing import Annotated

from fastapi import Query

from services.reporting.coverage.bodies import CoverageShown, TitleCoverageShown
from services.reporting.coverage.queries import coverage
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.http import MunicipalityCode, own_municipality
from services.reporting.figures.project import spelled
from shared.clock import local_day
from shared.web.fields import Named
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="figures")


@router.get("/v1/coverage")
async def show_coverage(
    course: Annotated[Named | None, Query(description="Only this course, by its code.")] = None,
    municipality: MunicipalityCode = None,
    unit: Unit = allow(Role.COORDINATOR, Role.MUNICIPALITY),
) -> CoverageShown:
    """Titles × courses: employments in force today, and how many of them are of somebody who attended the course."""
    at, today = await counting(unit), local_day(unit.clock.now())
    question = await spelled(unit, at, Question(course=course))
    rows = await coverage(unit, at, today, course=question.course, municipality=own_municipality(unit, municipality))
    return CoverageShown(as_of=today, rows=[TitleCoverageShown.model_validate(row) for row in rows])
