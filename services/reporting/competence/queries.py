"""Reading the competence mapping."""

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.reporting.competence.bodies import CompetenceShown
from services.reporting.competence.tables import CompetenceYear
from shared.database.unit_of_work import Unit


async def year_row(unit: Unit, year: int, *, lock: bool = False) -> RowMapping | None:
    statement = select(CompetenceYear).where(col(CompetenceYear.year) == year)
    return await unit.one_or_none(statement.with_for_update() if lock else statement)


async def years_entered(unit: Unit) -> list[int]:
    return list((await unit.execute(select(col(CompetenceYear.year)))).scalars())


async def competence(unit: Unit, year: int) -> tuple[CompetenceShown, int | None]:
    """A year's matrix and its revision; empty, without one, before anything was entered."""
    row = await year_row(unit, year)
    if row is None:
        return CompetenceShown(rows=[]), None
    return CompetenceShown(rows=row["cells"]), row["revision"]
