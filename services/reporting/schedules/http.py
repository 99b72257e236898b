"""Schedules over HTTP: the project office states them, and runs one by hand where it must."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.schedules import queries
from services.reporting.schedules.bodies import RunBody, RunShown, ScheduleBody, SchedulePatch, ScheduleShown
from services.reporting.schedules.change import add_schedule, change_schedule, remove_schedule
from services.reporting.schedules.run import run_schedule
from services.reporting.schedules.tables import Schedule
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="schedules")


@router.get("/v1/schedules", summary="Schedules with their next period and what they delivered")
async def list_schedules(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> Listing[ScheduleShown]:
    """In the order in which they were stated; a failed delivery says why."""
    rows = await unit.all(page.cut(select(Schedule), col(Schedule.id)))
    return page.answer(await queries.shown(unit, rows), lambda one: [one.id], lambda one: one)


@router.post("/v1/schedules", status_code=201, summary="Have a report made and mailed at the end of each period")
async def post_schedule(body: ScheduleBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[ScheduleShown]:
    """Its first period is the first that falls due from now on."""
    schedule_id = await add_schedule(unit, body)
    return await show_schedule(schedule_id, unit)


@router.get("/v1/schedules/{schedule_id}", summary="One schedule")
async def show_schedule(schedule_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[ScheduleShown]:
    """With its latest deliveries."""
    row = await queries.schedule_row(unit, schedule_id)
    [shown] = await queries.shown(unit, [row])
    return Versioned(shown, row["revision"])


@router.patch("/v1/schedules/{schedule_id}", summary="Change when, to whom or in which language a schedule delivers")
async def patch_schedule(
    schedule_id: UUID, patch: SchedulePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[ScheduleShown]:
    """From the next period on; what was delivered stays."""
    await change_schedule(unit, request, schedule_id, patch)
    return await show_schedule(schedule_id, unit)


@router.delete("/v1/schedules/{schedule_id}", status_code=204, summary="End a schedule")
async def delete_schedule(schedule_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Response:
    """Its reports stay."""
    await remove_schedule(unit, request, schedule_id)
    return Response(status_code=204)


@router.post(
    "/v1/schedules/{schedule_id}/run",
    status_code=202,
    summary="Run a schedule for a period",
    responses={
        409: problems("already-delivered", "report-failed", "report-not-frozen", "report-superseded"),
        422: problems("period-not-begun", "period-outside-project", "period-too-fine"),
    },
)
async def post_run(schedule_id: UUID, body: RunBody, unit: Unit = allow(Role.COORDINATOR)) -> RunShown:
    """The same as when it falls due. A failed delivery may be run again."""
    return RunShown(report=await run_schedule(unit, schedule_id, body.period))
