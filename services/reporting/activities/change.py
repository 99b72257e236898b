"""Entering an activity, correcting it, taking it away."""

from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col
from starlette.requests import Request

from services.reporting.activities.bodies import ActivityBody, ActivityPatch, ActivityShown
from services.reporting.activities.queries import activity_row, activity_shown
from services.reporting.activities.tables import Activity
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.patching import patched


async def add_activity(unit: Unit, body: ActivityBody) -> ActivityShown:
    activity_id = unit.ids.uuid7()
    await unit.execute(insert(Activity).values(id=activity_id, revision=1, **body.values()))
    await record(unit, "activity-added", f"activity/{activity_id}", after=body.model_dump())
    return ActivityShown(id=activity_id, **body.model_dump())


async def change_activity(
    unit: Unit, request: Request, activity_id: UUID, patch: ActivityPatch
) -> tuple[ActivityShown, int]:
    """The activity as changed, and its new revision. Raises 404, 412, 428 and 422."""
    row = await activity_row(unit, activity_id, lock=True)
    require_if_match(request, row["revision"])
    before = activity_shown(row).model_dump(exclude={"id"})
    body = patched(ActivityBody, before, patch.model_dump(exclude_unset=True))
    revision: int = row["revision"] + 1
    of_it = col(Activity.id) == activity_id
    await unit.execute(update(Activity).where(of_it).values(revision=revision, **body.values()))
    await record(unit, "activity-changed", f"activity/{activity_id}", before=before, after=body.model_dump())
    return ActivityShown(id=activity_id, **body.model_dump()), revision


async def remove_activity(unit: Unit, request: Request, activity_id: UUID) -> None:
    """Raises 404, 412 and 428."""
    row = await activity_row(unit, activity_id, lock=True)
    require_if_match(request, row["revision"])
    await unit.execute(delete(Activity).where(col(Activity.id) == activity_id))
    before = activity_shown(row).model_dump(exclude={"id"})
    await record(unit, "activity-removed", f"activity/{activity_id}", before=before)
