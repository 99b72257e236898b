"""The page that tells who stated or changed what of follow-up."""

from typing import Annotated, Final

from fastapi import Depends

from services.reporting.log_pages.things import names_of
from services.reporting.log_pages.words import WORDS
from shared.audit.telling import LogFilters, log_page
from shared.web.cursors import Paging
from shared.web.pages import View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

BACK: Final = ("/uppfoljning", _("Follow-up"))
ELSEWHERE: Final = ("/boka/logg", _("The log of courses and people"))


@router.get("/uppfoljning/logg")
async def audit_log(
    page: Paging, asked: Annotated[LogFilters, Depends()], unit: Unit = allow(Role.COORDINATOR)
) -> View:
    wanted = await asked.asked(unit)
    return await log_page(unit, page, wanted, asked.target, names_of, WORDS, back=BACK, elsewhere=ELSEWHERE)
