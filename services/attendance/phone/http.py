"""The calls of the trainer's phone."""

from typing import Annotated

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from services.attendance.phone.bodies import DayShown, SyncBody, SyncShown
from services.attendance.phone.day import days_of
from services.attendance.phone.days_together import DaysTogether, day_answer
from services.attendance.phone.sync import sync
from services.attendance.phone.sync_together import SyncTogether
from shared.web.combined import combined
from shared.web.fields import Day
from shared.web.openapi import AS_YOU_HAVE_IT
from shared.web.problems import language_of
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="phone")


@router.get("/v1/days/{date}", response_model=DayShown, responses=AS_YOU_HAVE_IT)
@combined(DaysTogether())
async def show_day(
    date: Annotated[Day, Path(description="Local day.")], request: Request, unit: Unit = allow(Role.TRAINER)
) -> Response:
    """A trainer's rolls of a day, to take along; 304 while nothing of it has changed."""
    assert unit.trainer_id is not None, "the route lets trainers in"
    days = await days_of(unit, [unit.trainer_id], date, language_of(request))
    return day_answer(request, days[unit.trainer_id])


@router.post("/v1/sync")
@combined(SyncTogether())
async def post_sync(body: SyncBody, request: Request, unit: Unit = allow(Role.TRAINER)) -> SyncShown:
    """Takes what a phone noted on several sessions; send it again as often as needed. One refused session stops no
    other.
    """
    return await sync(unit, body, language_of(request))
