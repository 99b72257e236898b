"""The calls about links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col
from starlette.requests import Request

from services.attendance.links.bodies import LinkBody, LinkShown
from services.attendance.links.revoke import find_link, revoke_link
from services.attendance.links.send import send_link
from services.attendance.links.tables import Link
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="links")


@router.post("/v1/links", status_code=202, responses={409: problems("no-address", "person-erased")})
async def post_link(body: LinkBody, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> LinkShown:
    """Sends somebody a new link to their own page; older ones stay good until they end."""
    link_id = await send_link(unit, request.app.state.mailing, body.participant_id, body.expires_at)
    return _shown(await find_link(unit, link_id), unit.recorded_at)


@router.get("/v1/links")
async def list_links(
    page: Paging, participant_id: UUID | None = None, unit: Unit = allow(Role.COORDINATOR)
) -> Listing[LinkShown]:
    """The links that were sent, oldest first."""
    statement = select(Link)
    if participant_id is not None:
        statement = statement.where(col(Link.participant_id) == participant_id)
    rows = await unit.all(page.cut(statement, col(Link.id)))
    return page.answer(rows, lambda row: [row["id"]], lambda row: _shown(row, unit.recorded_at))


@router.get("/v1/links/{link_id}")
async def show_link(link_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[LinkShown]:
    """One link."""
    row = await find_link(unit, link_id)
    return Versioned(_shown(row, unit.recorded_at), 1 + (row["revoked_at"] is not None))


@router.post("/v1/links/{link_id}/revoke")
async def post_revocation(link_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> LinkShown:
    """Ends a link at once. Repeating is harmless."""
    return _shown(await revoke_link(unit, link_id), unit.recorded_at)


def _shown(row: RowMapping, now: datetime) -> LinkShown:
    live = "live" if row["expires_at"] > now else "expired"
    state = "revoked" if row["revoked_at"] else live
    columns = {name: row[name] for name in LinkShown.model_fields if name != "state"}
    return LinkShown(**columns, state=state)
