"""The pages of schedules: the list with what became of the deliveries, one to add or change, and one to end."""

from typing import Final
from uuid import UUID

from starlette.requests import Request

from services.reporting.reports.kinds.register import KINDS
from services.reporting.schedules.bodies import RunBody, ScheduleBody, SchedulePatch
from services.reporting.schedules.change import add_schedule, change_schedule, remove_schedule
from services.reporting.schedules.http import list_schedules, show_schedule
from services.reporting.schedules.run import run_schedule
from shared.web.cursors import Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST: Final = "/uppfoljning/scheman"
ONE: Final = f"{LIST}/{{schedule_id}}"
OF_ALL: Final = [kind.name for kind in KINDS.values() if not kind.of_one_municipality]


@router.get(LIST)
async def schedules(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """As a part of the office's start page only whether something was not delivered."""
    listed = await list_schedules(page, unit)
    failed = sum(one.state == "failed" for schedule in listed.items for one in schedule.deliveries)
    return View("schedules/list.html", listed=listed.items, next=listed.next, failed=failed)


@router.get(f"{LIST}/nytt")
async def new_schedule(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("schedules/new.html", kinds=OF_ALL)


@router.post(f"{LIST}/nytt")
async def enter_schedule(body: ScheduleBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await add_schedule(unit, body)
    return Done(LIST, _("Saved."))


@router.get(ONE)
async def one_schedule(schedule_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    found = await show_schedule(schedule_id, unit)
    return View("schedules/one.html", found.revision, schedule=found.value)


@router.post(ONE)
async def save_schedule(
    schedule_id: UUID, body: SchedulePatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_schedule(unit, request, schedule_id, body)
    return Done(LIST, _("Saved."))


@router.post(f"{ONE}/leverera")
async def deliver(schedule_id: UUID, body: RunBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    """A period again, after what was in its way is mended."""
    await run_schedule(unit, schedule_id, body.period)
    return Done(f"{LIST}/{schedule_id}", _("The report is being made, and is mailed when it is finished."))


@router.get(f"{ONE}/avsluta")
async def before_ending(schedule_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    found = await show_schedule(schedule_id, unit)
    return View("schedules/end.html", found.revision, schedule=found.value)


@router.post(f"{ONE}/avsluta")
async def end(schedule_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await remove_schedule(unit, request, schedule_id)
    return Done(LIST, _("The schedule is ended."))
