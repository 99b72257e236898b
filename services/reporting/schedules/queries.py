"""Reading schedules with what they delivered."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.reporting.figures.asking import counting
from services.reporting.figures.project import project_period
from services.reporting.schedules.bodies import DeliveryShown, ScheduleShown
from services.reporting.schedules.rules import Due, next_due
from services.reporting.schedules.tables import Schedule
from shared.clock import day_start, local_day
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.problems import not_found

SHOWN_DELIVERIES = 12
# A mail that nobody took counts for the whole delivery: somebody waits for it.
DELIVERIES = text(
    """
    SELECT d.schedule_id, d.period, d.report_id AS report, d.at,
           CASE WHEN d.state = 'mailed' AND posted.failed IS NOT NULL THEN 'failed'
                WHEN d.state = 'mailed' AND posted.open THEN 'sending'
                WHEN d.state = 'mailed' THEN 'sent' ELSE d.state END AS state,
           coalesce(d.reason, posted.failed) AS reason
      FROM schedule_deliveries AS d
      LEFT JOIN LATERAL (
            SELECT bool_or(state = 'queued') AS open,
                   string_agg(recipient || ': ' || coalesce(reason, state), '; ' ORDER BY recipient)
                   FILTER (WHERE state IN ('refused', 'expired')) AS failed
              FROM mails WHERE starts_with(key, 'reporting/delivery/' || d.report_id || '/')
           ) AS posted ON true
     WHERE d.schedule_id = ANY (CAST(:ids AS uuid[])) ORDER BY d.at DESC, d.period DESC
    """
)


async def schedule_row(unit: Unit, schedule_id: UUID, *, lock: bool = False) -> RowMapping:
    """Raises 404."""
    return await unit.found(by_id(Schedule, schedule_id, lock=lock), missing=not_found("Schemat", "The schedule"))


async def shown(unit: Unit, rows: Sequence[RowMapping]) -> list[ScheduleShown]:
    """Schedules with their next period and their latest deliveries."""
    async with unit.as_system():
        delivered = await unit.all(DELIVERIES, {"ids": [row["id"] for row in rows]})
    until = await _project_ends(unit)
    return [_shown(row, [one for one in delivered if one["schedule_id"] == row["id"]], until) for row in rows]


async def due(unit: Unit) -> list[tuple[UUID, str]]:
    """The schedules with a period that has fallen due."""
    today, until = local_day(unit.recorded_at), await _project_ends(unit)
    found = []
    for row in await unit.all(select(Schedule).order_by(col(Schedule.id))):
        delivered = await unit.all(DELIVERIES, {"ids": [row["id"]]})
        coming = _next(row, delivered, until)
        if coming is not None and coming.day <= today:
            found.append((row["id"], coming.period))
    return found


async def _project_ends(unit: Unit) -> date:
    """While the project is not known nothing falls due."""
    project = await project_period(unit, await counting(unit))
    return project.last if project else date.min


def _next(row: RowMapping, delivered: Sequence[RowMapping], until: date) -> Due | None:
    since = local_day(row["created_at"])
    return next_due(row["every"], row["days_after"], since, until, {one["period"] for one in delivered})


def _shown(row: RowMapping, delivered: Sequence[RowMapping], until: date) -> ScheduleShown:
    coming = _next(row, delivered, until)
    latest = [DeliveryShown.model_validate(dict(one)) for one in delivered[:SHOWN_DELIVERIES]]
    said: dict[str, Any] = {
        "next_period": coming and coming.period,
        "next_run": day_start(coming.day) if coming else None,
        "deliveries": latest,
    }
    return ScheduleShown.model_validate({**row, **said})
