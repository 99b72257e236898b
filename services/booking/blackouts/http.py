"""The calls about blackouts: a municipality its own, the coordinator everybody's."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.booking.blackouts import queries
from services.booking.blackouts.bodies import BlackoutBody, BlackoutShown
from services.booking.blackouts.declare import declare, withdraw
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Listing, Paging
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="blackouts")


@router.get("/v1/blackouts")
async def list_blackouts(
    page: Paging,
    municipality: MunicipalityCode | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Listing[BlackoutShown]:
    """The blackouts, in the order in which they were declared; a municipality sees its own."""
    rows = await queries.blackouts_page(unit, page.last(UUID), page.fetch, municipality=municipality)
    return page.answer(rows, lambda row: [row["id"]], queries.blackout_shown)


@router.post("/v1/blackouts", status_code=201)
async def post_blackout(
    body: BlackoutBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[BlackoutShown]:
    """Declares days on which the municipality can send nobody. What is booked stays; whoever books is warned."""
    return Versioned(await declare(unit, body), 1)


@router.get("/v1/blackouts/{blackout_id}")
async def show_blackout(
    blackout_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[BlackoutShown]:
    """One blackout."""
    row = await queries.blackout_row(unit, blackout_id)
    return Versioned(queries.blackout_shown(row), row["revision"])


@router.delete("/v1/blackouts/{blackout_id}", status_code=204)
async def delete_blackout(
    blackout_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Response:
    """Takes a blackout back."""
    await withdraw(unit, request, blackout_id)
    return Response(status_code=204)
