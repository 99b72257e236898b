"""Looks up reports for their pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select
from sqlmodel import col

from services.reporting.reports.bodies import ReportShown
from services.reporting.reports.tables import Report, ReportFile
from shared.database.unit_of_work import Unit

SHOWN: Any = [col(getattr(Report, name)) for name in ("id", "kind", "period", "municipality", "version", "frozen_at")]
MOST = 100


async def holders_of(unit: Unit, digest: str, readable: ColumnElement[bool]) -> Sequence[RowMapping]:
    """The reports, of those that may be read, that have a file with these bytes."""
    statement = (
        select(*SHOWN, col(ReportFile.format))
        .join(ReportFile, col(ReportFile.report_id) == col(Report.id))
        .where(col(ReportFile.sha256) == digest, readable)
        .order_by(col(Report.id))
        .limit(MOST)
    )
    async with unit.as_system():
        return await unit.all(statement)


async def versions_of(unit: Unit, report: ReportShown, readable: ColumnElement[bool]) -> Sequence[RowMapping]:
    """The other frozen reports of the same kind, period and municipality, the newest first."""
    statement = (
        select(*SHOWN)
        .where(
            col(Report.kind) == report.kind,
            col(Report.period) == report.period,
            col(Report.municipality).is_not_distinct_from(report.municipality),
            col(Report.state) == "frozen",
            col(Report.id) != report.id,
            readable,
        )
        .order_by(col(Report.id).desc())
        .limit(MOST)
    )
    async with unit.as_system():
        return await unit.all(statement)
