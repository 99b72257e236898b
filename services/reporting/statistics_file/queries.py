"""Reading and writing the template: statements only."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlmodel import col

from services.reporting.statistics_file.rules import DEFAULT, in_force
from services.reporting.statistics_file.tables import THE_ONE, StatisticsTemplate
from shared.database.unit_of_work import Unit

LOCK = "LOCK TABLE statistics_templates IN SHARE ROW EXCLUSIVE MODE"


async def stored(unit: Unit) -> RowMapping | None:
    """What the project office has stated; None before it has."""
    return await unit.one_or_none(select(StatisticsTemplate))


async def template_on(unit: Unit, day: date) -> Mapping[str, Any] | None:
    """The version in force on that day."""
    row = await stored(unit)
    return in_force(row["versions"] if row else DEFAULT, day.isoformat())


async def store(unit: Unit, row: RowMapping | None, versions: Sequence[Mapping[str, Any]]) -> int:
    """Enters or replaces the versions; returns the revision."""
    revision = 1 if row is None else int(row["revision"]) + 1
    values = {"versions": list(versions), "revision": revision}
    if row is None:
        await unit.execute(insert(StatisticsTemplate).values(id=THE_ONE, **values))
    else:
        await unit.execute(update(StatisticsTemplate).where(col(StatisticsTemplate.id) == THE_ONE).values(**values))
    return revision
