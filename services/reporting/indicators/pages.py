"""The page of the common output indicators."""

from typing import Final

from services.reporting.figures.asking import counting
from services.reporting.figures.project import project_period
from services.reporting.indicators.http import indicators_of
from services.reporting.reports.bodies import WrittenPeriod
from services.reporting.reports.periods import PROJECT, months_between, period_of
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/indikatorer"


@router.get(PAGE)
async def indicator_page(period: WrittenPeriod = PROJECT, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> View:
    """Who began in a period; without one in the whole project."""
    project = await project_period(unit, await counting(unit))
    return View(
        "indicators/indicators.html",
        period=period,
        days=period_of(period, project).days if project else None,
        periods=await _periods(unit),
        indicators=await indicators_of(unit, period),
    )


async def _periods(unit: Unit) -> list[str]:
    """The years and quarters of the project."""
    days = await project_period(unit, await counting(unit))
    months = list(months_between(days.first, days.last)) if days else []
    years = dict.fromkeys(str(one.year) for one in months)
    quarters = dict.fromkeys(f"{one.year}Q{(one.first.month + 2) // 3}" for one in months)
    return [*years, *quarters]
