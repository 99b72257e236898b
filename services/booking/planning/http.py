"""The calls about demand and planning: a municipality states its own wishes, the project office plans."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from services.booking.fields import Term
from services.booking.planning import queries
from services.booking.planning.board import board
from services.booking.planning.bodies import BoardShown, DemandBody, DemandShown, DemandsShown, PlanShown
from services.booking.planning.propose_plan import propose_plan
from services.booking.planning.state_demand import state_demand
from shared.web.fields import Day
from shared.web.openapi import created
from shared.web.problems import FieldError, unanswerable
from shared.web.routing import Role, Unit, Versioned, allow, service_router

MOST_DAYS = 400

router = service_router(tag="planning")


@router.get("/v1/demand/{term}")
async def show_demand(
    term: Term, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[DemandShown | DemandsShown]:
    """A municipality's own wishes; for the coordinator those of all."""
    if unit.municipality is None:
        return Versioned(await queries.demands(unit, term), None)
    return Versioned(*await queries.demand(unit, unit.municipality, term))


@router.put("/v1/demand/{term}", responses=created(DemandShown))
async def put_demand(
    term: Term, body: DemandBody, request: Request, unit: Unit = allow(Role.MUNICIPALITY)
) -> Versioned[DemandShown]:
    """States the municipality's wishes for a term (201), or replaces them (200)."""
    assert unit.municipality is not None
    shown, revision = await state_demand(unit, request, unit.municipality, term, body)
    return Versioned(shown, revision, created=revision == 1)


@router.get("/v1/demand/{term}/plan")
async def show_plan(term: Term, unit: Unit = allow(Role.COORDINATOR)) -> PlanShown:
    """Proposed sessions for all that is wished, with the effect on each commitment. Nothing is scheduled."""
    return await propose_plan(unit, term)


@router.get("/v1/planning/board")
async def show_board(
    from_: Annotated[Day, Query(alias="from", description="Local day in the first week.")],
    to: Annotated[Day, Query(description="Local day in the last week.")],
    unit: Unit = allow(Role.COORDINATOR),
) -> BoardShown:
    """Weeks and places: what is held where."""
    if (to - from_).days > MOST_DAYS:
        raise unanswerable(
            FieldError("/query/to", "too-long", f"Högst {MOST_DAYS} dagar.", f"At most {MOST_DAYS} days.")
        )
    return await board(unit, from_, to)
