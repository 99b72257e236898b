"""The calls of activities."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.reporting.activities.bodies import ActivityBody, ActivityPatch, ActivityShown
from services.reporting.activities.change import add_activity, change_activity, remove_activity
from services.reporting.activities.queries import activities_page, activity_row, activity_shown
from shared.web.cursors import Listing, Paging
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="activities")


@router.get("/v1/activities")
async def list_activities(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> Listing[ActivityShown]:
    """Breakfasts and network days, the latest first. They are never in unique persons or hours."""
    return page.answer(await activities_page(unit, page), lambda row: [row["sort_key"], row["id"]], activity_shown)


@router.post("/v1/activities", status_code=201)
async def post_activity(body: ActivityBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[ActivityShown]:
    return Versioned(await add_activity(unit, body), 1)


@router.get("/v1/activities/{activity_id}")
async def show_activity(activity_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[ActivityShown]:
    row = await activity_row(unit, activity_id)
    return Versioned(activity_shown(row), row["revision"])


@router.patch("/v1/activities/{activity_id}")
async def patch_activity(
    activity_id: UUID, body: ActivityPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[ActivityShown]:
    """Corrects the fields that are sent."""
    return Versioned(*await change_activity(unit, request, activity_id, body))


@router.delete("/v1/activities/{activity_id}", status_code=204)
async def delete_activity(activity_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Response:
    await remove_activity(unit, request, activity_id)
    return Response(status_code=204)
