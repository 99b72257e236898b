"""The pages of activities: the list, one to add or correct, and one to take away."""

from typing import Final
from uuid import UUID

from starlette.requests import Request

from services.reporting.activities.bodies import ActivityBody, ActivityPatch
from services.reporting.activities.change import add_activity, change_activity, remove_activity
from services.reporting.activities.queries import activities_page, activity_row, activity_shown
from shared.web.cursors import Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST: Final = "/uppfoljning/aktiviteter"
ONE: Final = f"{LIST}/{{activity_id}}"


@router.get(LIST)
async def activity_list(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> View:
    rows = await activities_page(unit, page)
    return View(
        "activities/list.html", listing=page.answer(rows, lambda row: [row["sort_key"], row["id"]], activity_shown)
    )


@router.get(f"{LIST}/ny")
async def new_activity(unit: Unit = allow(Role.COORDINATOR)) -> View:
    return View("activities/one.html", activity=None)


@router.post(f"{LIST}/ny")
async def enter_activity(body: ActivityBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await add_activity(unit, body)
    return Done(LIST, _("Saved."))


@router.get(ONE)
async def one_activity(activity_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    row = await activity_row(unit, activity_id)
    return View("activities/one.html", row["revision"], activity=activity_shown(row))


@router.post(ONE)
async def save_activity(
    activity_id: UUID, body: ActivityPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_activity(unit, request, activity_id, body)
    return Done(LIST, _("Saved."))


@router.get(f"{ONE}/ta-bort")
async def before_taking_away(activity_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    row = await activity_row(unit, activity_id)
    return View("activities/remove.html", row["revision"], activity=activity_shown(row))


@router.post(f"{ONE}/ta-bort")
async def take_away(activity_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await remove_activity(unit, request, activity_id)
    return Done(LIST, _("The activity is taken away."))
