"""The pages that tell what was done: the log, and the mails that went out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.booking.notices.bodies import NoticeState
from services.booking.notices.queries import Filter, notices_page, sessions_told_of
from shared.audit.http import list_audit
from shared.web.cursors import Page, Paging
from shared.web.fields import Day, Line
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

ROWS = 50


@router.get("/boka/logg")
async def audit_log(
    page: Paging,
    actor: Line | None = None,
    target: Line | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """Who did what to which row, latest first."""
    shorter = Page(ROWS, page.after, page.path)
    return View("log_pages/audit.html", listing=await list_audit(shorter, actor, target, from_, to, unit))


@router.get("/boka/utskick")
async def mails(
    page: Paging,
    session: UUID | None = None,
    staff: UUID | None = None,
    state: NoticeState | None = None,
    q: Line | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View:
    """What went to whom, newest first; a municipality reads what was about its own people."""
    shorter = Page(ROWS, page.after, page.path)
    wanted = Filter(session, staff, state, q.lower() if q else None)
    found = await notices_page(unit, wanted, page.key(datetime, UUID), shorter.fetch)
    listing = shorter.answer(found, lambda one: [one.queued_at.isoformat(), one.id], lambda one: one)
    about = {str(one["id"]): one for one in await sessions_told_of(unit)}
    return View("log_pages/mails.html", listing=listing, about=about)
