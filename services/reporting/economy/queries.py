"""Reading the economy."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, RowMapping, func, select
from sqlmodel import col

from services.reporting.days import Period
from services.reporting.economy.bodies import CoveragesShown, EconomyShown, MonthsCoveredShown
from services.reporting.economy.rules import Days, coverage, covered_by
from services.reporting.economy.tables import EconomyEntry
from shared.database.unit_of_work import Unit

NOTHING: Final = Decimal("0.00")


async def entries_of(unit: Unit, year: int) -> Sequence[RowMapping]:
    """A year's rows, by day."""
    of_year = col(EconomyEntry.date).between(date(year, 1, 1), date(year, 12, 31))
    order = (col(EconomyEntry.date), col(EconomyEntry.kind), col(EconomyEntry.id))
    return await unit.all(select(EconomyEntry).where(of_year).order_by(*order))


async def years_entered(unit: Unit) -> list[int]:
    """The years of which anything is told."""
    years = func.date_part("year", col(EconomyEntry.date)).cast(Integer)
    return list((await unit.execute(select(years).distinct())).scalars())


def economy(year: int, rows: Sequence[RowMapping], project: Period | None) -> EconomyShown:
    """What the rows of a year come to. Outside the project no month is missing."""
    days = _days_of(year, project)
    sums = {kind: _sum(rows, kind) for kind in ("income", "cost", "carry-over")}
    by_category: dict[str, Decimal] = {}
    for row in rows:
        if row["kind"] == "cost":
            by_category[row["category"]] = by_category.get(row["category"], NOTHING) + row["amount"]
    return EconomyShown(
        income=sums["income"],
        costs=sums["cost"],
        carry_over=sums["carry-over"],
        balance=sums["income"] - sums["cost"] - sums["carry-over"],
        coverage=CoveragesShown(income=_coverage(rows, "income", days), costs=_coverage(rows, "cost", days)),
        by_category=by_category,
    )


def _days_of(year: int, project: Period | None) -> Days:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return (max(first, project.first), min(last, project.last)) if project else (first, last)


def _sum(rows: Sequence[RowMapping], kind: str) -> Decimal:
    return sum((row["amount"] for row in rows if row["kind"] == kind), NOTHING)


def _coverage(rows: Sequence[RowMapping], kind: str, days: Days) -> MonthsCoveredShown:
    found = coverage(
        [covered_by(row["date"], row["covers_from"], row["covers_to"], days) for row in rows if row["kind"] == kind],
        days,
    )
    return MonthsCoveredShown(from_=found.first, to=found.last, missing=found.missing)
