"""The page of price scenarios: what each member would pay if all stay, and side by side if only some do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from fastapi import Query
from pydantic import BeforeValidator

from services.reporting.scenarios.price import members
from services.reporting.scenarios.rules import prices, total_cost
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.sorting import swedish_order
from shared.web.fields import Kronor
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow
from shared.web.written import as_amount

router = page_router()

PAGE: Final = "/uppfoljning/scenarier"
Amount = Annotated[Kronor, BeforeValidator(as_amount), Query()]
Stays = Annotated[list[MunicipalityCode] | None, Query(max_length=500)]
Sessions = Annotated[int | None, Query(ge=0, le=100_000)]


@dataclass(frozen=True)
class Scenario:
    """Who stays, and what each of them pays. `number` is 0 if all stay, who then share `sessions` of the first."""

    number: int
    total: Decimal
    prices: Mapping[str, Decimal]


@router.get(PAGE)
async def scenarios(
    stays: Stays = None,
    stays2: Stays = None,
    stays3: Stays = None,
    fixed_costs: Amount = Decimal(0),
    cost_per_session: Amount = Decimal(0),
    sessions: Sessions = None,
    sessions2: Sessions = None,
    sessions3: Sessions = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """The form changes nothing, and its address can be sent to a colleague. Fewer may need fewer sessions."""
    found = await members(unit, local_day(unit.clock.now()))
    known = dict(sorted(found.items(), key=lambda one: swedish_order(one[1][0])))
    asked = [stays, stays2, stays3]
    chosen = [_of(known, codes) for codes in (asked if any(asked) else [list(known), None, None])]
    held = [sessions or 0, *(sessions or 0 if one is None else one for one in (sessions2, sessions3))]
    costs = [total_cost(fixed_costs, cost_per_session, one) for one in held]
    return View(
        "scenarios/scenarios.html",
        known=known,
        chosen=chosen,
        scenarios=list(_priced(known, [list(known), *chosen], [costs[0], *costs])) if any(costs) else [],
        costs={"fixed_costs": fixed_costs, "cost_per_session": cost_per_session},
        sessions=[sessions, sessions2, sessions3],
    )


def _of(known: Mapping[str, object], codes: list[str] | None) -> list[str]:
    return [code for code in known if code in (codes or ())]


def _priced(known: Mapping[str, tuple[str, int]], chosen: list[list[str]], totals: list[Decimal]) -> Iterator[Scenario]:
    """Those in which somebody stays."""
    for number, (codes, total) in enumerate(zip(chosen, totals, strict=True)):
        if codes:
            yield Scenario(number, total, prices(total, {code: known[code][1] for code in codes}))
