"""The pages of blackouts: the list with one to add, and taking one back."""

from uuid import UUID

from starlette.requests import Request

from services.booking.blackouts import queries
from services.booking.blackouts.bodies import BlackoutBody
from services.booking.blackouts.declare import declare, withdraw
from services.booking.catalogue.queries import municipality_names
from shared.web.cursors import Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/sparrtider"


@router.get(LIST)
async def blackouts(page: Paging, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """The blackouts, and a form for another one."""
    rows = await queries.blackouts_page(unit, page.last(UUID), page.fetch)
    return View(
        "blackouts/list.html",
        listing=page.answer(rows, lambda row: [row["id"]], lambda row: row),
        municipalities=await municipality_names(unit),
    )


@router.post(LIST)
async def add(body: BlackoutBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Done:
    await declare(unit, body)
    return Done(LIST, _("The blackout is declared."))


@router.get(f"{LIST}/{{blackout_id}}/ta-bort")
async def ask_to_withdraw(blackout_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """One blackout, before it is taken back."""
    row = await queries.blackout_row(unit, blackout_id)
    return View(
        "blackouts/withdraw.html",
        row["revision"],
        blackout=queries.blackout_shown(row),
        municipalities=await municipality_names(unit),
    )


@router.post(f"{LIST}/{{blackout_id}}/ta-bort")
async def take_back(
    blackout_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    await withdraw(unit, request, blackout_id)
    return Done(LIST, _("The blackout is taken back."))
