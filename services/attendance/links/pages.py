"""The office's page about somebody's links: send one, end one."""

from uuid import UUID

from starlette.requests import Request

from services.attendance.links.http import list_links, post_revocation
from services.attendance.links.send import send_link
from services.attendance.people.contacts import names_of
from shared.web.cursors import Page
from shared.web.pages import Done, View, page_router
from shared.web.pages.languages import _
from shared.web.routing import Role, Unit, allow

router = page_router()

PAGE = "/narvaro/lankar/{participant_id}"
MOST = 100


@router.get(PAGE)
async def links(participant_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The links of a person, the last one first."""
    listing = await list_links(Page(MOST, None), participant_id, unit)
    names = await names_of(unit, [participant_id])
    return View("links/list.html", sent=listing.items[::-1], person=participant_id, name=names.get(participant_id))


@router.post(PAGE)
async def send(participant_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await send_link(unit, request.app.state.mailing, participant_id)
    return Done(PAGE.format(participant_id=participant_id), _("The link is on its way by mail."))


@router.post(PAGE + "/{link_id}")
async def revoke(participant_id: UUID, link_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await post_revocation(link_id, unit)
    return Done(PAGE.format(participant_id=participant_id), _("The link leads nowhere any more."))
