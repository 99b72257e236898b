"""The calls about notices: what went to whom."""

from datetime import datetime
from uuid import UUID

from services.booking.notices import queries
from services.booking.notices.bodies import NoticeShown, NoticeState
from services.booking.notices.queries import Filter
from shared.web.cursors import Listing, Paging
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="notices")


@router.get("/v1/notices")
async def list_notices(
    page: Paging,
    session: UUID | None = None,
    staff: UUID | None = None,
    state: NoticeState | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> Listing[NoticeShown]:
    """The mails, newest first; a municipality reads those about its own people."""
    found = await queries.notices_page(unit, Filter(session, staff, state), page.key(datetime, UUID), page.fetch)
    return page.answer(found, lambda notice: [notice.queued_at, notice.id], lambda notice: notice)


@router.get("/v1/notices/{notice_id}")
async def show_notice(
    notice_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Versioned[NoticeShown]:
    """One mail."""
    return Versioned(*await queries.notice(unit, notice_id))
