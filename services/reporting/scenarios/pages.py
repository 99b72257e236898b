"""The page of price scenarios: what each member would pay if all stay, and if only the chosen ones do."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final

from fastapi import Query
from pydantic import BeforeValidator

from services.reporting.scenarios.price import members
from services.reporting.scenarios.rules import prices, total_cost
from services.reporting.written import as_written
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.sorting import swedish_order
from shared.web.fields import Kronor
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE: Final = "/uppfoljning/scenarier"
Amount = Annotated[Kronor, BeforeValidator(as_written), Query()]


@router.get(PAGE)
async def scenarios(
    stays: Annotated[list[MunicipalityCode] | None, Query(max_length=500)] = None,
    fixed_costs: Amount = Decimal(0),
    cost_per_session: Amount = Decimal(0),
    sessions: Annotated[int, Query(ge=0, le=100_000)] = 0,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """The form changes nothing, and its address can be sent to a colleague."""
    found = await members(unit, local_day(unit.clock.now()))
    known = dict(sorted(found.items(), key=lambda one: swedish_order(one[1][0])))
    employees = {code: count for code, (_name, count) in known.items()}
    chosen = [code for code in known if stays is None or code in stays]
    total = total_cost(fixed_costs, cost_per_session, sessions)
    return View(
        "scenarios/scenarios.html",
        known=known,
        chosen=chosen,
        total=total,
        if_all_stay=_prices(total, employees),
        if_some_stay=_prices(total, {code: employees[code] for code in chosen}),
        costs={"fixed_costs": fixed_costs, "cost_per_session": cost_per_session, "sessions": sessions},
    )


def _prices(total: Decimal, employees: Mapping[str, int]) -> dict[str, Decimal]:
    return prices(total, employees) if total else {}
