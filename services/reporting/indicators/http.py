"""The call of the common output indicators."""

from services.reporting.figures.asking import Question, counting
from services.reporting.figures.project import project_period
from services.reporting.indicators.bodies import IndicatorsShown
from services.reporting.indicators.queries import indicators
from services.reporting.reports.bodies import WrittenPeriod
from services.reporting.reports.periods import PROJECT, period_of
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="figures")


@router.get("/v1/indicators")
async def show_indicators(period: WrittenPeriod, unit: Unit = allow(Role.COORDINATOR, Role.FUNDER)) -> IndicatorsShown:
    """Persons whose first attended occasion in the project lies in the period, by gender: periods add up."""
    return IndicatorsShown.model_validate(await indicators_of(unit, period))


async def indicators_of(unit: Unit, period: str) -> dict[str, dict[str, int]]:
    """Of a period as it is written; of all days while the project's are not known."""
    at = await counting(unit)
    project = await project_period(unit, at)
    if period == PROJECT and project is None:
        return await indicators(unit, at, Question())
    days = period_of(period, project)
    return await indicators(unit, at, Question(days.first, days.last))
