"""The call of price scenarios."""

from services.reporting.scenarios.bodies import ScenarioBody, ScenarioShown
from services.reporting.scenarios.price import price_scenario
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="economy")


@router.post("/v1/scenarios")
async def post_scenario(body: ScenarioBody, unit: Unit = allow(Role.COORDINATOR)) -> ScenarioShown:
    """What the centre costs each member if these stay: fixed and variable costs, by employees. Stores nothing."""
    return await price_scenario(unit, body)
