"""Stating a schedule, changing it, and taking it back."""

from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col
from starlette.requests import Request

from services.reporting.reports.kinds.register import KINDS
from services.reporting.schedules import queries
from services.reporting.schedules.bodies import ScheduleBody, SchedulePatch
from services.reporting.schedules.problems import needs_municipality
from services.reporting.schedules.tables import Schedule
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.patching import patched


async def add_schedule(unit: Unit, body: ScheduleBody) -> UUID:
    """Returns its id. Raises 422 for a kind that is of one municipality."""
    if KINDS[body.kind].of_one_municipality:
        raise needs_municipality()
    schedule_id = unit.ids.uuid7()
    stated = body.model_dump(mode="json")
    row = {"id": schedule_id, **stated, "created_at": unit.recorded_at, "revision": 1}
    await unit.execute(insert(Schedule).values(**row))
    await record(unit, "schedule-added", f"schedule/{schedule_id}", after=_noted(stated))
    return schedule_id


async def change_schedule(unit: Unit, request: Request, schedule_id: UUID, patch: SchedulePatch) -> None:
    """From the next period on. Raises 404, 412, 428 and 422."""
    row = await queries.schedule_row(unit, schedule_id, lock=True)
    require_if_match(request, row["revision"])
    before = {name: row[name] for name in ScheduleBody.model_fields}
    after = patched(ScheduleBody, before, patch.model_dump(exclude_unset=True)).model_dump(mode="json")
    values = {name: after[name] for name in SchedulePatch.model_fields} | {"revision": row["revision"] + 1}
    await unit.execute(update(Schedule).where(col(Schedule.id) == schedule_id).values(**values))
    await record(unit, "schedule-changed", f"schedule/{schedule_id}", before=_noted(before), after=_noted(after))


async def remove_schedule(unit: Unit, request: Request, schedule_id: UUID) -> None:
    """What was delivered stays: the reports are frozen."""
    row = await queries.schedule_row(unit, schedule_id, lock=True)
    require_if_match(request, row["revision"])
    await unit.execute(delete(Schedule).where(col(Schedule.id) == schedule_id))
    await record(unit, "schedule-removed", f"schedule/{schedule_id}", before=_noted(dict(row)))


def _noted(row: dict[str, object]) -> dict[str, object]:
    """Without the addresses, which are people's."""
    return {name: row[name] for name in ("kind", "every", "days_after", "language")}
