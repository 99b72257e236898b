"""The pages that tell what was done: the log, and the mails that went out."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends

from services.booking.log_pages.question import LogQuestion
from services.booking.log_pages.things import names_of
from services.booking.log_pages.words import WORDS
from services.booking.notices.bodies import NoticeState
from services.booking.notices.queries import Filter, notices_page, sessions_told_of
from shared.audit.telling import ROWS, log_page
from shared.web.cursors import Page, Paging
from shared.web.fields import Line
from shared.web.pages import View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

ELSEWHERE: Final = ("/uppfoljning/logg", _("The log of follow-up"))


@router.get("/boka/logg")
async def audit_log(
    page: Paging, asked: Annotated[LogQuestion, Depends()], unit: Unit = allow(Role.COORDINATOR)
) -> View:
    wanted, only_first = await asked.wanted(unit)
    return await log_page(
        unit, page, wanted, asked.target, names_of, WORDS, by_name=True, only_first=only_first, elsewhere=ELSEWHERE
    )


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
