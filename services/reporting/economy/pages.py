"""The page of the economy: a year with what it covers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from fastapi import Query

from services.reporting.economy.queries import economy, entries_of, years_entered
from services.reporting.figures.asking import counting
from services.reporting.figures.project import project_grant, project_period
from shared.clock import local_day
from shared.web.fields import FIRST_YEAR, LAST_YEAR
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/ekonomi"
Year = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.get(PAGE)
async def economy_page(year: Year = None, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """A year's money; without a year the latest of which anything is told."""
    at, years = await counting(unit), await years_entered(unit)
    shown = year or max(years, default=local_day(unit.clock.now()).year)
    rows = await entries_of(unit, shown)
    found = economy(shown, rows, await project_period(unit, at))
    return View(
        "economy/year.html",
        year=shown,
        years=sorted({*years, shown}, reverse=True),
        rows=rows,
        economy=found,
        missing={
            "income": _first_days(found.coverage.income.missing),
            "costs": _first_days(found.coverage.costs.missing),
        },
        grant=await project_grant(unit, at),
    )


def _first_days(months: Sequence[str]) -> list[date]:
    return [date.fromisoformat(f"{month}-01") for month in months]
