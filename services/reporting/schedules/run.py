"""Running a schedule for a period: the report is ordered now, and mailed when it is frozen."""

from uuid import UUID

from sqlalchemy import text

from services.reporting.reports.bodies import ReportBody
from services.reporting.reports.order_report import order_report
from services.reporting.schedules import queries
from services.reporting.schedules.problems import already_delivered, other_period
from services.reporting.schedules.rules import is_of
from shared.database.unit_of_work import Unit, Units
from shared.web.problems import Problem

# One delivery a period, whoever runs it; one that failed is done again.
CLAIM = text(
    """
    INSERT INTO schedule_deliveries AS known (schedule_id, period, state, at)
    VALUES (:schedule, :period, 'building', :at)
    ON CONFLICT (schedule_id, period) DO UPDATE SET state = 'building', reason = NULL, report_id = NULL, at = :at
     WHERE known.state = 'failed' OR EXISTS (
           SELECT FROM mails WHERE mails.state IN ('refused', 'expired') AND starts_with(
               mails.key, 'reporting/delivery/' || known.report_id || '/'))
    RETURNING period
    """
)
ORDERED = text("UPDATE schedule_deliveries SET report_id = :report WHERE schedule_id = :schedule AND period = :period")
FAILED = text(
    """
    INSERT INTO schedule_deliveries (schedule_id, period, state, reason, at)
    VALUES (:schedule, :period, 'failed', :reason, :at) ON CONFLICT (schedule_id, period) DO NOTHING
    """
)


async def run_schedule(unit: Unit, schedule_id: UUID, period: str) -> UUID:
    """Orders the report and returns its id. Raises 404, 409 `already-delivered`, 422 for a period that cannot be."""
    row = await queries.schedule_row(unit, schedule_id)
    if not is_of(row["every"], period):
        raise other_period(row["every"])
    named = {"schedule": schedule_id, "period": period}
    async with unit.as_system():
        if await unit.one_or_none(CLAIM, {**named, "at": unit.recorded_at}) is None:
            raise already_delivered(period)
    report_id = await order_report(unit, ReportBody(kind=row["kind"], period=period, language=row["language"]))
    await unit.execute(ORDERED, {**named, "report": report_id})
    return report_id


async def run_due(units: Units) -> None:
    """The recurring step: what has fallen due, each in a transaction of its own. What was missed is made up for."""
    async with units.system() as unit:
        found = await queries.due(unit)
    for schedule_id, period in found:
        try:
            async with units.system() as unit:
                await run_schedule(unit, schedule_id, period)
        except Problem as problem:
            async with units.system() as unit:
                noted = {"schedule": schedule_id, "period": period, "reason": problem.sv, "at": unit.recorded_at}
                await unit.execute(FAILED, noted)
